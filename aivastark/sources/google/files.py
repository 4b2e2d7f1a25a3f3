"""What Drive tells of a file, checked field by field: an answer from outside is hostile until it reads as it should."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from aivastark.fetch_failures import FetchFailed

FIELDS = (
    "id,name,mimeType,md5Checksum,modifiedTime,size,parents,trashed,webViewLink,driveId,"
    "shortcutDetails(targetId,targetMimeType)"
)
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
NATIVE = "application/vnd.google-apps."
ID_MAX_CHARS = 128
NAME_MAX_CHARS = 255
PARENTS_MAX = 20  # one, since 2020; files from before may have more

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_MAX_CHARS}}}")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,150}")


@dataclass(frozen=True, kw_only=True, slots=True)
class DriveFile:
    """A file, a folder or a shortcut, as it is at the moment."""

    id: str
    name: str
    media_type: str
    etag: str
    """Names this version: changes with the content and with the name, and with nothing else."""
    size: int | None
    parents: tuple[str, ...]
    trashed: bool
    url: str | None
    drive_id: str | None
    target: tuple[str, str] | None = None
    """Of a shortcut: the id and the media type of what it leads to."""

    @property
    def is_folder(self) -> bool:
        return self.media_type == FOLDER

    @property
    def is_native(self) -> bool:
        """Whether it is made in Google's own editors, and has no bytes of its own."""
        return self.media_type.startswith(NATIVE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The latest that became of a file; no file when it was removed, or is out of sight."""

    file_id: str
    file: DriveFile | None


def is_file_id(value: object) -> bool:
    """Whether it has the form of a Drive id, and so can stand in a path and in a query."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def drive_file(told: object) -> DriveFile:
    """Raises FetchFailed for what is no file resource."""
    if not isinstance(told, dict) or not is_file_id(told.get("id")):
        raise unexpected()
    media_type = told.get("mimeType")
    name = "".join(character for character in str(told.get("name") or "") if character.isprintable())
    name = name.strip()[:NAME_MAX_CHARS] or "untitled"
    parents = told.get("parents")
    return DriveFile(
        id=told["id"],
        name=name,
        media_type=media_type if isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type) else "",
        etag=_etag(told, name),
        size=_size(told.get("size")),
        parents=tuple(filter(is_file_id, parents[:PARENTS_MAX])) if isinstance(parents, list) else (),
        trashed=told.get("trashed") is True,
        url=_web_address(told.get("webViewLink")),
        drive_id=told["driveId"] if is_file_id(told.get("driveId")) else None,
        target=_target(told.get("shortcutDetails")),
    )


def change(told: object) -> Change | None:
    """None for what is about a shared drive as such. Raises FetchFailed for what is no change resource."""
    if not isinstance(told, dict):
        raise unexpected()
    if told.get("changeType", "file") != "file":
        return None
    if not is_file_id(told.get("fileId")):
        raise unexpected()
    gone = told.get("removed") is True or told.get("file") is None
    file = None if gone else drive_file(told["file"])
    return Change(file_id=told["fileId"], file=None if file is None or file.trashed else file)


def unexpected() -> FetchFailed:
    """For an answer that is not what the API promises."""
    return FetchFailed("upstream_error", "Google Drive answered with something unexpected.", retryable=True)


def _etag(told: dict[str, Any], name: str) -> str:
    """Of bytes their MD5; of Google's own documents the time of the last change.

    Their `version` would not do: it also counts what changes nothing of the content, a look or a share. The name
    is part of it, because it is the title that passages are found and cited under.
    """
    content = told.get("md5Checksum") or told.get("modifiedTime") or ""
    return f"{str(content)[:64]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _size(told: object) -> int | None:
    """A number in a string, as the API writes 64 bits."""
    return int(told) if isinstance(told, str) and told.isdecimal() and len(told) < 20 else None


def _web_address(told: object) -> str | None:
    return told if isinstance(told, str) and told.startswith("https://") and len(told) <= 2_000 else None


def _target(told: object) -> tuple[str, str] | None:
    if not isinstance(told, dict) or not is_file_id(told.get("targetId")):
        return None
    return told["targetId"], str(told.get("targetMimeType") or "")[:200]
