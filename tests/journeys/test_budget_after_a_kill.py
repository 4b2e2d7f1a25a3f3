"""A process that is killed while a language model writes keeps what it reserved, and blocks nobody with it."""

import asyncio
from pathlib import Path

import httpx

from tests.journeys.server import Server
from tests.make import Body, read
from tests.origins.model_server import hangs, says, serving_model

KNOWN = "You can return any item within 30 days of delivery. The item must be unused and in its original packaging."
QUESTION = "Within how many days can I return an item?"
TOOK = (11, 7)


async def ask(http: httpx.AsyncClient, base: str) -> Body:
    return read(await http.post(f"{base}/query", json={"message": QUESTION}))


async def tokens(http: httpx.AsyncClient, base: str) -> Body:
    told: Body = read(await http.get(f"{base}/usage"))["budget"]["tokens"]
    return told


async def test_a_kill_while_the_model_writes_costs_that_call_and_no_other(tmp_path: Path) -> None:
    async with serving_model([hangs(), says("You can return any item within 30 days. [1]", usage=TOOK)]) as provider:
        environment = {"EMBEDDING_MODEL": "hashing", "LLM_URL": provider.url, "LLM_MODEL": "m"}
        with Server(data_dir=tmp_path / "data", environment=environment) as server:
            install = server.init()
            base = f"/v1/projects/{install['project_id']}"
            await asyncio.to_thread(server.start)
            async with server.client(install["api_key"]) as http:
                await http.patch(base, json={"budget": {"tokens_per_day": 100_000}})
                source = read(await http.post(f"{base}/sources", json={"type": "raw", "text": KNOWN}))
                while read(await http.get(f"{base}/sources/{source['id']}"))["status"] != "ready":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                asking = asyncio.create_task(ask(http, base))
                await provider.was_asked.wait()
                server.kill()
                await asyncio.gather(asking, return_exceptions=True)
            await asyncio.to_thread(server.start)
            async with server.client(install["api_key"]) as http:
                left = await tokens(http, base)
                each = left["reserved"]
                with_room = await ask(http, base)
                await http.patch(base, json={"budget": {"tokens_per_day": 2 * each + sum(TOOK) - 1}})
                without = await ask(http, base)
                now = await tokens(http, base)

    assert left["spent"] == 0
    assert each > 400
    assert with_room["model"].startswith("m at ")
    assert without["model"] == "extractive"
    assert without["confidence_reasons"][0] == "budget_spent"
    assert now == {"limit": 2 * each + sum(TOOK) - 1, "spent": sum(TOOK), "reserved": each}
