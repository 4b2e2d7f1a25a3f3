"""What a sentence claims, as far as its words tell: content words in order, numbers with units, names, small words.

Read once for each text and remembered: the sentences of one answer are all held against the same passages.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from aivastark.answers.expectations import expected
from aivastark.answers.wordings import DATES, Role, number_words, roles, units
from aivastark.kit.analysis import Token, is_unspaced, spans

CACHED_CLAIMS = 4096
"""Texts remembered, about 10 KB each."""
MAX_WORDS = 400
"""Content words of one text looked at; further ones are no sentence, and a claim with more is not checked."""

Bound = Literal["least", "most"]


class Word(NamedTuple):
    """One content word: `terms[0]` is the whole of it, the others the parts of a compound."""

    terms: tuple[str, ...]
    lower: str
    firm: bool
    """A name or a date: it has no other word. German nouns are taken for names."""
    capital: bool
    """Written with a capital, at the head of the sentence too."""
    clause: int
    start: int


class Number(NamedTuple):
    """A number in digits, whatever it was written as."""

    value: str
    unit: str | None
    """The first of its group in `wordings`."""
    bound: Bound | None
    """ "At least", "up to"."""
    at: int
    """How many content words stand before it."""
    clause: int


class Small(NamedTuple):
    """A small word with a role, and where it stands among the content words."""

    role: Role
    at: int
    clause: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A text taken apart."""

    words: tuple[Word, ...]
    numbers: tuple[Number, ...]
    smalls: tuple[Small, ...]
    terms: frozenset[str]
    lower: frozenset[str]
    """All its words as written, in lower case, small ones too."""
    is_question: bool
    asks_openly: bool
    """With a question word, so that what follows is its answer."""
    opens_with: str
    """Its first word, in lower case."""
    has_pointer: bool
    """It begins with a pronoun or pointing word, so that its subject stands in the sentence before."""
    no_characters: int
    """Negating characters of scripts without spaces, where they are no words."""


