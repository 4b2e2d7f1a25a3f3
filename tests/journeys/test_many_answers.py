"""Two hundred visitors read two hundred answers of one slow provider, from one process; half of them go away."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from aivastark.backends.llm.provider import MAX_IDLE
from tests.journeys.server import Server
from tests.make import Event, events_in, read
from tests.origins.model_server import EVENTS, Act, Asked, ModelServer, Wire, chunk, serving_model

VISITORS = 200
FIRST_WORDS_WITHIN_S = 20.0  # all of them; a question costs some 30 ms of one core, and other tests use it too
REST_WITHIN_S = 12.0  # the provider takes one second for it; one after another it would be over three minutes
SOMETHING_ELSE_WITHIN_S = 3.0
FREED_WITHIN_S = 5.0
MEMORY_A_STREAM_MAX_KB = 400
FILES_TO_SPARE = 20  # of the database, the index and the log: opened when they are needed

KNOWN = (
    "You can return any item within 30 days of delivery. The item must be unused and in its original packaging. "
    "We refund the price within five working days after the parcel has arrived."
)
QUESTION = "Within how many days can I return an item?"
BEFORE_THE_GATE = "You can return any item within 30 days of delivery. [1] The"
BEHIND_THE_GATE = (" item must be unused", " and in its original packaging. [1]", " We refund the price", " within")
LAST = " five working days after the parcel has arrived. [1]"
BETWEEN_S = 0.2
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
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first words of the answer."""

    @property
    def events(self) -> list[Event]:
        return events_in(self.text)

    @property
    def message_id(self) -> str:
        return str(self.events[0].body["message_id"])


def says_half(gate: asyncio.Event) -> Act:
    """One sentence at once, the others slowly, when the gate is open; until then it is silent."""

    async def act(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": EVENTS})
        await wire.event(chunk({"content": BEFORE_THE_GATE}), text=True)
        await gate.wait()
        for text in (*BEHIND_THE_GATE, LAST):
            await wire.pause(BETWEEN_S)
            await wire.event(chunk({"content": text}), text=True)
        await wire.event(chunk({}, finish="stop"))
        await wire.event("[DONE]")
        await wire.end()

    return act


@pytest.fixture
def gate() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def provider(gate: asyncio.Event) -> AsyncIterator[ModelServer]:
    async with serving_model([says_half(gate)]) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, provider: ModelServer) -> Iterator[Server]:
    environment = {"LLM_URL": provider.url, "LLM_MODEL": "m-1", "LLM_TIMEOUT_S": "60", "RATE_LIMIT_PER_MINUTE": "0"}
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
        timeout=60,
    ) as client:
        source = read(await client.post("/sources", json={"type": "raw", "text": KNOWN}))
        watched = events_in((await client.get(f"/sources/{source['id']}/events")).text)
        assert watched[-1].kind == "done"
        yield client


async def test_none_of_two_hundred_starves_and_who_goes_frees_a_share(
    http: httpx.AsyncClient, server: Server, provider: ModelServer, gate: asyncio.Event
) -> None:
    assert read(await http.post("/search", json={"query": QUESTION}))["data"]  # what is loaded once is loaded now
    memory_before_kb, files_before = resident_kb(server.pid), open_files(server.pid)
    visits = [Visit() for _ in range(VISITORS)]

    async with asyncio.timeout(FIRST_WORDS_WITHIN_S):
        reading = [asyncio.create_task(listen(http, visit)) for visit in visits]
        await asyncio.gather(*(visit.has_begun.wait() for visit in visits))
    memory_kb, files = resident_kb(server.pid) - memory_before_kb, open_files(server.pid)
    begun = time.perf_counter()
    read(await http.get("/sources"))
    something_else_s = time.perf_counter() - begun

    assert provider.open_now == VISITORS  # all at once, none after another
    assert memory_kb < VISITORS * MEMORY_A_STREAM_MAX_KB
    assert something_else_s < SOMETHING_ELSE_WITHIN_S

    gone, staying = visits[: VISITORS // 2], visits[VISITORS // 2 :]
    for task in reading[: len(gone)]:
        task.cancel()
    await wait_until(lambda: open_files(server.pid) <= files - len(gone) + FILES_TO_SPARE)
    assert provider.open_now == VISITORS  # their answers go on

    async with asyncio.timeout(REST_WITHIN_S):
        gate.set()
        await asyncio.gather(*reading[len(gone) :])

    assert [spoken(visit.events) for visit in staying] == [ANSWER] * len(staying)
    for visit in gone:
        recorded = events_in((await http.get(f"/messages/{visit.message_id}/stream")).text)
        assert spoken(recorded) == ANSWER
    assert len(provider.asked) == VISITORS
    await http.aclose()
    await wait_until(lambda: open_files(server.pid) <= files_before + MAX_IDLE + FILES_TO_SPARE)


async def wait_until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(FREED_WITHIN_S):
        while not holds():  # noqa: ASYNC110 (another process tells nobody)
            await asyncio.sleep(0.05)


async def listen(http: httpx.AsyncClient, visit: Visit) -> None:
    """Ask in a session of one's own, and read what comes."""
    async with http.stream("POST", "/query", json={"message": QUESTION, "stream": True}) as response:
        assert response.status_code == 200
        async for text in response.aiter_text():
            visit.text += text
            if not visit.has_begun.is_set() and "event: token" in visit.text:
                visit.has_begun.set()


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
