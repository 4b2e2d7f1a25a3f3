"""How often a caller may ask: one atomic statement a window, exact under any number of processes.

The minute is a fixed window anchored at its first request, the day is the UTC calendar day. A request
that is refused is not counted. The same SQL runs on SQLite and PostgreSQL.
"""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from aivastark.accounts.plans import Plan
from aivastark.database import Database, ReadSession, WriteSession

MINUTE_S = 60
DAY_S = 86_400
MICRO = 1_000_000
UNLIMITED = 2**31 - 1  # what the headers say when the operator switched limits off
KNOWN_FULL_MAX = 10_000
ANONYMOUS = Plan(per_minute=300, per_day=None, api_access=False)  # calls without a valid key, per address
VISITOR = Plan(per_minute=300, per_day=None, api_access=False)  # calls to widgets, per address
WIDGET = Plan(per_minute=3_000, per_day=None, api_access=False)  # calls to one widget, from anywhere

_TAKE = text(
    # No row comes back when the window is full: nothing is counted then.
    """
    INSERT INTO rate_windows (bucket, start, used) VALUES (:bucket, :start, 1)
    ON CONFLICT (bucket) DO UPDATE SET
      used = CASE WHEN rate_windows.start + :length <= :now THEN 1 ELSE rate_windows.used + 1 END,
      start = CASE WHEN rate_windows.start + :length <= :now THEN :start ELSE rate_windows.start END
    WHERE rate_windows.start + :length <= :now OR rate_windows.used < :allowed
    RETURNING used, start
    """
)
_LOOK = text("SELECT used, start FROM rate_windows WHERE bucket = :bucket")
_FORGET = text("DELETE FROM rate_windows WHERE start < :before")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One window's state after this request. `resets_at` in Unix seconds."""

    name: str
    length_s: int
    limit: int
    remaining: int
    resets_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What the headers say; `refused_by` is the full window when the request may not pass."""

    windows: tuple[Window, ...]
    refused_by: Window | None
    now: float

    @property
    def binding(self) -> Window:
        """The window that stops the caller first: the one that refused, else the one with least left."""
        return self.refused_by or min(self.windows, key=lambda window: (window.remaining, -window.resets_at))

    @property
    def retry_after_s(self) -> int:
        """Whole seconds until the binding window opens again."""
        return max(1, math.ceil(self.binding.resets_at - self.now))


class KnownFull:
    """Who is over a limit until when, so that a flood costs the writer nothing.

    Exact all the same: a window that is full stays full until it ends, whoever asks in whatever process.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, Plan], Allowance] = OrderedDict()

    def allowance(self, bucket: str, plan: Plan) -> Allowance | None:
        """The refusal that still stands, if one does."""
        known = self._known.get((bucket, plan))
        if known is None:
            return None
        now = time.time()
        if now < min(window.resets_at for window in known.windows):
            return replace(known, now=now)
        del self._known[bucket, plan]
        return None

    def note(self, bucket: str, plan: Plan, allowance: Allowance) -> None:
        """Remember a refusal; an admission is nothing to remember."""
        if allowance.refused_by is None:
            return
        self._known[bucket, plan] = allowance
        if len(self._known) > KNOWN_FULL_MAX:
            self._known.popitem(last=False)


async def take(db: Database, bucket: str, plan: Plan) -> Allowance:
    """Count one request against the caller's windows, all or none of them."""
    now = time.time()
    try:
        windows = await db.write(lambda session: _take_all(session, bucket, plan, now), turn=bucket)
    except _Full as full:
        return Allowance(windows=full.windows, refused_by=full.refused_by, now=now)
    return Allowance(windows=windows, refused_by=None, now=now)


async def look(db: Database, bucket: str, plan: Plan) -> Allowance:
    """The state of the caller's windows, without counting anything. Where they cannot be read they look untouched:
    who asks for this must get an answer.
    """
    now = time.time()
    try:
        windows = await db.read(lambda session: _look_at_all(session, bucket, plan, now))
    except DBAPIError:
        windows = tuple(_window(name, length, limit, 0, int(now * MICRO)) for name, length, limit in _windows_of(plan))
    return Allowance(windows=windows, refused_by=None, now=now)


