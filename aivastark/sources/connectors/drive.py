"""Files of Google Drive. Location: `{"id": "…"}`, a file's or a folder's; secrets: `credentials` or `account_id`.

A document's locator is its file's id, which renaming and moving leave alone. Of a folder, the first sync lists
everything below it; the next ones ask what changed since (`drive_changes.py`).
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial

from aivastark.backends.google import Google
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.clock import utc_now
from aivastark.sources.connected_accounts import AccountBook, OpenAccount, reconnect
from aivastark.sources.connectors.base import (
    FAILURES_IN_A_ROW_MAX,
    Checkpoint,
    Expected,
    FailedDocument,
    FetchedDocument,
    Found,
    Skipped,
    Sync,
    Unchanged,
    failed_document,
    text_at,
)
from aivastark.sources.connectors.drive_bytes import read_file
from aivastark.sources.connectors.drive_changes import NotListed, changed_since
from aivastark.sources.connectors.drive_kinds import LeftOut, left_out
from aivastark.sources.connectors.drive_tree import Tree, follow_shortcuts, list_anew
from aivastark.sources.google.consent import refresh
from aivastark.sources.google.drive_api import DriveApi
from aivastark.sources.google.files import SHORTCUT, DriveFile
from aivastark.sources.google.refusals import OF_THE_WHOLE
from aivastark.sources.google.service_account import ServiceAccount, reopened, token_of
from aivastark.sources.google.tokens import AccessTokens, GrantRefused, Token

DOWNLOADS_AT_ONCE = 4
LIST_ANEW_AFTER = timedelta(days=1)  # against what a list of changes may have missed

Reading = Callable[[], Awaitable[Found]]


class DriveConnector:
    """Fetches a file, or all files below a folder, or learns that they are what they were."""

    absence_is_certain = True

    def __init__(self, fetcher: Fetcher, google: Google, accounts: AccountBook) -> None:
        self._fetcher = fetcher
        self._google = google
        self._accounts = accounts

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        drive = await self._open(sync)
        if sync.only is not None:
            readings = [partial(_again, drive, sync, locator) for locator in sorted(sync.only)]
            async with aclosing(_in_order(readings)) as all_found:
                async for found in all_found:
                    yield found
            return
        root = await _root(drive, text_at(sync.location, "id"))
        if root.is_folder:
            async with aclosing(self._folder(drive, root, sync)) as all_found:
                async for found in all_found:
                    yield found
            return
        yield Expected(documents=1)
        yield await _look_at(drive, sync, root, left_out(root))

    async def _folder(self, drive: DriveApi, root: DriveFile, sync: Sync) -> AsyncGenerator[Found]:
        tree = await _tree(drive, root, sync)
        linked = await follow_shortcuts(drive, tree)
        files = {**linked.tree.files(), **tree.files()}
        yield Expected(documents=sum(isinstance(kept, str) for kept in files.values()))
        for trouble in linked.troubles:
            yield trouble
        fresh = {**linked.tree.fresh, **tree.fresh}
        readings = [
            partial(_look, drive, sync, file_id, fresh.get(file_id), files[file_id]) for file_id in sorted(files)
        ]
        async with aclosing(_in_order(readings)) as all_found:
            async for found in all_found:
                yield found
        yield Checkpoint(state=tree.state())

    async def _open(self, sync: Sync) -> DriveApi:
        """Raises FetchFailed where there is no account any more."""
        if "account_id" in sync.secrets:
            account_id = sync.secrets["account_id"]
            opened = await self._accounts.open(sync.project_id, account_id)
            fetch = partial(self._token_of_account, sync.project_id, account_id, opened)
            return DriveApi(self._fetcher, self._google, AccessTokens(fetch), who=f"the account {opened.email}")
        if "credentials" not in sync.secrets:
            raise FetchFailed("credentials_rejected", "There are no credentials. Post the source again with them.")
        account = reopened(sync.secrets["credentials"])
        tokens = AccessTokens(partial(self._token_of_service_account, account))
        return DriveApi(self._fetcher, self._google, tokens, who=account.email)

    async def _token_of_account(self, project_id: str, account_id: str, opened: OpenAccount) -> Token:
        try:
            return await refresh(self._fetcher, self._google, opened.refresh_token)
        except GrantRefused as refused:
            if refused.error != "invalid_grant":  # not the account's fault: of this install's client, say
                sentence = f"Google does not accept this install's OAuth client ({refused.error}). Tell its operator."
                raise FetchFailed("credentials_rejected", sentence) from refused
            await self._accounts.reject(project_id, account_id, opened)
            raise reconnect(opened.email) from refused

    async def _token_of_service_account(self, account: ServiceAccount) -> Token:
        try:
            return await token_of(self._fetcher, self._google, account)
        except GrantRefused as refused:
            sentence = (
                f"Google does not accept the key of {account.email} ({refused.error}). Make a new key for it and post "
                "the source again with that."
            )
            raise FetchFailed("credentials_rejected", sentence) from refused


async def _root(drive: DriveApi, file_id: str) -> DriveFile:
    """What the source is. Raises FetchFailed: without it there is nothing to look at."""
    try:
        root = await drive.file(file_id)
        if root.media_type == SHORTCUT and root.target is not None:
            root = await drive.file(root.target[0])
    except FetchFailed as failure:
        if failure.status != 404:
            raise
        sentence = f"Google Drive shows no such file or folder to {drive.who}. Share it with {drive.who}, then sync."
        raise FetchFailed("not_shared", sentence, status=404) from failure
    if root.trashed:
        raise FetchFailed("gone", f"“{root.name}” is in the bin of Google Drive. Restore it, or delete this source.")
    return root


async def _tree(drive: DriveApi, root: DriveFile, sync: Sync) -> Tree:
    """All there is below the root, from the list of changes where that can be."""
    before = Tree.restored(sync.state, root.id)
    if before is not None and sync.known and utc_now() - _listed_at(before) < LIST_ANEW_AFTER:
        try:
            return await changed_since(drive, before)
        except NotListed:
            pass
    return await list_anew(drive, root, listed_at=utc_now().isoformat())


def _listed_at(tree: Tree) -> datetime:
    try:
        return datetime.fromisoformat(tree.listed_at).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


async def _look(drive: DriveApi, sync: Sync, file_id: str, fresh: DriveFile | None, kept: str | LeftOut) -> Found:
    """One file of a folder. What no change was told of needs no call, if what is published is that version.

    It may be another: a rollback publishes an older one, and a document that failed keeps the one before.
    """
    if isinstance(kept, LeftOut):
        return _as_left_out(file_id, kept)
    if fresh is not None:
        return await _look_at(drive, sync, fresh, None)
    before = sync.known.get(file_id)
    if before is not None and before.etag == kept and file_id not in sync.failed_before:
        return Unchanged(locator=file_id)
    return await _again(drive, sync, file_id)


async def _again(drive: DriveApi, sync: Sync, file_id: str) -> Found:
    """A file of which only the id is known."""
    try:
        file = await drive.file(file_id)
    except FetchFailed as failure:
        return _failed(file_id, failure)
    return await _look_at(drive, sync, file, left_out(file))


async def _look_at(drive: DriveApi, sync: Sync, file: DriveFile, verdict: LeftOut | None) -> Found:
    if verdict is not None:
        return _as_left_out(file.id, verdict)
    before = sync.known.get(file.id)
    if before is not None and before.etag == file.etag and file.id not in sync.failed_before:
        return Unchanged(locator=file.id)
    try:
        read = await read_file(drive, file)
    except FetchFailed as failure:
        return _failed(file.id, failure)
    return FetchedDocument(
        locator=file.id,
        content=read.content,
        name=read.name,
        media_type=read.media_type,
        url=file.url,
        title=file.name,
        etag=file.etag,
        fetched_at=utc_now(),
    )


def _as_left_out(file_id: str, verdict: LeftOut) -> Found:
    if verdict.is_failure:
        return FailedDocument(locator=file_id, code=verdict.code, message=verdict.message)
    return Skipped(locator=file_id, code=verdict.code, message=verdict.message)


def _failed(file_id: str, failure: FetchFailed) -> FailedDocument:
    """Of this file alone; raises what is about the whole."""
    if failure.code in OF_THE_WHOLE:
        raise failure
    return failed_document(file_id, failure)


async def _in_order(readings: Iterable[Reading]) -> AsyncGenerator[Found]:
    """What the readings give, in their order, a few of them at a time; none is begun before there is room for it."""
    waiting = iter(readings)
    running: deque[asyncio.Task[Found]] = deque()
    in_a_row = 0
    try:
        while True:
            while len(running) < DOWNLOADS_AT_ONCE and (reading := next(waiting, None)) is not None:
                running.append(asyncio.ensure_future(_awaited(reading)))
            if not running:
                return
            found = await running[0]
            running.popleft()
            in_a_row = in_a_row + 1 if isinstance(found, FailedDocument) and found.retryable else 0
            if isinstance(found, FailedDocument) and in_a_row >= FAILURES_IN_A_ROW_MAX:
                raise FetchFailed("upstream_error", found.message, retryable=True)
            yield found
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _awaited(reading: Reading) -> Found:
    return await reading()
