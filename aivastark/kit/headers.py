"""Header fields of HTTP, between the wire and the people who read them."""

import contextlib
import math
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from aivastark.kit.clock import utc_now

MAX_RETRY_AFTER_SECONDS = 86_400.0


def from_the_wire(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; the values of a repeated one joined by a comma (RFC 9110 §5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in fields:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def on_the_wire(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Ready to be sent."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def title_case(headers: Mapping[str, str]) -> dict[str, str]:
    """Names written as most clients write them: the same name in two spellings is one."""
    return {name.title(): value for name, value in headers.items()}


def as_utf8(value: str) -> str:
    """A header value as UTF-8 where it is that: servers redirect to unescaped paths."""
    with contextlib.suppress(UnicodeDecodeError):
        return value.encode("latin-1").decode()
    return value


def retry_after(value: str) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110 §10.2.3); None if it says nothing readable."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - utc_now()).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)
