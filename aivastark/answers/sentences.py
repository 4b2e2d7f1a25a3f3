"""Text into units that can be quoted alone: sentences, list items, table rows, code blocks, headings.

Offsets are exact: a unit is `text[start:end]`, never a rewritten string, so a quote can be checked character by
character. The splitter is a line scanner (what kind of line is this?) with a rule-based sentence breaker inside
paragraphs, after the idea of Golden Rules segmenters (github.com/diasks2/pragmatic_segmenter): break at a
terminator unless the word before it is an abbreviation, an initial or an ordinal, or what follows starts small.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["sentence", "item", "row", "code", "heading"]

MIN_WRAPPED_LINE_CHARS = 50  # a shorter line without a terminator is a line of its own, not a wrapped sentence
MIN_THAI_UNIT_CHARS = 40  # Thai has no full stop: a space ends a unit once it is this long
MAX_HEADING_WORDS = 12
MAX_HEADING_CHARS = 80
LONGEST_ABBREVIATION_CHARS = 24
MAX_ITEM_WORDS = 60  # a longer list item is text with a mark before it, and is quoted sentence by sentence


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable piece: `text[start:end]`. Units of one paragraph, list or table share a `block` number."""

    start: int
    end: int
    kind: Kind
    block: int
    alone: bool = False
    """The whole of its paragraph is one line, and it is that line."""


_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●–]|\(?\d{1,3}[.)]|[a-zA-Z][)]|[①-⑳])\s+\S|\s*\d{1,2}、")
_ORDERED = re.compile(r"\s*(?:\(?\d{1,3}[.)]|[a-zA-Z][)]|[①-⑳]|\d{1,2}、)")
_MARK = re.compile(r"\s*(?:[-*+•‣◦▪●–]|\(?\d{1,3}[.)]|[a-zA-Z][)]|[①-⑳]|\d{1,2}、)\s*")
_RULE = re.compile(r"[\s|:\-+=_*]+$")
_LINE = re.compile(r"[^\n]*\n?")
_SPACE = re.compile(r"\s+")
_THAI = re.compile(r"[\u0e00-\u0e7f]")

# A terminator with what closes after it, then space (or nothing, for the full-width ones).
_END = re.compile(r"(?:[.!?…؟۔।॥።]+[\"'”’»)\]]*(?=\s))|(?:[。！？｡︒]+[」』”’）】\"]*)")
_LAST_WORD = re.compile(r"([^\s(\[\"'“„«]+)$")
_TERMINATED = re.compile(r"[.!?…:;؟۔।॥።。！？｡：][\"'”’»)\]」』”]*\s*$")

