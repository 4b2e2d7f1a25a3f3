"""Sources in Drive over HTTP: what is taken, what is refused with which sentence, and the first sync."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pptx
import pytest
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.sources.models import Source
from tests.conftest import Settle
from tests.loopback import serving
from tests.make import Body, Client, assert_error, read
from tests.origins.drive import BOT, DOC, SHEET, SLIDES, Drive
from tests.origins.google_json import error
from tests.sources.drive.test_listing import PPTX, XLSX, handbook, workbook

ID = "1dyUEebJaFnWa3Z4n0BFMVAXQ7mfUH11g"
Credentials = dict[str, object]


async def add(api: Client, **fields: Any) -> Body:
    posted = await api.post("sources", {"type": "drive", **fields})
    assert posted.status_code in (200, 202), posted.text
    return read(posted)


async def documents_of(api: Client, source: Body) -> dict[str, Body]:
    """By title, with their text."""
    listed = read(await api.get(f"sources/{source['id']}/documents", limit=100))["data"]
    found = [read(await api.get(f"sources/{source['id']}/documents/{document['id']}")) for document in listed]
    return {document["title"]: document for document in found}


@pytest.mark.parametrize(
    "url",
    [
        f"https://drive.google.com/file/d/{ID}/view?usp=sharing",
        f"https://drive.google.com/file/u/1/d/{ID}/edit",
        f"https://docs.google.com/document/d/{ID}/edit#heading=h.1",
        f"https://docs.google.com/document/u/0/d/{ID}/edit",
        f"https://docs.google.com/a/acme.example/spreadsheets/d/{ID}/edit?gid=0",
        f"https://docs.google.com/presentation/d/{ID}",
        f"https://drive.google.com/drive/folders/{ID}?resourcekey=0-abc",
        f"https://drive.google.com/drive/u/0/folders/{ID}",
        f"https://drive.google.com/open?id={ID}",
        f"https://drive.google.com/uc?export=download&id={ID}",
        f"http://drive.google.com/uc?id={ID}",
    ],
)
async def test_every_address_of_a_file_or_folder_names_the_same_source(
    api: Client, credentials: Credentials, url: str
) -> None:
    by_id = await add(api, file_id=ID, credentials=credentials)
    by_url = await api.post("sources", {"type": "drive", "url": url, "credentials": credentials})

    assert by_url.status_code == 200, by_url.text
    assert read(by_url)["id"] == by_id["id"]
    assert by_id["locator"] == f"https://drive.google.com/open?id={ID}"
    assert by_id["type"] == "drive"


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"file_id": ID}, "credentials", "source.credentials (the JSON key of a service account) or source.account_id"),
        ({"credentials": None}, "file_id", "exactly one of"),
        ({"file_id": ID, "folder_id": ID}, "file_id", "exactly one of"),
        ({"url": "https://drive.google.com/drive/my-drive"}, "url", "names no file or folder"),
        ({"url": "https://drive.google.com/drive/search?q=a"}, "url", "names no file or folder"),
        ({"url": f"https://evil.example/file/d/{ID}"}, "url", "not an address of Google Drive"),
        ({"url": f"https://drive.google.com@evil.example/file/d/{ID}"}, "url", "not an address of Google Drive"),
        ({"url": f"https://drive.google.com/open?id={ID}'+or"}, "url", "names no file or folder"),
        ({"url": "https://[drive"}, "url", "not an address of Google Drive"),
        ({"file_id": "' or name contains 'salary"}, "file_id", ""),
        ({"file_id": ID, "text": "Hello."}, "text", "does not go with type=drive"),
        ({"file_id": ID, "format": "plain"}, "format", "does not go with type=drive"),
    ],
)
async def test_what_names_no_single_place_or_brings_no_key_is_refused(
    api: Client, fields: Body, param: str, words: str
) -> None:
    response = await api.post("sources", {"type": "drive", **fields})

    assert words in assert_error(response, 422, "invalid_request", param=param)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "authorized_user"}, "its type must be service_account"),
        ({"client_email": "nobody"}, "no client_email"),
        ({"client_email": None}, "no client_email"),
        ({"private_key": None}, "no private_key"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"}, "no RSA key"),
        ({"private_key": "secret" * 2_000}, "no private_key"),
        ({"private_key_id": "\n"}, "private_key_id"),
        ({"padding": "secret" * 5_000}, "larger than"),
        ({"padding": json.loads('{"a":' * 300 + "1" + "}" * 300)}, "larger than"),
    ],
)
async def test_a_key_that_cannot_work_is_refused_at_once_and_not_shown(
    api: Client, credentials: Credentials, change: Body, words: str
) -> None:
    response = await api.post("sources", {"type": "drive", "file_id": ID, "credentials": {**credentials, **change}})

    assert words in assert_error(response, 422, "invalid_request", param="credentials")
    assert "secret" not in response.text
    assert "BEGIN" not in response.text


async def test_fields_of_a_drive_source_go_with_no_other(api: Client, credentials: Credentials) -> None:
    for name, value in (("file_id", ID), ("folder_id", ID), ("credentials", credentials), ("account_id", "acc_A")):
        response = await api.post("sources", {"type": "raw", "text": "Hello.", name: value})

        assert_error(response, 422, "invalid_request", param=name)


async def test_the_key_is_kept_sealed_and_never_shown(
    api: Client, backends: Backends, credentials: Credentials
) -> None:
    source = await add(api, folder_id=ID, credentials=credentials)
    shown = await api.get(f"sources/{source['id']}")
    [row] = await backends.db.read(
        lambda session: session.scalars(select(Source).where(Source.project_id == api.tenant.project_id)).all()
    )

    private_key = str(credentials["private_key"])
    assert row.secrets is not None
    assert private_key[40:80].encode() not in row.secrets
    assert row.config == {"id": ID}
    for text in (shown.text, str(row.config)):
        assert "PRIVATE KEY" not in text
        assert BOT not in text


async def test_a_token_address_in_the_key_is_not_called(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root = handbook(drive)
    async with serving({}) as elsewhere:
        source = await add(api, folder_id=root, credentials={**credentials, "token_uri": elsewhere.url("/token")})
        await settle()

        assert elsewhere.requests == []
    assert (await api.source(source["id"]))["status"] == "ready"


async def test_a_single_document_becomes_ready_and_is_answered_from(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    text = b"# Returns\n\nYou can return shoes within thirty days."
    id_ = drive.native("Returns policy", DOC, {"text/markdown": text})
    drive.share(id_, BOT)

    source = await add(api, url=f"https://docs.google.com/document/d/{id_}/edit", credentials=credentials)
    await settle()
    answer = await api.ask("Within how many days can I return shoes?")

    assert (await api.source(source["id"]))["status"] == "ready"
    [citation] = answer["citations"]
    assert "thirty days" in citation["quote"]
    assert citation["url"] == f"https://drive.google.com/file/d/{id_}/view?usp=drivesdk"
    assert citation["source_type"] == "drive"


async def test_a_folder_with_googles_documents_and_files_becomes_ready(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root = handbook(drive)
    drive.native("Prices", SHEET, {XLSX: workbook()}, root)
    drive.native("Deck", SLIDES, {PPTX: slides()}, root)

    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    documents = await documents_of(api, source)

    assert (await api.source(source["id"]))["status"] == "ready"
    texts = " ".join(document["text"] for document in documents.values())
    for words in ("Nine to five", "Thirty days", "You pay them", "Large", "What we sell"):
        assert words in texts
    assert {document["media_type"] for document in documents.values()} >= {"text/markdown", XLSX, PPTX}


async def test_a_folder_nobody_shared_fails_with_the_address_to_share_it_with(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    source = await add(api, folder_id=drive.folder("Private"), credentials=credentials)
    await settle()
    failed = await api.source(source["id"])

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "not_shared"
    assert failed["error"]["retryable"] is False
    assert BOT in failed["error"]["message"]


async def test_a_limit_of_googles_is_waited_out_as_long_as_it_says(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root = handbook(drive)
    drive.trouble("in parents", error(403, "userRateLimitExceeded", "User Rate Limit Exceeded", Retry_After="300"))

    source = await add(api, folder_id=root, credentials=credentials)
    before = datetime.now(UTC)
    await settle()
    limited = await api.source(source["id"])
    await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert (limited["error"]["code"], limited["error"]["retryable"]) == ("rate_limited", True)
    assert datetime.fromisoformat(limited["error"]["next_retry_at"]) >= before + timedelta(seconds=299)
    assert (await api.source(source["id"]))["status"] == "ready"


async def test_every_document_may_change_at_once(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root = handbook(drive)
    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    for item in list(drive.items.values()):
        if item.content is not None:
            drive.edit(item.id, item.content + b"\n\nSecond edition.")
    drive.file("New.md", b"# New\n\nSecond edition.", root)
    drive.calls.clear()

    await api.post(f"sources/{source['id']}/sync")
    await settle()
    texts = [document["text"] for document in (await documents_of(api, source)).values()]

    assert len(texts) == 4
    assert all("Second edition." in text for text in texts)
    assert drive.called("in parents") == 0
    assert (await api.source(source["id"]))["version"] == 2


async def test_a_key_that_google_refuses_fails_until_another_one_is_posted(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root = handbook(drive)
    newer = drive.oauth.service_account(BOT)

    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    refused = await api.source(source["id"])
    again = await add(api, folder_id=root, credentials=newer)
    await settle()

    assert (refused["error"]["code"], refused["error"]["retryable"]) == ("credentials_rejected", False)
    assert again["id"] == source["id"]
    assert (await api.source(source["id"]))["status"] == "ready"


def slides() -> bytes:
    deck, file = pptx.Presentation(), BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "What we sell"
    deck.save(file)
    return file.getvalue()
