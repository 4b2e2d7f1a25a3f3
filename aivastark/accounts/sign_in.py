"""Signing in with an address, a password and, where it is on, a second factor."""

from dataclasses import dataclass

from aivastark.accounts import logins, passwords, second_factor
from aivastark.accounts.people import find_by_email, note_of_person
from aivastark.accounts.people_models import User
from aivastark.accounts.throttle import slow_down_sign_in
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.errors import WrongCredentials


@dataclass(frozen=True, kw_only=True, slots=True)
class Browser:
    """Where somebody signs in from: the address that connects, and what the browser calls itself."""

    address: str
    user_agent: str


async def sign_in(backends: Backends, browser: Browser, *, email: str, password: str, code: str | None) -> str:
    """The token of a new session; `email` is normalised.

    Raises `WrongCredentials`, `SecondFactorRequired`, and `RateLimited` for too many tries. An address without an
    account takes as long and gets the same answer as a wrong password.
    """
    await slow_down_sign_in(backends.db, address=browser.address, email=email)
    user = await check_password(backends, email, password)
    kept = user.password_hash or ""
    newer = await passwords.hash_password(password) if passwords.is_outdated(kept) else kept

    def work(session: WriteSession) -> str:
        row = held(session, user.id)
        if row.password_hash != kept:  # changed while we reckoned
            raise WrongCredentials
        second_factor.check(row, backends.secret_key, code)
        row.password_hash = newer
        return begin(session, row, browser)

    return await backends.db.write(work)


async def check_password(backends: Backends, email: str, password: str) -> User:
    """Whose password it is. Raises `WrongCredentials`."""
    user = await backends.db.read(lambda session: find_by_email(session, email))
    if not await passwords.is_right(password, None if user is None else user.password_hash) or user is None:
        raise WrongCredentials
    return user


def begin(session: WriteSession, user: User, browser: Browser, *, by: str = "password") -> str:
    """Start a session for somebody who has proved who they are; gives its token."""
    _, token = logins.start(session, user.id, address=browser.address, user_agent=browser.user_agent)
    note_of_person(session, user.id, "person.signed_in", {"address": browser.address, "by": by})
    return token


def held(session: WriteSession, user_id: str) -> User:
    """The person's row, which nobody else changes until the transaction ends. Raises `WrongCredentials`."""
    row = session.get(User, user_id, with_for_update=True)
    if row is None:
        raise WrongCredentials
    return row
