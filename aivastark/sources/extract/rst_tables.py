"""Tables of reStructuredText: drawn ones and simple ones, row by row."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

MAX_COLUMNS = 100

_BORDER = re.compile(r"\+(?:[-=]+\+)+\s*$")
_SIMPLE_BORDER = re.compile(r"={2,}(?:\s+=+)+\s*$")
_SPAN = re.compile(r"-{2,}(?:\s+-+)*\s*$")

Rows = list[list[str]]


def is_grid(line: str) -> bool:
    """Whether a drawn table begins here."""
    return _BORDER.match(line) is not None


def is_simple(line: str) -> bool:
    """Whether a simple table begins here."""
    return _SIMPLE_BORDER.match(line) is not None


def grid_end(lines: Sequence[str], start: int) -> int:
    """The line after a drawn table."""
    end = start
    while end < len(lines) and lines[end].startswith(("+", "|")):
        end += 1
    return end


def simple_end(lines: Sequence[str], start: int) -> int:
    """The line after a simple table: after the border that an empty line or the end follows."""
    borders = 0
    for at in range(start, len(lines)):
        if is_simple(lines[at]):
            borders += 1
            if borders >= 2 and (at + 1 == len(lines) or not lines[at + 1].strip()):
                return at + 1
    return len(lines)


def grid_rows(lines: Sequence[str]) -> tuple[Rows, bool]:
    """The cells, and whether the first row is a header. A cell over several columns is one in the first of them."""
    edges = [at for at, sign in enumerate(lines[0]) if sign == "+"][: MAX_COLUMNS + 1]
    rows: Rows = []
    row = [""] * (len(edges) - 1)
    has_header = False
    for line in lines[1:]:
        if _BORDER.match(line):
            has_header = has_header or "=" in line
            rows.append(row)
            row = [""] * (len(edges) - 1)
            continue
        column = 0
        for index, (left, right) in enumerate(pairwise(edges)):
            if line[left : left + 1] in ("|", "+"):
                column = index
            piece = line[left + 1 : right].strip()
            if piece.strip("-=+"):
                row[column] = f"{row[column]} {piece}".strip()
    return [cells for cells in rows if any(cells)], has_header


def simple_rows(lines: Sequence[str]) -> tuple[Rows, bool]:
    """The same of a simple table; a line whose first column is empty goes on with the row above."""
    starts = [match.start() for match in re.finditer(r"=+", lines[0])][:MAX_COLUMNS]
    rows: Rows = []
    borders = 0
    for line in lines:
        if is_simple(line):
            borders += 1
        elif line.strip() and not _SPAN.fullmatch(line.strip()):
            cells = [line[left:right].strip() for left, right in zip(starts, [*starts[1:], len(line) + 1], strict=True)]
            if rows and not cells[0]:
                rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
            else:
                rows.append(cells)
    return rows, borders >= 3


def csv_rows(lines: Sequence[str]) -> Rows:
    """Rows of comma-separated values; lines that are none are passed over."""
    rows: Rows = []
    with suppress(csv.Error):
        rows += [row[:MAX_COLUMNS] for row in csv.reader(lines, skipinitialspace=True) if row]
    return rows
