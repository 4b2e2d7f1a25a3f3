"""Which exact span of the passages supports a sentence that a language model wrote, told by words alone.

A sentence is supported when all it claims stands in one quotable span: its content words (or other forms of them, or
words that say the same), its numbers with their units, its names, and nothing denied, limited or turned around
(`objections.py`). No model and no I/O. What words cannot tell it refuses when in doubt: a sentence refused costs a
reader a sentence, one accepted wrongly costs them their trust.

A sentence in another language than the passage finds no support. Numbers and names alone could be compared, but
"Returns are accepted within 30 days" and "Returns are not accepted within 30 days" share them all: a marker there would
promise a proof that nobody made.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aivastark.answers.claims import MAX_WORDS, Claim, Word, claim
from aivastark.answers.expectations import expected
from aivastark.answers.extractive import Evidence
from aivastark.answers.objections import Match, Side, objection
from aivastark.answers.passages import Passage
from aivastark.answers.sentences import Unit, split
from aivastark.answers.signs import says_otherwise
from aivastark.answers.wordings import empty, same

MAX_SENTENCE_CHARS = 1000
"""A longer sentence is not checked."""
MAX_PASSAGES = 12
"""Passages looked at, those the model named first."""
MAX_UNITS = 120
"""Units of one passage looked at; a stored chunk has a tenth of them."""
SPAN_UNITS = 3
"""Neighbouring units that may be quoted together."""
LEAST_WORDS = 2
"""Content words a sentence must share with its evidence."""
MAX_UNKNOWN = 0
"""Words without counterpart that a long sentence may have (a synonym nobody listed). None: words cannot tell a synonym
from another thing."""
KNOWN_PER_UNKNOWN = 9
"""Words of the sentence that must be found for each that is not."""
PARTS_APART = 2
"""Words between the parts of a compound that the passage writes as words of their own."""
CACHED_PASSAGES = 512
"""Passages kept taken apart, about 40 KB each."""

EXACT, IN_CONTEXT, NEAR, UNKNOWN = 1.0, 0.9, 0.85, 0.0
"""How well a word is found: as it is (inflected or not); in title or headings; as another word for it; not at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """The span that proves a sentence. `strength`: 1 when all its words stand there, less for other words."""

    evidence: Evidence
    strength: float


def find_support(
    sentence: str,
    named: Sequence[int],
    passages: Sequence[Passage],
    *,
    language: str | None,
    question: str | None = None,
) -> Support | None:
    """The best supporting span, or `None` when no one to three neighbouring units of one passage say all of it.

    `named`: indices of the passages the sentence's markers pointed at; they are preferred, never trusted, and may be
    wrong. `language`: of passages that do not know their own. With `question`, a sentence that says nothing but what
    an open question asked has no support either.
    """
    if len(sentence) > MAX_SENTENCE_CHARS or not sentence.strip():
        return None
    ordered = _in_order(named, passages)
    weights = _weights([_read(passages[at].text, passages[at].language or language) for at in ordered])
    best: Support | None = None
    for at in ordered:
        passage = passages[at]
        found = _in_passage(sentence, passage, passage.language or language, weights, question)
        if found is not None and (best is None or found.strength > best.strength):
            best = found
        if best is not None and best.strength == 1.0:
            break
    return best


def prepare(passage: Passage, *, language: str | None) -> None:
    """Take a passage apart before a sentence is there; `find_support` then need not."""
    written_in = passage.language or language
    _read(passage.text, written_in)
    claim(_above(passage), written_in)


