"""GitHub over real HTTP, faithful to its public pages as far as we call it.

The pages of docs.github.com/en/rest: commits/commits ("Get a commit", with the media type `…github.sha`), git/commits
("Get a commit object"), git/trees ("Get a tree", `recursive` and `truncated`), git/blobs ("Get a blob", raw and
base64), repos/contents ("Download a repository archive (tar)", a 302 to another host), repos/repos ("Get a
repository"), using-the-rest-api/rate-limits-for-the-rest-api and …/best-practices-for-using-the-rest-api (primary
and secondary limits, conditional requests), …/troubleshooting-the-rest-api (404 for what is private), and, for an
Enterprise Server, that everything is below `/api/v3`. None of these calls is paged: a tree is cut instead. With
`AIVASTARK_GITHUB_API_URL` unset the same calls go to the real one.
"""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from tests.loopback import Page, Request, Site, page, serving
from tests.origins.git_objects import (
    FOLDER,
    SUBMODULE,
    Content,
    Line,
    Submodule,
    archive,
    blob_hash,
    build_trees,
    commit_hash,
    pieces_of,
    size_of,
)

LIMIT_WITHOUT_TOKEN, LIMIT_WITH_TOKEN = 60, 5_000
TREE_MAX_ENTRIES = 100_000
BLOB_MAX_BYTES = 100_000_000
DOCUMENTATION = "https://docs.github.com/rest"

_CALL = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)(?P<rest>/.*)?")


@dataclass(frozen=True, kw_only=True)
class State:
    """What a commit holds."""

    files: Mapping[str, Content]
    tree: str
    parent: str | None


