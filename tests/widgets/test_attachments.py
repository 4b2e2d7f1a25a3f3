"""Files of visitors over HTTP: what is taken, whose it is, how it comes out again, and that it goes."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from aivastark.accounts.gate import Application
from aivastark.settings import Settings
from aivastark.widgets import attach as limits
from aivastark.widgets.file_kinds import FILE_MAX_BYTES, FILES_PER_CONVERSATION
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, blobs_in, read
from tests.widgets.test_identity import hash_for
from tests.widgets.window import Window, make_widget, opened

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
FILES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0" + bytes(20),
    "image/gif": b"GIF89a" + bytes(20),
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "text/plain; charset=utf-8": b"Liebe Leute,\n<script>alert(1)</script>",
}


async def send(window: Window, content: bytes, name: str = "photo.png", **fields: str) -> httpx.Response:
    return await window.http.post(
        f"/v1/widget/{window.embed_key}/attachments",
        files={"file": (name, content, "text/html")},
        data=fields,
        headers=window.headers(),
    )


async def sent(window: Window, content: bytes = PNG, name: str = "photo.png", **fields: str) -> Body:
    answered = await send(window, content, name, **fields)
    assert answered.status_code == 201, answered.text
    return read(answered)


def path_of(body: Body) -> str:
    return f"conversations/{body['conversation_id']}/attachments/{body['message']['attachments'][0]['id']}"


@pytest.fixture
async def widget(api: Client) -> Body:
    return await make_widget(api, attachments={"enabled": True})


@pytest.mark.parametrize("media_type", FILES)
async def test_a_file_is_told_by_its_bytes_and_comes_out_as_a_download_alone(
    app: Application, api: Client, widget: Body, media_type: str
) -> None:
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        body = await sent(visitor, FILES[media_type], "C:\\photos\\Über\u202egnp.html")
        visitors, members = await visitor.get(path_of(body)), await api.get(path_of(body))

    [attachment] = body["message"]["attachments"]
    assert attachment["media_type"] == media_type
    assert (attachment["name"], attachment["size"]) == ("Übergnp.html", len(FILES[media_type]))
    for answered in (visitors, members):
        assert answered.status_code == 200
        assert answered.content == FILES[media_type]
        assert answered.headers["content-type"] == media_type
        assert answered.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9Cbergnp.html"
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_what_is_none_of_these_empty_or_too_large_is_refused(app: Application, widget: Body) -> None:
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        assert_error(await send(visitor, b"MZ\x90\x00\x03"), 415, "unsupported_media_type")
        assert_error(await send(visitor, b"PK\x03\x04\x14\x00"), 415, "unsupported_media_type")
        assert_error(await send(visitor, b""), 422, "invalid_request", param="file")
        assert_error(await send(visitor, PNG + bytes(FILE_MAX_BYTES)), 413, "payload_too_large")
        nothing = await visitor.http.post(
            f"/v1/widget/{visitor.embed_key}/attachments", files={"other": b"x"}, headers=visitor.headers()
        )
        assert_error(nothing, 422, "invalid_request", param="file")
        assert_error(await visitor.post("attachments", file="x"), 415, "unsupported_media_type")

        assert await visitor.history() == []


async def test_it_takes_a_visitor_of_a_widget_that_takes_files(app: Application, api: Client, widget: Body) -> None:
    other = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window, opened(app, other["embed_key"]) as shut:
        assert_error(await send(window, PNG), 401, "unauthenticated")
        assert_error(await send(await shut.visit(), PNG), 403, "permission_denied")
        assert read(await shut.get("config"))["attachments"]["enabled"] is False
        taken = read(await window.get("config"))["attachments"]

    assert taken == {
        "enabled": True,
        "max_bytes": FILE_MAX_BYTES,
        "max_per_conversation": FILES_PER_CONVERSATION,
    }


async def test_it_is_the_visitors_and_the_teams_and_nobody_elses(
    app: Application, api: Client, stranger: Client, widget: Body
) -> None:
    theirs = await make_widget(stranger, attachments={"enabled": True})
    async with opened(app, widget["embed_key"]) as window, opened(app, theirs["embed_key"]) as elsewhere:
        visitor, another = await window.visit(), await window.visit()
        body = await sent(visitor)
        own = await sent(another)
        assert_error(await another.get(path_of(body)), 404, "not_found")
        assert_error(await window.get(path_of(body)), 401, "unauthenticated")
        assert_error(await (await elsewhere.visit()).get(path_of(body)), 404, "not_found")
        assert_error(await send(another, PNG, conversation_id=body["conversation_id"]), 404, "not_found")
        mixed = f"conversations/{own['conversation_id']}/attachments/{body['message']['attachments'][0]['id']}"
        assert_error(await another.get(mixed), 404, "not_found")

    assert_error(await stranger.get(path_of(body)), 404, "not_found")
    assert (await api.get(path_of(body))).status_code == 200


async def test_it_begins_a_conversation_or_goes_on_with_it_and_asks_the_bot_nothing(
    app: Application, api: Client, widget: Body
) -> None:
    await api.add(text="The shop opens at nine.", title="Hours")
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        first = await sent(visitor, name="receipt.pdf")
        asked = await visitor.ask("Is this the right receipt?", conversation_id=first["conversation_id"])
        await visitor.post("escalate")
        second = await sent(visitor, name="photo.png")
        fresh = await sent(visitor, new_conversation="true")
        seen = read(await visitor.get(f"conversations/{first['conversation_id']}"))

    assert asked["conversation_id"] == second["conversation_id"] == first["conversation_id"]
    assert fresh["conversation_id"] != first["conversation_id"]
    told = read(await api.get(f"conversations/{first['conversation_id']}"))
    assert (told["subject"], told["status"], told["channel"]) == ("receipt.pdf", "waiting_human", "widget")
    for messages in (seen["messages"], told["messages"]):
        assert [(one["content"], len(one["attachments"])) for one in messages if one["role"] == "user"] == [
            ("receipt.pdf", 1),
            ("Is this the right receipt?", 0),
            ("photo.png", 1),
        ]
    assert "blob" not in str(seen) + str(told)


async def test_there_are_only_so_many(
    app: Application, api: Client, widget: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        for _ in range(FILES_PER_CONVERSATION):
            body = await sent(visitor)
        full = await send(visitor, PNG, conversation_id=body["conversation_id"])
        assert_error(full, 422, "invalid_request", param="file")

        monkeypatch.setattr(limits, "FILES_PER_VISITOR_DAY", FILES_PER_CONVERSATION)
        assert_error(await send(visitor, PNG, new_conversation="true"), 429, "quota_exceeded")
        assert (await send(await window.visit(), PNG)).status_code == 201
        monkeypatch.setattr(limits, "FILES_PER_WIDGET_DAY", FILES_PER_CONVERSATION)
        refused = await send(await window.visit(), PNG)
        assert_error(refused, 429, "quota_exceeded")
        assert int(refused.headers["retry-after"]) > 0


async def test_begun_conversations_are_counted(app: Application, api: Client) -> None:
    limited = await make_widget(api, attachments={"enabled": True}, limits={"conversations_per_visitor_day": 1})
    async with opened(app, limited["embed_key"]) as window:
        visitor = await window.visit()
        await sent(visitor)
        assert_error(await send(visitor, PNG, new_conversation="true"), 429, "quota_exceeded")
        assert (await send(visitor, PNG)).status_code == 201


async def test_its_bytes_are_sealed_and_go_with_the_conversation(
    app: Application, api: Client, widget: Body, settings: Settings, settle: Settle
) -> None:
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        body, same = await sent(visitor), await sent(visitor)
        kept = await sent(visitor, new_conversation="true")
        stored = [path.read_bytes() for path in blobs_in(settings)]
        await api.delete(f"conversations/{body['conversation_id']}")
        await settle()
        gone, left = await visitor.get(path_of(same)), await visitor.get(path_of(kept))

    assert len(stored) == len(set(stored)) == 3
    assert not any(PNG in one for one in stored)
    assert len(list(blobs_in(settings))) == 1
    assert_error(gone, 404, "not_found")
    assert left.content == PNG


async def test_what_is_masked_is_masked_in_its_name(app: Application, api: Client, widget: Body) -> None:
    await api.patch("", {"privacy": {"mask": ["email"]}})
    async with opened(app, widget["embed_key"]) as window:
        body = await sent(await window.visit(), name="anna@example.com.png")

    told: Any = read(await api.get(f"conversations/{body['conversation_id']}"))
    assert "anna@" not in str(body) + str(told)
    assert body["message"]["attachments"][0]["name"] == body["message"]["content"]
    [masked] = read(await api.get(f"conversations/{body['conversation_id']}/masked-values"))["data"]
    assert (masked["field"], masked["message_id"]) == ("content", body["message"]["id"])


async def test_where_visitors_must_be_known_a_file_needs_the_proof_too(app: Application, api: Client) -> None:
    known = await make_widget(api, attachments={"enabled": True}, security={"identity": "required"})
    proof = {"user_id": "u1", "user_hash": hash_for(known, "u1")}
    async with opened(app, known["embed_key"]) as window:
        visitor = await window.visit(identity=proof)
        assert_error(await send(visitor, PNG), 401, "unauthenticated")
        assert (await send(replace(visitor, identity=proof["user_hash"]), PNG)).status_code == 201
