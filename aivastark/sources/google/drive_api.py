"""The calls of Drive's API v3 that reading takes: files, folders' contents, bytes, exports, changes.

Written on our one door rather than on Google's client library, see docs/decisions.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from aivastark.backends.google import Google
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetched, Fetcher
from aivastark.sources.google.files import FIELDS, Change, DriveFile, change, drive_file, is_file_id, unexpected
from aivastark.sources.google.refusals import ERROR_MAX_BYTES, in_words, is_passing
from aivastark.sources.google.tokens import AccessTokens

PAGE_SIZE = 1_000  # the most there is
ANSWER_MAX_BYTES = 10_000_000  # of JSON
PAGES_MAX = 200  # of one list
WAITS_SECONDS = (1.0, 2.0, 4.0)  # before each further try, with up to half as much again by chance
LONGEST_WAIT_SECONDS = 10.0  # a server that wants more is left alone until the source's next try
TOKEN_MAX_CHARS = 2_048
EVERYWHERE = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}


class DriveApi:
    """Drive as one account sees it. `who` names the account in sentences."""

    def __init__(self, fetcher: Fetcher, google: Google, tokens: AccessTokens, *, who: str) -> None:
        self.who = who
        self._fetcher = fetcher
        self._base = f"{google.api_url.rstrip('/')}/drive/v3"
        self._tokens = tokens

    async def file(self, file_id: str, *, what: str = "the file") -> DriveFile:
        """What there is to know of a file. Raises FetchFailed, as all calls here do."""
        parameters = {"fields": FIELDS, "supportsAllDrives": "true"}
        return drive_file(await self._json(f"files/{quote(file_id, safe='')}", parameters, what=what))

    async def children(self, folder_id: str, *, drive_id: str | None) -> list[DriveFile]:
        """All that is directly in a folder and not in the bin."""
        assert is_file_id(folder_id)  # it stands in a query: nothing else may get there
        parameters = {
            "q": f"'{folder_id}' in parents and trashed=false",
            "fields": f"nextPageToken,incompleteSearch,files({FIELDS})",
            "pageSize": str(PAGE_SIZE),
            "orderBy": "folder,name",
            **EVERYWHERE,
            **_corpus(drive_id),
        }
        found: list[DriveFile] = []
        async for page in self._pages("files", parameters, what="the folder"):
            if page.get("incompleteSearch") is True:  # what is missing would be taken for deleted
                raise FetchFailed("upstream_error", "Google Drive could not list the folder whole.", retryable=True)
            found += [drive_file(told) for told in _list(page.get("files"))]
        return found

    async def start_token(self, *, drive_id: str | None) -> str:
        """From where on changes are told."""
        parameters = {"supportsAllDrives": "true", **({"driveId": drive_id} if drive_id else {})}
        told = await self._json("changes/startPageToken", parameters, what="the list of changes")
        return _token(told.get("startPageToken"))

    async def changes(self, token: str, *, drive_id: str | None) -> tuple[list[Change], str]:
        """What changed since, oldest first, and the token for the next time."""
        parameters = {
            "pageToken": token,
            "fields": f"nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file({FIELDS}))",
            "pageSize": str(PAGE_SIZE),
            "includeRemoved": "true",
            **EVERYWHERE,
            **({"driveId": drive_id} if drive_id else {}),
        }
        found: list[Change] = []
        async for page in self._pages("changes", parameters, what="the list of changes"):
            found += [one for told in _list(page.get("changes")) if (one := change(told)) is not None]
            if "newStartPageToken" in page:
                return found, _token(page["newStartPageToken"])
        raise unexpected()

    async def download(self, file: DriveFile, *, max_bytes: int) -> bytes:
        """Its bytes."""
        parameters = {"alt": "media", "supportsAllDrives": "true"}
        path = f"files/{quote(file.id, safe='')}"
        return (await self._call(path, parameters, what=f"“{file.name}”", max_bytes=max_bytes, accept="*/*")).body

    async def export(self, file: DriveFile, media_type: str, *, max_bytes: int) -> bytes:
        """A document of Google's editors in another format; Google makes at most 10 MB of it."""
        path, parameters = f"files/{quote(file.id, safe='')}/export", {"mimeType": media_type}
        return (await self._call(path, parameters, what=f"“{file.name}”", max_bytes=max_bytes, accept="*/*")).body

    async def user(self) -> dict[str, Any]:
        """Who the account is: `permissionId`, `emailAddress`, `displayName`."""
        told = (await self._json("about", {"fields": "user"}, what="the account")).get("user")
        if not isinstance(told, dict):
            raise unexpected()
        return told

    async def _pages(self, path: str, parameters: Mapping[str, str], *, what: str) -> AsyncIterator[dict[str, Any]]:
        asked = dict(parameters)
        for _ in range(PAGES_MAX):
            page = await self._json(path, asked, what=what)
            yield page
            if page.get("nextPageToken") is None:
                return
            asked["pageToken"] = _token(page["nextPageToken"])
        raise FetchFailed("too_large", f"Google Drive gives {what} on more than {PAGES_MAX} pages.")

    async def _json(self, path: str, parameters: Mapping[str, str], *, what: str) -> dict[str, Any]:
        fetched = await self._call(path, parameters, what=what, max_bytes=ANSWER_MAX_BYTES, accept="application/json")
        try:
            decoded = orjson.loads(fetched.body)
        except orjson.JSONDecodeError as error:
            raise unexpected() from error
        if not isinstance(decoded, dict):
            raise unexpected()
        return decoded

    async def _call(
        self, path: str, parameters: Mapping[str, str], *, what: str, max_bytes: int, accept: str
    ) -> Fetched:
        """One call, again after a while where that helps, and once with a new token where the old one ran out."""
        url = f"{self._base}/{path}?{urlencode(parameters)}"
        token, renewed, tries = await self._tokens.current(), False, 0
        while True:
            headers = {"Authorization": f"Bearer {token}"}
            try:
                return await self._fetcher.get(
                    url, headers=headers, max_bytes=max_bytes, accept=accept, error_bytes=ERROR_MAX_BYTES
                )
            except FetchFailed as failure:
                if failure.status == 401 and not renewed:
                    token, renewed = await self._tokens.instead_of(token), True
                    continue
                wait = _wait(failure, tries)
                if wait is None:
                    raise in_words(failure, what=what, who=self.who) from failure
            tries += 1
            await asyncio.sleep(wait)


def _wait(failure: FetchFailed, tries: int) -> float | None:
    """Seconds until the next try, or None for no other try now."""
    if not is_passing(failure) or tries >= len(WAITS_SECONDS):
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= LONGEST_WAIT_SECONDS else None
    return WAITS_SECONDS[tries] * random.uniform(1.0, 1.5)


def _corpus(drive_id: str | None) -> dict[str, str]:
    return {} if drive_id is None else {"corpora": "drive", "driveId": drive_id}


def _list(told: object) -> list[object]:
    if not isinstance(told, list):
        raise unexpected()
    return told


def _token(told: object) -> str:
    if not isinstance(told, str) or not 0 < len(told) <= TOKEN_MAX_CHARS:
        raise unexpected()
    return told