@dataclass(kw_only=True)
class Repository:
    """Its commits, branches and objects."""

    full_name: str
    readers: set[str] | None = None
    """Tokens that may read it; None: everybody may."""
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, State] = field(default_factory=dict)
    trees: dict[str, list[Line]] = field(default_factory=dict)
    blobs: dict[str, Content] = field(default_factory=dict)
    packed: Callable[[str], bytes] | None = None
    """Another archive than git would make, by commit."""

    def push(self, files: Mapping[str, Content], *, branch: str = "main") -> str:
        """A commit with exactly these files."""
        parent = self.branches.get(branch)
        tree = build_trees(files, self.trees)
        hash_ = commit_hash(tree, parent, f"Commit {len(self.commits)}", 1_700_000_000 + len(self.commits))
        self.commits[hash_] = State(files=dict(files), tree=tree, parent=parent)
        self.blobs |= {blob_hash(content): content for content in files.values() if not isinstance(content, Submodule)}
        self.branches[branch] = hash_
        return hash_

    @property
    def files(self) -> dict[str, Content]:
        """Of the default branch, to be changed and pushed."""
        return dict(self.commits[self.branches["main"]].files)

    def resolved(self, ref: str) -> str | None:
        if ref == "HEAD":
            return self.branches.get("main")
        name = ref.removeprefix("heads/").removeprefix("tags/")
        return ref if ref in self.commits else self.branches.get(name)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response that is not written yet."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class GitHub:
    """What there is, who may see it, and what was asked."""

    prefix: str = ""
    """`/api/v3` of an Enterprise Server."""
    repositories: dict[str, Repository] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    limit_without_token: int = LIMIT_WITHOUT_TOKEN
    limit_with_token: int = LIMIT_WITH_TOKEN
    tree_max_entries: int = TREE_MAX_ENTRIES
    calls: list[str] = field(default_factory=list)
    """Path and query of each call of the API, the prefix left out."""
    downloads: list[Request] = field(default_factory=list)
    """Of archives, at the other host."""
    troubles: list[tuple[str, Answer]] = field(default_factory=list)
    """Answered instead, once each, to a call whose path holds these words."""
    delay_s: float = 0.0
    spent: dict[str, int] = field(default_factory=dict)
    resets_at: int = field(default_factory=lambda: int(time.time()) + 3_600)
    api: Site = field(default_factory=lambda: Site(port=0))
    codeload: Site = field(default_factory=lambda: Site(port=0))
    _passes: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return self.api.url(self.prefix)

    def repository(self, full_name: str, files: Mapping[str, Content] | None = None, **fields: Any) -> Repository:
        """A repository; without files it has no commit."""
        made = Repository(full_name=full_name, **fields)
        self.repositories[full_name.lower()] = made
        if files is not None:
            made.push(files)
        return made

    def token(self) -> str:
        """A personal access token."""
        token = f"github_pat_{next(self._numbers):036}"
        self.tokens.add(token)
        return token

    def count(self, words: str) -> int:
        """How many calls had these words in their path."""
        return sum(words in call for call in self.calls)

    def renew(self) -> None:
        """An hour has passed."""
        self.spent.clear()
        self.resets_at = int(time.time()) + 3_600

    async def answer(self, request: Request, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.delay_s)
        path = request.path.removeprefix(self.prefix)
        self.calls.append(path)
        answered = self._unusual(path) or self._checked(request, path)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": "github.v3",
            **self._limits(request, counted=answered.status != 304),
            **answered.headers,
        }
        await page(answered.status, answered.body, headers)(request, out)

    async def download(self, request: Request, out: asyncio.StreamWriter) -> None:
        """codeload: no API, no limits, no credentials but what the redirect brought."""
        await asyncio.sleep(self.delay_s)
        self.downloads.append(request)
        parts = urlsplit(request.path)
        _, owner, name, _, hash_ = parts.path.split("/")
        repository = self.repositories[f"{owner}/{name}".lower()]
        if repository.readers is not None and parse_qs(parts.query).get("token", [""])[0] not in self._passes:
            await page(404, b"404: Not Found")(request, out)
            return
        folder = f"{owner}-{name}-{hash_[:7]}"
        packed = (
            repository.packed(hash_)
            if repository.packed
            else archive(repository.commits[hash_].files, folder=folder, commit=hash_)
        )
        await page(200, packed, {"Content-Type": "application/x-gzip"})(request, out)

    def _unusual(self, path: str) -> Answer | None:
        for number, (words, answer) in enumerate(self.troubles):
            if words in path:
                del self.troubles[number]
                return answer
        return None

    def _checked(self, request: Request, path: str) -> Answer:
        token = _token(request)
        if "user-agent" not in request.headers:
            return refused(403, "Request forbidden by administrative rules.")
        if token is not None and token not in self.tokens:
            return refused(401, "Bad credentials")
        if self.spent.get(token or "", 0) >= self._limit(token):
            return refused(403, "API rate limit exceeded for 127.0.0.1.")
        called = _CALL.fullmatch(urlsplit(path).path)
        repository = None if called is None else self.repositories.get(f"{called['owner']}/{called['name']}".lower())
        if called is None or repository is None or (repository.readers is not None and token not in repository.readers):
            return refused(404, "Not Found")
        return self._called(request, repository, called["rest"] or "", parse_qs(urlsplit(path).query))

    def _called(self, request: Request, repository: Repository, rest: str, query: Mapping[str, list[str]]) -> Answer:
        kind, _, last = rest.removeprefix("/git").removeprefix("/").partition("/")
        last = unquote(last)
        if not rest:
            web = f"{self._web()}/{repository.full_name}"
            return _json({"full_name": repository.full_name, "default_branch": "main", "html_url": web})
        if not repository.branches:
            return refused(409, "Git Repository is empty.")
        match kind:
            case "commits" if rest.startswith("/git/"):
                return self._commit_object(repository, last)
            case "commits":
                return self._commit(request, repository, last)
            case "trees":
                return self._tree(repository, last, recursive="recursive" in query)
            case "blobs":
                return _blob(request, repository, last)
            case "tarball":
                return self._tarball(repository, last)
        return refused(404, "Not Found")

    def _commit(self, request: Request, repository: Repository, ref: str) -> Answer:
        hash_ = repository.resolved(ref)
        if hash_ is None:
            return refused(422, f"No commit found for SHA: {ref}")
        etag = f'"{hash_}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(status=304, headers={"ETag": etag})
        if request.headers.get("accept") == "application/vnd.github.sha":
            headers = {"ETag": etag, "Content-Type": "application/vnd.github.sha; charset=utf-8"}
            return Answer(status=200, body=hash_.encode(), headers=headers)
        state = repository.commits[hash_]
        return _json({"sha": hash_, "commit": {"tree": {"sha": state.tree}}, "html_url": self._page(repository, hash_)})

    def _commit_object(self, repository: Repository, hash_: str) -> Answer:
        state = repository.commits.get(hash_)
        if state is None:
            return refused(404, "Not Found")
        parents = [] if state.parent is None else [{"sha": state.parent}]
        return _json(
            {
                "sha": hash_,
                "html_url": self._page(repository, hash_),
                "tree": {"sha": state.tree, "url": f"{self.url}/repos/{repository.full_name}/git/trees/{state.tree}"},
                "message": "A commit",
                "parents": parents,
            }
        )

    def _tree(self, repository: Repository, name: str, *, recursive: bool) -> Answer:
        state = repository.commits.get(repository.resolved(name) or "")
        hash_ = state.tree if state else name
        if hash_ not in repository.trees:
            return refused(404, "Not Found")
        lines = _lines(repository, hash_, "", recursive=recursive)
        shown = list(itertools.islice(lines, self.tree_max_entries if recursive else TREE_MAX_ENTRIES))
        at = f"{self.url}/repos/{repository.full_name}/git"
        tree = [_tree_line(path, line, at) for path, line in shown]
        return _json(
            {"sha": hash_, "url": f"{at}/trees/{hash_}", "tree": tree, "truncated": next(lines, None) is not None}
        )

    def _tarball(self, repository: Repository, ref: str) -> Answer:
        hash_ = repository.resolved(ref)
        if hash_ is None:
            return refused(404, "Not Found")
        pass_ = hashlib.sha256(f"{hash_}{next(self._numbers)}".encode()).hexdigest()[:29].upper()
        self._passes[pass_] = hash_
        query = "" if repository.readers is None else f"?token={pass_}"
        place = self.codeload.url(f"/{repository.full_name}/legacy.tar.gz/{hash_}{query}")
        return Answer(status=302, headers={"Location": place})

    def _limits(self, request: Request, *, counted: bool) -> dict[str, str]:
        token = _token(request)
        limit = self._limit(token)
        self.spent[token or ""] = min(limit, self.spent.get(token or "", 0) + counted)
        spent = self.spent[token or ""]
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - spent),
            "X-RateLimit-Used": str(spent),
            "X-RateLimit-Reset": str(self.resets_at),
            "X-RateLimit-Resource": "core",
        }

    def _limit(self, token: str | None) -> int:
        return self.limit_without_token if token is None else self.limit_with_token

    def _web(self) -> str:
        return self.api.url("") if self.prefix else "https://github.com"

    def _page(self, repository: Repository, hash_: str) -> str:
        return f"{self._web()}/{repository.full_name}/commit/{hash_}"


