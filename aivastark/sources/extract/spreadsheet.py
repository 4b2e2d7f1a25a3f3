"""XLSX (and XLSM, XLSB, ODS) sheets as tables, each under the name of its sheet."""

import datetime
import io

from python_calamine import CalamineError, CalamineWorkbook

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText
from aivastark.sources.extract.tables import pipe_table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def read_spreadsheet(document: Document) -> Extracted:
    """Every sheet; empty rows cut it into tables, a row of one cell above a table is a sentence about it."""
    Archive(document.content).verify()
    canonical = CanonicalText()
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(document.content))
        names = workbook.sheet_names
        for number, name in enumerate(names, start=1):
            canonical.page = number
            rows = workbook.get_sheet_by_name(name).iter_rows()
            _sheet([_filled(row) for row in rows], name, canonical)
    except CalamineError as error:
        message = "The spreadsheet is damaged and cannot be opened. Save it again as XLSX and retry."
        raise ExtractionFailed("corrupt", message) from error
    return canonical.finish(title=None, media_type=MEDIA_TYPE)


def _filled(row: list[Cell]) -> list[str]:
    """The cells as text; nothing at all for an empty row, of which a sheet may have a million."""
    return [_shown(cell) for cell in row] if any(cell != "" for cell in row) else []


def _sheet(rows: list[list[str]], name: str, canonical: CanonicalText) -> None:
    if not any(any(row) for row in rows):
        return
    canonical.heading(1, name)
    table: list[list[str]] = []
    for row in [*rows, []]:
        filled = [cell for cell in row if cell]
        if len(filled) > 1 or (filled and table):
            table.append(row)
            continue
        _table(table, canonical)
        table = []
        if filled:
            canonical.add("paragraph", filled[0])


def _table(rows: list[list[str]], canonical: CanonicalText) -> None:
    """Lines of one cell below a table are remarks, not rows."""
    remarks: list[str] = []
    while rows and sum(map(bool, rows[-1])) == 1 and len(rows) > 2:
        remarks.insert(0, "".join(rows.pop()))
    canonical.add("table", pipe_table(rows))
    for remark in remarks:
        canonical.add("paragraph", remark)


def _shown(cell: Cell) -> str:
    """As a person would type it: 5 and not 5.0, dates as 2026-01-31."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time.min
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    return str(cell)
