"""Files of a GitHub repository. Location: `{"repository": "owner/name", "base_url": …, "ref": …, "path": …, "include":
[…], "exclude": […]}`, all but the first may be null or empty; secrets: those of `github/secrets.py`.

A document's locator is its path, its version the hash of its blob: what has the same hash is not fetched again, and a
commit seen before costs one call. A few files are fetched one by one; for many, one call brings the whole repository.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from urllib.parse import quote

import orjson

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.clock import utc_now
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
    optional_text_at,
    text_at,
)
from aivastark.sources.github.api import Commit, Entry, GitHubApi
from aivastark.sources.github.archive import MAX_UNPACKED_BYTES, ArchiveRefused, files_in
from aivastark.sources.github.choose import Choice, is_code
from aivastark.sources.github.refusals import OF_THE_WHOLE
from aivastark.sources.github.secrets import token_for
from aivastark.sources.github.tree import list_tree

RULES = 1  # raised when other files are chosen than before: then a commit seen before is looked at again
MAX_FILE_BYTES = 25_000_000
# More files than this come as an archive where the repository is known to be small enough …
ARCHIVE_FROM_FILES = 20
# … and more than this in any case: so many calls take a minute, and half an hour's allowance without a token.
ARCHIVE_ALWAYS_FROM_FILES = 200
MAX_POINTERS_REMEMBERED = 1_000
CODE = "text/x-source-code"

_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_SYMLINK, _SUBMODULE = "120000", "160000"


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """What a sync leaves for the next one of the same settings."""

    commit: str
    pointers: frozenset[str] = field(default_factory=frozenset)
    """Hashes of blobs that only point into LFS, so that nobody fetches them to learn that again."""


class GitHubConnector:
    """Fetches the files of a repository that are new or have changed."""

    absence_is_certain = True

    def __init__(self, fetcher: Fetcher, *, api_url: str) -> None:
        self._fetcher = fetcher
        self._api_url = api_url

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        repository, base_url = text_at(sync.location, "repository"), optional_text_at(sync.location, "base_url")
        github = GitHubApi(
            self._fetcher,
            api_url=base_url or self._api_url,
            repository=repository,
            token=token_for(sync.secrets, base_url=base_url, repository=repository),
        )
        settings = _settings(sync.location, github_at=base_url or self._api_url)
        before = _restored(sync.state, settings)
        if before is not None and sync.only is not None:  # beside what is published stands nothing newer
            now = before.commit
        else:
            ref = optional_text_at(sync.location, "ref")
            now = await github.commit_of(ref, known=None if before is None else before.commit)
        if before is not None and before.commit == now and sync.known and not sync.failed_before and sync.only is None:
            for locator in sorted(sync.known):
                yield Unchanged(locator=locator)
            for left_out in sync.skipped_before:
                yield left_out
            yield _checkpoint(before, settings)
            return
        pointers = frozenset() if before is None else before.pointers
        look = _Look(github=github, sync=sync, commit=await github.commit(now), pointers=set(pointers))
        async with aclosing(look.documents()) as all_found:
            async for found in all_found:
                yield found
        if before is not None or sync.only is None:
            yield _checkpoint(_State(commit=now, pointers=frozenset(look.pointers)), settings)


@dataclass(kw_only=True, slots=True)
class _Look:
    """One look at one commit."""

    github: GitHubApi
    sync: Sync
    commit: Commit
    pointers: set[str]

    async def documents(self) -> AsyncGenerator[Found]:
        """What is there and does not have to be fetched first, then the rest as it comes."""
        choice = _choice(self.sync.location)
        tree = await list_tree(self.github, self.commit, choice)
        named = {path: entry for path, entry in sorted(tree.entries.items()) if _is_named(path, entry, choice)}
        if self.sync.only is not None:
            named = {path: entry for path, entry in named.items() if path in self.sync.only}
        looked = ((path, self._without_bytes(path, entry)) for path, entry in named.items())
        settled = {path: found for path, found in looked if found is not None}
        left_out = sum(isinstance(found, Skipped) for found in settled.values())
        yield Expected(documents=len(named) - left_out)
        for known in settled.values():
            yield known
        waiting = {path: entry for path, entry in named.items() if path not in settled}
        if self._archive_pays(len(waiting), tree.bytes if tree.is_whole else None):
            async with aclosing(self._from_archive(waiting)) as all_found:
                async for read in all_found:
                    del waiting[read.locator]
                    yield read
        async with aclosing(self._one_by_one(waiting)) as all_left:
            async for left in all_left:
                yield left

    def _without_bytes(self, path: str, entry: Entry) -> Unchanged | Skipped | FailedDocument | None:
        """What a tree's line alone says of a file; None for one that has to be fetched."""
        if entry.mode == _SYMLINK:
            return Skipped(locator=path, code="symlink", message=f"{path} only points to another file.")
        if entry.mode == _SUBMODULE or entry.kind != "blob":
            sentence = f"{path} is another repository (a submodule). Add that one as a source of its own."
            return Skipped(locator=path, code="submodule", message=sentence)
        if entry.hash in self.pointers:
            return _pointer(path)
        if entry.size > MAX_FILE_BYTES:
            sentence = f"{path} has {entry.size / 1e6:,.0f} MB; at most {MAX_FILE_BYTES / 1e6:g} MB are read. Split it."
            return FailedDocument(locator=path, code="too_large", message=sentence)
        known = self.sync.known.get(path)
        return Unchanged(locator=path) if known is not None and known.etag == entry.hash else None

    def _archive_pays(self, files: int, repository_bytes: int | None) -> bool:
        """Whether to have the whole repository by one call; its size is that of its files, where all are known."""
        if repository_bytes is not None and repository_bytes <= MAX_UNPACKED_BYTES and files > ARCHIVE_FROM_FILES:
            return True
        allowance = self.github.calls_an_hour
        return files > (
            ARCHIVE_ALWAYS_FROM_FILES if allowance is None else min(ARCHIVE_ALWAYS_FROM_FILES, allowance // 2)
        )

    async def _from_archive(self, waiting: Mapping[str, Entry]) -> AsyncGenerator[FetchedDocument | Skipped]:
        """As many as it holds; one that is too large or damaged is left, and the files come one by one."""
        with tempfile.TemporaryFile() as packed:
            try:
                await self.github.archive(self.commit.hash, packed)
                files = files_in(packed, waiting)
                while (found := await asyncio.to_thread(next, files, None)) is not None:
                    path, content = found
                    yield self._read(path, waiting[path], content)
            except ArchiveRefused:
                pass
            except FetchFailed as failure:
                if failure.code not in ("too_large", "timeout") and failure.status != 404:
                    raise

    async def _one_by_one(self, waiting: Mapping[str, Entry]) -> AsyncGenerator[Found]:
        """Raises FetchFailed for what is about the whole, so that all is tried again when it is over.

        But where the files are more than GitHub gives in half an hour, trying all again would never end: then those
        that did not come are failures of their own, and the next sync has as many fewer to fetch.
        """
        in_a_row = 0
        spent: FetchFailed | None = None
        allowance = self.github.calls_an_hour
        is_too_much = allowance is not None and len(waiting) > allowance // 2
        for path, entry in waiting.items():
            if spent is not None:
                yield failed_document(path, spent)
                continue
            try:
                found: Found = self._read(path, entry, await self.github.blob(entry.hash, size=entry.size))
            except FetchFailed as failure:
                if failure.code == "rate_limited" and is_too_much:
                    spent = failure
                elif failure.code in OF_THE_WHOLE:
                    raise
                in_a_row = in_a_row + 1 if failure.retryable and spent is None else 0
                if in_a_row >= FAILURES_IN_A_ROW_MAX:
                    raise
                found = failed_document(path, failure)
            else:
                in_a_row = 0
            yield found

    def _read(self, path: str, entry: Entry, content: bytes) -> FetchedDocument | Skipped:
        if content.startswith(_LFS_POINTER) and len(content) < 1_024:
            if len(self.pointers) < MAX_POINTERS_REMEMBERED:
                self.pointers.add(entry.hash)
            return _pointer(path)
        return FetchedDocument(
            locator=path,
            content=content,
            name=path.rpartition("/")[2],
            media_type=CODE if is_code(path) else None,
            url=f"{self.commit.web}/blob/{self.commit.hash}/{quote(path)}",
            etag=entry.hash,
            fetched_at=utc_now(),
        )


def _is_named(path: str, entry: Entry, choice: Choice) -> bool:
    """Whether a file is one of this source's; a submodule is, where something below it might be."""
    return path == choice.path or choice.wants(path) or (entry.mode == _SUBMODULE and choice.may_hold(path))


def _pointer(path: str) -> Skipped:
    return Skipped(locator=path, code="lfs_pointer", message=f"{path} is kept in Git LFS, which is not read.")


def _choice(location: Mapping[str, object]) -> Choice:
    return Choice(
        path=optional_text_at(location, "path") or "",
        include=_globs(location, "include"),
        exclude=_globs(location, "exclude"),
    )


def _globs(location: Mapping[str, object], name: str) -> tuple[str, ...]:
    globs = location.get(name)
    return tuple(str(glob) for glob in globs) if isinstance(globs, list) else ()


def _settings(location: Mapping[str, object], *, github_at: str) -> str:
    """What decides, besides the commit, which documents there are."""
    named = ("repository", "ref", "path", "include", "exclude")
    written = orjson.dumps([RULES, github_at, *(location.get(name) for name in named)])
    return hashlib.sha256(written).hexdigest()


def _restored(state: Mapping[str, object] | None, settings: str) -> _State | None:
    if state is None or state.get("settings") != settings or not isinstance(state.get("commit"), str):
        return None
    pointers = state.get("pointers")
    return _State(
        commit=str(state["commit"]),
        pointers=frozenset(map(str, pointers)) if isinstance(pointers, list) else frozenset(),
    )


def _checkpoint(state: _State, settings: str) -> Checkpoint:
    return Checkpoint(state={"settings": settings, "commit": state.commit, "pointers": sorted(state.pointers)})
