"""People in tests: signed in as a browser would be, and what they were mailed."""

import contextlib
import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from aivastark.accounts import logins
from aivastark.accounts.gate import Application
from aivastark.accounts.organizations import add_member
from aivastark.accounts.passwords import hash_password
from aivastark.accounts.people import create_user
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.kit.ids import new_id
from aivastark.settings import Settings
from tests.make import BASE_URL, Tenant, calling

PASSWORD = "correct horse battery"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody with an account, signed in once."""

    id: str
    email: str
    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        """What says so in a call of a page of ours."""
        return {"Authorization": "", "Cookie": f"{logins.COOKIE}={self.cookie}", "X-CSRF-Token": self.csrf}


_KEPT: list[str] = []  # one hash is enough for all tests: it is slow on purpose


async def _hashed() -> str:
    if not _KEPT:
        _KEPT.append(await hash_password(PASSWORD))
    return _KEPT[0]


async def make_person(
    backends: Backends, tenant: Tenant | None, role: str = "owner", *, address: str | None = None
) -> Person:
    """A person of the tenant's organisation, or of none."""
    password_hash = await _hashed()
    address = address or f"{new_id('usr').lower()}@acme.example"

    def work(session: WriteSession) -> Any:
        user = create_user(session, email=address, name="Anna", password_hash=password_hash)
        if tenant is not None:
            add_member(session, tenant.organization_id, user.id, role)
            session.flush()
        _, token = logins.start(session, user.id, address="127.0.0.1", user_agent="test")
        return user.id, token

    user_id, token = await backends.db.write(work)
    return Person(id=user_id, email=address, cookie=token, csrf=logins.csrf_token(backends.secret_key, token))


@contextlib.asynccontextmanager
async def browsing(app: Application, person: Person | None) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP as a page of ours makes it in a person's browser."""
    async with calling(app, None) as http:
        if person is not None:
            http.cookies.set(logins.COOKIE, person.cookie, domain="aivastark.test")
            http.headers.update({"X-CSRF-Token": person.csrf, "Origin": BASE_URL})
        yield http


def mails(settings: Settings, to: str | None = None) -> list[EmailMessage]:
    """What lies in the outbox, oldest first."""
    return mails_below(settings.data_dir, to)


def mails_below(data_dir: Path, to: str | None = None) -> list[EmailMessage]:
    """As `mails`, of a server in a process of its own."""
    found = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted((data_dir / "outbox").glob("[!.]*.eml"))  # the others are still being written
    ]
    assert all(isinstance(message, EmailMessage) for message in found)
    return [message for message in found if to is None or message["To"] == to]


def link_in(message: EmailMessage) -> tuple[str, str]:
    """The page and the token of the link in a mail."""
    found = re.search(r"https?://\S+/([\w-]+)\?token=(\S+)", message.get_content())
    assert found, message.get_content()
    return found[1], found[2]
