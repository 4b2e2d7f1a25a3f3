"""What an archive says of itself: `archive.json` first, `manifest.json` last.

    archive.json                          which format, which schema, what it holds
    tables/<table>/<number>.jsonl         rows in the order of their keys, tables with parents before children
    blobs/<project id>/<sha-256>          uploads and posted texts that a source refers to
    vectors/<project id>/<number>.jsonl   what the search index holds of each passage's meaning
    manifest.json                         when it was made, and how much of everything there is, with SHA-256

Parts are numbered from 000001 and hold at most a mebibyte, or one row. docs/moving.md tells the rest.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aivastark import __version__
from aivastark.errors import InvalidArchive
from aivastark.kit.clock import to_wire, utc_now
from aivastark.migrations.migrate import HEAD
from aivastark.moving.tables import Holds

FORMAT = 1
HEADER, MANIFEST = "archive.json", "manifest.json"
_CHECK = b"aivastark archive: is this the key that its secrets are sealed with"


class Header(BaseModel):
    """The first member."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    schema_revision: str = Field(alias="schema")
    holds: Holds
    project_id: str | None
    key_check: str | None
    secret_key: str | None = Field(default=None, repr=False)
    """In a backup, where the install made its key by itself: base64. An export has none."""


class Sum(BaseModel):
    """How much there is of one thing, and its SHA-256: of the lines of a table, of the names of blobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int
    sha256: str


class Manifest(BaseModel):
    """The last member."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    created_at: str
    version: str
    tables: dict[str, Sum]
    blobs: Sum
    vectors: dict[str, Sum]


@dataclass
class Counting:
    """A sum that grows."""

    count: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        """One more."""
        self.count += 1
        self._hash.update(line)

    def end(self) -> Sum:
        """What it came to."""
        return Sum(count=self.count, sha256=self._hash.hexdigest())


def header_for(project_id: str | None, secret_key: bytes, *, with_key: bool = False) -> bytes:
    """The first member of an archive of this install, or of one project."""
    holds = "install" if project_id is None else "project"
    check = key_check(secret_key) if project_id is None else None
    said = {"format": FORMAT, "schema": HEAD, "holds": holds, "project_id": project_id, "key_check": check}
    return orjson.dumps(said | ({"secret_key": base64.b64encode(secret_key).decode()} if with_key else {}))


def manifest_of(tables: dict[str, Sum], blobs: Sum, vectors: dict[str, Sum]) -> bytes:
    """The last member."""
    made = Manifest(created_at=to_wire(utc_now()), version=__version__, tables=tables, blobs=blobs, vectors=vectors)
    return made.model_dump_json().encode()


def read_header(content: bytes) -> Header:
    """The first member. Raises `InvalidArchive` for what this version cannot take."""
    try:
        said = orjson.loads(content)
        if isinstance(said, dict) and said.get("format", FORMAT) != FORMAT:
            raise InvalidArchive(f"The archive has format {said['format']}; this version reads {FORMAT}.")
        header = Header.model_validate(said)
    except (ValidationError, orjson.JSONDecodeError) as error:
        raise InvalidArchive("This is no archive of Aivastark: its first file says something else.") from error
    if header.schema_revision != HEAD:
        raise InvalidArchive(
            f"The archive was made with schema {header.schema_revision}, and this version has {HEAD}. "
            "Install the same version of Aivastark on both sides, start the older one once (or run `aivastark "
            "migrate`), and export again."
        )
    return header


def read_manifest(content: bytes) -> Manifest:
    """The last member. Raises `InvalidArchive`."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise InvalidArchive("The archive's manifest makes no sense.") from error


def require_key(header: Header, secret_key: bytes) -> None:
    """Raises `InvalidArchive` where what is sealed in the archive could not be read here."""
    if header.key_check is not None and not hmac.compare_digest(header.key_check, key_check(secret_key)):
        raise InvalidArchive(
            "The archive was made with another secret key, and what is sealed in it could not be read here. Copy "
            "`secret.key` from the old data directory into the new one, or set the same AIVASTARK_SECRET_KEY."
        )


def key_in(header: Header) -> bytes | None:
    """The secret key that a backup brings along. Raises `InvalidArchive`."""
    try:
        return None if header.secret_key is None else base64.b64decode(header.secret_key, validate=True)
    except binascii.Error as error:
        raise InvalidArchive("The secret key in the backup cannot be read.") from error


def key_check(secret_key: bytes) -> str:
    """Tells whether two installs have the same secret key, and nothing else of it."""
    return hmac.digest(secret_key, _CHECK, hashlib.sha256).hex()


def part_name(folder: str, number: int) -> str:
    """`tables/sources/000001.jsonl`."""
    return f"{folder}/{number:06}.jsonl"
