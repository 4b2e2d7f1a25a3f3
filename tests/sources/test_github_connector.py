"""What the GitHub connector gives, file by file: changes, renames, what it leaves out, hostile archives."""

import asyncio
import gzip
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.sources.connectors.base import (
    Checkpoint,
    FailedDocument,
    FetchedDocument,
    Found,
    KnownDocument,
    Skipped,
    Sync,
    Unchanged,
)
from aivastark.sources.connectors.github import GitHubConnector
from aivastark.sources.github.archive import ArchiveRefused, files_in
from aivastark.sources.github.choose import Choice
from tests.origins.git_objects import Link, Submodule, Zeros
from tests.origins.github import GitHub, Repository, github, refused

PAGES: dict[str, Any] = {f"docs/{number:02}.md": f"# Page {number}".encode() for number in range(5)}
MANY: dict[str, Any] = {f"docs/{number:02}.md": f"# Page {number}".encode() for number in range(40)}


@dataclass(kw_only=True)
class Watcher:
    """One source and what is published of it, as a pipeline would keep it."""

    hub: GitHub
    connector: GitHubConnector
    location: dict[str, object] = field(default_factory=lambda: {"repository": "acme/handbook"})
    known: dict[str, KnownDocument] = field(default_factory=dict)
    state: Any = None
    failed: frozenset[str] = frozenset()

    async def look(self, *, only: frozenset[str] | None = None) -> dict[str, Found]:
        """By locator, and published; what was said of each."""
        self.hub.calls.clear()
        sync = Sync(
            project_id="prj_A",
            location=self.location,
            known=dict(self.known),
            state=self.state,
            failed_before=self.failed,
            only=only,
        )
        said: dict[str, Found] = {}
        async for found in self.connector.documents(sync):
            if isinstance(found, Checkpoint):
                self.state = found.state
            elif isinstance(found, FetchedDocument | Unchanged | FailedDocument | Skipped):
                assert found.locator not in said
                said[found.locator] = found
        self.failed = frozenset(path for path, found in said.items() if isinstance(found, FailedDocument))
        kept = {path: self.known[path] for path, found in said.items() if isinstance(found, Unchanged)}
        self.known = kept | {path: _kept(found) for path, found in said.items() if isinstance(found, FetchedDocument)}
        return said


def _kept(found: FetchedDocument) -> KnownDocument:
    return KnownDocument(etag=found.etag, last_modified=None, content_hash=hashlib.sha256(found.content).hexdigest())


def fetched(said: dict[str, Found]) -> set[str]:
    return {path for path, found in said.items() if isinstance(found, FetchedDocument)}


def code_of(found: Found) -> str:
    assert isinstance(found, FailedDocument | Skipped)
    return found.code


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    fetcher = Fetcher(allow_private_networks=True)
    async with github() as hub:
        yield Watcher(hub=hub, connector=GitHubConnector(fetcher, api_url=hub.url))
    await fetcher.close()


@pytest.fixture
def repository(watcher: Watcher) -> Repository:
    return watcher.hub.repository("acme/handbook", PAGES)


# --- again


async def test_only_what_changed_is_fetched(watcher: Watcher, repository: Repository) -> None:
    first = await watcher.look()
    repository.push({**repository.files, "docs/01.md": b"# Page one", "docs/new.md": b"# New"})
    second = await watcher.look()

    assert fetched(first) == set(PAGES)
    assert fetched(second) == {"docs/01.md", "docs/new.md"}
    assert {path for path, found in second.items() if isinstance(found, Unchanged)} == set(PAGES) - {"docs/01.md"}
    assert watcher.hub.count("/git/blobs/") == 2


async def test_what_was_deleted_does_not_come_and_what_was_renamed_comes_anew(
    watcher: Watcher, repository: Repository
) -> None:
    first = await watcher.look()
    files = repository.files
    files["guide/first.md"] = files.pop("docs/00.md")
    del files["docs/01.md"]
    repository.push(files)
    second = await watcher.look()

    assert set(second) == {"guide/first.md", "docs/02.md", "docs/03.md", "docs/04.md"}
    renamed, before = second["guide/first.md"], first["docs/00.md"]
    assert isinstance(renamed, FetchedDocument)
    assert isinstance(before, FetchedDocument)
    assert (renamed.content, renamed.etag) == (before.content, before.etag)


