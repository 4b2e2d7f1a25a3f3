"""An install that takes a local server for Google, and a service account that was let into a folder there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.settings import Settings
from aivastark.sources.connected_accounts import AccountBook
from aivastark.sources.connectors.base import (
    Checkpoint,
    Expected,
    FailedDocument,
    FetchedDocument,
    KnownDocument,
    Skipped,
    Sync,
    Unchanged,
)
from aivastark.sources.connectors.drive import DriveConnector
from aivastark.sources.google.service_account import read_service_account
from tests.make import make_settings
from tests.origins.drive import BOT, Drive, driving


@pytest.fixture
async def drive() -> AsyncIterator[Drive]:
    """Google, with nothing in it."""
    async with driving() as running:
        yield running


@pytest.fixture
async def settings(settings: Settings, drive: Drive) -> Settings:
    """As everywhere, with Google on loopback."""
    return make_settings(settings.data_dir, database_url=settings.database_url, **drive.settings)


@pytest.fixture
def credentials(drive: Drive) -> dict[str, object]:
    """The JSON key of a service account."""
    return drive.oauth.service_account(BOT)


@dataclass(kw_only=True)
class Mirror:
    """Keeps what a connector gives, as its contract says a consumer may; `sync` looks again."""

    connector: DriveConnector
    location: dict[str, object]
    secrets: dict[str, str]
    documents: dict[str, FetchedDocument] = field(default_factory=dict)
    state: Any = None
    failed: dict[str, FailedDocument] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    """Titles of what came anew with the last sync."""
    expected: int | None = None

    async def sync(self, *, only: frozenset[str] | None = None) -> "Mirror":
        """One more look; what it raises leaves everything as it was."""
        known = {
            locator: KnownDocument(etag=document.etag, last_modified=None, content_hash="")
            for locator, document in self.documents.items()
        }
        look = Sync(
            project_id="prj_A", location=self.location, secrets=self.secrets, known=known, state=self.state,
            failed_before=frozenset(self.failed), only=only,
        )  # fmt: skip
        came: dict[str, FetchedDocument] = {}
        failed: dict[str, FailedDocument] = {}
        skipped: dict[str, Skipped] = {}
        self.fetched = []
        seen: list[str] = []
        async for found in self.connector.documents(look):
            match found:
                case FetchedDocument():
                    came[found.locator] = found
                    self.fetched.append(found.title or "")
                case Unchanged():
                    came[found.locator] = self.documents[found.locator]
                case FailedDocument():
                    failed[found.locator] = found
                    if found.locator in self.documents:
                        came[found.locator] = self.documents[found.locator]
                case Skipped():
                    skipped[found.locator] = found
                case Expected():
                    self.expected = found.documents
                case Checkpoint():
                    self.state = found.state
            if not isinstance(found, Expected | Checkpoint):
                seen.append(found.locator)
        assert len(seen) == len(set(seen)), "a locator came twice"
        self.documents = came if only is None else {**self.documents, **came}
        self.failed, self.skipped = failed, skipped
        return self

    @property
    def titles(self) -> list[str]:
        return sorted(document.title or "" for document in self.documents.values())


@pytest.fixture
def mirror_of(backends: Backends, credentials: dict[str, object]) -> Any:
    """Makes a mirror of a file or a folder, read by the service account."""
    accounts = AccountBook(db=backends.db, secret_key=backends.secret_key)
    connector = DriveConnector(backends.fetcher, backends.google, accounts)
    key = read_service_account(credentials).sealed_form()

    def mirror(id_: str) -> Mirror:
        return Mirror(connector=connector, location={"id": id_}, secrets={"credentials": key})

    return mirror
