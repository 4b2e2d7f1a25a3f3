"""Time: always UTC, always aware; on the wire RFC 3339 with `Z`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, UTC, to the microsecond."""
    return datetime.now(UTC)


def to_wire(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-22T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
