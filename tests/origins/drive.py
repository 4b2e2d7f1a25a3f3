"""Google Drive over real HTTP, faithful to its public pages as far as we call it.

The pages: "Drive API v3 reference" (developers.google.com/workspace/drive/api/reference/rest/v3) for `files.list`,
`files.get`, `files.export`, `changes.getStartPageToken`, `changes.list` and `about.get`; "Search for files and
folders" for `q`; "Implement shared drive support" and "Track changes for users and shared drives" for whose list of
changes has what; "Return specific fields" for `fields`; "Resolve errors" for the bodies of refusals. Signing in is
`google_oauth.py`. With `AIVASTARK_GOOGLE_…` unset the same calls go to the real ones.
"""

import asyncio
import contextlib
import hashlib
import itertools
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from tests.loopback import Page, Request, Site, page, serving
from tests.origins.google_json import error, shown
from tests.origins.google_oauth import CLIENT_ID, CLIENT_SECRET, Answer, GoogleOAuth

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOC = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
SLIDES = "application/vnd.google-apps.presentation"
BOT = "bot@acme-docs.iam.gserviceaccount.test"

_IN_PARENTS = re.compile(r"'([\w-]+)' in parents and trashed ?= ?false")
_RESOURCE = re.compile(r"/drive/v3/files/([^/]+)(/export)?")


