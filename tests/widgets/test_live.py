"""A conversation as its visitor watches it, over a real connection: a stream that is not at its end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.conversations.live import announce_typing
from aivastark.conversations.models import Conversation, Message
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from tests.make import Client, Event, events_in
from tests.widgets.window import Window, make_widget

WAIT_S = 10.0


@pytest.fixture
async def address(app: Application) -> AsyncIterator[str]:
    """The app behind a real socket of this loop, as httpx's own transport waits for the end of an answer."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True
    await serving
    listening.close()


@contextlib.asynccontextmanager
async def watching(window: Window, **parameters: str | int) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of the stream as they come."""
    url = f"/v1/widget/{window.embed_key}/events"
    async with window.http.stream("GET", url, params=parameters, headers=window.headers()) as response:
        assert response.status_code == 200

        async def events() -> AsyncIterator[Event]:
            block = ""
            async for line in response.aiter_lines():
                block += line + "\n"
                if not line:
                    for event in events_in(block):
                        yield event
                    block = ""

        yield events()


async def next_of(events: AsyncIterator[Event]) -> Event:
    async with asyncio.timeout(WAIT_S):
        return await anext(events)


async def say(backends: Backends, project_id: str, conversation_id: str, role: str, content: str) -> None:
    """A person's or the system's message, and that a person has the conversation."""

    def work(session: WriteSession) -> None:
        conversation = session.get_one(Conversation, (project_id, conversation_id))
        session.add(
            Message(
                project_id=project_id,
                id=new_id("msg"),
                conversation_id=conversation_id,
                position=conversation.message_count,
                role=role,
                content=content,
                author="usr_01HW0000000000000000000000",
                created_at=utc_now(),
            )
        )
        conversation.message_count += 1
        conversation.status = "human"

    await backends.db.write(work)
    backends.broadcast.tell(f"conversation:{conversation_id}")


async def test_a_visitor_sees_replies_status_and_typing_as_they_come(
    api: Client, address: str, backends: Backends
) -> None:
    widget = await make_widget(api)
    async with httpx.AsyncClient(base_url=address, timeout=WAIT_S) as http:
        visitor = await Window(http=http, embed_key=widget["embed_key"]).visit()
        asked = await visitor.ask("Is anybody there?")
        conversation_id = asked["conversation_id"]
        async with watching(visitor, conversation_id=conversation_id) as events:
            first, state = await next_of(events), await next_of(events)
            await say(backends, api.tenant.project_id, conversation_id, "agent", "I am.")
            reply, taken = await next_of(events), await next_of(events)
            announce_typing(backends.broadcast, api.tenant.project_id, conversation_id, "agent")
            typing = await next_of(events)
        async with watching(visitor, conversation_id=conversation_id, after=int(first.id)) as events:
            again = await next_of(events)

    assert (first.kind, first.body["message"]["id"], first.id) == ("message", asked["id"], "1")
    assert (state.kind, state.body["status"]) == ("status", "open")
    assert (reply.body["message"]["role"], reply.body["message"]["content"]) == ("agent", "I am.")
    assert reply.body["message"]["author"] is None
    assert (reply.id, reply.body["message"]["position"]) == ("2", 2)
    assert taken.body == {"type": "status", "status": "human"}
    assert (typing.kind, typing.id) == ("typing", "2")
    assert again.body["message"]["id"] == reply.body["message"]["id"]


async def test_that_a_visitor_types_is_told_to_those_who_watch(api: Client, address: str, backends: Backends) -> None:
    widget = await make_widget(api)
    async with httpx.AsyncClient(base_url=address, timeout=WAIT_S) as http:
        visitor = await Window(http=http, embed_key=widget["embed_key"]).visit()
        conversation_id = (await visitor.ask())["conversation_id"]
        with backends.broadcast.listen(f"typing:{conversation_id}:user") as listener:
            said = await visitor.post("typing", conversation_id=conversation_id)

            assert said.status_code == 204
            assert await listener.wait(WAIT_S)


async def test_a_stream_ends_when_its_conversation_is_erased(api: Client, address: str, backends: Backends) -> None:
    widget = await make_widget(api)
    async with httpx.AsyncClient(base_url=address, timeout=WAIT_S) as http:
        visitor = await Window(http=http, embed_key=widget["embed_key"]).visit()
        conversation_id = (await visitor.ask())["conversation_id"]
        async with watching(visitor, conversation_id=conversation_id) as events:
            await next_of(events)
            await next_of(events)

            def erase(session: WriteSession) -> None:
                session.delete(session.get_one(Conversation, (api.tenant.project_id, conversation_id)))

            await backends.db.write(erase)
            backends.broadcast.tell(f"conversation:{conversation_id}")
            rest = [event async for event in events]

    assert rest == []
