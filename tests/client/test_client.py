"""Our own client through the front door: teaching, asking, listing, and what it raises."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aivastark.backends.base import Backends
from aivastark.client import (
    Aivastark,
    Answered,
    AsyncAivastark,
    Cited,
    Conflict,
    Done,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    Start,
    StillWorking,
    Token,
    Unauthenticated,
)
from tests.loopback import page, serving
from tests.make import Tenant, make_key, make_tenant, working

HEAVY = {"fastapi", "starlette", "sqlalchemy", "numpy", "onnxruntime", "lxml", "structlog", "mcp"}
PAGE = (
    b"<html><head><title>Repairs</title></head><body><main><p>The workshop in Leeds repairs kettles.</p></main></body>"
)


@pytest.fixture
async def client(address: str, tenant: Tenant) -> AsyncIterator[AsyncAivastark]:
    async with AsyncAivastark(api_key=tenant.key, project_id=tenant.project_id, base_url=address) as client:
        yield client


@pytest.fixture
async def worker(backends: Backends) -> AsyncIterator[None]:
    """Somebody who does the work while the test waits for it."""
    stop = asyncio.Event()
    async with working(backends) as worker:
        running = asyncio.create_task(worker.run(stop))
        yield
        stop.set()
        await running


async def test_it_teaches_waits_and_asks(client: AsyncAivastark, worker: None, tmp_path: Path) -> None:
    handbook = tmp_path / "handbook.md"
    handbook.write_text("# Leave\n\nEvery employee has 28 days of annual leave.")

    async with serving({"/repairs": page(200, PAGE)}) as site:
        text = await client.sources.create_raw("The shop opens at nine.", title="Opening hours", tags=["shop, open"])
        web = await client.sources.create_url(site.url("/repairs"), external_id="r-1")
        file = await client.sources.create_file(handbook, tags=["staff, all"], metadata={"owner": {"team": "people"}})
        sources = [await client.sources.wait(source.id) for source in (text, web, file)]
    answer = await client.query("When does the shop open?", session_id="s1")
    [found] = await client.search("annual leave", limit=1)
    [document] = [document async for document in client.sources.documents(file.id).list()]
    whole = await client.sources.documents(file.id).get(document.id)

    assert [source.status for source in sources] == ["ready"] * 3
    assert (sources[2].tags, sources[2].metadata) == (["staff, all"], {"owner": {"team": "people"}})
    assert sources[2].locator == "handbook.md"
    assert answer.answered
    assert answer.citations[0].quote == "The shop opens at nine."
    assert found.source_id == file.id
    assert whole.text is not None
    assert found.text == whole.text[found.locator.char_start : found.locator.char_end]


async def test_it_tells_what_changed_and_takes_it_back(client: AsyncAivastark, worker: None) -> None:
    for hour in ("eight", "nine"):
        source = await client.sources.create_raw(f"The shop opens at {hour}.", external_id="hours")
        source = await client.sources.wait(source.id)
    versions = [version async for version in client.sources.versions(source.id).list()]
    changes = [change async for change in client.sources.changes(source.id, 2).list()]

    source = await client.sources.wait((await client.sources.roll_back(source.id, 1)).id)
    failures = [failure async for failure in client.sources.failures(source.id).list()]
    answer = await client.query("When does the shop open?")

    assert [(version.version, version.documents.added, version.documents.changed) for version in versions] == [
        (2, 0, 1),
        (1, 1, 0),
    ]
    assert [(change.change, change.locator) for change in changes] == [("changed", "text")]
    assert (source.version, source.status, failures) == (3, "ready", [])
    assert "eight" in answer.answer
    with pytest.raises(Conflict):
        await client.sources.sync(source.id, only="failed")


async def test_without_await_it_does_the_same(address: str, tenant: Tenant, worker: None) -> None:
    def work() -> tuple[str, list[str], list[str]]:
        with Aivastark(api_key=tenant.key, project_id=tenant.project_id, base_url=address) as client:
            source = client.sources.create_file(b"The shop opens at nine.", name="hours.txt")
            client.sources.wait(source.id)
            answer = client.query("When does the shop open?")
            streamed = [event.delta for event in client.stream("When does the shop open?") if isinstance(event, Token)]
            listed = [conversation.id for conversation in client.conversations.list()]
        return answer.answer, streamed, listed

    answer, streamed, listed = await asyncio.to_thread(work)

    assert "opens at nine" in answer
    assert "".join(streamed) == answer
    assert len(listed) == 2


async def test_a_stream_is_typed_events_in_order(client: AsyncAivastark, worker: None) -> None:
    await client.sources.wait((await client.sources.create_raw("The shop opens\u2028at nine.")).id)

    events = [event async for event in client.stream("When does the shop open?", session_id="s1")]

    start, *middle, answered, done = events
    assert isinstance(start, Start)
    assert isinstance(answered, Answered)
    assert isinstance(done, Done)
    assert start.session_id == "s1"
    assert start.message_id == answered.id == done.message_id
    assert "".join(event.delta for event in middle if isinstance(event, Token)) == answered.answer
    assert [event.citation for event in middle if isinstance(event, Cited)] == answered.citations


async def test_lists_are_read_to_the_end_page_by_page(client: AsyncAivastark) -> None:
    made = [(await client.sources.create_raw(f"Text {number}.", tags=["a"])).id for number in range(5)]
    await client.sources.create_raw("Another.", tags=["b"])

    listed = [source.id async for source in client.sources.list(page_size=2, tag="a")]
    first = await client.sources.page(limit=2, tag="a")

    assert listed == made[::-1]
    assert [source.id for source in first.data] == listed[:2]
    assert first.has_more


async def test_it_reads_what_was_said(client: AsyncAivastark) -> None:
    answer = await client.query("Is anybody there?", session_id="s1", metadata={"page": "/help"})

    conversation = await client.conversations.get(answer.conversation_id)
    [listed] = [conversation async for conversation in client.conversations.list(q="anybody")]

    assert [message.role for message in conversation.messages] == ["user", "assistant"]
    assert conversation.messages[1].content == answer.answer
    assert listed.id == conversation.id
    assert listed.messages == []


async def test_it_changes_syncs_and_deletes(client: AsyncAivastark, worker: None) -> None:
    source = await client.sources.wait((await client.sources.create_raw("Hello.", title="Old")).id)

    changed = await client.sources.update(source.id, title="New", tags=None)
    synced = await client.sources.wait((await client.sources.sync(source.id)).id)
    stopped = await client.sources.cancel(source.id)
    await client.sources.delete(source.id)

    assert changed.title == "New"
    assert (synced.status, stopped.status) == ("ready", "ready")
    async with asyncio.timeout(10):
        while [left async for left in client.sources.list()]:  # noqa: ASYNC110 (it goes in another process for all we know)
            await asyncio.sleep(0.05)


async def test_what_has_no_method_yet_can_be_called(client: AsyncAivastark) -> None:
    source = await client.sources.create_raw("Hello.")

    below = await client.request("get", f"sources/{source.id}")
    above = await client.request("GET", "/v1/health/live")
    recorded = [record async for record in client.resource("sources").list()]

    assert below.json()["id"] == source.id
    assert above.json()["status"] == "ok"
    assert recorded[0].model_dump()["status"] == "pending"


async def test_errors_say_what_the_server_said(
    client: AsyncAivastark, backends: Backends, tenant: Tenant, address: str
) -> None:
    _, powerless = await make_key(backends.db, tenant, "conversations")
    await client.sources.create_raw("Hello.", external_id="kb-1")

    with pytest.raises(NotFound) as missing:
        await client.sources.get("src_nobodys")
    with pytest.raises(InvalidRequest) as invalid:
        await client.sources.create(type="url")
    with pytest.raises(Conflict) as known:
        await client.sources.create_raw("Hello.", external_id="kb-1", on_conflict="error")
    async with AsyncAivastark(api_key=powerless, project_id=tenant.project_id, base_url=address) as other:
        with pytest.raises(PermissionDenied):
            await other.query("Hello?")
    async with AsyncAivastark(api_key="akv_live_no", project_id=tenant.project_id, base_url=address) as other:
        with pytest.raises(Unauthenticated):
            await other.query("Hello?")

    assert (missing.value.status, missing.value.code) == (404, "not_found")
    assert (invalid.value.param, invalid.value.message) == ("url", "source.url is required for type=url")
    assert known.value.code == "source_exists"
    assert missing.value.request_id is not None
    assert missing.value.request_id.startswith("req_")
    assert missing.value.request_id in str(missing.value)


async def test_waiting_ends_when_its_time_is_over(client: AsyncAivastark) -> None:
    source = await client.sources.create_raw("Nobody works.")

    with pytest.raises(StillWorking, match="is still pending"):
        await client.sources.wait(source.id, timeout_s=0.2)


async def test_one_key_may_serve_several_projects(backends: Backends, address: str, tenant: Tenant) -> None:
    agency = await make_tenant(backends.db, whole_organization=True)

    async with AsyncAivastark(api_key=agency.key, base_url=address) as client:
        own = client.with_project(agency.project_id)
        source = await own.sources.create_raw("Hello.")
        with pytest.raises(NotFound):
            await client.with_project(tenant.project_id).sources.get(source.id)
        with pytest.raises(ValueError, match="project_id"):
            await client.query("Hello?")

    assert source.project_id == agency.project_id


async def test_an_id_is_never_more_than_an_id(client: AsyncAivastark) -> None:
    source = await client.sources.create_raw("Hello.")

    for trick in ("", ".", "..", f"../sources/{source.id}", f"{source.id}/sync", f"{source.id}?x=1", f"{source.id}#x"):
        with pytest.raises(ValueError, match="not an id"):
            await client.sources.get(trick)


@pytest.mark.parametrize(("key", "url"), [("", "http://127.0.0.1:8080"), ("akv_live_x", "localhost:8080")])
def test_what_can_never_work_is_said_at_once(key: str, url: str) -> None:
    with pytest.raises(ValueError, match=r"key is needed|base_url"):
        Aivastark(api_key=key, base_url=url)


def test_it_loads_nothing_of_the_server() -> None:
    script = "import sys, aivastark.client; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()

    assert HEAVY.isdisjoint(loaded)