async def test_other_settings_look_at_the_same_commit_again(watcher: Watcher, repository: Repository) -> None:
    await watcher.look()
    watcher.location |= {"exclude": ["docs/00.md"]}
    second = await watcher.look()

    assert set(second) == set(PAGES) - {"docs/00.md"}
    assert fetched(second) == set()


async def test_what_failed_is_tried_again_at_the_same_commit(watcher: Watcher, repository: Repository) -> None:
    watcher.hub.troubles.append(("/git/blobs/", refused(500, "Server Error")))
    first = await watcher.look()
    second = await watcher.look()
    third = await watcher.look()

    assert code_of(first["docs/00.md"]) == "upstream_error"
    assert fetched(first) == set(PAGES) - {"docs/00.md"}
    assert fetched(second) == {"docs/00.md"}
    assert len(watcher.hub.calls) == 1
    assert set(third) == set(PAGES)


async def test_a_retry_of_some_stays_with_the_commit_of_the_others(watcher: Watcher, repository: Repository) -> None:
    watcher.hub.troubles.append(("/git/blobs/", refused(500, "Server Error")))
    await watcher.look()
    before = repository.branches["main"]
    repository.push({path: b"# Changed" for path in PAGES})
    retried = await watcher.look(only=frozenset({"docs/00.md"}))

    found = retried["docs/00.md"]
    assert set(retried) == {"docs/00.md"}
    assert isinstance(found, FetchedDocument)
    assert found.content == PAGES["docs/00.md"]
    assert before in (found.url or "")
    assert watcher.state["commit"] == before


async def test_github_being_away_is_of_the_whole(watcher: Watcher) -> None:
    watcher.hub.repository("acme/handbook", {f"docs/{number}.md": b"# %d" % number for number in range(15)})
    watcher.hub.troubles += [("/git/blobs/", refused(502, "Bad Gateway"))] * 15

    with pytest.raises(FetchFailed) as caught:
        await watcher.look()

    assert (caught.value.code, caught.value.retryable) == ("upstream_error", True)


async def test_a_limit_in_the_middle_is_waited_for(watcher: Watcher, repository: Repository) -> None:
    watcher.hub.limit_without_token, watcher.hub.spent = 12, {"": 6}

    with pytest.raises(FetchFailed) as caught:
        await watcher.look()

    assert (caught.value.code, caught.value.retryable) == ("rate_limited", True)
    assert (caught.value.retry_after or 0) > 3_500


async def test_more_files_than_an_hour_allows_come_hour_by_hour(watcher: Watcher) -> None:
    repository = watcher.hub.repository("acme/handbook", MANY, packed=lambda commit: b"no archive at all")
    watcher.hub.limit_without_token = 20
    first = await watcher.look()
    watcher.hub.renew()
    second = await watcher.look()
    watcher.hub.renew()
    third = await watcher.look()

    assert repository.files.keys() == first.keys() == second.keys() == third.keys()
    assert len(fetched(first)) == 16
    assert code_of(first["docs/39.md"]) == "rate_limited"
    assert fetched(first) | fetched(second) | fetched(third) == set(MANY)
    assert not watcher.failed


# --- what is left out, and why


async def test_a_file_of_300_megabytes_is_told_by_its_size(watcher: Watcher) -> None:
    files = {**PAGES, "docs/film.pdf": Zeros(300_000_000), "data/all.bin": Zeros(200_000_000)}
    watcher.hub.repository("acme/handbook", files)

    said = await watcher.look()

    assert "data/all.bin" not in said
    assert code_of(said["docs/film.pdf"]) == "too_large"
    assert "300 MB; at most 25 MB" in getattr(said["docs/film.pdf"], "message", "")
    assert fetched(said) == set(PAGES)
    assert watcher.hub.count("/git/blobs/") == len(PAGES)
    assert watcher.hub.downloads == []


