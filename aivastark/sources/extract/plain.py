"""Plain text: paragraphs at empty lines, lists by their bullets, underlined headings; hard wraps are undone."""

import re
from itertools import pairwise

from aivastark.sources.extract.base import Document, Extracted
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode

MIN_WRAP_WIDTH = 50  # characters; shorter lines were broken on purpose
MAX_WRAP_WIDTH = 110

BULLET = re.compile(r"^\s*(?:[-*+•‣▪●◦–]|\d{1,3}[.)])\s+\S")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_UNDERLINE = re.compile(r"^\s*(={3,}|-{3,}|~{3,})\s*$")


def read_plain(document: Document) -> Extracted:
    """The text in paragraphs; the title is an underlined first line, or nothing."""
    canonical = CanonicalText()
    write_plain(clean(decode(document.content, media_type=document.media_type)), canonical)
    return canonical.finish(title=canonical.first_heading(), media_type="text/plain")


def write_plain(text: str, canonical: CanonicalText) -> None:
    for part in _EMPTY_LINES.split(text):
        lines = [line for line in part.split("\n") if line.strip()]
        if len(lines) >= 2 and _UNDERLINE.match(lines[1]) and len(lines[0]) <= 100:
            canonical.heading(1 if "=" in lines[1] else 2, lines[0])
            lines = lines[2:]
        if not lines:
            continue
        first = next((index for index, line in enumerate(lines) if BULLET.match(line)), None)
        if first is None:
            canonical.add("paragraph", unwrapped(lines))
        else:
            canonical.add("paragraph", unwrapped(lines[:first]))
            canonical.add("list", "\n".join(lines[first:]))


def unwrapped(lines: list[str]) -> str:
    """Lines broken only because they were full become one; a break with room left was meant."""
    if not lines:
        return ""
    width = max(len(line.rstrip()) for line in lines)
    if not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:
        return "\n".join(lines)
    pieces = [lines[0].rstrip()]
    for before, line in pairwise(lines):
        next_word = line.split(maxsplit=1)[0]
        was_full = len(before.rstrip()) + 1 + len(next_word) > width
        pieces.append((" " if was_full else "\n") + line.strip())
    return "".join(pieces)
