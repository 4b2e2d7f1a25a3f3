"""Two doors: many read a snapshot, one writes at a time, and nothing is left half done."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from aivastark.accounts.models import Organization
from aivastark.backends.base import Backends
from aivastark.database import Moment, ReadSession, WriteSession
from tests.make import make_tenant


async def count(backends: Backends) -> int:
    return await backends.db.read(lambda session: len(list(session.scalars(select(Organization.id)))))


async def test_what_raises_is_undone(backends: Backends) -> None:
    before = await count(backends)

    def begin_and_fail(session: WriteSession) -> None:
        session.add(Organization(id="org_A", name="A", plan="growth", created_at=datetime.now(UTC)))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await backends.db.write(begin_and_fail)

    assert await count(backends) == before


async def test_sixty_writers_that_read_first_all_get_through(backends: Backends) -> None:
    owner = (await make_tenant(backends.db)).organization_id

    def lengthen(session: WriteSession) -> None:
        row = session.get_one(Organization, owner)
        time.sleep(0.001)
        row.name = row.name + "x"

    await asyncio.gather(*(backends.db.write(lengthen) for _ in range(60)))

    row = await backends.db.read(lambda session: session.get_one(Organization, owner))
    assert row.name == "A customer" + "x" * 60


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # where writers do not take turns
async def test_a_write_that_others_overtake_again_and_again_gets_through(backends: Backends) -> None:
    owner = (await make_tenant(backends.db)).organization_id
    faster, attempts = create_engine(backends.db.url), 0

    def lengthen(session: WriteSession) -> None:
        nonlocal attempts
        attempts += 1
        row = session.get_one(Organization, owner)
        if attempts <= 25:
            with faster.begin() as other:
                other.execute(text("UPDATE organizations SET name = name || 'o' WHERE id = :id"), {"id": owner})
        row.name = row.name + "x"

    await backends.db.write(lengthen)
    faster.dispose()

    row = await backends.db.read(lambda session: session.get_one(Organization, owner))
    assert (attempts, row.name) == (26, "A customer" + "o" * 25 + "x")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # elsewhere writers do not take turns
async def test_a_write_whose_caller_is_cancelled_keeps_its_turn_to_the_end(backends: Backends) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(session: WriteSession) -> None:
        session.add(Organization(id="org_A", name="A", plan="growth", created_at=datetime.now(UTC)))
        begun.set()
        may_end.wait(5)

    writing = asyncio.create_task(backends.db.write(slow))
    await asyncio.to_thread(begun.wait, 5)
    writing.cancel()
    second = asyncio.create_task(make_tenant(backends.db))
    await asyncio.sleep(0.05)
    assert not second.done()
    may_end.set()
    await second

    assert writing.cancelled()
    assert await backends.db.read(lambda session: session.get(Organization, "org_A")) is not None


async def test_the_reading_door_cannot_write(backends: Backends) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await backends.db.read(lambda session: session.execute(text("DELETE FROM organizations")))


async def test_a_reader_keeps_its_snapshot_while_another_writes(backends: Backends) -> None:
    looked, written = threading.Event(), threading.Event()

    def look_twice(session: ReadSession) -> tuple[list[str], list[str]]:
        before = list(session.scalars(select(Organization.id)))
        looked.set()
        assert written.wait(5)
        return before, list(session.scalars(select(Organization.id)))

    looking = asyncio.create_task(backends.db.read(look_twice))
    await asyncio.to_thread(looked.wait, 5)
    await make_tenant(backends.db)
    written.set()
    before, during = await looking

    assert before == during
    assert await count(backends) == len(before) + 1


async def test_times_come_back_aware_and_in_utc_and_naive_ones_are_refused(backends: Backends) -> None:
    moment = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    row = Organization(id="org_A", name="A", plan="growth", created_at=moment)
    await backends.db.write(lambda session: session.add(row))

    stored = await backends.db.read(lambda session: session.get_one(Organization, "org_A").created_at)
    assert (stored, stored.tzinfo) == (moment, UTC)

    naive = Organization(id="org_B", name="B", plan="growth", created_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a zone"):
        await backends.db.write(lambda session: session.add(naive))
    assert Moment.cache_ok
