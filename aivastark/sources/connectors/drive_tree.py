"""What is below a folder of Drive: listed folder by folder, and remembered from one sync to the next."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.connectors.base import FailedDocument, failed_document
from aivastark.sources.connectors.drive_kinds import LeftOut, left_out
from aivastark.sources.google.drive_api import DriveApi
from aivastark.sources.google.files import SHORTCUT, DriveFile
from aivastark.sources.google.refusals import OF_THE_WHOLE

FORM = 1  # of the state; raised when a tree of before cannot be read on, or other files are left out
FILES_MAX = 20_000
FOLDERS_MAX = 5_000
DEPTH_MAX = 50  # folders within folders
SHORTCUTS_MAX = 1_000
LISTS_AT_ONCE = 4

Result = TypeVar("Result")


@dataclass(kw_only=True, slots=True)
class Folder:
    """What is directly in a folder: files with their version or why they are left out, shortcuts with targets."""

    parent: str | None
    files: dict[str, str | LeftOut] = field(default_factory=dict)
    shortcuts: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Tree:
    """All folders below a root, with what is in them."""

    root: str
    drive_id: str | None = None
    """The shared drive whose list of changes is followed; None: the account's own."""
    token: str = ""
    """From where on changes are not in here yet."""
    listed_at: str = ""
    """When it was last listed whole, in ISO form."""
    folders: dict[str, Folder] = field(default_factory=dict)
    fresh: dict[str, DriveFile] = field(default_factory=dict)
    """What this sync was told of files, and no state keeps."""

    def files(self) -> dict[str, str | LeftOut]:
        """Every file once."""
        return {file_id: kept for folder in self.folders.values() for file_id, kept in folder.files.items()}

    def put(self, file: DriveFile, folder_id: str, verdict: LeftOut | None) -> None:
        """Into a folder that is here; a shortcut as what it leads to."""
        folder = self.folders[folder_id]
        if file.media_type == SHORTCUT:
            if file.target is not None:
                folder.shortcuts[file.id] = file.target[0]
        else:
            folder.files[file.id] = verdict or file.etag
            self.fresh[file.id] = file

    def depth_of(self, folder_id: str) -> int:
        """How many folders are above it; more than are allowed for a circle."""
        depth, above = 0, self.folders[folder_id].parent
        while above is not None and depth <= DEPTH_MAX:
            depth += 1
            above = self.folders[above].parent if above in self.folders else None
        return depth

    def check_size(self) -> None:
        """Raises FetchFailed for more than one source may hold: a part of it would pass for the whole."""
        if len(self.folders) > FOLDERS_MAX or sum(len(folder.files) for folder in self.folders.values()) > FILES_MAX:
            sentence = f"The folder holds more than {FILES_MAX:,} files or {FOLDERS_MAX:,} folders."
            raise FetchFailed("too_large", f"{sentence} Post its sub-folders as sources of their own.")

    def state(self) -> dict[str, object]:
        """For the next sync: as little as it needs."""
        return {
            "form": FORM,
            "root": self.root,
            "drive": self.drive_id,
            "token": self.token,
            "listed_at": self.listed_at,
            "folders": {
                folder_id: [
                    folder.parent,
                    {
                        file_id: kept if isinstance(kept, str) else [kept.code, kept.message, kept.is_failure]
                        for file_id, kept in folder.files.items()
                    },
                    folder.shortcuts,
                ]
                for folder_id, folder in self.folders.items()
            },
        }

    @classmethod
    def restored(cls, state: Mapping[str, object] | None, root: str) -> "Tree | None":
        """The tree of a state; None for that of another root or form."""
        if state is None or state.get("form") != FORM or state.get("root") != root:
            return None
        kept: dict[str, Any] = dict(state)
        folders = {
            folder_id: Folder(
                parent=parent,
                files={
                    file_id: told if isinstance(told, str) else LeftOut(told[0], told[1], told[2])
                    for file_id, told in files.items()
                },
                shortcuts=dict(shortcuts),
            )
            for folder_id, (parent, files, shortcuts) in kept["folders"].items()
        }
        return cls(root=root, drive_id=kept["drive"], token=kept["token"], listed_at=kept["listed_at"], folders=folders)


