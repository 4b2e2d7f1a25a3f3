"""What a source in Google Drive is posted with: which file or folder, and what opens it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, Field

from aivastark.sources.faults import source_fault
from aivastark.sources.google.service_account import read_service_account

DRIVE_ID_MIN_CHARS, DRIVE_ID_MAX_CHARS = 10, 128
HOSTS = frozenset({"drive.google.com", "docs.google.com"})

_ID = rf"[A-Za-z0-9_-]{{{DRIVE_ID_MIN_CHARS},{DRIVE_ID_MAX_CHARS}}}"
# People with several accounts have `/u/1`, people of a company `/a/acme.example` in the path.
_BEFORE = r"(?:/a/[\w.-]{1,100})?"
_USER = r"(?:/u/\d{1,3})?"
_IN_PATH = re.compile(
    rf"{_BEFORE}/(?:(?:file|document|spreadsheets|presentation){_USER}/d|drive{_USER}/folders)/(?P<id>{_ID})(?:/.*)?"
)
_IN_QUERY = re.compile(rf"{_BEFORE}(?:/open|/uc|/drive{_USER}/folderview|/folderview)/?")
_WHOLE_ID = re.compile(_ID)

SEND_WHAT = (
    "source.credentials (the JSON key of a service account) or source.account_id (of a connected account) "
    "is required for type=drive"
)

DriveId = Annotated[str, Field(pattern=rf"^{_ID}$", max_length=DRIVE_ID_MAX_CHARS)]


class DriveFields(BaseModel):
    """Fields of `type: drive`; `url` may name the file as well."""

    file_id: DriveId | None = None
    folder_id: DriveId | None = None
    credentials: dict[str, Any] | None = Field(
        default=None, description="The JSON key of a service account; never shown again."
    )
    account_id: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="A connected account, `acc_…`."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DrivePlace:
    """Which file or folder, and what opens it."""

    id: str
    secrets: Mapping[str, str]
    """`credentials`, or `account_id`: one of them, so that posting the other replaces it."""

    @property
    def link(self) -> str:
        """Where a person finds it, whatever it is."""
        return f"https://drive.google.com/open?id={self.id}"


def drive_place(posted: DriveFields, url: str | None) -> DrivePlace:
    """Raises an error that names the field at fault."""
    given = {name: value for name, value in _named(posted, url).items() if value is not None}
    if len(given) != 1:
        name = next(iter(given), "file_id")
        raise source_fault(name, "send exactly one of source.file_id, source.folder_id and source.url for type=drive")
    place = given.get("url")
    found = next(iter(given.values())) if place is None else _id_in(place)
    if posted.credentials is not None and posted.account_id is not None:
        raise source_fault("account_id", "send source.credentials or source.account_id, not both")
    if posted.account_id is not None:
        return DrivePlace(id=found, secrets={"account_id": posted.account_id})
    if posted.credentials is None:
        raise source_fault("credentials", SEND_WHAT)
    try:
        account = read_service_account(posted.credentials)
    except ValueError as error:
        raise source_fault("credentials", f"source.credentials {error}") from None  # the cause may quote the key
    return DrivePlace(id=found, secrets={"credentials": account.sealed_form()})


def _named(posted: DriveFields, url: str | None) -> dict[str, str | None]:
    return {"file_id": posted.file_id, "folder_id": posted.folder_id, "url": url}


def _id_in(url: str) -> str:
    """The id in an address that somebody copied from Drive or Docs."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        host = None
    if host not in HOSTS or parts.scheme not in ("http", "https"):
        raise source_fault("url", "source.url is not an address of Google Drive: copy it from drive.google.com")
    if match := _IN_PATH.fullmatch(parts.path):
        return match["id"]
    if _IN_QUERY.fullmatch(parts.path):
        asked = parse_qs(parts.query, max_num_fields=20).get("id", [""])[0]
        if _WHOLE_ID.fullmatch(asked):
            return asked
    raise source_fault("url", "source.url names no file or folder of Google Drive: use the link of a single one")
