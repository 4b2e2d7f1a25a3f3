"""Why a span does not support a sentence although it has its words: numbers, denials, limits, roles.

All rules look at places: what stands beside what in the sentence and in the span. They are made to be wrong on the side
of refusing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from aivastark.answers.alignment import is_altered, shared_order
from aivastark.answers.claims import Claim, Number, Small, Word
from aivastark.answers.contrast import turned_around

Objection = Literal["number", "denial", "limit", "condition", "opposite", "swapped", "joined", "altered", "added"]

NEAR_A_DENIAL = 4
"""Content words between "not" and what it denies."""
NEIGHBOURS = 3
"""Content words to each side by which the place of a name or number is known."""
FACT_WORDS = 3
"""Words of another unit that make a fact of it."""
MAX_SWAP_WORDS = 40
"""Words of a sentence compared three by three."""
MAX_PLACES = 12
"""Finds of one word in one span that are looked at."""
COVERED_CONDITION = 0.5
"""Share of the words of a condition that a sentence must have to count as saying it."""
_LIMITS = ("only", "except", "all", "must", "before", "after", "until")


@dataclass(frozen=True, slots=True)
class Match:
    """Where one word of the sentence stands in a passage: unit → places in it."""

    exact: Mapping[int, Sequence[int]]
    near: Mapping[int, Sequence[int]]
    """Another word for it."""
    in_context: bool
    """In the title or a heading above."""

    def is_in(self, first: int, last: int) -> bool:
        """Whether any of these units has it."""
        return any(at in self.exact or at in self.near for at in range(first, last + 1))

    def grade(self, first: int, last: int) -> float:
        """How well these units have it, as in `support.py`."""
        units = range(first, last + 1)
        if any(at in self.exact for at in units):
            return 1.0
        return 0.85 if any(at in self.near for at in units) else 0.9 if self.in_context else 0.0

    def places(self, first: int, last: int) -> list[tuple[int, int]]:
        """(unit counted from `first`, place) of all its finds."""
        units = range(first, last + 1)
        found = [(at - first, place) for at in units for place in self.exact.get(at, ())]
        found += [(at - first, place) for at in units for place in self.near.get(at, ())]
        return found[:MAX_PLACES]


@dataclass(slots=True)
class Side:
    """The span beside the sentence: `places[n]` are those of the sentence's n-th word, counted through the span."""

    units: Sequence[Claim]
    said: Claim
    found: Sequence[Sequence[tuple[int, int]]]
    free: frozenset[int]
    """Places in the sentence of words that claim nothing."""
    words: list[Word] = field(default_factory=list)
    unit_of: list[int] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    smalls: list[Small] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)
    series: list[tuple[int, int]] = field(default_factory=list)
    """The longest series of places that both sides share in order."""
    is_shortened: bool = False
    """All words of the sentence stand in the span in the same order."""
    settled: frozenset[int] = frozenset()
    """Places in such a sentence of words that have a common word of the span beside them."""
    covered: set[int] = field(default_factory=set)
    """Places of the span that the sentence has a word for."""

    def __post_init__(self) -> None:
        starts: list[int] = []
        clause = 0
        for at, unit in enumerate(self.units):
            start = len(self.words)
            starts.append(start)
            self.words += [word._replace(clause=word.clause + clause) for word in unit.words]
            self.unit_of += [at] * len(unit.words)
            self.numbers += [each._replace(at=each.at + start, clause=each.clause + clause) for each in unit.numbers]
            self.smalls += [each._replace(at=each.at + start, clause=each.clause + clause) for each in unit.smalls]
            clause += 1000  # clauses of different units are never the same
        self.places = [[starts[unit] + place for unit, place in each] for each in self.found]
        self.covered = {place for each in self.places for place in each}
        self.series = series = shared_order(self.places)
        self.is_shortened = len(series) == len(self.said.words) - len(self.free)
        if self.is_shortened:
            self.settled = _in_company(series, self.said)


def objection(said: Claim, side: Side) -> Objection | None:
    """The first reason why the span does not support the sentence; `None` when there is none."""
    if not _numbers_hold(said, side):
        return "number"
    if not _denials_hold(said, side):
        return "denial"
    if not _limits_hold(said, side):
        return "limit"
    if not _conditions_hold(said, side):
        return "condition"
    if turned_around(said.lower, frozenset[str]().union(*(unit.lower for unit in side.units))):
        return "opposite"
    if _stands_elsewhere(said, side) or (not side.is_shortened and _is_swapped(said, side)):
        return "swapped"
    if not _joins_whole_facts(said, side):
        return "joined"
    if is_altered(said, side.words, side.smalls, side.places, side.series, side.unit_of, side.free):
        return "altered"
    return None if _only_replaces(said, side) else "added"


