"""Two servers on the same records: what one writes, the other stops, and gives to who comes back."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.journeys.server import Server
from tests.make import Event, events_in, read
from tests.origins.model_server import Asked, Wire, chunk, serving_model
from tests.postgres import Postgres

KNOWN = "You can return any item within 30 days of delivery. The item must be unused and in its original packaging."
QUESTION = "Within how many days can I return an item?"
FIRST = "You can return any item within 30 days of delivery. [1]"
STOPPED_WITHIN_S = 15.0  # the processes look every second; a machine that does other things as well needs longer


async def says_one_sentence(asked: Asked, wire: Wire) -> None:
    """And then nothing for an hour, as a provider that is slow."""
    await wire.head(200, {"Content-Type": "text/event-stream"})
    await wire.event(chunk({"content": f"{FIRST} The"}), text=True)
    await wire.pause(3_600)


@pytest.fixture
def shared(database: str, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Where both keep their records; nothing said, in the data directory."""
    with ExitStack() as stack:
        if database == "sqlite":
            yield {}
        else:
            server: Postgres = request.getfixturevalue("postgres")
            yield {"DATABASE_URL": stack.enter_context(server.database())}


async def test_an_answer_is_stopped_and_taken_up_by_another_process(tmp_path: Path, shared: dict[str, str]) -> None:
    async with serving_model([says_one_sentence]) as provider:
        environment = {
            "EMBEDDING_MODEL": "hashing",
            "LLM_URL": provider.url,
            "LLM_MODEL": "m",
            "LLM_TIMEOUT_S": "300",
            **shared,
        }
        data_dir = tmp_path / "data"
        with (
            Server(data_dir=data_dir, environment=environment, log_suffix=".one.log") as one,
            Server(data_dir=data_dir, environment=environment, log_suffix=".two.log") as two,
        ):
            install = await asyncio.to_thread(one.init)
            await asyncio.gather(asyncio.to_thread(one.start), asyncio.to_thread(two.start))
            base = f"/v1/projects/{install['project_id']}"
            async with one.client(install["api_key"]) as http, two.client(install["api_key"]) as http_two:
                source = read(await http.post(f"{base}/sources", json={"type": "raw", "text": KNOWN}))
                while read(await http.get(f"{base}/sources/{source['id']}"))["status"] != "ready":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                question = {"message": QUESTION, "stream": True}
                async with http.stream("POST", f"{base}/query", json=question) as asking:
                    text, pieces = "", asking.aiter_text()
                    while "event: token" not in text:
                        text += await anext(pieces)
                    message_id = events_in(text)[0].body["message_id"]
                    resuming = asyncio.create_task(http_two.get(f"{base}/messages/{message_id}/stream"))
                    began = time.monotonic()
                    stopped = read(await http_two.post(f"{base}/messages/{message_id}/cancel"))
                    here = events_in(text + "".join([piece async for piece in pieces]))
                took = time.monotonic() - began
                there = events_in((await resuming).text)

        assert stopped == {"id": message_id, "stopped": True}
        assert took < STOPPED_WITHIN_S
        assert provider.asked[0].hung_up.is_set()
        assert answer_in(here) == answer_in(there) == FIRST
        assert [event.data for event in there[1:]] == [event.data for event in here[1:]]


def answer_in(events: list[Event]) -> str:
    """The answer told at the end, which is the pieces together."""
    [answer] = [event.body["answer"] for event in events if event.kind == "answer"]
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == answer
    return str(answer)
