"""A sentence laid beside the span it was copied from: what was put in, what was put in the place of something else.

A model mostly copies with small changes, and a small change in a copy is where it is wrong: another name, a "not", a
word from the next line. Sentences that share too little order with the span are no copies and are left to the other
rules.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from aivastark.answers.claims import Claim, Small, Word

COPIED_SHARE = 0.5
"""Share of a sentence's words in the span's order from which it counts as a copy."""
CLAUSE_WORDS = 3
"""So many words moved together are a clause in another place, not a word in a wrong one."""
_PUT_IN = frozenset(("no", "only", "except", "all", "must", "before", "after", "more", "less"))
_LEFT_OUT = frozenset(("no", "some", "maybe"))


class Gap(NamedTuple):
    """What stands between two neighbouring words that both sides share, by places: `said` and `written` exclusive."""

    said: range
    written: range
    is_edge: bool
    is_one_unit: bool


def is_altered(
    said: Claim,
    written: Sequence[Word],
    written_smalls: Sequence[Small],
    places: Sequence[Sequence[int]],
    pairs: Sequence[tuple[int, int]],
    unit_of: Sequence[int],
    free: Collection[int],
) -> bool:
    """Whether a copy says something else in one place than the span.

    `pairs`: the `shared_order` of `places`; `free`: places of words that claim nothing.
    """
    count = len(said.words)
    if not pairs or len(pairs) < COPIED_SHARE * (count - len(free)):
        return False
    anchored = {place for _, place in pairs}
    gaps = list(_gaps(pairs, count, len(written), unit_of))
    opening = () if gaps[0].said else tuple(gaps[0].written)  # of the span, and left out there
    for gap in gaps:
        if _small_words_differ(gap, said.smalls, written_smalls, written):
            return True
        put_in = [at for at in gap.said if at not in free]
        if put_in and _is_out_of_place(gap, put_in, places, anchored, opening):
            if len(put_in) == 1 and _is_beside_its_number(said, put_in[0], gap, set(places[put_in[0]]) - anchored):
                continue
            return True
    return False


def shared_order(places: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The longest series of (place in the sentence, place in the span) that ascends on both sides.

    Patience sorting (Fredman 1975) over the possible places of each word, the later ones first so that a word is used
    once: O(n log n).
    """
    tails: list[tuple[int, int]] = []  # (place in the span, node)
    nodes: list[tuple[int, int, int]] = []  # (place in the sentence, place in the span, node before)
    for at, found in enumerate(places):
        for place in sorted(found, reverse=True):
            low, high = 0, len(tails)
            while low < high:
                middle = (low + high) // 2
                low, high = (middle + 1, high) if tails[middle][0] < place else (low, middle)
            nodes.append((at, place, tails[low - 1][1] if low else -1))
            tails[low : low + 1] = [(place, len(nodes) - 1)]
    series: list[tuple[int, int]] = []
    node = tails[-1][1] if tails else -1
    while node >= 0:
        at, place, node = nodes[node]
        series.append((at, place))
    return series[::-1]


def _gaps(pairs: Sequence[tuple[int, int]], said: int, written: int, unit_of: Sequence[int]) -> Iterator[Gap]:
    """The stretches between shared words, before the first and after the last, within its unit."""
    first, start = pairs[0]
    begin = next(place for place in range(start, -1, -1) if place == 0 or unit_of[place - 1] != unit_of[start])
    yield Gap(range(first), range(begin, start), True, True)
    for (left, before), (right, after) in pairwise(pairs):
        yield Gap(range(left + 1, right), range(before + 1, after), False, unit_of[before] == unit_of[after])
    last, end = pairs[-1]
    stop = next(place for place in range(end, written) if place == written - 1 or unit_of[place + 1] != unit_of[end])
    yield Gap(range(last + 1, said), range(end + 1, stop + 1), True, True)


def _small_words_differ(
    gap: Gap, said_smalls: Sequence[Small], written_smalls: Sequence[Small], written: Sequence[Word]
) -> bool:
    """Whether a "not" or an "only" was put in, or one right before the next shared word was left out."""
    mine: list[str] = [small.role for small in said_smalls if gap.said.start <= small.at <= gap.said.stop]
    theirs = [small for small in written_smalls if gap.written.start <= small.at <= gap.written.stop]
    roles: list[str] = [small.role for small in theirs]
    if gap.is_edge and gap.said:  # what moved to the edge brought its small words along
        roles = [small.role for small in written_smalls]
    if any(mine.count(role) > roles.count(role) for role in _PUT_IN):
        return True
    end = gap.written.stop
    if end >= len(written) and gap.is_edge:
        return False
    for small in theirs:
        direct = len(gap.written) <= 1 or (small.at == end and written[end].clause == small.clause)
        if small.role in _LEFT_OUT and direct and roles.count(small.role) > mine.count(small.role):
            return not (gap.is_edge and small.at != end)
    return False


def _is_out_of_place(
    gap: Gap,
    put_in: Sequence[int],
    places: Sequence[Sequence[int]],
    anchored: Collection[int],
    opening: Sequence[int],
) -> bool:
    """Whether a word or two stand where the span has others, or nothing.

    A whole clause may move, and so may all that the span opens with ("In 2015, she won" for "She won in 2015").
    """
    if opening and not gap.written and [place for at in put_in for place in places[at][:1]] == list(opening):
        return False
    if len(put_in) >= CLAUSE_WORDS and _stand_together(put_in, places, anchored):
        return False
    if gap.is_edge or not gap.is_one_unit:
        return len(gap.written) > 0 or (len(put_in) > 1 and not _stand_together(put_in, places, anchored))
    return True


def _is_beside_its_number(said: Claim, at: int, gap: Gap, places: Collection[int]) -> bool:
    """Whether a number and its word only changed sides: "eleven sacks", "sacks: 11"."""
    edge = {gap.written.start - 2, gap.written.stop + 1}  # jumped over one neighbour
    is_number = any(term[:1].isdigit() for word in said.words[at : at + 2] for term in word.terms)
    return is_number and not gap.written and not edge.isdisjoint(places)


def _stand_together(put_in: Sequence[int], places: Sequence[Sequence[int]], anchored: Collection[int]) -> bool:
    """Whether these words follow each other in the span too, in a stretch that the sentence has nowhere else."""
    series = shared_order([[place for place in places[at] if place not in anchored] for at in put_in])
    return len(series) >= 0.75 * len(put_in) and series[-1][1] - series[0][1] < 2 * len(put_in)