def _in_company(series: Sequence[tuple[int, int]], said: Claim) -> frozenset[int]:
    """Places in the sentence of words that stand together with a word that is no name and no number, on both sides."""
    settled: set[int] = set()
    run: list[tuple[int, int]] = []
    for at, place in [*series, (-9, -9)]:
        if run and (at, place) != (run[-1][0] + 1, run[-1][1] + 1):
            common = [
                word for word, _ in run if not said.words[word].capital and not said.words[word].lower[0].isdigit()
            ]
            settled |= {word for word, _ in run} if common else set()
            run = []
        run.append((at, place))
    return frozenset(settled)


def _numbers_hold(said: Claim, side: Side) -> bool:
    """Each number stands in the span with the same unit and bound, beside a word it stands beside in the sentence."""
    for number in said.numbers:
        alike = [
            other
            for other in side.numbers
            if other.value == number.value
            and (number.unit is None or number.unit == other.unit)
            and number.bound == other.bound
        ]
        if not alike:
            return False
        heads = [head for head in (number.at - 1, number.at + 1) if 0 <= head < len(said.words)]
        heads = [head for head in heads if said.words[head].clause == number.clause and side.places[head]]
        if heads and not any(_near(side.places[head], other.at, NEIGHBOURS + 1) for head in heads for other in alike):
            return False
    for (left, right), (other_left, other_right) in _ranges(said.numbers, side.numbers):
        if (left, right) == (other_right, other_left) and left != right:
            return False
    return True