class _Everywhere(Mapping[str, Page]):
    """One page for every path."""

    def __init__(self, shown: Page) -> None:
        self._shown = shown

    def __getitem__(self, path: str) -> Page:
        return self._shown

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@contextlib.asynccontextmanager
async def github(prefix: str = "") -> AsyncIterator[GitHub]:
    """GitHub, with the host of its archives beside it, until the block ends."""
    served = GitHub(prefix=prefix)
    async with serving(_Everywhere(served.answer)) as api, serving(_Everywhere(served.download)) as codeload:
        served.api, served.codeload = api, codeload
        yield served


def refused(status: int, message: str, **headers: str) -> Answer:
    """A refusal as GitHub words it; header names with `_` for `-`."""
    body = orjson.dumps({"message": message, "documentation_url": DOCUMENTATION, "status": str(status)})
    return Answer(status=status, body=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def _token(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() in ("bearer", "token") else None


def _json(answer: Mapping[str, Any]) -> Answer:
    body = orjson.dumps(answer)
    return Answer(status=200, body=body, headers={"ETag": f'W/"{hashlib.sha256(body).hexdigest()}"'})


def _blob(request: Request, repository: Repository, hash_: str) -> Answer:
    content = repository.blobs.get(hash_)
    if content is None or isinstance(content, Submodule):
        return refused(404, "Not Found")
    if size_of(content) > BLOB_MAX_BYTES:
        return refused(403, "This API returns blobs up to 100 MB in size.")
    whole = b"".join(pieces_of(content))
    if request.headers.get("accept") == "application/vnd.github.raw+json":
        return Answer(status=200, body=whole, headers={"Content-Type": "application/vnd.github.raw+json"})
    written = base64.encodebytes(whole).decode()
    return _json({"sha": hash_, "size": len(whole), "encoding": "base64", "content": written})


def _lines(repository: Repository, hash_: str, before: str, *, recursive: bool) -> Iterator[tuple[str, Line]]:
    for line in repository.trees[hash_]:
        yield before + line.name, line
        if recursive and line.mode == FOLDER:
            yield from _lines(repository, line.hash, f"{before}{line.name}/", recursive=True)


def _tree_line(path: str, line: Line, at: str) -> dict[str, Any]:
    kind = {FOLDER: "tree", SUBMODULE: "commit"}.get(line.mode, "blob")
    shown: dict[str, Any] = {"path": path, "mode": line.mode, "type": kind, "sha": line.hash}
    if kind == "commit":
        return shown
    sized = {} if line.size is None else {"size": line.size}
    return shown | sized | {"url": f"{at}/{kind}s/{line.hash}"}
