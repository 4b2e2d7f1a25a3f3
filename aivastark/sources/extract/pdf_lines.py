"""The lines of a PDF page with their size and place, and lines → paragraphs and lists."""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
from pypdfium2 import raw

from aivastark.sources.extract.base import BlockKind
from aivastark.sources.extract.canonical import clean_line
from aivastark.sources.extract.plain import BULLET

GAP_LINES = 1.6  # times the height of a line from one base to the next: a new paragraph
FULL_SHARE = 0.88  # of the column's width: a line so long was broken because it was full

LEADER = re.compile(r"\s*(?:\.\s?){4,}\s*(\d+|[ivxlc]+)?$")  # from an entry to its page number or price
_LINE = re.compile(r"[^\r\n]+")
_PARTED = re.compile(r"(?<=[^\W\d_])\ufffe\s*(?=[^\W\d_A-Z])")  # pdfium joins a word parted at the end of a line so
_SIGN = re.compile(r"^[•‣▪●◦]\s*")  # how PDFs draw bullets
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010\ufffe]$")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    left: float  # points from the page's left edge, as right
    right: float
    size: float  # height of the letters' box in points, to half a point
    begins_paragraph: bool
    hyphenated: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    number: int  # from 1; 0 where there are no pages to count
    lines: list[Line]


def lines_of_page(text_page: pypdfium2.PdfTextPage) -> list[Line]:
    """Lines in the order of the page's content."""
    text = text_page.get_text_range()
    measured = len(text) == text_page.count_chars()  # else places in the text are not those of the boxes
    lines: list[Line] = []
    before: tuple[float, float, float] | None = None  # left, base and height of the line before
    for match in _LINE.finditer(text):
        words = clean_line(_PARTED.sub("", match.group()).replace("\ufffe", "-"))
        if not words:
            continue
        left, bottom, right, top, last_bottom = (0.0, 0.0, 0.0, 0.0, 0.0)
        if measured:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            end = match.start() + len(match.group().rstrip()) - 1
            left, bottom, _, top = _box(text_page, start)
            _, last_bottom, right, _ = _box(text_page, end)
        height = top - bottom
        begins = before is None or _is_apart(before, (left, bottom, height))
        hyphenated = bool(_HYPHEN.search(match.group().rstrip()))
        lines.append(Line(words, left, right, round(height * 2) / 2, begins, hyphenated))
        before = (left, last_bottom, height)
    return lines


def paragraphs(lines: list[Line]) -> Iterator[tuple[BlockKind, str]]:
    """Lines that belong together in one paragraph; a line that ended early keeps its line break."""
    group: list[Line] = []
    for line in lines:
        starts_item = bool(BULLET.match(line.text)) and bool(group) and not BULLET.match(group[0].text)
        if group and (line.begins_paragraph or starts_item):
            yield from _paragraph(group)
            group = []
        group.append(line)
    if group:
        yield from _paragraph(group)


def _paragraph(lines: list[Line]) -> Iterator[tuple[BlockKind, str]]:
    column = max(line.right for line in lines)
    left = min(line.left for line in lines)
    text = _SIGN.sub("- ", lines[0].text)
    for before, line in pairwise(lines):
        full = column <= left or before.right - left >= (column - left) * FULL_SHARE
        if BULLET.match(line.text):
            text += "\n" + _SIGN.sub("- ", line.text)
        elif before.hyphenated and line.text[:1].islower():
            text = text.rstrip("-\u2010\u00ad") + line.text
        else:
            text += (" " if full and not LEADER.search(before.text) else "\n") + line.text
    is_list = sum(bool(BULLET.match(line)) for line in text.split("\n")) >= max(1, text.count("\n"))
    yield ("list" if is_list and BULLET.match(text) else "paragraph"), text


def _is_apart(before: tuple[float, float, float], now: tuple[float, float, float]) -> bool:
    """Further down than the next line would be, or up again: another paragraph or column."""
    step = before[1] - now[1]
    height = max(before[2], now[2])
    return height > 0 and (step > height * GAP_LINES or step < -height)


def _box(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character with its font's full height, in points; zeros if unknown."""
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box)):
        return (0.0, 0.0, 0.0, 0.0)
    return (box.left, box.bottom, box.right, box.top)
