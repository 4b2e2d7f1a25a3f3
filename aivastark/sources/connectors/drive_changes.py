"""What became of a tree of Drive since the last sync, from Drive's list of changes.

Drive tells the latest state of each file that changed, wherever it is: what of it is in the tree is decided here by
the folders that are known. Whatever is below a folder that was moved or binned has no entries of its own.
"""

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.connectors.drive_kinds import left_out
from aivastark.sources.connectors.drive_tree import Folder, Tree, walk
from aivastark.sources.google.drive_api import DriveApi
from aivastark.sources.google.files import Change, DriveFile

# What is said to a token that is too old, or of a list that is not open to the account any more.
TOKEN_REFUSED = frozenset({400, 403, 404, 410})


class NotListed(Exception):
    """The changes cannot be had: everything must be listed anew."""


async def changed_since(drive: DriveApi, before: Tree) -> Tree:
    """The tree as it is now. Raises `NotListed`, and FetchFailed when Drive cannot be asked."""
    tree = before
    try:
        told, tree.token = await drive.changes(tree.token, drive_id=tree.drive_id)
    except FetchFailed as failure:
        about_the_caller = failure.code in ("rate_limited", "api_disabled")
        if about_the_caller or (failure.status not in TOKEN_REFUSED and failure.code != "too_large"):
            raise
        raise NotListed from failure
    latest = {change.file_id: change for change in told}  # oldest first: the last one counts
    latest.pop(tree.root, None)  # it was looked at before
    added = _move_folders(tree, latest)
    if added:
        await walk(drive, tree, added)
    _move_files(tree, latest)
    tree.check_size()
    return tree


def _move_folders(tree: Tree, latest: dict[str, Change]) -> dict[str, str | None]:
    """Folders that moved or went, with all below them; gives those that came, id → parent, to be listed."""
    folders = {id_: change.file for id_, change in latest.items() if change.file is None or change.file.is_folder}
    for id_, folder in folders.items():
        if id_ in tree.folders:
            tree.folders[id_].parent = _home(tree, folder)
    reached = _reached(tree)
    # Also gone is what moved into a folder that is new; it comes back with that.
    tree.folders = {id_: folder for id_, folder in tree.folders.items() if id_ in reached}
    return {id_: home for id_, folder in folders.items() if id_ not in tree.folders and (home := _home(tree, folder))}


def _reached(tree: Tree) -> set[str]:
    """The folders that are still below the root."""
    below: dict[str | None, list[str]] = {}
    for id_, folder in tree.folders.items():
        below.setdefault(folder.parent, []).append(id_)
    reached, waiting = {tree.root}, [tree.root]
    while waiting:
        found = [id_ for id_ in below.get(waiting.pop(), []) if id_ not in reached]
        reached.update(found)
        waiting += found
    return reached


def _move_files(tree: Tree, latest: dict[str, Change]) -> None:
    """Files and shortcuts to where they are now, out of the tree where that is elsewhere."""
    places: dict[str, list[Folder]] = {}
    for folder in tree.folders.values():
        for id_ in (*folder.files, *folder.shortcuts):
            places.setdefault(id_, []).append(folder)
    for id_, change in latest.items():
        if id_ in tree.fresh or (change.file is not None and change.file.is_folder):
            continue  # what was just listed is newer
        for folder in places.get(id_, []):
            folder.files.pop(id_, None)
            folder.shortcuts.pop(id_, None)
        home = _home(tree, change.file)
        if change.file is not None and home is not None:
            tree.put(change.file, home, left_out(change.file))


def _home(tree: Tree, file: DriveFile | None) -> str | None:
    """The folder of the tree that a file is in; None where it is in none."""
    return None if file is None else next((parent for parent in file.parents if parent in tree.folders), None)
