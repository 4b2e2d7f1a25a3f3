"""An archive is a stranger's: whatever is wrong with it is found before anything is written."""

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from aivastark.backends.base import Backends
from aivastark.errors import InvalidArchive
from aivastark.moving import tar
from aivastark.moving.check import check
from aivastark.moving.manifest import HEADER, MANIFEST
from aivastark.moving.tar import members
from tests.conftest import Settle
from tests.make import SECRET_KEY, Client
from tests.moving.archives import made_of, packed, signed, silent

SOURCES = "tables/sources/000001.jsonl"
PROJECTS = "tables/projects/000001.jsonl"
Contents = dict[str, bytes]


@pytest.fixture
async def honest(backends: Backends, settle: Settle, api: Client) -> Contents:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    return dict(members(await packed(backends, api.tenant.project_id)))


def refusal(archive: io.BytesIO, **bounds: int) -> str:
    """Why it is not taken."""
    with pytest.raises(InvalidArchive) as refused:
        check(archive, secret_key=SECRET_KEY.encode(), report=silent, **bounds)
    return refused.value.message


def with_row(contents: Contents, name: str, **fields: Any) -> Contents:
    row = orjson.loads(contents[name].splitlines()[0])
    return signed({**contents, name: orjson.dumps({**row, **fields}) + b"\n"})


def with_header(contents: Contents, **fields: Any) -> Contents:
    return {**contents, HEADER: orjson.dumps({**orjson.loads(contents[HEADER]), **fields})}


def before_the_manifest(contents: Contents, name: str, content: bytes) -> Contents:
    last = {MANIFEST: contents[MANIFEST]}
    return signed({**{one: contents[one] for one in contents if one != MANIFEST}, name: content, **last})


async def test_an_honest_one_is_taken(honest: Contents) -> None:
    checked = check(made_of(signed(honest)), secret_key=SECRET_KEY.encode(), report=silent)

    assert checked.header.holds == "project"
    assert checked.manifest.tables["sources"].count == 1


async def test_what_no_export_would_write_is_refused(honest: Contents) -> None:
    for said, forge in FORGERIES:
        assert said in refusal(made_of(forge(honest)))


def signed_without(contents: Contents, name: str) -> Contents:
    manifest = orjson.loads(contents[MANIFEST])
    empty = {"count": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    manifest["tables"][name.split("/")[1]] = empty
    return {one: contents[one] for one in contents if one not in (name, MANIFEST)} | {MANIFEST: orjson.dumps(manifest)}


def with_vector(contents: Contents, **fields: Any) -> Contents:
    [name] = [name for name in contents if name.startswith("vectors/")]
    return with_row(contents, name, **fields)


FORGERIES: list[tuple[str, Callable[[Contents], Contents]]] = [
    ("wrong type", lambda it: with_row(it, SOURCES, version="1")),
    ("wrong type", lambda it: with_row(it, SOURCES, refresh_paused=1)),
    ("wrong type", lambda it: with_row(it, SOURCES, title=["a"])),
    ("out of range", lambda it: with_row(it, SOURCES, version=2**31)),
    ("longer than", lambda it: with_row(it, SOURCES, status="x" * 21)),
    ("missing", lambda it: with_row(it, SOURCES, created_at=None)),
    ("time zone", lambda it: with_row(it, SOURCES, created_at="2026-11-26T00:00:00")),
    ("leaves out", lambda it: with_row(it, SOURCES, secrets="AAAA")),
    ("columns", lambda it: with_row(it, PROJECTS, organization_id="org_01M82H4B1W678QBP6DP8XEEJB8")),
    ("no JSON", lambda it: signed({**it, SOURCES: b"{\n"})),
    ("no object", lambda it: signed({**it, SOURCES: b"[]\n"})),
    ("no JSON", lambda it: signed({**it, SOURCES: b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"\n"})),
    ("middle of a line", lambda it: signed({**it, SOURCES: it[SOURCES][:-1]})),
    ("manifest says", lambda it: {**it, SOURCES: it[SOURCES].replace(b"ready", b"ruddy")}),
    ("manifest says", lambda it: {name: it[name] for name in it if name != SOURCES}),
    ("manifest says", lambda it: {name: it[name] for name in it if not name.startswith("blobs/")}),
    ("holds none", lambda it: signed_without(it, PROJECTS)),
    ("no manifest", lambda it: {name: it[name] for name in it if name != MANIFEST}),
    ("after its end", lambda it: {**it, "more": b""}),
    ("no archive", lambda it: {name: it[name] for name in it if name != HEADER}),
    ("format 2", lambda it: with_header(it, format=2)),
    ("schema 0001", lambda it: with_header(it, schema="0001")),
    ("what it holds", lambda it: with_header(it, holds="install", project_id=None)),
    ("which project", lambda it: with_header(it, project_id="../../etc")),
    ("something else", lambda it: with_header(it, holds="everything")),
    ("not have", lambda it: before_the_manifest(it, "tables/users/000001.jsonl", b"{}\n")),
    ("not have", lambda it: before_the_manifest(it, "tables/jobs/000001.jsonl", b"{}\n")),
    ("order", lambda it: before_the_manifest(it, "tables/sources/000002.jsonl", it[SOURCES])),
    ("no archive has", lambda it: before_the_manifest(it, "../../../etc/cron.d/x", b"* * * * * root id\n")),
    ("nobody", lambda it: before_the_manifest(it, f"blobs/../../{'0' * 64}", b"")),
    ("nobody", lambda it: before_the_manifest(it, "vectors/../../x/000001.jsonl", b"")),
    ("damaged", lambda it: {n: (c + b"." if n.startswith("blobs/") else c) for n, c in it.items()}),
    ("vector", lambda it: with_vector(it, vector="AAAA")),
    ("vector", lambda it: with_vector(it, vector="AADAfwAAwH8=")),
    ("vector", lambda it: with_vector(it, vector=7)),
    ("differ", lambda it: with_vector(it, heading_vector="AAAAAA==")),
    ("nothing", lambda it: with_vector(it, chunk_id="'; DROP TABLE vectors")),
]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.XHDTYPE, tarfile.CHRTYPE])
def test_nothing_but_plain_files_is_read(kind: bytes) -> None:
    link = tarfile.TarInfo("archive.json")
    link.type, link.linkname = kind, "/etc/passwd"
    archive = gzip.compress(link.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))

    assert "damaged" in refusal(io.BytesIO(archive))


def test_a_bomb_costs_its_bound_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar, "MEMBER_MAX_BYTES", 1_000_000)
    large = tarfile.TarInfo("archive.json")
    large.size = 8 * 1024**3 - 1
    many = gzip.compress(bytes(10_000_000))

    assert "damaged" in refusal(io.BytesIO(gzip.compress(large.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))))
    assert "no archive" in refusal(io.BytesIO(many))
    assert "unpacks to more" in refusal(made_of({"archive.json": bytes(900_000)}), max_bytes=100_000)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"\x1f\x8b\x08", gzip.compress(b""), gzip.compress(b"x" * 512)],
    ids=["nothing", "a zip", "a beginning", "nothing, packed", "text, packed"],
)
def test_what_is_no_archive_at_all_is_refused(content: bytes) -> None:
    assert "no archive" in refusal(io.BytesIO(content))


async def test_one_that_is_cut_off_anywhere_is_refused(honest: Contents) -> None:
    whole = made_of(honest).getvalue()

    for length in range(0, len(whole) - 1, len(whole) // 40):
        assert refusal(io.BytesIO(whole[:length]))