def forget_old_windows(session: WriteSession) -> None:
    """Drop the counts of callers who have not come back for two days."""
    session.execute(_FORGET, {"before": int((time.time() - 2 * DAY_S) * MICRO)})


def unlimited() -> Allowance:
    """The allowance of an install whose operator switched limits off."""
    now = time.time()
    window = Window(name="minute", length_s=MINUTE_S, limit=UNLIMITED, remaining=UNLIMITED, resets_at=now + MINUTE_S)
    return Allowance(windows=(window,), refused_by=None, now=now)


def headers(allowance: Allowance) -> dict[str, str]:
    """Rate-limit headers for any answer: the three of the contract and the IETF draft's two."""
    binding = allowance.binding
    named = [(f'"{window.name}"', window) for window in allowance.windows]
    fields = {
        "x-ratelimit-limit": str(binding.limit),
        "x-ratelimit-remaining": str(binding.remaining),
        "x-ratelimit-reset": str(math.ceil(binding.resets_at)),
        "ratelimit-policy": ", ".join(f"{name};q={window.limit};w={window.length_s}" for name, window in named),
        "ratelimit": ", ".join(
            f"{name};r={window.remaining};t={max(0, math.ceil(window.resets_at - allowance.now))}"
            for name, window in named
        ),
    }
    if allowance.refused_by is not None:
        fields["retry-after"] = str(allowance.retry_after_s)
    return fields


class _Full(Exception):
    """A window is full: undo the count in the others. `windows` is how they stand after that."""

    def __init__(self, windows: tuple[Window, ...], refused_by: Window) -> None:
        super().__init__(refused_by.name)
        self.windows = windows
        self.refused_by = refused_by


def _take_all(session: WriteSession, bucket: str, plan: Plan, now: float) -> tuple[Window, ...]:
    taken = [_take(session, bucket, name, length_s, limit, now) for name, length_s, limit in _windows_of(plan)]
    windows = tuple(window for window, _ in taken)
    full = next((window for window, granted in taken if not granted), None)
    if full is not None:
        undone = tuple(
            replace(window, remaining=window.remaining + 1) if granted else window for window, granted in taken
        )
        raise _Full(undone, full)
    return windows


def _windows_of(plan: Plan) -> list[tuple[str, int, int]]:
    """Name, length in seconds and limit of each window."""
    windows = [("minute", MINUTE_S, plan.per_minute)]
    if plan.per_day is not None:
        windows.append(("day", DAY_S, plan.per_day))
    return windows


def _take(session: WriteSession, bucket: str, name: str, length_s: int, limit: int, now: float) -> tuple[Window, bool]:
    row = session.execute(
        _TAKE,
        {
            "bucket": f"{bucket}:{name}",
            "now": int(now * MICRO),
            "start": _start(name, now),
            "length": length_s * MICRO,
            "allowed": limit,
        },
    ).first()
    if row is None:
        row = session.execute(_LOOK, {"bucket": f"{bucket}:{name}"}).one()
        return _window(name, length_s, limit, limit, row.start), False
    return _window(name, length_s, limit, row.used, row.start), True


def _look_at_all(session: ReadSession, bucket: str, plan: Plan, now: float) -> tuple[Window, ...]:
    windows = []
    for name, length_s, limit in _windows_of(plan):
        row = session.execute(_LOOK, {"bucket": f"{bucket}:{name}"}).first()
        if row is None or row.start / MICRO + length_s <= now:
            windows.append(_window(name, length_s, limit, 0, _start(name, now)))
        else:
            windows.append(_window(name, length_s, limit, row.used, row.start))
    return tuple(windows)


def _start(name: str, now: float) -> int:
    """Where a window that begins now begins: the minute at its first request, the day at midnight UTC."""
    return int(now * MICRO) if name == "minute" else int(now) // DAY_S * DAY_S * MICRO


def _window(name: str, length_s: int, limit: int, count: int, start: int) -> Window:
    return Window(
        name=name,
        length_s=length_s,
        limit=limit,
        remaining=max(0, limit - count),
        resets_at=start / MICRO + length_s,
    )
