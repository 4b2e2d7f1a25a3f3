"""`kill -9` while all knowledge is embedded anew: the old model serves, and what was done is not done again."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.hashing import Hashing
from tests.journeys.server import Server
from tests.make import read
from tests.origins.embedding_server import embeds
from tests.origins.model_server import Act, Asked, serving_model

MODELS: dict[str, Embedder] = {"m-1": Hashing(), "m-2": Hashing(dimensions=64)}
DOORS, PASSAGES = 3, 80
SETTLE_MAX_S = 30.0
BATCH = 64
QUICK = {"RATE_LIMIT_PER_MINUTE": "0", "ALLOW_PRIVATE_NETWORKS": "true"}


async def test_a_re_embedding_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    may_go_on = {"m-1": asyncio.Event(), "m-2": asyncio.Event()}
    may_go_on["m-1"].set()
    texts: Counter[str] = Counter()
    stuck = asyncio.Event()

    def by_name(asked: Asked) -> Act:
        name, sent = asked.body["model"], asked.body["input"]
        passages = [text for text in sent if "leads to room" in text]

        async def act(asked: Asked, wire: Any) -> None:
            if name == "m-2" and passages and texts and not may_go_on["m-2"].is_set():
                stuck.set()
                await may_go_on["m-2"].wait()
            texts.update(passages if name == "m-2" else ())
            await embeds(MODELS[name])(asked, wire)

        return act

    async with serving_model(by_name) as models:
        environment = {**QUICK, "EMBEDDING_URL": models.url}
        with Server(data_dir=tmp_path / "data", environment={**environment, "EMBEDDING_MODEL": "m-1"}) as server:
            install = await asyncio.to_thread(server.init)
            path = f"/v1/projects/{install['project_id']}"
            await asyncio.to_thread(server.start)
            async with server.client(install["api_key"]) as http:
                for number in range(DOORS):
                    text = "\n\n".join(
                        f"Door {number}x{place} leads to room {place}. " * 20 for place in range(PASSAGES)
                    )
                    assert (await http.post(f"{path}/sources", json={"type": "raw", "text": text})).status_code == 202
                await _until(
                    http, f"{path}/sources", lambda body: all(one["status"] == "ready" for one in body["data"])
                )
                total = sum(one["progress"]["chunks"] for one in read(await http.get(f"{path}/sources"))["data"])
            server.kill()

            server.environment["EMBEDDING_MODEL"] = "m-2"
            await asyncio.to_thread(server.start)
            await asyncio.wait_for(stuck.wait(), SETTLE_MAX_S)
            async with server.client(install["api_key"]) as http:
                during = read(await http.get(f"{path}/embedding"))
                by_old = await _best(http, path)
            server.kill()
            may_go_on["m-2"].set()
            await asyncio.to_thread(server.start)
            async with server.client(install["api_key"]) as http:
                after = await _until(http, f"{path}/embedding", lambda body: body["reembedding"] is None)
                by_new = await _best(http, path)

    assert total > 2 * BATCH
    assert during["serving"] != during["model"]
    assert during["reembedding"]["passages_total"] == total
    assert after["serving"] == after["model"]
    assert by_old[1] is not None
    assert by_new[1] is not None
    assert len(texts) == total
    assert sum(texts.values()) <= total + BATCH, "what was embedded before the kill was embedded again"


async def _best(http: httpx.AsyncClient, path: str) -> tuple[str, int | None]:
    """The best passage and its place by meaning."""
    best = read(await http.post(f"{path}/search", json={"query": "Where does door 2x40 lead?"}))["data"][0]
    return best["text"], best["ranks"]["vector"]


async def _until(http: httpx.AsyncClient, path: str, holds: Any) -> Any:
    give_up_at = time.monotonic() + SETTLE_MAX_S
    while not holds(body := read(await http.get(path))):
        assert time.monotonic() < give_up_at, body
        await asyncio.sleep(0.05)
    return body
