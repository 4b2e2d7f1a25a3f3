"""Slowing down those who guess: counts of their own, apart from the rate limits of the API."""

import hashlib

from aivastark.accounts import limits
from aivastark.accounts.limits import Allowance
from aivastark.accounts.plans import Plan
from aivastark.database import Database
from aivastark.errors import RateLimited

# Many people may share an address (an office, a proxy), few an address and an account.
BY_ADDRESS = Plan(per_minute=60, per_day=5_000, api_access=True)
BY_ADDRESS_AND_EMAIL = Plan(per_minute=10, per_day=100, api_access=True)
BY_EMAIL = Plan(per_minute=20, per_day=500, api_access=True)
MAIL_TO_ONE = Plan(per_minute=3, per_day=20, api_access=True)
INVITATIONS = Plan(per_minute=30, per_day=300, api_access=True)


async def slow_down(db: Database, act: str, *who: str, plan: Plan) -> None:
    """Count one try of `act` by `who`. Raises `RateLimited` when there were too many."""
    told = hashlib.sha256("\x00".join(who).encode()).hexdigest()[:40]
    allowance: Allowance = await limits.take(db, f"{act}:{told}", plan)
    if allowance.refused_by is not None:
        wait = allowance.retry_after_s
        raise RateLimited(f"Too many tries. Wait {wait} seconds.", retry_after=wait)


async def slow_down_sign_in(db: Database, *, address: str, email: str) -> None:
    """Count one try to sign in, right or wrong."""
    await slow_down(db, "sign-in-from", address, plan=BY_ADDRESS)
    await slow_down(db, "sign-in-as-from", email, address, plan=BY_ADDRESS_AND_EMAIL)
    await slow_down(db, "sign-in-as", email, plan=BY_EMAIL)
