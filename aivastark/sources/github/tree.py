"""All files of a repository at a commit, or of the part that a source is, however large the repository."""

from collections.abc import Mapping
from dataclasses import dataclass

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.github.api import Commit, Entry, GitHubApi
from aivastark.sources.github.choose import Choice

MAX_TREE_CALLS = 500  # beyond it the repository is one for `path`
MAX_ENTRIES = 500_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """What there is, by path in the repository; folders left out."""

    entries: Mapping[str, Entry]
    is_whole: bool
    """Whether it is all of the repository, which an archive of it would hold."""

    @property
    def bytes(self) -> int:
        return sum(entry.size for entry in self.entries.values())


async def list_tree(github: GitHubApi, commit: Commit, choice: Choice) -> Tree:
    """The entries at `choice.path` and below. Raises FetchFailed, `not_found` where there is no such path."""
    root = await _at_path(github, commit, choice.path)
    if root.kind != "tree":
        return Tree(entries={choice.path: root}, is_whole=False)
    entries: dict[str, Entry] = {}
    waiting = [(root.hash, choice.path)]
    is_whole = not choice.path
    for _ in range(MAX_TREE_CALLS):
        if not waiting:
            return Tree(entries=entries, is_whole=is_whole)
        hash_, folder = waiting.pop()
        listing = await github.tree(hash_, recursive=True)
        if listing.truncated:  # folder by folder then, each of which may be small enough as a whole
            is_whole = False
            listing = await github.tree(hash_, recursive=False)
            if listing.truncated:
                raise _too_large(github.repository)
            folders = [entry for entry in listing.entries if entry.kind == "tree"]
            inside = [(entry.hash, _joined(folder, entry.path)) for entry in folders]
            waiting += [(below, path) for below, path in reversed(inside) if choice.may_hold(path)]
        for entry in listing.entries:
            if entry.kind != "tree":
                entries[_joined(folder, entry.path)] = entry
        if len(entries) > MAX_ENTRIES:
            raise _too_large(github.repository)
    raise _too_large(github.repository)


async def _at_path(github: GitHubApi, commit: Commit, path: str) -> Entry:
    """What stands at a path: folder by folder, so that the rest of a large repository is never listed."""
    here = Entry(path="", mode="040000", kind="tree", hash=commit.tree, size=0)
    for name in path.split("/") if path else ():
        there = None
        if here.kind == "tree":
            listing = await github.tree(here.hash, recursive=False)
            there = next((entry for entry in listing.entries if entry.path == name), None)
        if there is None:
            sentence = f"There is no {path} in {github.repository} at commit {commit.hash[:10]}. Correct the path."
            raise FetchFailed("not_found", sentence)
        here = there
    return here


def _joined(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _too_large(repository: str) -> FetchFailed:
    return FetchFailed("too_large", f"{repository} has too many files to list. Name a folder in it as path.")
