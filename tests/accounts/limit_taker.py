"""One of several processes that ask for the same allowance: `limit_taker URL TRIES SECONDS WINDOW_S`.

Asks TRIES times, and on until SECONDS have passed. Prints, as JSON, the window and the remaining count of every
admitted request, and how many were refused. Headers that do not say the truth end it with an error.
"""

import asyncio
import math
import sys
import time

import orjson

from aivastark.accounts import limits
from aivastark.accounts.limits import Allowance, headers, take
from aivastark.accounts.plans import Plan
from aivastark.database import Database

BUCKET = "prj_SHARED"
PLAN = Plan(per_minute=60, per_day=None, api_access=True)


async def main(url: str, tries: int, seconds: float, window_s: int) -> None:
    limits.MINUTE_S = window_s
    db = Database(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    admitted: list[list[int]] = []
    refused = 0
    ends_at = time.monotonic() + seconds
    while len(admitted) + refused < tries or time.monotonic() < ends_at:
        allowance = await take(db, BUCKET, PLAN)
        check_headers(allowance, window_s)
        if allowance.refused_by is None:
            admitted.append([round(allowance.binding.resets_at * 1_000_000), allowance.binding.remaining])
        else:
            refused += 1
    await db.close()
    sys.stdout.write(orjson.dumps({"admitted": admitted, "refused": refused}).decode() + "\n")


def check_headers(allowance: Allowance, window_s: int) -> None:
    """What goes out describes the window as it stands after this request."""
    [window] = allowance.windows
    told = headers(allowance)
    assert told["x-ratelimit-limit"] == "60"
    assert told["x-ratelimit-remaining"] == str(window.remaining)
    assert told["x-ratelimit-reset"] == str(math.ceil(window.resets_at))
    assert told["ratelimit"].startswith(f'"minute";r={window.remaining};')
    assert ("retry-after" in told) == (allowance.refused_by is not None)
    if allowance.refused_by is not None:
        assert window.remaining == 0
        # A moment may have passed while the process waited for its turn.
        assert 1 <= int(told["retry-after"]) <= window_s + 1
        assert window.resets_at < time.time() + window_s


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
