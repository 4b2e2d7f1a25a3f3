"""Watching: the inbox of a project, and one conversation with its visitor's eyes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import orjson
import pytest
from sqlalchemy import update

from aivastark.backends.base import Backends
from aivastark.conversations import live
from aivastark.conversations.live import Changed, Happened, announce_typing, read_mark, watch_conversation, watch_inbox
from aivastark.conversations.models import Conversation
from aivastark.errors import NotFound
from aivastark.kit.clock import utc_now
from tests.journeys.server import Server
from tests.make import Client, assert_error, read

SOON_S = 5.0


@pytest.fixture(autouse=True)
def _no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found by looking again: what is seen was told."""
    monkeypatch.setattr(live, "LOOK_AGAIN_S", 60.0)


async def next_of(changes: AsyncIterator[Changed], count: int) -> list[Changed]:
    async with asyncio.timeout(SOON_S):
        return [await anext(changes) for _ in range(count)]


async def following(happenings: AsyncIterator[Happened], count: int) -> list[Happened]:
    async with asyncio.timeout(SOON_S):
        return [await anext(happenings) for _ in range(count)]


async def test_the_inbox_tells_of_new_conversations_messages_and_changes(api: Client, backends: Backends) -> None:
    changes = watch_inbox(backends, api.tenant.project_id)
    first = asyncio.create_task(next_of(changes, 3))
    await asyncio.sleep(0.05)

    answer = await api.ask("Where is my kettle?", session_id="a")
    made, asked, answered = await first
    await api.patch(f"conversations/{answer['conversation_id']}", {"tags": ["vip"]})
    [patched] = await next_of(changes, 1)
    await api.post(f"conversations/{answer['conversation_id']}/escalate", {"reason": "agent"})
    updated, told = await next_of(changes, 2)

    assert [one.kind for one in (made, asked, answered)] == [
        "conversation.created",
        "message.created",
        "message.created",
    ]
    assert asked.message is not None
    assert asked.message.content == "Where is my kettle?"
    assert answered.message is not None
    assert answered.message.id == answer["id"]
    assert patched.kind == "conversation.updated"
    assert patched.conversation is not None
    assert patched.conversation.tags == ["vip"]
    assert updated.conversation is not None
    assert updated.conversation.status == "waiting_human"
    assert told.message is not None
    assert told.message.role == "system"


async def test_what_belongs_together_carries_its_mark_at_the_end(api: Client, backends: Backends) -> None:
    start = utc_now()
    await api.ask("Where is my kettle?")

    group = await next_of(watch_inbox(backends, api.tenant.project_id, start), 3)

    assert [one.mark is None for one in group] == [True, True, False]


async def test_who_comes_back_with_a_mark_gets_what_was_missed(api: Client, backends: Backends) -> None:
    seen = watch_inbox(backends, api.tenant.project_id, utc_now())
    await api.ask("Where is my kettle?", session_id="a")
    *_, last = await next_of(seen, 3)
    assert last.mark is not None
    missed = await api.ask("Where is my teapot?", session_id="b")

    again = watch_inbox(backends, api.tenant.project_id, read_mark(last.mark))
    told = await next_of(again, 6)  # the moments before the mark once more: nothing may fall between

    assert missed["id"] in {one.message.id for one in told if one.message}


async def test_a_change_that_was_committed_late_is_not_lost(api: Client, backends: Backends) -> None:
    early = await api.ask("Where is my kettle?", session_id="a")
    await asyncio.sleep(0.01)
    changes = watch_inbox(backends, api.tenant.project_id, utc_now() - timedelta(seconds=60))
    await next_of(changes, 3)
    looked_at_the_clock = utc_now()
    await api.ask("Where is my teapot?", session_id="b")
    await next_of(changes, 3)

    await backends.db.write(  # by another process, whose transaction took longer
        lambda session: session.execute(
            update(Conversation)
            .where(Conversation.project_id == api.tenant.project_id, Conversation.id == early["conversation_id"])
            .values(tags=["late"], updated_at=looked_at_the_clock)
        )
    )
    backends.broadcast.tell(f"inbox:{api.tenant.project_id}")
    [late] = await next_of(changes, 1)

    assert late.conversation_id == early["conversation_id"]
    assert late.conversation is not None
    assert late.conversation.tags == ["late"]


async def test_an_inbox_hears_in_which_conversation_its_visitor_writes(api: Client, backends: Backends) -> None:
    project, conversation = api.tenant.project_id, (await api.ask("Hello?"))["conversation_id"]
    changes = watch_inbox(backends, project, utc_now())
    await next_of(changes, 3)
    hearing = asyncio.create_task(next_of(changes, 1))
    await asyncio.sleep(0.05)

    announce_typing(backends.broadcast, project, conversation, "agent")
    announce_typing(backends.broadcast, project, conversation, "user")

    assert await hearing == [Changed(kind="visitor.typing", conversation_id=conversation)]