def forget() -> None:
    """Empties what is remembered of passages, so that the next sentence costs what a first one does."""
    _read.cache_clear()
    claim.cache_clear()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A passage taken apart."""

    units: tuple[Unit, ...]
    claims: tuple[Claim, ...]
    plain: tuple[str, ...]
    """Each unit as `_plain` has it."""
    places: Mapping[str, Mapping[int, Sequence[int]]]
    """Term → unit → places in it."""
    alike: Mapping[str, Sequence[str]]
    """First letters → terms that begin with them."""


_DECORATION = re.compile(r"[*_`#|>\s]+")
_ITEM_MARK = re.compile(r"^(?:[-*+•‣◦▪●–]|\(?\d{1,3}[.)]|[a-zA-Z][)])\s+")
_SURROUNDING = " \t\n*_`#>|"
_LEAD = re.compile(
    r"^(?:yes|sure|certainly|ja|sí|oui)[,.!:]\s+"
    r"|^(?:according to|based on|as (?:stated|mentioned|described) in|in|laut|gemäß|según|selon|d['’]après)\s"
    r"(?:(?:the|our|this|these|your|provided|given|available|official|above|der|den|dem|dieser|vorliegenden|la|el|los|las|le|les)\s)*"
    r"(?:documentation|documents?|docs|passages?|text|texts|sources?|information|context|page|article|article|dokumentation"
    r"|dokument|dokumente|text|quellen?|angaben|documentación|documentos?|texto|fuentes?|información|documentation|texte)"
    r"(?:\s(?:provided|above|given))?(?:,|:|\sgilt:)\s+"
    r"|^(?:the|this) (?:documentation|document|passage|text|source|page|article) (?:says|states)(?: that|:|,)\s+",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^\W*(?:what|which|was|welche[rsmn]?|qué|cuál|cuáles|que|quels?|quelles?)(?!\w)", re.IGNORECASE
)
_YES = frozenset(("yes", "ja", "sí", "si", "oui"))
_NO = frozenset(("no", "nein", "non"))


def _in_order(named: Sequence[int], passages: Sequence[Passage]) -> list[int]:
    first = [at for at in dict.fromkeys(named) if 0 <= at < len(passages)]
    return [*first, *(at for at in range(len(passages)) if at not in first)][:MAX_PASSAGES]


@lru_cache(maxsize=CACHED_PASSAGES)
def _read(text: str, language: str | None) -> _Reading:
    units = split(text, language)[:MAX_UNITS]
    texts = [text[unit.start : unit.end] for unit in units]
    claims = tuple(claim(each, language) for each in texts)
    places: dict[str, dict[int, list[int]]] = {}
    for at, each in enumerate(claims):
        for place, word in enumerate(each.words):
            for term in word.terms:
                places.setdefault(term, {}).setdefault(at, []).append(place)
    alike: dict[str, list[str]] = {}
    for term in places:
        alike.setdefault(term[:SAME_BEGINNING], []).append(term)
    return _Reading(units, claims, tuple(map(_plain, texts)), places, alike)


def _plain(text: str) -> str:
    """Without case, decoration, the mark of a list item and the final full stop."""
    folded = _ITEM_MARK.sub("", _DECORATION.sub(" ", text).strip().casefold())
    return folded.rstrip(" .!:;").strip()


def _weights(readings: Sequence[_Reading]) -> Mapping[str, float]:
    """How much a term tells: the fewer units have it, the more. A term that none has tells the most ("")."""
    counts = Counter(term for reading in readings for each in reading.claims for term in each.terms)
    units = sum(len(reading.units) for reading in readings)
    weights = {term: math.log(1 + units / count) for term, count in counts.items()}
    weights[""] = math.log(1 + 2 * units)
    return weights


def _in_passage(
    sentence: str, passage: Passage, language: str | None, weights: Mapping[str, float], question: str | None
) -> Support | None:
    reading = _read(passage.text, language)
    said = claim(_LEAD.sub("", _ITEM_MARK.sub("", sentence.strip(_SURROUNDING))), language)
    if said.is_question or not said.words or len(said.words) > MAX_WORDS or _repeats(said, question, language):
        return None
    whole = _verbatim(sentence, reading)
    if whole is not None and not says_otherwise(sentence, _quote(passage, reading, *whole)):
        return _support(passage, reading, *whole, strength=1.0)
    matches = _matches(said, passage, reading, language)
    nothing = empty(language)
    free = frozenset(at for at, word in enumerate(said.words) if word.terms[0] in nothing and not word.firm)
    best: tuple[float, int, int] | None = None
    for first, last in _candidates(matches, reading):
        strength = _strength(said, matches, first, last, weights, language)
        if strength is None or (best is not None and (strength, first - last) <= (best[0], best[1] - best[2])):
            continue
        side = Side(reading.claims[first : last + 1], said, [match.places(first, last) for match in matches], free)
        if objection(said, side) is None and not says_otherwise(sentence, _quote(passage, reading, first, last)):
            best = (strength, first, last)
    return _support(passage, reading, best[1], best[2], strength=round(best[0], 4)) if best else None


def _quote(passage: Passage, reading: _Reading, first: int, last: int) -> str:
    return passage.text[reading.units[first].start : reading.units[last].end]


def _support(passage: Passage, reading: _Reading, first: int, last: int, *, strength: float) -> Support:
    start, end = reading.units[first].start, reading.units[last].end
    return Support(evidence=Evidence(passage=passage, start=start, end=end), strength=strength)


def _repeats(said: Claim, question: str | None, language: str | None) -> bool:
    """Whether it only says again what an open question asked. After "Can I …?" the same words are an answer."""
    if not question or (expected(question) == "other" and not _OPEN_QUESTION.match(question)):
        return False
    return said.terms <= claim(question, language).terms


def _verbatim(sentence: str, reading: _Reading) -> tuple[int, int] | None:
    """The units whose text it is, letter for letter up to case and decoration."""
    wanted = _plain(sentence)
    for first, plain in enumerate(reading.plain):
        if not plain or not wanted.startswith(plain):
            continue
        for last in range(first, min(first + SPAN_UNITS, len(reading.plain))):
            asserted = any(reading.units[at].kind != "heading" for at in range(first, last + 1))
            joined = _plain(" ".join(reading.plain[first : last + 1]))
            if asserted and wanted in {joined, _plain(". ".join(reading.plain[first : last + 1]))}:
                return first, last
    return None


def _matches(said: Claim, passage: Passage, reading: _Reading, language: str | None) -> list[Match]:
    """For each word of the sentence where it is found, in all units of the passage."""
    above = claim(_above(passage), language).terms
    return [_match(word, reading, above, language) for word in said.words]


def _above(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading_path))


def _match(word: Word, reading: _Reading, above: frozenset[str], language: str | None) -> Match:
    exact = _places(word, reading)
    near: dict[int, list[int]] = {}
    if not word.firm or language == "de":
        for term in _other_words(word, reading, language):
            for at, places in reading.places[term].items():
                if at not in exact:
                    near.setdefault(at, []).extend(places)
    return Match(exact=exact, near=near, in_context=not above.isdisjoint(word.terms[:1]))


def _places(word: Word, reading: _Reading) -> Mapping[int, Sequence[int]]:
    """Where a word stands: its whole, and where that does not, all its parts together ("sign-in" for "sign in")."""
    whole, *parts = word.terms
    found = dict(reading.places.get(whole, {}))
    if not parts or any(part not in reading.places for part in parts):
        return found
    if len(parts) == 1 and not (whole.isalnum() and parts[0].isalnum()):
        return found  # "1990-1990" is no 1990
    first, *others = (reading.places[part] for part in parts)
    for at in set(first).difference(found):
        places = [
            place
            for place in first[at]
            if all(any(abs(place - n) <= PARTS_APART for n in other.get(at, ())) for other in others)
        ]
        if places:
            found[at] = places
    return found


def _other_words(word: Word, reading: _Reading, language: str | None) -> Iterator[str]:
    """Terms of the passage that may stand for this one."""
    mine = word.terms[0]
    for term in same(language).get(mine, ()):
        if term != mine and term in reading.places:
            yield term
    for term in reading.alike.get(mine[:SAME_BEGINNING], ()):
        if term != mine and _is_near(mine, term):
            yield term
    if language in _COMPOUNDING and len(mine) >= _LONG_PART:
        yield from (term for term in reading.places if term != mine and term.endswith(mine))


_COMPOUNDING = frozenset(("de", "nl", "sv", "da", "nb", "no", "fi"))
SAME_BEGINNING = 3
"""Letters that two forms of a word share at least."""
_ENDINGS_LIST = """
s es er or ers ing ed ion ions ation ment ments al ally ly ness ity able ible ive ance ence ful y ic ical ist
ism en e n em ung ungen keit heit lich isch ig te ten t mente ción ciones dad ico ica ar ir a o as os ement
tion ité eur euse
"""
_ENDINGS = frozenset(_ENDINGS_LIST.split())
_SHORT_STEM = 4
_LONG_PART = 6


def _is_near(mine: str, theirs: str) -> bool:
    """Whether two terms are forms of one word ("decide", "decision"), or the first begins a longer compound."""
    if not mine.isalpha() or not theirs.isalpha():
        return False
    short, long = sorted((mine, theirs), key=len)
    if len(short) >= _SHORT_STEM and long.startswith(short):
        return long[len(short) :] in _ENDINGS or (len(mine) >= _LONG_PART and mine == short)
    shared = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return shared >= _SHORT_STEM and short[shared:] in _ENDINGS and long[shared:] in _ENDINGS


def _candidates(matches: Sequence[Match], reading: _Reading) -> Iterator[tuple[int, int]]:
    """Spans that hold nearly all of the sentence's words, shortest first, none with a unit that adds no word."""
    least = len(matches) - sum(match.in_context for match in matches) - MAX_UNKNOWN - _FREE_WORDS
    found: dict[tuple[int, int], int] = {}
    for size in range(1, SPAN_UNITS + 1):
        for first in range(len(reading.units) - size + 1):
            last = first + size - 1
            count = found[first, last] = sum(match.is_in(first, last) for match in matches)
            shorter = max(found.get((first + 1, last), 0), found.get((first, last - 1), 0))
            if count > shorter and count >= least and _can_be_quoted(reading, first, last):
                yield first, last
            if reading.claims[last].is_question:  # its answer may add no word: "Yes."
                found[first, last] = 0


