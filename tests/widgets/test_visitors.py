"""What a visitor can do with a window, and what nobody can."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from aivastark.accounts.gate import VISITS_AT_ONCE_MAX, Application
from aivastark.accounts.limits import VISITOR
from aivastark.backends.base import Backends
from aivastark.conversations.models import Conversation
from aivastark.kit.clock import utc_now
from aivastark.widgets.models import Visitor
from aivastark.widgets.visitors import forget_old_visitors
from tests.conftest import Settle
from tests.make import Client, assert_error, events_in, read
from tests.widgets.window import PAGE, make_widget, opened


@pytest.fixture
async def widget_key(api: Client) -> str:
    return str((await make_widget(api))["embed_key"])


async def test_the_public_configuration_tells_nothing_else(api: Client, app: Application) -> None:
    widget = await make_widget(api, name="Internal name", limits={"messages_per_day": 7})
    async with opened(app, widget["embed_key"]) as window:
        shown = await window.get("config")

    config = read(shown)
    assert set(config) == {
        "enabled", "version", "widget_id", "branding", "launcher", "content", "behavior", "lead_capture", "handoff",
        "attachments", "identity", "message_max_chars",
    }  # fmt: skip
    assert config["branding"]["title"] is None
    assert config["branding"]["colors"]["on_primary"] == "#ffffff"
    for hidden in ("Internal name", "allowed_domains", "messages_per_day", api.tenant.project_id, "akv_idn"):
        assert hidden not in shown.text


async def test_the_public_configuration_is_sent_again_only_when_it_changed(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        first = await window.get("config")
        unchanged = await window.get("config", headers={"If-None-Match": f'W/{first.headers["etag"]}, "other"'})
        await api.patch(f"widgets/{widget['id']}", {"content": {"greeting": "Hi!"}})
        changed = await window.get("config", headers={"If-None-Match": first.headers["etag"]})

    assert "max-age=60" in first.headers["cache-control"]
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert unchanged.headers["access-control-allow-origin"] == PAGE
    assert (changed.status_code, read(changed)["content"]["greeting"]) == (200, "Hi!")


async def test_a_widget_that_is_switched_off_says_so_and_no_more(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        await api.patch(f"widgets/{widget['id']}", {"enabled": False})

        assert {name: value for name, value in read(await window.get("config")).items() if value is not None} == {
            "enabled": False,
            "version": 2,
        }
        assert_error(await visitor.post("query", message="Hello?"), 403, "permission_denied")
        assert_error(await window.post("session"), 403, "permission_denied")


async def test_a_visitor_gets_the_same_answers_as_everybody_with_their_proof(
    api: Client, app: Application, settle: Settle, widget_key: str
) -> None:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    async with opened(app, widget_key) as window:
        visitor = await window.visit()
        page = {"url": f"{PAGE}/kettles", "title": "Kettles"}
        answer = await visitor.ask("How long does the workshop take to repair a kettle?", page=page)
        shown = read(await visitor.get(f"conversations/{answer['conversation_id']}"))

    assert answer["answered"] is True
    assert answer["limit_reached"] is None
    assert "ten days" in answer["citations"][0]["quote"]
    assert [message["role"] for message in shown["messages"]] == ["user", "assistant"]
    assert shown["messages"][1]["citations"] == answer["citations"]
    assert "min_confidence" not in shown
    kept = read(await api.get(f"conversations/{answer['conversation_id']}"))
    assert (kept["channel"], kept["page"], kept["visitor"]["verified"]) == ("widget", page, False)
    assert [row["id"] for row in read(await api.get("conversations", channel="widget"))["data"]] == [kept["id"]]


async def test_an_answer_is_streamed(app: Application, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        streamed = await (await window.visit()).post("query", message="Hello?", stream=True)

    events = events_in(streamed.text)
    answer = next(event.body for event in events if event.kind == "answer")
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["access-control-allow-origin"] == PAGE
    assert events[0].kind == "message.start"
    assert events[-1].data == "[DONE]"
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == answer["answer"]
    assert answer["limit_reached"] is None


async def test_a_visitor_goes_on_where_he_was(
    app: Application, backends: Backends, api: Client, widget_key: str
) -> None:
    async with opened(app, widget_key) as window:
        begun = await window.begin()
        visitor = replace(window, token=begun["visitor_token"])
        first = await visitor.ask()
        again = await window.begin(visitor_token=begun["visitor_token"])
        second = await visitor.ask("And then?")
        other = await visitor.ask("Something else?", new_conversation=True)
        back = await visitor.ask("As I said", conversation_id=first["conversation_id"])
        await close(backends, api, other["conversation_id"])
        after = await visitor.ask("Hello again?")

        assert (begun["resumed"], again["resumed"]) == (False, True)
        assert (again["visitor_token"], again["visitor"]) == (begun["visitor_token"], begun["visitor"])
        assert again["conversation"] == {"id": first["conversation_id"], "status": "open"}
        assert first["conversation_id"] == second["conversation_id"] == back["conversation_id"]
        assert other["conversation_id"] != first["conversation_id"]
        ids = [after["conversation_id"], other["conversation_id"], first["conversation_id"]]
        assert await visitor.history() == ids
        page = read(await visitor.get("conversations", limit=2))
        rest = read(await visitor.get("conversations", limit=2, cursor=page["next_cursor"]))
        assert [row["id"] for row in page["data"] + rest["data"]] == ids


async def close(backends: Backends, api: Client, conversation_id: str) -> None:
    closed = (
        update(Conversation)
        .where(Conversation.project_id == api.tenant.project_id, Conversation.id == conversation_id)
        .values(status="closed")
    )
    await backends.db.write(lambda session: session.execute(closed))


async def test_nobody_sees_anybody_elses_conversation(api: Client, stranger: Client, app: Application) -> None:
    ours, second, theirs = await make_widget(api), await make_widget(api), await make_widget(stranger)
    async with opened(app, ours["embed_key"]) as window:
        owner = await window.visit()
        conversation_id = (await owner.ask("My secret is under the doormat."))["conversation_id"]
        page = read(await owner.get("conversations"))
        others = [
            await window.visit(),
            await replace(window, embed_key=second["embed_key"]).visit(),
            await replace(window, embed_key=theirs["embed_key"]).visit(),
        ]
        for other in others:
            assert await other.history() == []
            for refused in (
                await other.get(f"conversations/{conversation_id}"),
                await other.get("events", conversation_id=conversation_id),
                await other.post("query", message="Hello?", conversation_id=conversation_id),
                await other.post("typing", conversation_id=conversation_id),
            ):
                assert_error(refused, 404, "not_found")
        # A token is of one widget.
        for key in (second["embed_key"], theirs["embed_key"]):
            elsewhere = replace(owner, embed_key=key)
            assert_error(await elsewhere.get("conversations"), 401, "unauthenticated")
            assert (await elsewhere.begin(visitor_token=owner.token))["resumed"] is False
        assert len(page["data"]) == 1


async def test_a_conversation_over_the_api_is_no_visitors(api: Client, app: Application, widget_key: str) -> None:
    asked = await api.ask("Hello?", session_id="a")
    async with opened(app, widget_key) as window:
        visitor = await window.visit()

        assert_error(await visitor.get(f"conversations/{asked['conversation_id']}"), 404, "not_found")


async def test_calls_without_a_good_token_are_refused(app: Application, backends: Backends, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        visitor = await window.visit()
        assert visitor.token is not None
        for token in (None, "", "akv_vis_short", visitor.token[:-1] + "?", widget_key):
            refused = await replace(window, token=token).get("conversations")
            assert_error(refused, 401, "unauthenticated")
            assert "www-authenticate" not in refused.headers
        await backends.db.write(lambda session: session.execute(expire))
        assert_error(await visitor.get("conversations"), 401, "unauthenticated")
        assert (await window.begin(visitor_token=visitor.token))["resumed"] is False
        await backends.db.write(forget_old_visitors)
        assert await backends.db.read(lambda session: session.query(Visitor).count()) == 1


expire = update(Visitor).where(Visitor.project_id != "").values(expires_at=utc_now() - timedelta(seconds=1))


async def test_using_a_token_prolongs_it(app: Application, backends: Backends, widget_key: str) -> None:
    soon = update(Visitor).where(Visitor.project_id != "").values(expires_at=utc_now() + timedelta(days=2))
    async with opened(app, widget_key) as window:
        visitor = await window.visit()
        await backends.db.write(lambda session: session.execute(soon))
        await visitor.history()

    expires_at = await backends.db.read(lambda session: session.query(Visitor).one().expires_at)
    assert expires_at > utc_now() + timedelta(days=29)


async def test_a_secret_key_has_no_business_in_a_page(api: Client, app: Application, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        in_header = await window.get("config", headers={"Authorization": f"Bearer {api.tenant.key}"})
        in_path = await replace(window, embed_key=api.tenant.key).get("config")
        as_key = await window.http.get(api.at("sources"), headers={"Authorization": f"Bearer {widget_key}"})

    for refused in (in_header, in_path):
        assert "akv_pub_" in assert_error(refused, 403, "permission_denied")
        assert api.tenant.key not in refused.text
    assert_error(as_key, 401, "unauthenticated")


@pytest.mark.parametrize("key", ["akv_pub_nobodys", "x", "akv_pub_" + "a" * 30, "%00"])
async def test_a_key_that_names_no_widget_is_a_404(app: Application, key: str) -> None:
    async with opened(app, key) as window:
        assert (await window.get("config")).status_code == 404


async def test_what_a_visitor_sends_is_looked_at(app: Application, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        visitor = await window.visit()
        for body, param in (
            ({}, "message"),
            ({"message": " "}, "message"),
            ({"message": "x" * 8_001}, "message"),
            ({"message": "x", "session_id": "mine"}, "session_id"),
            ({"message": "x", "tags": ["internal"]}, "tags"),
            ({"message": "x", "page": {"url": "javascript:alert(1)"}}, "page.url"),
            ({"message": "x", "page": {"url": PAGE, "html": "<p>"}}, "page.html"),
        ):
            assert_error(await visitor.post("query", **body), 422, "invalid_request", param=param)
        for after in ("-2", "9" * 30, "one"):
            refused = await visitor.get("events", conversation_id="conv_1", after=after)
            assert_error(refused, 422, "invalid_request", param="after")
        formless = await visitor.http.post(
            f"/v1/widget/{widget_key}/query", content=b'{"message": "x"}', headers=visitor.headers()
        )
        assert_error(formless, 415, "unsupported_media_type")


async def test_visits_are_counted_by_address(app: Application, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        answers = [await window.get("config") for _ in range(VISITOR.per_minute + 1)]

    assert_error(answers[-1], 429, "rate_limited")
    assert answers[-1].headers["access-control-allow-origin"] == PAGE
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert {answer.status_code for answer in answers[:-1]} == {200}


async def test_an_address_holds_so_many_calls_open_and_no_more(app: Application, widget_key: str) -> None:
    async with opened(app, widget_key) as window:
        visitor = await window.visit()
        answers = await asyncio.gather(*(visitor.get("config") for _ in range(VISITS_AT_ONCE_MAX + 20)))
        afterwards = await visitor.get("config")

    assert {answer.status_code for answer in answers} <= {200, 429}
    assert afterwards.status_code == 200