async def test_an_inbox_is_its_projects_alone(api: Client, stranger: Client, backends: Backends) -> None:
    changes = watch_inbox(backends, api.tenant.project_id, utc_now())

    await stranger.ask("Where is my teapot?")
    ours = await api.ask("Where is my kettle?")

    assert {one.conversation_id for one in await next_of(changes, 3)} == {ours["conversation_id"]}


async def test_more_changes_than_one_look_takes_are_told_in_order(
    api: Client, backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CONVERSATIONS_A_LOOK", 2)
    start = utc_now()
    asked = [(await api.ask(f"Question {number}?"))["conversation_id"] for number in range(5)]

    told = await next_of(watch_inbox(backends, api.tenant.project_id, start), 15)

    assert [one.conversation_id for one in told if one.kind == "conversation.created"] == asked


async def test_a_visitor_sees_replies_changes_of_state_and_typing(api: Client, backends: Backends) -> None:
    given = await api.ask("Can I talk to a human?", session_id="a")
    conversation = given["conversation_id"]
    watching = watch_conversation(backends, api.tenant.project_id, conversation)

    told, waiting = await following(watching, 2)
    typed = asyncio.create_task(following(watching, 1))
    await asyncio.sleep(0.05)
    assert (await api.post(f"conversations/{conversation}/typing")).status_code == 204
    [typing] = await typed
    await api.ask("Hello?", session_id="a")
    await api.post(f"conversations/{conversation}/messages", {"content": "Good morning."})
    reply, human = await following(watching, 2)

    assert (told.kind, told.message and told.message.role) == ("message", "system")
    assert (waiting.kind, waiting.status) == ("status", "waiting_human")
    assert typing.kind == "typing"
    assert (reply.message and reply.message.content, reply.position) == ("Good morning.", 3)
    assert (human.kind, human.status) == ("status", "human")


async def test_who_watches_from_a_position_gets_only_what_follows(api: Client, backends: Backends) -> None:
    conversation = (await api.ask("Hello?", session_id="a"))["conversation_id"]
    for number in range(3):
        await api.post(f"conversations/{conversation}/messages", {"content": f"Message {number}"})

    told = await following(watch_conversation(backends, api.tenant.project_id, conversation, 3), 2)

    assert [one.message and one.message.content for one in told] == ["Message 2", None]


async def test_watching_ends_when_the_conversation_is_erased(api: Client, backends: Backends) -> None:
    conversation = (await api.ask("Hello?"))["conversation_id"]
    watching = watch_conversation(backends, api.tenant.project_id, conversation)
    await following(watching, 2)

    await api.delete(f"conversations/{conversation}")

    with pytest.raises(StopAsyncIteration):
        await following(watching, 1)


async def test_nobody_watches_anothers_conversation(api: Client, stranger: Client, backends: Backends) -> None:
    conversation = (await stranger.ask("Hello?"))["conversation_id"]

    with pytest.raises(NotFound):
        await following(watch_conversation(backends, api.tenant.project_id, conversation), 1)


async def test_typing_of_the_other_side_is_not_ones_own(api: Client, backends: Backends) -> None:
    conversation = (await api.ask("Hello?", session_id="a"))["conversation_id"]
    watching = watch_conversation(backends, api.tenant.project_id, conversation)
    await following(watching, 2)
    nothing = asyncio.create_task(following(watching, 1))
    await asyncio.sleep(0.05)

    announce_typing(backends.broadcast, api.tenant.project_id, conversation, "user")
    await asyncio.sleep(0.05)

    assert not nothing.done()
    nothing.cancel()
    await asyncio.wait([nothing])


async def test_an_id_that_is_none_of_the_inboxs_is_refused(api: Client) -> None:
    for mark in ("yesterday", "9" * 20, "-1"):
        refused = await api.http.get(api.at("conversations/events"), headers={"Last-Event-ID": mark})

        assert_error(refused, 422, "invalid_request", param="last-event-id")


async def test_the_inbox_is_served_as_server_sent_events(real_server: tuple[Server, str, str]) -> None:
    server, project_id, key = real_server
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {key}"}) as http:
        async with asyncio.timeout(20), http.stream("GET", f"/v1/projects/{project_id}/conversations/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-cache, no-transform"
            lines = stream.aiter_lines()
            asked = asyncio.create_task(http.post(f"/v1/projects/{project_id}/query", json={"message": "Hello?"}))
            block = []
            async for line in lines:
                block.append(line)
                if line.startswith("id:"):
                    break
        answer = read(await asked)

    kinds = [line.removeprefix("event: ") for line in block if line.startswith("event:")]
    bodies = [orjson.loads(line.removeprefix("data: ")) for line in block if line.startswith("data:")]
    assert kinds[:2] == ["conversation.created", "message.created"]
    assert bodies[0]["type"] == "conversation.created"
    assert bodies[0]["conversation"]["id"] == answer["conversation_id"]
