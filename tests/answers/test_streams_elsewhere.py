"""An answer that one process writes, seen from another on the same records; and one whose process is gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from aivastark.answers import elsewhere
from aivastark.answers.models import AnswerUnderWay
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.client import AsyncAivastark, Token
from aivastark.kit.clock import utc_now
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Client, Tenant, assert_error, calling, events_in, listening, read
from tests.widgets.window import Window, make_widget, opened

KNOWN = "You can return any item within 30 days of delivery. The item must be unused and in its original packaging."
QUESTION = "Within how many days can I return an item?"
FIRST = "You can return any item within 30 days of delivery. [1]"
SAID = f"{FIRST} The item must be unused and in its original packaging. [1]"
WHOLE = f"{FIRST} The item must be unused and in its original packaging. [2]"
FORM = {"enabled": True, "triggers": [{"type": "message_count", "count": 1}]}
GATE_AT_CHARS = 70  # behind the first sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two processes' worth of the app on one database. The model writes in the first, up to its gate."""

    model: Scripted
    first: Client
    second: Client
    backends: Backends
    first_window: Window
    second_window: Window

    def open_gate(self) -> None:
        assert self.model.gate is not None
        self.model.gate.set()


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("aivastark.answers.take_up.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(elsewhere, "SIGN_EVERY_S", 0.0)


@pytest.fixture
async def pair(backends: Backends, tenant: Tenant, settle: Settle) -> AsyncIterator[Pair]:
    model = Scripted(text=SAID, gate=asyncio.Event(), gate_at_chars=GATE_AT_CHARS)
    install = replace(backends, llm=model)
    other = replace(install, answers_under_way={}, answers_watch=set(), tasks=set())
    one, two = create_app(install), create_app(other)
    async with calling(one, tenant.key) as http, calling(two, tenant.key) as http_two:
        first, second = Client(http=http, tenant=tenant), Client(http=http_two, tenant=tenant)
        await first.add(text=KNOWN, title="Shop")
        await settle()
        key = (await make_widget(first, lead_capture=FORM))["embed_key"]
        async with opened(one, key) as here, opened(two, key) as there:
            yield Pair(
                model=model, first=first, second=second, backends=install, first_window=here, second_window=there
            )


async def begun(backends: Backends) -> str:
    """The id of the answer that is being written, once something of it is shown."""
    while not backends.answers_under_way:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    [key] = backends.answers_under_way
    return key.partition(":")[2]


async def rows(backends: Backends) -> int:
    return await backends.db.read(lambda session: session.query(AnswerUnderWay).count())


async def test_what_another_process_is_asked_to_stop_is_stopped(pair: Pair) -> None:
    asking = asyncio.create_task(pair.first.post("query", {"message": QUESTION, "stream": True}))
    message_id = await begun(pair.backends)

    told = read(await pair.second.post(f"messages/{message_id}/cancel"))
    events = events_in((await asking).text)  # though the gate is closed
    again = read(await pair.second.post(f"messages/{message_id}/cancel"))

    [answer] = [event.body for event in events if event.kind == "answer"]
    assert (told["stopped"], again["stopped"]) == (True, False)
    assert answer["answer"] == FIRST
    assert pair.model.ended_early == 1
    assert await rows(pair.backends) == 0
    assert not pair.backends.answers_watch


async def test_who_comes_back_to_another_process_gets_the_answer_to_its_end(pair: Pair) -> None:
    asking = asyncio.create_task(pair.first.post("query", {"message": QUESTION, "stream": True}))
    message_id = await begun(pair.backends)

    resuming = asyncio.create_task(
        pair.second.http.get(pair.second.at(f"messages/{message_id}/stream"), headers={"Last-Event-ID": "2"})
    )
    await asyncio.sleep(0.1)
    assert not resuming.done()
    pair.open_gate()
    there = events_in((await resuming).text)
    here = events_in((await asking).text)

    assert [(event.id, event.data) for event in there] == [(event.id, event.data) for event in here[3:]]
    assert there[-1].data == "[DONE]"


async def test_an_answer_whose_process_died_came_to_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = pair.first.tenant
    left = AnswerUnderWay(project_id=tenant.project_id, message_id="msg_left", is_unwanted=False, alive_at=utc_now())
    await pair.backends.db.write(lambda session: session.add(left))

    async with listening(create_app(pair.backends)) as address, httpx.AsyncClient(base_url=address) as http:
        path, headers = pair.first.at("messages/msg_left/stream"), {"Authorization": f"Bearer {tenant.key}"}
        async with http.stream("GET", path, headers=headers) as resuming:
            assert resuming.status_code == 200
            monkeypatch.setattr(elsewhere, "DEAD_AFTER", timedelta(0))
            [error, done] = events_in((await resuming.aread()).decode())

    assert (error.kind, error.id, error.body["error"]["code"]) == ("error", "0", "unavailable")
    assert done.data == "[DONE]"
    for gone in (pair.second.get("messages/msg_left/stream"), pair.second.post("messages/msg_left/cancel")):
        assert_error(await gone, 404, "not_found")
    await pair.backends.db.write(elsewhere.forget_dead_answers)
    assert await rows(pair.backends) == 0


@pytest.mark.parametrize("place", ["first_window", "second_window"])
async def test_a_visitor_comes_back_to_an_answer_and_ends_it_and_nobody_else_does(pair: Pair, place: str) -> None:
    asker = await pair.first_window.visit()
    window: Window = getattr(pair, place)
    back, other = replace(window, token=asker.token), await window.visit()
    asking = asyncio.create_task(asker.post("query", message=QUESTION, stream=True))
    message_id = await begun(pair.backends)
    of_the_project = (await pair.first.ask("Hello?", session_id="of-the-key"))["id"]
    resuming = asyncio.create_task(back.get(f"messages/{message_id}/stream", headers={"Last-Event-ID": "0"}))

    for stranger, named in ((other, message_id), (back, of_the_project), (back, "msg_nobodys")):
        assert_error(await stranger.get(f"messages/{named}/stream"), 404, "not_found")
        assert_error(await stranger.post(f"messages/{named}/cancel"), 404, "not_found")
    elsewhere_on_the_web = replace(back, origin="https://elsewhere.example.com")
    assert_error(await elsewhere_on_the_web.post(f"messages/{message_id}/cancel"), 403, "origin_not_allowed")
    stopped = read(await back.post(f"messages/{message_id}/cancel"))
    here, there = events_in((await asking).text), events_in((await resuming).text)

    assert stopped == {"id": message_id, "stopped": True}
    assert [(event.id, event.data) for event in there] == [(event.id, event.data) for event in here[1:]]
    assert there[-3].body["answer"] == FIRST
    assert there[-3].body["lead_form"]["trigger"] == "message_count"
    assert_error(await other.get(f"messages/{message_id}/stream"), 404, "not_found")
    recorded = events_in((await back.get(f"messages/{message_id}/stream")).text)
    assert [event.data for event in recorded[1:]] == [event.data for event in here[1:]]
    assert read(await back.post(f"messages/{message_id}/cancel"))["stopped"] is False


async def test_our_own_client_ends_what_it_hears(pair: Pair) -> None:
    tenant = pair.first.tenant
    async with (
        listening(create_app(pair.backends)) as address,
        AsyncAivastark(api_key=tenant.key, project_id=tenant.project_id, base_url=address) as client,
    ):
        heard = ""
        stopped: list[bool] = []
        async for event in client.stream(QUESTION):
            if isinstance(event, Token):
                heard += event.delta
            if heard == FIRST and not stopped:
                stopped.append(await client.stop(await begun(pair.backends)))
        [key] = [row["last_message"]["id"] for row in read(await pair.first.get("conversations"))["data"]]
        stopped.append(await client.stop(key))

    assert (heard, stopped) == (FIRST, [True, False])