async def test_links_submodules_and_pointers_are_left_out_with_a_reason(watcher: Watcher) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    repository = watcher.hub.repository(
        "acme/handbook",
        {"a.md": b"# A", "b.md": Link("../../etc/passwd"), "docs/shared": Submodule(), "scan.pdf": pointer},
    )
    said = await watcher.look()
    repository.push({**repository.files, "a.md": b"# B"})
    again = await watcher.look()

    left_out = {"b.md": "symlink", "docs/shared": "submodule", "scan.pdf": "lfs_pointer"}
    for found in (said, again):
        assert fetched(found) == {"a.md"}
        assert {path: code_of(found[path]) for path in left_out} == left_out
    assert watcher.hub.count("/git/blobs/") == 1


@pytest.mark.parametrize(
    ("glob", "named", "others"),
    [
        ("*.md", ["a.md", "docs/a.md"], ["a.mdx", "md"]),
        ("/*.md", ["a.md"], ["docs/a.md"]),
        ("docs/*.md", ["docs/a.md"], ["docs/en/a.md", "x/docs/a.md"]),
        ("docs/**/*.md", ["docs/a.md", "docs/en/a.md", "docs/en/b/a.md"], ["a.md"]),
        ("**/en/**", ["docs/en/a.md", "en/a.md"], ["docs/a.md"]),
        ("docs/", ["docs/a.md", "x/docs/b"], ["docsa"]),
        ("docs", ["docs", "docs/a.md"], ["docs2/a.md"]),
        ("./docs/a?.md", ["docs/ab.md"], ["docs/a.md", "docs/a/.md"]),
        ("[ab].md", ["a.md", "b.md"], ["c.md", "[ab].md"]),
        ("[!ab].md", ["c.md"], ["a.md"]),
        ("a+(b).md", ["a+(b).md"], ["aab.md"]),
        ("**", ["a", "b/c"], []),
    ],
)
def test_globs_name_files(glob: str, named: list[str], others: list[str]) -> None:
    choice = Choice(include=(glob,))

    assert [path for path in named if not choice.wants(path)] == []
    assert [path for path in others if choice.wants(path)] == []


def test_no_glob_takes_long() -> None:
    choice = Choice(include=("*a" * 100 + "b", "**/" * 66 + "b", "[a-" * 60))

    assert not choice.wants("/".join(["a" * 200] * 20))


# --- large trees and archives


async def test_a_tree_that_is_cut_is_walked_folder_by_folder(watcher: Watcher) -> None:
    files = {f"part{part}/{number}.md": b"# %d" % number for part in range(3) for number in range(4)}
    watcher.hub.repository("acme/handbook", {**files, "node_modules/a/b.md": b"#", "top.md": b"# Top"})
    watcher.hub.tree_max_entries = 8

    said = await watcher.look()

    assert fetched(said) == {*files, "top.md"}
    assert watcher.hub.count("/git/trees/") == 5


async def test_many_files_come_by_one_call(watcher: Watcher) -> None:
    long = f"docs/{'long-' * 40}name.md"
    watcher.hub.repository("acme/handbook", {**MANY, long: b"# L\xc3\xa4nger"})

    said = await watcher.look()

    assert fetched(said) == {*MANY, long}
    assert len(watcher.hub.calls) == 4


async def test_what_an_archive_leaves_out_or_rewrites_comes_by_itself(watcher: Watcher) -> None:
    repository = watcher.hub.repository("acme/handbook", MANY)
    entries = {f"x/{path}": content for path, content in MANY.items()}
    entries["x/docs/00.md"] = b"# Page \xff"  # as long as before, other bytes: `export-subst`
    del entries["x/docs/01.md"]  # `export-ignore`
    repository.packed = lambda commit: tar(*(regular(name, content) for name, content in entries.items()))

    said = await watcher.look()

    assert fetched(said) == set(MANY)
    assert {found.content for found in said.values() if isinstance(found, FetchedDocument)} == set(MANY.values())
    assert watcher.hub.count("/git/blobs/") == 2


