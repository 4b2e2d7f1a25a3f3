"""Two hundred visitors read two hundred answers of one slow provider, from one process; half of them go away."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from aivastark.backends.llm.provider import MAX_IDLE
from tests.journeys.server import Server
from tests.make import Event, events_in, read
from tests.origins.model_server import EVENTS, Asked, ModelServer, Wire, chunk, serving_model

VISITORS = 200
HANGS_AFTER_S = 240.0  # says that nothing happens any more, on however slow a machine
MEMORY_A_STREAM_MAX_KB = 400
FILES_TO_SPARE = 20  # of the database, the index and the log: opened when they are needed

KNOWN = (
    "You can return any item within 30 days of delivery. The item must be unused and in its original packaging. "
    "We refund the price within five working days after the parcel has arrived."
)
QUESTION = "Within how many days can I return an item?"
BEFORE_THE_GATE = "You can return any item within 30 days of delivery. [1] The"
BEHIND_THE_FIRST_GATE = (" item must be unused", " and in its original packaging. [1]", " We refund the price")
BEHIND_THE_SECOND_GATE = (" within", " five working days after the parcel has arrived. [1]")
ANSWER = (
    "You can return any item within 30 days of delivery. [1] "
    "The item must be unused and in its original packaging. [2] "
    "We refund the price within five working days after the parcel has arrived. [3]"
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc")


@dataclass(kw_only=True)
class Visit:
    """One visitor's stream, as far as they read it."""

    text: str = ""
    has_first: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the words of the first sentence."""
    has_second: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[Event]:
        return events_in(self.text)

    @property
    def message_id(self) -> str:
        return str(self.events[0].body["message_id"])


@dataclass(kw_only=True)
class Gates:
    """The provider is silent before each until the test opens it, to all visitors alike."""

    first: asyncio.Event = field(default_factory=asyncio.Event)
    second: asyncio.Event = field(default_factory=asyncio.Event)

    async def act(self, asked: Asked, wire: Wire) -> None:
        """One sentence at once, and one behind each gate."""
        await wire.head(200, {"Content-Type": EVENTS})
        await wire.event(chunk({"content": BEFORE_THE_GATE}), text=True)
        for gate, texts in ((self.first, BEHIND_THE_FIRST_GATE), (self.second, BEHIND_THE_SECOND_GATE)):
            await gate.wait()
            for text in texts:
                await wire.event(chunk({"content": text}), text=True)
        await wire.event(chunk({}, finish="stop"))
        await wire.event("[DONE]")
        await wire.end()


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
async def provider(gates: Gates) -> AsyncIterator[ModelServer]:
    async with serving_model([gates.act]) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, provider: ModelServer) -> Iterator[Server]:
    environment = {"LLM_URL": provider.url, "LLM_MODEL": "m-1", "LLM_TIMEOUT_S": "300", "RATE_LIMIT_PER_MINUTE": "0"}
    with Server(data_dir=tmp_path / "data", environment=environment) as made:
        yield made


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """The project of a running server that knows the shop's rules."""
    install = await asyncio.to_thread(server.init)
    await asyncio.to_thread(server.start)
    async with httpx.AsyncClient(
        base_url=f"{server.url}/v1/projects/{install['project_id']}",
        headers={"Authorization": f"Bearer {install['api_key']}"},
        limits=httpx.Limits(max_connections=None),
        timeout=HANGS_AFTER_S,
    ) as client:
        source = read(await client.post("/sources", json={"type": "raw", "text": KNOWN}))
        watched = events_in((await client.get(f"/sources/{source['id']}/events")).text)
        assert watched[-1].kind == "done"
        yield client


async def test_none_of_two_hundred_starves_and_who_goes_frees_a_share(
    http: httpx.AsyncClient, server: Server, provider: ModelServer, gates: Gates
) -> None:
    """By count and order: nobody gets a sentence before everybody has the one before, so none can wait for another."""
    assert read(await http.post("/search", json={"query": QUESTION}))["data"]  # what is loaded once is loaded now
    memory_before_kb, files_before = resident_kb(server.pid), open_files(server.pid)
    visits = [Visit() for _ in range(VISITORS)]

    reading = [asyncio.create_task(listen(http, visit)) for visit in visits]
    await each(visit.has_first for visit in visits)
    memory_kb, files = resident_kb(server.pid) - memory_before_kb, open_files(server.pid)
    something_else = read(await http.get("/sources"))

    assert provider.open_now == VISITORS  # all at once, none after another
    assert memory_kb < VISITORS * MEMORY_A_STREAM_MAX_KB
    assert something_else["data"]
    assert not any(task.done() for task in reading)

    gone, staying = visits[: VISITORS // 2], visits[VISITORS // 2 :]
    for task in reading[: len(gone)]:
        task.cancel()
    await wait_until(lambda: open_files(server.pid) <= files - len(gone) + FILES_TO_SPARE)
    assert provider.open_now == VISITORS  # their answers go on

    gates.first.set()
    await each(visit.has_second for visit in staying)
    assert provider.open_now == VISITORS
    gates.second.set()
    async with asyncio.timeout(HANGS_AFTER_S):
        await asyncio.gather(*reading[len(gone) :])

    assert [spoken(visit.events) for visit in staying] == [ANSWER] * len(staying)
    for visit in gone:
        recorded = events_in((await http.get(f"/messages/{visit.message_id}/stream")).text)
        assert spoken(recorded) == ANSWER
    assert len(provider.asked) == VISITORS
    await http.aclose()
    await wait_until(lambda: open_files(server.pid) <= files_before + MAX_IDLE + FILES_TO_SPARE)


async def each(events: Iterable[asyncio.Event]) -> None:
    """All of them are set."""
    async with asyncio.timeout(HANGS_AFTER_S):
        await asyncio.gather(*(event.wait() for event in events))


async def wait_until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANGS_AFTER_S):
        while not holds():  # noqa: ASYNC110 (another process tells nobody)
            await asyncio.sleep(0.05)


async def listen(http: httpx.AsyncClient, visit: Visit) -> None:
    """Ask in a session of one's own, and read what comes."""
    async with http.stream("POST", "/query", json={"message": QUESTION, "stream": True}) as response:
        assert response.status_code == 200
        async for text in response.aiter_text():
            visit.text += text
            for mark, reached in (("[1]", visit.has_first), ("[2]", visit.has_second)):
                if mark in visit.text:
                    reached.set()


def spoken(events: list[Event]) -> str:
    """The answer in the pieces it came in; what is told as the whole answer must be the same."""
    [answer] = [event.body for event in events if event.kind == "answer"]
    pieces = "".join(event.body["delta"] for event in events if event.kind == "token")
    assert answer["answer"] == pieces
    return pieces


def resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