_SURFACE = re.compile(r"\w+(?:['’]\w+)?|[.!?,;:()\[\]–—。、，；：]")
_CLAUSE = frozenset(",;:()[]–—。、，；：")
_CLAUSE_WORDS_LIST = """
but while whereas because although though which who and or aber während weil obwohl und oder pero mientras
porque aunque y o mais tandis parce et ou sondern sino
"""
_CLAUSE_WORDS = frozenset(_CLAUSE_WORDS_LIST.split())
_NUMBER = re.compile(r"(?<![\w])(\d+(?:[.,:/]\d+)*[¼½¾]?|[¼½¾])(?:st|nd|rd|th|er|ème|º|ª)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_UNIT_AFTER = re.compile(r"[\s\-\u00a0]?([%‰€$£¥]|°[CF]|[^\W\d_]+(?:\.m)?)")
_UNIT_BEFORE = re.compile(r"([$€£¥]|\b(?:USD|EUR|GBP|CHF))\s?$")
_LEAST = re.compile(
    r"(?<!\w)(?:more than|over|at least|a minimum of|minimum|exceeding|above|mehr als|über|mindestens|wenigstens|ab"
    r"|más de|al menos|por lo menos|mínimo|plus de|au moins|minimum de)\s*[$€£]?\s*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?<!\w)(?:up to|at most|less than|under|below|fewer than|a maximum of|maximum|no more than|bis zu|höchstens"
    r"|maximal|weniger als|unter|hasta|menos de|como máximo|máximo|jusqu['’]à|au plus|moins de)\s*[$€£]?\s*$",
    re.IGNORECASE,
)
_POINTER_LIST = """
he she it they this these those that such his her its their er sie es dieser diese dieses dies ihr ihre sein
seine él ella ellos ellas esto este esta estos estas eso su sus il elle ils elles ce cet cette ces cela son sa
ses leur
"""
_POINTER = frozenset(_POINTER_LIST.split())
_NO_CHARACTERS = re.compile("不|没|沒|無|无|非|未|别|ない|ません|なく|なし|않|없|못|ไม่")
_NOT = ("n't", "n’t")
_CLOSE_BEFORE = 24
"""Characters before a number in which its bound stands."""


@lru_cache(maxsize=CACHED_CLAIMS)
def claim(text: str, language: str | None) -> Claim:
    """`text` taken apart; linear in its length."""
    tokens = list(_surface(text))
    clauses = _clauses(tokens)
    words = tuple(_words(text, language, clauses))
    starts = [word.start for word in words]
    lower = [surface for surface, _ in tokens if surface[0].isalnum()]
    is_question = text.rstrip(" .\"'”’»)*_").endswith(("?", "？", "؟"))
    return Claim(
        words=words,
        numbers=tuple(_numbers(text, language, tokens, starts, clauses)),
        smalls=tuple(_smalls(tokens, language, starts, clauses)),
        terms=frozenset(term for word in words for term in word.terms),
        lower=frozenset(lower),
        is_question=is_question,
        asks_openly=is_question and expected(text) != "other",
        opens_with=lower[0] if lower else "",
        has_pointer=not _POINTER.isdisjoint(lower[:3]),
        no_characters=len(_NO_CHARACTERS.findall(text)) if is_unspaced(text) else 0,
    )


def _surface(text: str) -> Iterator[tuple[str, int]]:
    for match in _SURFACE.finditer(text):
        yield match.group().lower(), match.start()


def _clauses(tokens: list[tuple[str, int]]) -> list[int]:
    """Where clauses end: offsets of the marks and words that part them."""
    return [start for surface, start in tokens if surface in _CLAUSE or surface in _CLAUSE_WORDS]


def _words(text: str, language: str | None, clauses: list[int]) -> Iterator[Word]:
    """The content words; what the analyser cuts out of one compound is one word."""
    group: list[Token] = []
    count = 0
    for token in spans(text, language):
        if group and token.start < group[0].end and not is_unspaced(token.text):
            group.append(token)
            continue
        if group:
            yield _word(text, group, language, clauses)
            count += 1
            if count > MAX_WORDS:
                return
        group = [token]
    if group:
        yield _word(text, group, language, clauses)


def _word(text: str, group: list[Token], language: str | None, clauses: list[int]) -> Word:
    start, end = group[0].start, group[0].end
    written = text[start:end]
    lower = written.lower()
    capital = written[:1].isupper()
    firm = lower in DATES or (capital and not (written[1:].islower() and _starts_sentence(text, start)))
    terms = [token.text for token in group]
    if (value := number_words(language).get(lower)) is not None:
        terms.append(value)  # "three" is found by 3, and the other way round
    return Word(tuple(dict.fromkeys(terms)), lower, firm, capital, bisect_left(clauses, start), start)


def _starts_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _CLOSE_BEFORE) : start].rstrip(" \t\n\"'“„«(*-–•#>¿¡")
    return not before or before[-1] in ".!?:"


def _numbers(
    text: str, language: str | None, tokens: list[tuple[str, int]], starts: list[int], clauses: list[int]
) -> Iterator[Number]:
    found = [(match.start(1), match.end(1), _value(match.group(1))) for match in _NUMBER.finditer(text)]
    known = number_words(language)
    found += [(start, start + len(word), known[word]) for word, start in tokens if word in known]
    for start, end, value in sorted(found):
        yield Number(
            value, _unit(text, start, end), _bound(text, start), bisect_left(starts, start), bisect_left(clauses, start)
        )


def _value(written: str) -> str:
    """One way to write each number: no groups, a point for decimals."""
    plain = unicodedata.normalize("NFKC", written) if not written.endswith(("¼", "½", "¾")) else written
    if _GROUPED.fullmatch(plain):
        return plain.replace(",", "").replace(".", "")
    return plain.replace(",", ".")


def _unit(text: str, start: int, end: int) -> str | None:
    after = _UNIT_AFTER.match(text, end)
    if after and (unit := units().get(after.group(1).lower())):
        return unit
    before = _UNIT_BEFORE.search(text, max(0, start - 5), start)
    return units().get(before.group(1).lower()) if before else None


def _bound(text: str, start: int) -> Bound | None:
    near = text[max(0, start - _CLOSE_BEFORE) : start]
    if _MOST.search(near):
        return "most"
    return "least" if _LEAST.search(near) else None


def _smalls(
    tokens: list[tuple[str, int]], language: str | None, starts: list[int], clauses: list[int]
) -> Iterator[Small]:
    known = roles(language)
    for surface, start in tokens:
        role: Role | None = "no" if surface.endswith(_NOT) else known.get(surface)
        if role is None and surface[:2] in ("n'", "n’"):  # French "n'est"
            role = "no" if language == "fr" else None
        if role is not None:
            yield Small(role, bisect_left(starts, start), bisect_left(clauses, start))
