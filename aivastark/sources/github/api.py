"""GitHub's REST API as far as a sync needs it: a ref's commit, its tree, blobs, the archive; and its refusals in words.

The wire: docs.github.com/en/rest/commits/commits, /rest/git/commits, /rest/git/trees, /rest/git/blobs,
/rest/repos/contents (archives), /rest/using-the-rest-api/rate-limits-for-the-rest-api. One call at a time, as GitHub
asks of its clients.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote, urlsplit

import orjson

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetched, Fetcher
from aivastark.kit.urls import canonical_url
from aivastark.sources.github.refusals import in_words

PUBLIC_API = "https://api.github.com"
API_VERSION = "2022-11-28"
JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"
ONLY_THE_HASH = "application/vnd.github.sha"

MAX_ANSWER_BYTES = 2_000_000
MAX_TREE_ANSWER_BYTES = 60_000_000  # GitHub stops at 100,000 entries
MAX_ERROR_BYTES = 4_000
MAX_ARCHIVE_BYTES = 300_000_000  # packed
ARCHIVE_SECONDS = 600.0

_HASH = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """A state of the repository, and where people look at it."""

    hash: str
    tree: str
    web: str
    """`https://github.com/owner/name`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A line of a tree; `size` in bytes, of blobs alone."""

    path: str
    mode: str
    kind: str
    hash: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A tree as GitHub answered; `truncated` where it stopped before the end."""

    entries: tuple[Entry, ...]
    truncated: bool