@dataclass(kw_only=True, slots=True)
class Linked:
    """What shortcuts lead to, outside the tree."""

    tree: Tree
    troubles: list[FailedDocument] = field(default_factory=list)


async def list_anew(drive: DriveApi, root: DriveFile, *, listed_at: str) -> Tree:
    """Everything below the root. Raises FetchFailed.

    The token for changes is taken before the listing: what changes meanwhile is told next time, and not lost.
    """
    tree = Tree(root=root.id, drive_id=root.drive_id, listed_at=listed_at)
    try:
        tree.token = await drive.start_token(drive_id=tree.drive_id)
    except FetchFailed as failure:
        if tree.drive_id is None or failure.status not in (403, 404):
            raise
        # A folder of a shared drive, shared with somebody who is no member: then its changes are in their own list.
        tree.drive_id = None
        tree.token = await drive.start_token(drive_id=None)
    await walk(drive, tree, {root.id: None})
    return tree


async def walk(drive: DriveApi, tree: Tree, begin_at: Mapping[str, str | None]) -> None:
    """List these folders (id → parent) and all below them into the tree, level by level. Raises FetchFailed."""
    level = dict(begin_at)
    for folder_id, parent in level.items():
        tree.folders[folder_id] = Folder(parent=parent)
    while level:
        deeper: dict[str, str | None] = {}
        for some in _batches(list(level), LISTS_AT_ONCE):
            listed = await _together([_children(drive, tree, folder_id) for folder_id in some])
            for folder_id, children in zip(some, listed, strict=True):
                for child in children:
                    if not child.is_folder:
                        tree.put(child, folder_id, left_out(child))
                    elif child.id not in tree.folders and tree.depth_of(folder_id) < DEPTH_MAX:
                        tree.folders[child.id] = Folder(parent=folder_id)
                        deeper[child.id] = folder_id
            tree.check_size()
        level = deeper


async def _children(drive: DriveApi, tree: Tree, folder_id: str) -> list[DriveFile]:
    try:
        return await drive.children(folder_id, drive_id=tree.drive_id)
    except FetchFailed as failure:
        if failure.status != 404 or folder_id == tree.root:
            raise
        return []  # it went while the folders above it were listed


async def follow_shortcuts(drive: DriveApi, tree: Tree) -> Linked:
    """What the shortcuts of a tree lead to, each target once, circles included.

    Asked for anew each time: the list of changes that the tree follows may not have them. Raises FetchFailed.
    """
    linked = Linked(tree=Tree(root="linked", folders={"linked": Folder(parent=None)}))
    waiting = [target for folder in tree.folders.values() for target in folder.shortcuts.values()]
    seen: set[str] = set()
    own = tree.files()
    while waiting:
        target = waiting.pop()
        if target in seen or target in own or target in tree.folders or target in linked.tree.folders:
            continue
        seen.add(target)
        if len(seen) > SHORTCUTS_MAX:
            sentence = f"The folder holds more than {SHORTCUTS_MAX:,} shortcuts."
            raise FetchFailed("too_large", f"{sentence} Post what they lead to as sources of their own.")
        waiting += await _follow(drive, linked, target)
    return linked


async def _follow(drive: DriveApi, linked: Linked, target: str) -> list[str]:
    """One target into what is linked; gives the shortcuts found in it."""
    try:
        file = await drive.file(target, what="what a shortcut leads to")
    except FetchFailed as failure:
        if failure.code in OF_THE_WHOLE:
            raise
        linked.troubles.append(failed_document(target, failure))
        return []
    if file.trashed or file.media_type == SHORTCUT:
        return []
    if not file.is_folder:
        linked.tree.put(file, "linked", left_out(file))
        return []
    before = set(linked.tree.folders)
    await walk(drive, linked.tree, {file.id: None})
    return [
        found
        for folder_id, folder in linked.tree.folders.items()
        if folder_id not in before
        for found in folder.shortcuts.values()
    ]


def _batches(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch


async def _together(calls: Sequence[Awaitable[Result]]) -> list[Result]:
    """All of them at once; when one fails, the others are stopped."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:  # also when it is cancelled itself
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
