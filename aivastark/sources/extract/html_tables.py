"""HTML tables: which hold data and which only lay out a page, and the rows of those that hold data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from aivastark.sources.extract.base import BlockKind
from aivastark.sources.extract.tables import pipe_table
from aivastark.sources.extract.trees import text_of

MAX_CELL_CHARACTERS = 1_500  # a longer cell is a part of a page, not a value
MAX_SPAN = 200  # columns or rows
LAYOUT_CONTENT = {"table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "article", "section", "main"}


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[etree._Element, ...]
    in_head: bool


def own_rows(table: etree._Element) -> list[Row]:
    """The rows of this table, not of the tables within it."""
    rows: list[Row] = []
    for child in table:
        if child.tag == "tr":
            rows.append(Row(_cells(child), in_head=False))
        elif child.tag in {"thead", "tbody", "tfoot"}:
            rows += [Row(_cells(row), child.tag == "thead") for row in child if row.tag == "tr"]
    return [row for row in rows if row.cells]


def is_data_table(table: etree._Element, rows: Sequence[Row]) -> bool:
    """Whether rows and columns mean something here."""
    if (table.get("role") or "").lower() in {"presentation", "none"}:
        return False
    if max((len(row.cells) for row in rows), default=0) < 2:
        return False
    if len(rows) == 1 and not any(cell.tag == "th" for cell in rows[0].cells):
        return False
    if len(rows) <= 2 and any(_is_picture(row.cells[0]) for row in rows):  # a sign beside a note
        return False
    for row in rows:
        for cell in row.cells:
            if any(node.tag in LAYOUT_CONTENT for node in cell.iterdescendants()):
                return False
            if len(text_of(cell)) > MAX_CELL_CHARACTERS:
                return False
    return True


def table_text(rows: Sequence[Row], read: Callable[[etree._Element], str]) -> str:
    """The table in Markdown. A cell that spans rows is repeated in each, so that every row can be read alone."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        for cell in row.cells:
            _fill_hanging(line, hanging)
            text = read(cell)
            for offset in range(_span(cell, "colspan")):
                shown = text if offset == 0 or row.in_head else ""
                if (below := _span(cell, "rowspan") - 1) > 0:
                    hanging[len(line)] = (below, shown)
                line.append(shown)
        _fill_hanging(line, hanging)
        grid.append(line)
    return pipe_table(_one_header(grid, rows), has_header=_has_header(rows))


def cell_line(blocks: Sequence[tuple[BlockKind, str, int]]) -> str:
    """The blocks of a cell in one line; items of a list are set apart by semicolons."""
    pieces = []
    for kind, text, _ in blocks:
        lines = [line.strip() for line in text.split("\n")]
        if kind == "list":
            lines = ["; ".join(line.removeprefix("- ") for line in lines)]
        pieces.append(" ".join(lines))
    return " ".join(pieces)


def _one_header(grid: list[list[str]], rows: Sequence[Row]) -> list[list[str]]:
    """Several header rows become one: "2024 Sales"."""
    height = sum(1 for row in rows if row.in_head)
    if height < 2 or height >= len(grid):
        return grid
    width = max(len(line) for line in grid[:height])
    header: list[str] = []
    for column in range(width):
        words: list[str] = []
        for line in grid[:height]:
            if column < len(line) and line[column] not in words:
                words.append(line[column])
        header.append(" ".join(words))
    return [header, *grid[height:]]


def _has_header(rows: Sequence[Row]) -> bool:
    first = rows[0]
    if first.in_head:
        return True
    names = [cell for cell in first.cells if cell.tag == "th" or _is_bold(cell)]
    return len(rows) > 1 and len(names) * 2 > len(first.cells)


def _is_picture(cell: etree._Element) -> bool:
    return cell.find(".//img") is not None and not text_of(cell).strip()


def _is_bold(cell: etree._Element) -> bool:
    only = cell[0] if len(cell) == 1 and not (cell.text or "").strip() else None
    return only is not None and only.tag in {"b", "strong"} and not (only.tail or "").strip()


def _fill_hanging(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(line) in hanging:
        column = len(line)
        left, text = hanging.pop(column)
        if left > 1:
            hanging[column] = (left - 1, text)
        line.append(text)


def _cells(row: etree._Element) -> tuple[etree._Element, ...]:
    return tuple(cell for cell in row if cell.tag in {"td", "th"})


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name) or "1"
    return max(1, min(int(value), MAX_SPAN)) if value.isascii() and value.isdigit() and len(value) < 6 else 1