def _ranges(mine: Sequence[Number], theirs: Sequence[Number]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of numbers that follow each other closely, of the sentence and of the span."""
    pairs = [[(a.value, b.value) for a, b in pairwise(each) if b.at - a.at <= 2] for each in (mine, theirs)]
    present = set(pairs[1])
    return ((one, other) for one in pairs[0] if one not in present for other in pairs[1])


def _near(places: Sequence[int], at: int, reach: int) -> bool:
    return any(abs(place - at) <= reach for place in places)


def _denials_hold(said: Claim, side: Side) -> bool:
    """What the sentence denies is denied in the span, and the other way round."""
    mine = [small for small in said.smalls if small.role == "no"]
    theirs = [small for small in side.smalls if small.role == "no"]
    for small in mine:
        bound = [place for head in _bound(small, said.words) for place in side.places[head]]
        if not any(not bound or _near(bound, other.at, NEAR_A_DENIAL) for other in theirs):
            return False
    for small in theirs:
        for place in _bound(small, side.words):
            heads = [head for head, places in enumerate(side.places) if place in places]
            if heads and not any(_near(heads, other.at, NEAR_A_DENIAL) for other in mine):
                return False
    for at, unit in enumerate(side.units[:-1]):
        if unit.is_question and side.units[at + 1].opens_with in ("no", "nein", "non") and not mine:
            return False
    characters = sum(unit.no_characters for unit in side.units)
    return said.no_characters <= characters and (said.no_characters > 0 or characters == 0 or len(side.units) > 1)


def _bound(small: Small, words: Sequence[Word]) -> list[int]:
    """What a small word is about: the next two words of its clause, or the two before it where none follows."""
    after = [at for at in (small.at, small.at + 1) if at < len(words) and words[at].clause == small.clause]
    before = [at for at in (small.at - 1, small.at - 2) if at >= 0 and words[at].clause == small.clause]
    return after or before


def _limits_hold(said: Claim, side: Side) -> bool:
    """No limit is added, and no doubt is left out where it stands in the span."""
    mine = {small.role for small in said.smalls}
    theirs = {small.role for small in side.smalls}
    if any(role in mine and role not in theirs for role in _LIMITS):
        return False
    if not mine.isdisjoint({"some", "maybe"}):
        return True
    for small in side.smalls:
        if small.role in ("some", "maybe"):
            bound = _bound(small, side.words)[:1]
            if bound and bound[0] in side.covered:
                return False
    return True


def _conditions_hold(said: Claim, side: Side) -> bool:
    """A condition or an exception of what is said is said too."""
    mine = {small.role for small in said.smalls}
    for small in side.smalls:
        if small.role not in ("if", "except") or small.role in mine:
            continue
        unit = side.unit_of[min(small.at, len(side.words) - 1)] if side.words else 0
        inside = [at for at, word in enumerate(side.words) if word.clause == small.clause and at >= small.at]
        inside = inside or [at for at in range(small.at, min(small.at + NEIGHBOURS, len(side.words)))]
        outside = [at for at, other in enumerate(side.unit_of) if other == unit and at not in inside]
        said_of_it = sum(at in side.covered for at in inside)
        used = sum(at in side.covered for at in outside)
        if used >= 2 and inside and said_of_it < COVERED_CONDITION * len(inside):
            return False
    return True


def _is_swapped(said: Claim, side: Side) -> bool:
    """Whether two words changed their places around a third: "A pays B" for "B pays A". The passive may do so."""
    by = sum(small.role == "by" for small in said.smalls)
    if by != sum(small.role == "by" for small in side.smalls):
        return False
    once = [(at, places[0]) for at, places in enumerate(side.places[:MAX_SWAP_WORDS]) if len(places) == 1]
    once = [(at, place) for at, place in once if sum(place in places for places in side.places) == 1]
    for left, (a, first) in enumerate(once):
        for middle in range(left + 1, len(once)):
            p, second = once[middle]
            if second >= first:
                continue
            for b, third in once[middle + 1 :]:
                if third < second and side.unit_of[first] == side.unit_of[third]:
                    names = _is_name(said, side, a) and _is_name(said, side, b) and not _is_name(said, side, p)
                    if names or (b - a == 2 and first - third == 2):
                        return True
    return False


def _is_name(said: Claim, side: Side, at: int) -> bool:
    return said.words[at].firm or any(side.words[place].firm for place in side.places[at])


def _stands_elsewhere(said: Claim, side: Side) -> bool:
    """Whether a name or number stands where the span has another one, which the sentence leaves out.

    Told by neighbours: if those it has in the sentence stand around the other one in the span, it took its place.
    """
    for at, word in enumerate(said.words):
        number = word.lower[:1].isdigit()
        if at in side.settled or not side.places[at] or not (number or _is_name(said, side, at)):
            continue
        around = [
            near
            for near in range(max(0, at - NEIGHBOURS), min(len(said.words), at + NEIGHBOURS + 1))
            if side.places[near] and not said.words[near].capital and near != at
        ]
        own = max(_beside(around, place, side) for place in side.places[at])
        for place, other in enumerate(side.words):
            rival = other.lower[:1].isdigit() if number else other.capital and other.firm
            if rival and place not in side.covered and _beside(around, place, side) > own:
                return True
    return False


def _beside(heads: Sequence[int], place: int, side: Side) -> int:
    """How many of these words of the sentence stand near a place of the span, in the same unit."""
    unit = side.unit_of[place]
    return sum(
        any(abs(other - place) <= NEIGHBOURS and side.unit_of[other] == unit for other in side.places[head])
        for head in heads
    )


def _joins_whole_facts(said: Claim, side: Side) -> bool:
    """Whether what comes from another unit than most comes as a fact, not as a lone name or number put into one.

    A lone name may come from before where the unit points back to it ("She won …").
    """
    if len(side.units) == 1:
        return True
    units = [{side.unit_of[place] for place in places} for places in side.places]
    home = max(range(len(side.units)), key=lambda unit: sum(unit in each for each in units))
    if side.is_shortened:
        return all(_is_enough(unit, home, side) for unit in range(len(side.units)) if unit != home)
    run: list[int] = []
    for at in range(len(units) + 1):
        if at < len(units) and units[at] and home not in units[at]:
            run.append(at)
            continue
        if run and not _is_fact(run, said, side.units[home]):
            return False
        if at == len(units) or units[at]:
            run = []
    return True


def _is_enough(unit: int, home: int, side: Side) -> bool:
    """Whether a shortened sentence has a fact of this unit, or the name that the home unit points back to."""
    shared = [(at, place) for at, place in side.series if side.unit_of[place] == unit]
    if not shared or len(shared) >= FACT_WORDS or 2 * len(shared) >= len(side.units[unit].words):
        return True
    return side.units[home].has_pointer and not any(side.words[place].lower[0].isdigit() for _, place in shared)


def _is_fact(run: Sequence[int], said: Claim, home: Claim) -> bool:
    plain = [at for at in run if not said.words[at].capital and not said.words[at].lower[:1].isdigit()]
    if len(run) >= 2 and plain:
        return True
    if any(said.words[at].lower[:1].isdigit() for at in run):
        return False
    return home.has_pointer or not any(word.firm for word in home.words)


def _only_replaces(said: Claim, side: Side) -> bool:
    """Whether each word without counterpart stands where the span has one the sentence leaves out: not an addition."""
    for at, places in enumerate(side.places):
        if places or at in side.free:
            continue
        before = next((side.places[near] for near in range(at - 1, -1, -1) if side.places[near]), [])
        after = next((side.places[near] for near in range(at + 1, len(said.words)) if side.places[near]), [])
        gaps = [place + 1 for place in before] + [place - 1 for place in after]
        if not any(0 <= gap < len(side.words) and gap not in side.covered for gap in gaps):
            return False
    return True