def regular(name: str, content: bytes, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = fields.pop("size", len(content))
    for what, value in fields.items():
        setattr(member, what, value)
    return member, content


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    written = b"".join(
        member.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % 512) for member, content in members
    )
    return gzip.compress(written + bytes(1024))


def _extension_of(size: int) -> bytes:
    return tar(regular("x", b"", type=tarfile.XHDTYPE, size=size))


@pytest.mark.parametrize(
    "packed",
    [
        lambda: b"",
        lambda: b"PK\x03\x04 no tar",
        lambda: gzip.compress(b"\xff" * 2_000),
        lambda: gzip.compress(regular("x/a", b"", size=200_000_000)[0].tobuf() + bytes(200_000_000)),
        lambda: tar(regular("x/../../docs/00.md", b"# Evil"), regular("/docs/01.md", b"# Evil")),
        lambda: tar(regular("x/docs/00.md", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
        lambda: tar(regular("x/docs/00.md", b"# Evil  ")),
        lambda: tar(regular("x/docs/00.md", MANY["docs/00.md"], size=2**33)),
        lambda: _extension_of(2**33),
        lambda: tar(regular("x", b"99999 path=a\n", type=tarfile.XHDTYPE)),
        lambda: tar(regular("x", b"no record", type=tarfile.XHDTYPE)),
        lambda: tar(regular("x/docs/00.md", MANY["docs/00.md"]))[:60],
    ],
    ids=[
        "empty", "zip", "noise", "bomb", "climbing", "link", "other bytes", "endless file", "endless header",
        "long record", "bad record", "cut",
    ],
)  # fmt: skip
async def test_a_hostile_archive_brings_nothing_in_and_costs_no_file(
    watcher: Watcher, packed: Callable[[], bytes]
) -> None:
    watcher.hub.repository("acme/handbook", MANY, packed=lambda commit: packed())

    said = await watcher.look()

    assert fetched(said) == set(MANY)
    assert {found.content for found in said.values() if isinstance(found, FetchedDocument)} == set(MANY.values())


def test_a_bomb_is_refused_before_it_fills_anything() -> None:
    header = regular("x/docs/big.md", b"", size=300_000_000)[0].tobuf(tarfile.PAX_FORMAT)

    with pytest.raises(ArchiveRefused):
        list(files_in(io.BytesIO(gzip.compress(header + bytes(300_000_000))), {}))


async def test_a_tree_with_impossible_names_is_read_without_them(watcher: Watcher, repository: Repository) -> None:
    [tree] = [hash_ for hash_ in repository.trees if hash_ == repository.commits[repository.branches["main"]].tree]
    lines = repository.trees[tree]
    repository.trees[tree] = [*lines, *(type(lines[0])(name, "100644", "ab" * 20, 3) for name in ("..", "a/../b.md"))]

    said = await watcher.look()

    assert set(said) == set(PAGES)


async def test_what_is_not_the_blob_it_says_fails_alone(watcher: Watcher, repository: Repository) -> None:
    hash_ = next(hash_ for hash_, content in repository.blobs.items() if content == PAGES["docs/02.md"])
    repository.blobs[hash_] = b"# Page X"

    said = await watcher.look()

    assert code_of(said["docs/02.md"]) == "http_error"
    assert fetched(said) == set(PAGES) - {"docs/02.md"}


async def test_giving_up_in_the_middle_leaves_nothing_running(watcher: Watcher) -> None:
    watcher.hub.repository("acme/handbook", MANY)
    found = watcher.connector.documents(Sync(project_id="prj_A", location=watcher.location))
    async for document in found:
        if isinstance(document, FetchedDocument):
            break
    await found.aclose()  # type: ignore[attr-defined]  # the contract promises less than a generator

    assert len(asyncio.all_tasks()) <= 3
