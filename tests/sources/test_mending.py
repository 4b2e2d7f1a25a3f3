"""A search file that is lost, or older than the tables after a restore, is made anew without anybody asking."""

import asyncio

from aivastark.backends.base import Backends
from tests.make import Client, working


async def test_a_lost_index_is_made_anew_at_the_next_start(api: Client, backends: Backends) -> None:
    source = await api.add(text="The shop is open from nine to five.")
    async with working(backends) as worker:
        await worker.run_until_idle()
    await backends.search.remove(api.tenant.project_id)
    assert (await api.ask("When is the shop open?"))["answered"] is False

    stop = asyncio.Event()
    async with working(backends) as worker, asyncio.timeout(20):
        running = asyncio.create_task(worker.run(stop))
        while not (await api.ask("When is the shop open?"))["answered"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        stop.set()
        await running

    assert await backends.search.published_version(api.tenant.project_id, source["id"]) == 1
    assert (await api.source(source["id"]))["version"] == 1


async def test_an_index_that_is_right_is_left_alone(api: Client, backends: Backends) -> None:
    source = await api.add(text="The shop is open from nine to five.")
    stop = asyncio.Event()
    async with working(backends) as worker:
        await worker.run_until_idle()
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(0.3)
        stop.set()
        await running

    assert (await api.source(source["id"]))["version"] == 1
