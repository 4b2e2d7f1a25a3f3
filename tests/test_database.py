"""Two doors: many read a snapshot, one writes at a time, and nothing is left half done."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from aivastark.accounts.models import Organization
from aivastark.backends.base import Backends
from aivastark.database import Moment
from tests.make import make_tenant


async def count(backends: Backends) -> int:
    async with backends.db.read() as session:
        return len(list(await session.scalars(select(Organization.id))))


async def test_what_raises_is_undone(backends: Backends) -> None:
    before = await count(backends)

    async def begin_and_fail() -> None:
        async with backends.db.write() as session:
            session.add(Organization(id="org_A", name="A", plan="growth", created_at=datetime.now(UTC)))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await begin_and_fail()

    assert await count(backends) == before


async def test_sixty_writers_that_read_first_all_get_through(backends: Backends) -> None:
    owner = (await make_tenant(backends.db)).organization_id

    async def lengthen() -> None:
        async with backends.db.write() as session:
            row = await session.get_one(Organization, owner)
            await asyncio.sleep(0)
            row.name = row.name + "x"

    await asyncio.gather(*(lengthen() for _ in range(60)))

    async with backends.db.read() as session:
        assert (await session.get_one(Organization, owner)).name == "A customer" + "x" * 60


async def test_the_reading_door_cannot_write(backends: Backends) -> None:
    async with backends.db.read() as session:
        with pytest.raises(DBAPIError, match="readonly"):
            await session.execute(text("DELETE FROM organizations"))


async def test_a_reader_keeps_its_snapshot_while_another_writes(backends: Backends) -> None:
    async with backends.db.read() as session:
        before = list(await session.scalars(select(Organization.id)))
        await make_tenant(backends.db)
        during = list(await session.scalars(select(Organization.id)))

    assert before == during
    assert await count(backends) == len(before) + 1


async def test_times_come_back_aware_and_in_utc_and_naive_ones_are_refused(backends: Backends) -> None:
    moment = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    async with backends.db.write() as session:
        session.add(Organization(id="org_A", name="A", plan="growth", created_at=moment))

    async with backends.db.read() as session:
        stored = (await session.get_one(Organization, "org_A")).created_at
    assert (stored, stored.tzinfo) == (moment, UTC)

    with pytest.raises(StatementError, match="without a zone"):
        async with backends.db.write() as session:
            session.add(Organization(id="org_B", name="B", plan="growth", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    assert Moment.cache_ok