class GitHubApi:
    """Calls about one repository. All raise FetchFailed, in the words of `refusals`."""

    def __init__(self, fetcher: Fetcher, *, api_url: str, repository: str, token: str | None) -> None:
        self._fetcher = fetcher
        self._api_url = api_url
        self._at = f"{api_url.rstrip('/')}/repos/{repository}"
        self.repository = repository
        self._token = token
        self.calls_an_hour: int | None = None
        """As GitHub said with its last answer."""

    async def commit_of(self, ref: str | None, *, known: str | None) -> str:
        """The hash of the commit that `ref` names now (None: the default branch); one that is `known` costs nothing."""
        url = f"{self._at}/commits/{quote(ref or 'HEAD', safe='')}"
        etag = None if known is None else f'"{known}"'
        try:
            fetched = await self._get(url, accept=ONLY_THE_HASH, etag=etag)
        except FetchFailed as failure:
            raise self._said(failure, ref=ref) from failure
        if fetched.not_modified and known is not None:
            return known
        found = fetched.body[:200].decode("ascii", "replace").strip()
        if not _HASH.fullmatch(found):
            raise self._nonsense()
        return found

    async def commit(self, hash_: str) -> Commit:
        """The commit with its tree."""
        answer = await self._json(f"{self._at}/git/commits/{hash_}")
        tree = answer.get("tree")
        tree_hash = tree.get("sha") if isinstance(tree, dict) else None
        if not isinstance(tree_hash, str) or not _HASH.fullmatch(tree_hash):
            raise self._nonsense()
        return Commit(hash=hash_, tree=tree_hash, web=self._web(answer.get("html_url"), hash_))

    async def tree(self, hash_: str, *, recursive: bool) -> Listing:
        """A folder, or with `recursive` everything below it; paths are relative to it."""
        url = f"{self._at}/git/trees/{hash_}" + ("?recursive=1" if recursive else "")
        answer = await self._json(url, max_bytes=MAX_TREE_ANSWER_BYTES)
        entries = answer.get("tree")
        if not isinstance(entries, list):
            raise self._nonsense()
        read = await asyncio.to_thread(_entries, entries)
        return Listing(entries=read, truncated=answer.get("truncated") is True)

    async def blob(self, hash_: str, *, size: int) -> bytes:
        """The bytes of a file, checked against their hash."""
        try:
            fetched = await self._get(f"{self._at}/git/blobs/{hash_}", accept=RAW, max_bytes=size)
        except FetchFailed as failure:
            raise self._said(failure) from failure
        if blob_hash(fetched.body) != hash_:
            raise self._nonsense()
        return fetched.body

    async def archive(self, commit: str, into: IO[bytes]) -> None:
        """The whole repository at a commit, as a packed tar written to `into`.

        It comes by a redirect to another host, which carries a credential of its own; ours stays here.
        """
        try:
            fetched = await self._fetcher.download(
                f"{self._at}/tarball/{commit}",
                into,
                headers=self._headers(),
                accept=JSON,
                max_bytes=MAX_ARCHIVE_BYTES,
                deadline_seconds=ARCHIVE_SECONDS,
                error_bytes=MAX_ERROR_BYTES,
            )
        except FetchFailed as failure:
            raise self._said(failure) from failure
        self._note(fetched.headers)

    async def _json(self, url: str, *, max_bytes: int = MAX_ANSWER_BYTES) -> dict[str, Any]:
        try:
            fetched = await self._get(url, accept=JSON, max_bytes=max_bytes)
        except FetchFailed as failure:
            raise self._said(failure) from failure
        try:
            answer = await asyncio.to_thread(orjson.loads, fetched.body)
        except orjson.JSONDecodeError as error:
            raise self._nonsense() from error
        if not isinstance(answer, dict):
            raise self._nonsense()
        return answer

    async def _get(
        self, url: str, *, accept: str, etag: str | None = None, max_bytes: int = MAX_ANSWER_BYTES
    ) -> Fetched:
        fetched = await self._fetcher.get(
            url,
            headers=self._headers(),
            etag=etag,
            accept=accept,
            max_bytes=max_bytes,
            error_bytes=MAX_ERROR_BYTES,
        )
        self._note(fetched.headers)
        return fetched

    def _headers(self) -> dict[str, str]:
        version = {"X-GitHub-Api-Version": API_VERSION}
        return version if self._token is None else version | {"Authorization": f"Bearer {self._token}"}

    def _note(self, headers: Mapping[str, str]) -> None:
        limit = headers.get("x-ratelimit-limit", "")
        if limit.isdecimal():
            self.calls_an_hour = int(limit[:9])

    def _said(self, failure: FetchFailed, *, ref: str | None = None) -> FetchFailed:
        self._note(failure.headers)
        return in_words(failure, repository=self.repository, ref=ref, has_token=self._token is not None)

    def _nonsense(self) -> FetchFailed:
        host = urlsplit(self._api_url).hostname
        return FetchFailed("http_error", f"{host} does not answer as GitHub's API does. Check the base_url.")

    def _web(self, commit_page: object, hash_: str) -> str:
        """Where the repository is shown: GitHub says where its commit is."""
        ours = urlsplit(self._api_url)
        host = "github.com" if ours.hostname == "api.github.com" else ours.netloc
        usual = f"{ours.scheme}://{host}/{self.repository}"
        if not isinstance(commit_page, str):
            return usual
        try:
            page = canonical_url(commit_page)
        except ValueError:
            return usual
        for between in ("/commit/", "/commits/"):
            if page.endswith(f"{between}{hash_}") and "?" not in page:
                return page.removesuffix(f"{between}{hash_}")
        return usual


def blob_hash(content: bytes) -> str:
    """What git calls these bytes (git-hash-object(1))."""
    return hashlib.sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()


def _entries(answered: list[Any]) -> tuple[Entry, ...]:
    """The lines that make sense; a path that could not be one of a repository does not."""
    return tuple(entry for line in answered if (entry := _entry(line)) is not None)


def _entry(line: object) -> Entry | None:
    if not isinstance(line, dict):
        return None
    path, mode, kind, hash_ = (line.get(name) for name in ("path", "mode", "type", "sha"))
    size = line.get("size", 0)
    if not (isinstance(path, str) and isinstance(mode, str) and isinstance(kind, str) and isinstance(hash_, str)):
        return None
    if not is_path(path) or not _HASH.fullmatch(hash_) or not isinstance(size, int) or size < 0:
        return None
    return Entry(path=path, mode=mode, kind=kind, hash=hash_, size=size)


def is_path(path: str) -> bool:
    """Whether git could hold a file under this name (git refuses `.`, `..`, empty names and NUL)."""
    return "\x00" not in path and len(path) <= 4_096 and all(part not in ("", ".", "..") for part in path.split("/"))