@dataclass(kw_only=True)
class Item:
    """A file, a folder or a shortcut; `exports` are what Google makes of its own documents, by media type."""

    id: str
    name: str
    media_type: str
    parent: str | None
    content: bytes | None = None
    exports: dict[str, bytes] = field(default_factory=dict)
    size: int | None = None
    trashed: bool = False
    drive_id: str | None = None
    target: str | None = None
    shared_with: set[str] = field(default_factory=set)
    may_download: bool = True
    edits: int = 1
    looks: int = 0


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is answered instead, so many times, to calls whose path and query hold some words."""

    words: str
    answer: Answer
    times: list[int]


@dataclass(kw_only=True)
class Drive:
    """What there is, who may see it, and what became of it."""

    oauth: GoogleOAuth = field(default_factory=GoogleOAuth)
    items: dict[str, Item] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    """Of shared drives: id → e-mails."""
    page_size: int = 1_000
    """The most on a page, whatever was asked for."""
    delay_s: float = 0.0
    """How long each answer takes."""
    calls: list[str] = field(default_factory=list)
    """Path and query of each call of the API."""
    site: Site = field(default_factory=lambda: Site(port=0))
    _log: list[str] = field(default_factory=list)
    _oldest: int = 0
    _troubles: list[Trouble] = field(default_factory=list)
    _acts: dict[str, Callable[[], object]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def settings(self) -> dict[str, str]:
        """Of an install that takes this for Google."""
        return {
            "google_api_url": self.site.url(""),
            "google_token_url": self.site.url("/token"),
            "google_authorize_url": self.site.url("/authorize"),
            "google_revoke_url": self.site.url("/revoke"),
            "google_client_id": CLIENT_ID,
            "google_client_secret": CLIENT_SECRET,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same for a process of its own."""
        return {name.upper(): value for name, value in self.settings.items()}

    # --- what people do in Drive

    def folder(self, name: str, parent: str | None = None, **fields: Any) -> str:
        return self._add(name, FOLDER, parent, **fields)

    def file(self, name: str, content: bytes, parent: str | None = None, **fields: Any) -> str:
        media_type = fields.pop("media_type", "text/markdown")
        return self._add(name, media_type, parent, content=content, **fields)

    def native(self, name: str, media_type: str, exports: Mapping[str, bytes], parent: str | None = None) -> str:
        return self._add(name, media_type, parent, exports=dict(exports))

    def shortcut(self, name: str, target: str, parent: str) -> str:
        return self._add(name, SHORTCUT, parent, target=target)

    def shared_drive(self, name: str, *members: str) -> str:
        id_ = self._add(name, FOLDER, None)
        self.items[id_].drive_id = id_
        self.members[id_] = set(members)
        return id_

    def edit(self, id_: str, content: bytes, media_type: str = "") -> None:
        item = self.items[id_]
        if item.content is None:
            item.exports[media_type] = content
        else:
            item.content = content
        item.edits += 1
        self._log.append(id_)

    def rename(self, id_: str, name: str) -> None:
        self.items[id_].name = name
        self._log.append(id_)

    def move(self, id_: str, parent: str | None) -> None:
        self.items[id_].parent = parent
        self._log.append(id_)

    def share(self, id_: str, *emails: str) -> None:
        self.items[id_].shared_with |= set(emails)
        self._log.append(id_)

    def bin(self, id_: str, *, restore: bool = False) -> None:
        """As the page says, what is in a binned folder is binned with it, and has no entries of its own."""
        self.items[id_].trashed = not restore
        self._log.append(id_)

    def delete(self, id_: str) -> None:
        del self.items[id_]
        self._log.append(id_)

    def forget_changes(self) -> None:
        """Tokens given so far are too old."""
        self._oldest = len(self._log) + 1
        self._log += ["nothing"] * 2

    def trouble(self, words: str, answer: Answer, *, times: int = 1) -> None:
        """Answer calls whose path and query hold these words with this, so many times."""
        self._troubles.append(Trouble(words=words, answer=answer, times=[times]))

    def before(self, words: str, act: Callable[[], object]) -> None:
        """Do something once, when such a call comes and before it is answered."""
        self._acts[words] = act

    def called(self, words: str) -> int:
        """How many calls had these words in path and query."""
        return sum(words in call for call in self.calls)

    # --- what programs call

    async def answer(self, request: Request, out: asyncio.StreamWriter) -> None:
        """Every request of the site."""
        await asyncio.sleep(self.delay_s)
        path = urlsplit(request.path).path
        for words in [words for words in self._acts if words in unquote_plus(request.path)]:
            self._acts.pop(words)()
        doors = {"/token": self.oauth.token, "/authorize": self.oauth.authorize, "/revoke": self.oauth.revoke}
        status, headers, body = self._troubled(request) or (doors.get(path) or self._api)(request)
        await page(status, body, headers)(request, out)

    def _troubled(self, request: Request) -> Answer | None:
        for trouble in self._troubles:
            if trouble.words in unquote_plus(request.path) and trouble.times[0]:
                trouble.times[0] -= 1
                return trouble.answer
        return None

    def _api(self, request: Request) -> Answer:
        self.calls.append(unquote_plus(request.path))
        parts = urlsplit(request.path)
        asked = dict(parse_qsl(parts.query))
        who = self.oauth.who(request)
        if who is None:
            return error(401, "authError", "Invalid Credentials")
        calls: dict[str, Callable[[str, dict[str, str]], Answer]] = {
            "/drive/v3/files": self._list,
            "/drive/v3/changes/startPageToken": self._start_token,
            "/drive/v3/changes": self._changes,
            "/drive/v3/about": self._about,
        }
        if parts.path in calls:
            return calls[parts.path](who, asked)
        if match := _RESOURCE.fullmatch(unquote(parts.path)):
            return self._resource(who, asked, match[1], export=match[2] is not None)
        return 404, {"Content-Type": "text/html"}, b"<html>Not Found</html>"

    def _about(self, who: str, asked: dict[str, str]) -> Answer:
        number = int(hashlib.sha256(who.encode()).hexdigest()[:16], 16)
        user = {"kind": "drive#user", "displayName": "Anna", "permissionId": str(number), "emailAddress": who}
        return shown({"user": user}, asked["fields"])

    def _list(self, who: str, asked: dict[str, str]) -> Answer:
        match = _IN_PARENTS.fullmatch(asked.get("q", ""))
        if match is None:
            return error(400, "invalid", "Invalid Value", location="q")
        if ("driveId" in asked) != (asked.get("corpora") == "drive"):
            return error(400, "invalid", "driveId must be specified if, and only if, corpora=drive.")
        if "driveId" in asked and who not in self.members.get(asked["driveId"], ()):
            return error(404, "notFound", f"Shared drive not found: {asked['driveId']}")
        folder = self.items.get(match[1])
        if folder is None or not self._sees(who, folder, asked):
            return error(404, "notFound", "File not found: .", location="fileId")
        everywhere = asked.get("includeItemsFromAllDrives") == "true"
        found = [
            item
            for item in self.items.values()
            if item.parent == folder.id and not self._is_binned(item) and self._sees(who, item, asked)
            if everywhere or item.drive_id is None
        ]
        found.sort(key=lambda item: (item.media_type != FOLDER, item.name))
        begin = int(asked.get("pageToken", "~0").removeprefix("~"))
        size = min(int(asked.get("pageSize", "100")), self.page_size)
        body: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
        body["files"] = [self._told(item) for item in found[begin : begin + size]]
        if begin + size < len(found):
            body["nextPageToken"] = f"~{begin + size}"
        return shown(body, asked.get("fields", "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)"))

    def _resource(self, who: str, asked: dict[str, str], id_: str, *, export: bool) -> Answer:
        item = self.items.get(id_)
        if export:
            asked = {"supportsAllDrives": "true", **asked}  # the method has no such parameter, and all drives
        if item is None or not self._sees(who, item, asked):
            return error(404, "notFound", f"File not found: {id_}.", location="fileId")
        if not export and asked.get("alt") != "media":
            return shown(self._told(item), asked.get("fields", "kind,id,name,mimeType"))
        item.looks += 1
        if not item.may_download:
            return error(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")
        if export:
            return self._exported(item, asked.get("mimeType", ""))
        if item.content is None:
            return error(403, "fileNotDownloadable", "Only files with binary content can be downloaded.")
        return 200, {"Content-Type": item.media_type}, item.content

    def _exported(self, item: Item, media_type: str) -> Answer:
        if not item.exports:
            return error(403, "fileNotExportable", "Export only supports Docs Editors files.")
        if media_type not in item.exports:
            return error(400, "badRequest", "The requested conversion is not supported.")
        if len(item.exports[media_type]) > 10_000_000:
            return error(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        return 200, {"Content-Type": media_type}, item.exports[media_type]

    def _start_token(self, who: str, asked: dict[str, str]) -> Answer:
        if "driveId" in asked and who not in self.members.get(asked["driveId"], ()):
            return error(404, "notFound", f"Shared drive not found: {asked['driveId']}")
        return shown({"kind": "drive#startPageToken", "startPageToken": str(len(self._log) + 1)}, "*")

    def _changes(self, who: str, asked: dict[str, str]) -> Answer:
        token = asked.get("pageToken", "")
        if not token.isdecimal():
            return error(400, "invalid", "Invalid Value", location="pageToken")
        if int(token) <= self._oldest:
            return error(410, "pageTokenExpired", "The page token is too old.")
        begin = int(token) - 1
        size = min(int(asked.get("pageSize", "100")), self.page_size)
        latest = {id_: place for place, id_ in enumerate(self._log) if place >= begin}  # one entry a file: the newest
        due = [(place, id_) for id_, place in latest.items() if self._is_in_log(id_, asked.get("driveId"))]
        due.sort()
        body: dict[str, Any] = {"kind": "drive#changeList", "changes": []}
        for place, id_ in due[:size]:
            item = self.items.get(id_)
            change = {"kind": "drive#change", "changeType": "file", "fileId": id_, "time": _moment(place)}
            gone = item is None or not self._sees(who, item, asked)
            body["changes"].append(
                {**change, "removed": gone, **({} if gone or not item else {"file": self._told(item)})}
            )
        if len(due) > size:
            body["nextPageToken"] = str(due[size - 1][0] + 2)
        else:
            body["newStartPageToken"] = str(len(self._log) + 1)
        return shown(body, asked.get("fields", "*"))

    def _is_in_log(self, id_: str, drive_id: str | None) -> bool:
        """A shared drive's list has what is in it, one's own the rest; tombstones are in both."""
        item = self.items.get(id_)
        return item is None or item.drive_id == drive_id

    def _told(self, item: Item) -> dict[str, Any]:
        told: dict[str, Any] = {
            "kind": "drive#file",
            "id": item.id,
            "name": item.name,
            "mimeType": item.media_type,
            "trashed": self._is_binned(item),
            "modifiedTime": _moment(item.edits),
            "version": str(item.edits + item.looks),
            "webViewLink": f"https://drive.google.com/file/d/{item.id}/view?usp=drivesdk",
        }
        if item.parent is not None:
            told["parents"] = [item.parent]
        if item.drive_id is not None:
            told["driveId"] = item.drive_id
        if item.content is not None:
            told["size"] = str(item.size if item.size is not None else len(item.content))
            told["md5Checksum"] = hashlib.md5(item.content, usedforsecurity=False).hexdigest()
        if item.target is not None:
            target = self.items.get(item.target)
            told["shortcutDetails"] = {"targetId": item.target, "targetMimeType": target.media_type if target else ""}
        return told

    def _add(self, name: str, media_type: str, parent: str | None, **fields: Any) -> str:
        id_ = f"1{hashlib.sha256(f'{name}{next(self._numbers)}'.encode()).hexdigest()[:32]}"
        above = None if parent is None else self.items[parent].drive_id
        self.items[id_] = Item(id=id_, name=name, media_type=media_type, parent=parent, **{"drive_id": above, **fields})
        self._log.append(id_)
        return id_

    def _above(self, item: Item) -> Iterator[Item]:
        here: Item | None = item
        while here is not None:
            yield here
            here = None if here.parent is None else self.items.get(here.parent)

    def _is_binned(self, item: Item) -> bool:
        return any(one.trashed for one in self._above(item))

    def _sees(self, who: str, item: Item, asked: dict[str, str]) -> bool:
        if item.drive_id is not None and asked.get("supportsAllDrives") != "true":
            return False
        is_member = item.drive_id is not None and who in self.members.get(item.drive_id, ())
        return is_member or any(who in one.shared_with for one in self._above(item))


class _All(dict[str, Page]):
    """One page at every address."""

    def __init__(self, answer: Page) -> None:
        super().__init__()
        self._answer = answer

    def get(self, path: str, default: Any = None) -> Any:
        return self._answer


@contextlib.asynccontextmanager
async def driving(drive: Drive | None = None) -> AsyncIterator[Drive]:
    """A running Google."""
    running = drive or Drive()
    async with serving(_All(running.answer)) as site:
        running.site, running.oauth.token_url = site, site.url("/token")
        yield running


def _moment(number: int) -> str:
    return f"2026-11-{1 + number // 86_400:02}T{number // 3_600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"


@contextlib.contextmanager
def driving_in_background() -> Iterator[Drive]:
    """A running Google for programs of another process, where no loop runs here that could serve it."""
    running, serving_now, done = Drive(), threading.Event(), threading.Event()

    async def serve() -> None:
        async with driving(running):
            serving_now.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    serving_now.wait()
    try:
        yield running
    finally:
        done.set()
        thread.join()
