"""Times and days as callers write them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator


def _is_written_out(sent: object) -> object:
    """A bare number, which Pydantic would take for seconds, is none."""
    if isinstance(sent, int | float) or (isinstance(sent, str) and _is_number(sent)):
        raise ValueError("write a time as 2026-11-22T10:00:00Z, a day as 2026-11-22")
    return sent


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


SentMoment = Annotated[datetime, BeforeValidator(_is_written_out)]
SentZonedMoment = Annotated[AwareDatetime, BeforeValidator(_is_written_out)]
SentDay = Annotated[date, BeforeValidator(_is_written_out)]
