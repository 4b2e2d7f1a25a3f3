"""Rows of cells as a Markdown pipe table: readable as plain text, one row a line."""

from collections.abc import Iterable, Sequence

from aivastark.sources.extract.canonical import clean_line


def pipe_table(rows: Iterable[Sequence[str]], *, has_header: bool = True) -> str:
    """The table as text; without a header of its own the header row is blank. Empty rows and columns go.

    A cell's line breaks become spaces and a `|` in it becomes `\\|`. Gives "" for a table without words.
    """
    cells = [[clean_line(cell).replace("|", "\\|") for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return ""
    width = max(len(row) for row in cells)
    cells = [row + [""] * (width - len(row)) for row in cells]
    used = [column for column in range(width) if any(row[column] for row in cells)]
    cells = [[row[column] for column in used] for row in cells]
    header, body = (cells[0], cells[1:]) if has_header else ([""] * len(used), cells)
    return "\n".join([_line(header), _line(["---"] * len(used)), *map(_line, body)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
