"""All leads as lines of JSON or rows of CSV, a batch in memory at a time and no session open while they are sent."""

import csv
import io
from collections.abc import AsyncIterator
from functools import partial
from typing import Literal

import orjson

from aivastark.database import Database
from aivastark.kit.cells import safe_cell
from aivastark.leads.models import Lead
from aivastark.leads.schemas import LeadOut, lead_fields
from aivastark.leads.store import LeadFilters, list_leads

LeadFormat = Literal["csv", "jsonl"]

BATCH = 200
COLUMNS = tuple(LeadOut.model_fields)


async def export_leads(
    db: Database, project_id: str, *, filters: LeadFilters, format_: LeadFormat
) -> AsyncIterator[bytes]:
    """Newest first; CSV begins with the names, and has objects as JSON in their cells."""
    if format_ == "csv":
        yield _rows([COLUMNS])
    after: str | None = None
    while True:
        batch = await db.read(partial(list_leads, project_id=project_id, filters=filters, limit=BATCH, after=after))
        shown = batch[:BATCH]
        if shown and format_ == "csv":
            yield _rows([_cells(lead) for lead in shown])
        elif shown:
            yield b"".join(orjson.dumps(lead_fields(lead)) + b"\n" for lead in shown)
        if len(batch) <= BATCH:
            return
        after = shown[-1].id


def _cells(lead: Lead) -> tuple[str, ...]:
    fields = lead_fields(lead)
    return tuple(
        safe_cell(orjson.dumps(value).decode() if isinstance(value := fields[name], dict) else value)
        for name in COLUMNS
    )


def _rows(rows: list[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