_FREE_WORDS = 6
"""Words that claim nothing, at most, in a sentence."""


def _can_be_quoted(reading: _Reading, first: int, last: int) -> bool:
    """Whether it asserts something: not headings alone, no question without its answer."""
    if all(unit.kind == "heading" for unit in reading.units[first : last + 1]):
        return False
    for at in range(first, last + 1):
        if not reading.claims[at].is_question:
            continue
        if at == last:
            return False
        answer = reading.claims[at + 1].opens_with
        if not reading.claims[at].asks_openly and answer not in _YES | _NO:
            return False
    return True


def _strength(
    said: Claim, matches: Sequence[Match], first: int, last: int, weights: Mapping[str, float], language: str | None
) -> float | None:
    """The share of the sentence's weight that the span has, or `None` when too much of it is missing."""
    total = reached = 0.0
    found = unknown = 0
    for word, match in zip(said.words, matches, strict=True):
        grade = match.grade(first, last)
        if grade == UNKNOWN:
            if word.terms[0] in empty(language) and not word.firm:
                continue
            # A word that the passages use elsewhere is another thing they speak of, not another word for this one.
            if word.capital or word.lower[:1].isdigit() or word.terms[0] in weights:
                return None
            unknown += 1
        else:
            found += grade != IN_CONTEXT
        weight = max(weights.get(term, weights[""]) for term in word.terms)
        total += weight
        reached += weight * grade
    if unknown > MAX_UNKNOWN or found < unknown * KNOWN_PER_UNKNOWN or not found:
        return None
    return reached / total if found >= LEAST_WORDS else None