# English, German, Spanish, French, Italian, Dutch, Russian, Turkish.
_ABBREVIATED = """
mr mrs ms mx dr prof st sr jr gen col sgt capt lt rev hon gov pres vs etc e.g i.e cf al approx dept est fig figs
inc ltd co corp no nos vol pp ed eds jan feb mar apr jun jul aug sep sept oct nov dec mt ft ave blvd u.s u.k a.m p.m
z.b d.h u.a u.ä o.ä s.o s.u bzw usw ca nr abs art str tel inkl exkl ggf evtl vgl sog bspw hrsg jh geb gest mio mrd
i.d.r z.t v.a u.s.w dipl ing hl fr p.ej ej sra sres dra ud uds ee.uu núm pág págs av aprox a.c d.c
mm mme mlle p.ex env éd c.-à-d sig dott sig.ra ecc pag cap dhr mevr bijv d.w.z o.a blz enz
г гг т.е т.д т.п др ул им руб тыс млн стр рис örn vb bkz
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_CLOSING_ABBREVIATIONS = frozenset(("etc", "usw", "inc", "ltd", "corp", "a.m", "p.m"))  # may end a sentence
# Languages that write ordinals with a full stop ("am 3. Oktober").
_ORDINAL = "de da nb nn no fi cs sk hu pl sl hr sr et lv tr is fo lb"
_ORDINAL_LANGUAGES = frozenset(_ORDINAL.split())


def split(text: str, language: str | None = None) -> tuple[Unit, ...]:
    """Units of `text` in order, not overlapping, each without outer white space; together they hold all its words.

    `language` (ISO 639-1) only settles whether "3." is an ordinal. Linear in the length of the text.
    """
    return tuple(_units(text, language))


def is_ordered_item(text: str) -> bool:
    """Whether this list item carries a number or letter: a step."""
    return _ORDERED.match(text) is not None


def is_numbered_heading(text: str) -> bool:
    """Whether what looks like the only item of a list is a heading with its number: "3. Type Affinity"."""
    mark = _MARK.match(text)
    return is_ordered_item(text) and mark is not None and _is_label(text[mark.end() :])


def introduces(text: str) -> bool:
    """Whether a sentence only says that something follows it."""
    return text[-1:] in (":", "：")


def _units(text: str, language: str | None) -> Iterator[Unit]:
    block = 0
    paragraph: list[tuple[int, int]] = []  # lines of the running paragraph
    previous: Kind | None = None
    gap = False  # an empty line since the last unit
    for start, end, kind in _lines(text):
        if kind is None:
            gap = True
            continue
        if kind != previous or (gap and kind != "item"):  # a loose list stays one list
            yield from _sentences(text, paragraph, block, language)
            paragraph = []
            block += 1
        if kind == "sentence":
            paragraph.append((start, end))
        elif kind == "item" and len(text[start:end].split()) > MAX_ITEM_WORDS:
            yield from _long_item(text, start, end, block + 1, language)
            block += 2
        else:
            yield Unit(*_trim(text, start, end), kind, block)
        previous, gap = kind, False
    yield from _sentences(text, paragraph, block, language)


def _long_item(text: str, start: int, end: int, block: int, language: str | None) -> Iterator[Unit]:
    """The sentences of an item without its mark; a first line that is no sentence heads them."""
    mark = _MARK.match(text, start, end)
    lines = [match.span() for match in _LINE.finditer(text, mark.end() if mark else start, end) if match.group()]
    if len(lines) > 1 and _is_label(text[slice(*lines[0])].strip()):
        yield Unit(*_trim(text, *lines.pop(0)), "heading", block)
    yield from _sentences(text, lines, block, language)


def _lines(text: str) -> Iterator[tuple[int, int, Kind | None]]:
    """Lines told by kind; None is an empty line. A fence is one line, an item keeps its tail, rules are left out."""
    spans = [match.span() for match in _LINE.finditer(text) if match.end() > match.start()]
    at = 0
    while at < len(spans):
        start, end = spans[at]
        line = text[start:end]
        at += 1
        kind = _kind(line)
        if kind is None and line.strip():
            continue
        if kind == "code":
            fence = line.strip()[:3]
            while at < len(spans):
                end = spans[at][1]
                at += 1
                if text[spans[at - 1][0] : end].strip().startswith(fence):
                    break
        elif kind == "item":
            while at < len(spans) and _continues_item(text[slice(*spans[at])]):
                end = spans[at][1]
                at += 1
        yield start, end, kind


def _kind(line: str) -> Kind | None:
    stripped = line.strip()
    if not stripped or _RULE.match(stripped):
        return None
    if _FENCE.match(line):
        return "code"
    if _HEADING.match(line):
        return "heading"
    if stripped.startswith("|") or stripped.count(" | ") >= 1 or stripped.count("\t") >= 1:
        return "row"
    return "item" if _ITEM.match(line) else "sentence"


def _continues_item(line: str) -> bool:
    return line[:2].isspace() and bool(line.strip()) and _kind(line) == "sentence"


def _sentences(text: str, lines: list[tuple[int, int]], block: int, language: str | None) -> Iterator[Unit]:
    """Sentences of one paragraph given as its lines; a wrapped line goes on, a short one without an end stops."""
    at = 0
    while at < len(lines):
        start, end = lines[at]
        at += 1
        while at < len(lines) and _wraps(text[start:end].rsplit("\n", 2)[-2:], text[slice(*lines[at])]):
            end = lines[at][1]
            at += 1
        for first, last in _breaks(text, start, end, language):
            alone = len(lines) == 1 and _trim(text, start, end) == (first, last)
            label = alone and _is_label(text[first:last])
            yield Unit(first, last, "heading" if label else "sentence", block, alone)


def _wraps(tail: list[str], following: str) -> bool:
    line = next((part for part in reversed(tail) if part.strip()), "")
    if _TERMINATED.search(line):
        return False
    return following.lstrip()[:1].islower() or len(line) >= MIN_WRAPPED_LINE_CHARS


def _is_label(text: str) -> bool:
    return not _TERMINATED.search(text) and len(text.split()) <= MAX_HEADING_WORDS and len(text) < MAX_HEADING_CHARS


def _breaks(text: str, start: int, end: int, language: str | None) -> Iterator[tuple[int, int]]:
    begin = start
    for match in _END.finditer(text, start, end):
        if match.start() < begin:
            continue
        if _is_end(text, match.start(), match.end(), end, language):
            yield from _thai(text, begin, match.end())
            begin = match.end()
    yield from _thai(text, begin, end)


def _is_end(text: str, mark: int, after: int, end: int, language: str | None) -> bool:
    following = text[after : after + 8].lstrip()[:1] if after < end else ""
    if text[mark] != ".":
        return text[mark] not in "!?…" or not following.islower()
    if following.islower():
        return False
    if after - mark > 1 and text[mark + 1] == ".":
        return True
    before = _LAST_WORD.search(text, max(0, mark - LONGEST_ABBREVIATION_CHARS), mark)
    word = before.group(1) if before else ""
    if word.lower() in _ABBREVIATIONS:
        return word.lower() in _CLOSING_ABBREVIATIONS and following.isupper()
    if len(word) == 1 and word.isalpha():
        return False
    if word.isdigit() and len(word) <= 2:  # an ordinal, or the number of a step at the head of its line
        return language not in _ORDINAL_LANGUAGES and _has_words_before(text, mark - len(word))
    return True


def _has_words_before(text: str, at: int) -> bool:
    return bool(text[text.rfind("\n", 0, at) + 1 : at].strip())


def _thai(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts a Thai stretch at spaces into units of a readable length; anything else passes whole."""
    if _THAI.search(text, start, end):
        begin = start
        for match in _SPACE.finditer(text, start, end):
            if match.start() - begin >= MIN_THAI_UNIT_CHARS and end - match.end() >= MIN_THAI_UNIT_CHARS // 2:
                yield _trim(text, begin, match.start())
                begin = match.end()
        start = begin
    first, last = _trim(text, start, end)
    if last > first:
        yield first, last


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
