"""A deleted source: out of sight at once, then gone from index, tables and disk."""

import asyncio

import orjson
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.settings import Settings
from aivastark.sources.models import ChunkRow, Document
from tests.conftest import Settle
from tests.make import Client, assert_error, blobs_in, events_in, published, read


async def test_a_deleted_source_is_out_of_sight_at_once_and_then_gone(
    api: Client, settle: Settle, backends: Backends, settings: Settings
) -> None:
    source = await api.add(text="The shop is open from nine to five.")
    await settle()

    deleting = await api.delete(f"sources/{source['id']}")
    unseen = read(await api.post("search", {"query": "shop open"}))["data"]
    refused = await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert (deleting.status_code, read(deleting)["status"]) == (202, "deleting")
    assert unseen == []
    assert_error(refused, 409, "conflict")
    assert_error(await api.get(f"sources/{source['id']}"), 404, "not_found")
    assert (await published(backends, api.tenant.project_id))[-1]["documents"]["removed"] == 1
    assert blobs_in(settings) == []

    def work(session: ReadSession) -> None:
        assert session.scalar(select(Document.id)) is None
        assert session.scalar(select(ChunkRow.id)) is None

    await backends.db.read(work)


async def test_bytes_that_another_source_uses_stay(api: Client, settle: Settle, settings: Settings) -> None:
    first, second = await api.add(text="The same text."), await api.add(text="The same text.")
    await settle()

    await api.delete(f"sources/{first['id']}")
    await settle()

    assert len(blobs_in(settings)) == 1
    assert (await api.source(second["id"]))["status"] == "ready"


async def test_a_watcher_of_a_deleted_source_is_told(api: Client, settle: Settle) -> None:
    source = await api.add(text="The shop is open from nine to five.")
    await settle()
    await api.delete(f"sources/{source['id']}")

    watching = asyncio.create_task(api.get(f"sources/{source['id']}/events"))
    await asyncio.sleep(0.1)
    await settle()
    told = events_in((await watching).text)

    assert told[-1].kind == "done"
    assert orjson.loads(told[-1].data)["status"] == "deleted"
