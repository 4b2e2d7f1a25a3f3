"""Two processes' worth of broadcast over one PostgreSQL: what one tells wakes those who listen at the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from aivastark.backends.broadcast import shared
from aivastark.backends.broadcast.postgres import CHANNEL, PAYLOAD_MAX_BYTES, PostgresBroadcast
from tests.postgres import Postgres

SOON_S, A_MOMENT_S = 5.0, 0.05
LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_notify%'"


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.unmigrated() as url:
        yield url


@pytest.fixture
async def pair(url: str) -> AsyncIterator[tuple[PostgresBroadcast, PostgresBroadcast]]:
    async with opened(url) as one, opened(url) as two:
        yield one, two


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresBroadcast]:
    """One that hears and is heard."""
    broadcast = PostgresBroadcast(url)
    with broadcast.listen("anything"):
        async with asyncio.timeout(SOON_S):
            await broadcast.is_heard.wait()
    yield broadcast
    await broadcast.close()


def execute(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        return list(connection.execute(statement, values or None))


async def test_what_one_tells_the_other_hears(pair: tuple[PostgresBroadcast, PostgresBroadcast]) -> None:
    one, two = pair
    with one.listen("a") as here, two.listen("a") as there, two.listen("b") as other:
        one.tell("a", about="Überraschung'; --")

        assert await there.wait(SOON_S)
        assert there.take_named() == {"Überraschung'; --"}
        assert await here.wait(0.0)  # at once: it is told within the process
        assert not await here.wait(A_MOMENT_S)  # and what comes back of it tells nothing new
        assert not await other.wait(0.0)


async def test_thousands_of_changes_are_told_in_few_messages(
    pair: tuple[PostgresBroadcast, PostgresBroadcast], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    sent: list[int] = []
    packed = shared._packed

    def counted(name: str, told: Any, max_bytes: int) -> Iterator[bytes]:
        for message in packed(name, told, max_bytes):
            sent.append(len(message))
            yield message

    monkeypatch.setattr(shared, "_packed", counted)
    topics = [f"{'long' * 20}:{number}" for number in range(2_000)]
    with two.listen(topics[0]) as first, two.listen(topics[-1]) as last:
        for topic in topics:
            one.tell(topic)
            one.tell(topic)

        assert await first.wait(SOON_S)
        assert await last.wait(SOON_S)
    assert len(sent) < 40
    assert max(sent) <= PAYLOAD_MAX_BYTES


async def test_what_is_too_long_to_be_told_wakes_everybody(pair: tuple[PostgresBroadcast, PostgresBroadcast]) -> None:
    one, two = pair
    with two.listen("a") as there:
        one.tell("b" * PAYLOAD_MAX_BYTES)

        assert await there.wait(SOON_S)


async def test_more_than_is_kept_while_there_is_no_line_wakes_everybody(
    pair: tuple[PostgresBroadcast, PostgresBroadcast], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "UNTOLD_MAX", 3)
    one, two = pair
    with two.listen("not among them") as there:
        for number in range(4):
            one.tell(f"topic {number}")

        assert await there.wait(SOON_S)


async def test_after_a_break_everybody_looks_and_what_was_not_told_meanwhile_is_told(
    pair: tuple[PostgresBroadcast, PostgresBroadcast], url: str
) -> None:
    one, two = pair
    first, second = (pid for (pid,) in execute(url, f"{LISTENING} ORDER BY backend_start"))
    with one.listen("a") as here, two.listen("b") as there:
        execute(url, "SELECT pg_terminate_backend(%s)", first)
        one.tell("b", about="told in between")

        assert await here.wait(SOON_S)
        while "told in between" not in there.take_named():
            assert await there.wait(SOON_S)
        await there.wait(0.0)  # of that, too
        two.is_heard.clear()
        execute(url, "SELECT pg_terminate_backend(%s)", second)
        async with asyncio.timeout(SOON_S):
            await two.is_heard.wait()
        assert await there.wait(SOON_S)
    lines = {pid for (pid,) in execute(url, LISTENING)}
    assert len(lines) == 2  # one connection each, as before
    assert not lines & {first, second}


async def test_a_pooler_is_not_listened_through(
    monkeypatch: pytest.MonkeyPatch, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("psycopg.ConnectionInfo.backend_pid", 1)  # as a pooler tells: none of PostgreSQL's own
    broadcast = PostgresBroadcast(url)
    with broadcast.listen("a") as here:
        await asyncio.sleep(0.5)
        assert not broadcast.is_heard.is_set()
        broadcast.tell("a")

        assert await here.wait(0.0)  # within the process, as ever
    await broadcast.close()
    assert "AIVASTARK_DATABASE_DIRECT_URL" in capsys.readouterr().out


async def test_a_strangers_messages_tell_nothing(pair: tuple[PostgresBroadcast, PostgresBroadcast], url: str) -> None:
    one, two = pair
    strange = ("hello", "{}", "[]", '{"from": 1}', '{"from": "x", "told": [["a"]]}', '{"from": "x", "told": 7}')
    with one.listen("a") as here:
        for payload in strange:
            execute(url, "SELECT pg_notify(%s, %s)", CHANNEL, payload)
        assert not await here.wait(A_MOMENT_S)
        two.tell("a")

        assert await here.wait(SOON_S)


async def test_what_is_told_at_the_very_end_arrives(url: str) -> None:
    leaving = PostgresBroadcast(url)
    async with opened(url) as staying:
        with staying.listen("a") as there:
            leaving.tell("a")  # its line is not even open
            await leaving.close()

            assert await there.wait(SOON_S)


async def test_nobody_waits_long_for_a_database_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared, "TOLD_AT_CLOSE_WITHIN_S", 0.2)
    monkeypatch.setattr(shared, "TRY_AGAIN_AFTER_S", 0.01)
    broadcast = PostgresBroadcast(f"postgresql+psycopg://nobody:secret@/none?host={tmp_path}")
    with broadcast.listen("a") as here:
        broadcast.tell("a")

        assert await here.wait(0.0)
    async with asyncio.timeout(SOON_S):
        await broadcast.close()
    said = capsys.readouterr().out
    assert said.count("events_not_shared") == 1  # and not at every try
    assert "secret" not in said


@asynccontextmanager
async def forgetful(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A way to the database through which, once the event is set, nothing goes any more and nobody hangs up; new
    connections are whole.
    """
    is_forgotten = asyncio.Event()
    socket = Path(str(conninfo_to_dict(make_url(url).set(drivername="postgresql").render_as_string())["host"]))
    tasks: set[asyncio.Task[None]] = set()
    ends: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, forgets: bool) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                if not (forgets and is_forgotten.is_set()):
                    writer.write(piece)
        if not (forgets and is_forgotten.is_set()):
            writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(socket / ".s.PGSQL.5432"))
        forgets = not is_forgotten.is_set()
        ends.extend((writer, far_writer))
        for way in (carry(reader, far_writer, forgets), carry(far_reader, writer, forgets)):
            tasks.add(asyncio.create_task(way))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield make_url(url).set(host="127.0.0.1", port=port, query={}).render_as_string(), is_forgotten
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            end.transport.abort()
        await asyncio.sleep(0)


async def test_a_line_that_brings_nothing_back_any_more_is_opened_anew(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared, "CHECK_EVERY_S", 0.05)
    monkeypatch.setattr(shared, "HEARD_WITHIN_S", 0.3)
    async with forgetful(url) as (way, is_forgotten), opened(way) as far, opened(url) as near:
        with far.listen("a") as here:
            is_forgotten.set()
            near.tell("a", about="lost")

            assert await here.wait(SOON_S)  # to look, since something may have happened
            near.tell("a", about="heard")
            while "heard" not in here.take_named():
                assert await here.wait(SOON_S)
    assert "events_not_shared" in capsys.readouterr().out
