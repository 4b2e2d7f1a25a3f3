"""Another embedding model over existing knowledge: the old index serves until the new one is whole."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.hashing import Hashing
from aivastark.bootstrap import open_backends
from aivastark.settings import Settings
from aivastark.sources.reembed import queue_reembedding
from tests.make import Body, Client, Tenant, calling, make_tenant, read, working
from tests.origins.embedding_server import embeds
from tests.origins.model_server import Act, Asked, ModelServer, refuses, serving_model

SHOP = "The shop opens at nine o'clock."
HALL = "The hall closes at six in the evening."
QUESTION = "When does the shop open?"


class Turned(Hashing):
    """Another model of the same dimension."""

    def _embed(self, text: str) -> NDArray[np.float32]:
        return np.roll(super()._embed(text), 7)


MODELS: dict[str, Embedder] = {"m-1": Hashing(), "m-2": Hashing(dimensions=64), "m-3": Turned()}


def by_name(asked: Asked) -> Act:
    """A provider that has the models it is asked for."""
    return embeds(MODELS[asked.body["model"]])


def whatever_is_asked(name: str) -> Callable[[Asked], Act]:
    """A server with one model loaded, which answers for any name."""
    return lambda asked: embeds(MODELS[name])


@dataclass(frozen=True, kw_only=True)
class Install:
    """The same data, served with whichever model is set."""

    settings: Settings
    server: ModelServer
    tenant: Tenant

    @asynccontextmanager
    async def set_to(self, model: str | None) -> AsyncIterator[tuple[Client, Backends]]:
        """Running with a model at the endpoint, or with the packaged `hashing`."""
        at = {} if model is None else {"embedding_url": self.server.url, "embedding_model": model}
        async with (
            open_backends(self.settings.model_copy(update=at)) as backends,
            calling(create_app(backends), self.tenant.key) as http,
        ):
            yield Client(http=http, tenant=self.tenant), backends

    def asked(self, model: str) -> list[str]:
        """All texts that a model was asked for."""
        bodies = [asked.body for asked in self.server.asked if asked.body["model"] == model]
        return [text for body in bodies for text in body["input"]]


@pytest.fixture
async def install(settings: Settings) -> AsyncIterator[Install]:
    """With two sources that m-1 embedded."""
    async with serving_model(by_name) as server:
        at = {"embedding_url": server.url, "embedding_model": "m-1"}
        async with open_backends(settings.model_copy(update=at)) as backends:
            made = Install(settings=settings, server=server, tenant=await make_tenant(backends.db))
        async with made.set_to("m-1") as (api, backends):
            await api.add(text=SHOP, title="Shop", external_id="shop")
            await api.add(text=HALL, title="Hall", external_id="hall")
            await settle(backends)
        yield made


async def settle(backends: Backends, *, start: bool = False) -> None:
    """What is due; with `start`, as at a worker's start."""
    if start:
        await queue_reembedding(backends)
    async with working(backends) as worker:
        await worker.run_until_idle()


async def found(api: Client, query: str = QUESTION) -> dict[str, int | None]:
    """Titles, with their place by meaning."""
    hits = read(await api.post("search", {"query": query}))["data"]
    return {hit["title"]: hit["ranks"]["vector"] for hit in hits}


async def embedding(api: Client) -> Body:
    return read(await api.get("embedding"))


async def test_the_old_model_finds_until_the_new_one_has_embedded_all(install: Install) -> None:
    async with install.set_to("m-2") as (api, backends):
        before = await embedding(api)
        by_old = await found(api)
        answer = await api.ask(QUESTION)
        await api.add(text="The yard is swept on Fridays.", title="Yard")
        await settle(backends)
        both = await found(api)
        await queue_reembedding(backends)
        queued = await embedding(api)
        await settle(backends)
        after = await embedding(api)
        by_new = await found(api)
        again = await api.ask(QUESTION)

    assert before["model"] != before["serving"]
    assert queued["reembedding"]["passages_done"] == 0
    assert (after["serving"], after["reembedding"]) == (after["model"], None)
    assert by_old == {"Shop": 1, "Hall": 2}
    assert set(both) == {"Shop", "Hall", "Yard"}
    assert None not in both.values()
    assert by_new == both
    assert answer["citations"][0]["quote"] == again["citations"][0]["quote"] == SHOP
    assert "embedding_anew" not in answer["confidence_reasons"] + again["confidence_reasons"]
    assert [text for text in install.asked("m-2") if text in (f"Shop\n{SHOP}", f"Hall\n{HALL}")] != []


async def test_a_sync_after_it_finds_nothing_new(install: Install) -> None:
    async with install.set_to("m-2") as (api, backends):
        await settle(backends, start=True)
        texts = len(install.asked("m-2"))
        sources = read(await api.get("sources"))["data"]
        for source in sources:
            await api.post(f"sources/{source['id']}/sync")
        await settle(backends)
        versions = [(await api.source(source["id"]))["version"] for source in sources]

    assert versions == [1, 1]
    assert len(install.asked("m-2")) == texts


@pytest.mark.parametrize("loaded", ["m-2", "m-3"])
async def test_without_the_old_model_words_alone_find_and_the_answer_says_so(install: Install, loaded: str) -> None:
    """A server that answers for the old name with another model, of whatever dimension, is not believed."""
    install.server.script = whatever_is_asked(loaded)
    async with install.set_to(loaded) as (api, backends):
        by_words = await found(api)
        answer = await api.ask(QUESTION)
        await api.add(text="The yard is swept on Fridays.", title="Yard")
        await settle(backends, start=True)
        by_new = await found(api)
        again = await api.ask(QUESTION)

    assert by_words["Shop"] is None
    assert answer["citations"][0]["quote"] == SHOP
    assert "embedding_anew" in answer["confidence_reasons"]
    assert set(by_new) == {"Shop", "Hall", "Yard"}
    assert None not in by_new.values()
    assert "embedding_anew" not in again["confidence_reasons"]


async def test_from_an_endpoint_to_the_packaged_model_and_back(install: Install) -> None:
    async with install.set_to(None) as (api, backends):
        in_between = await api.ask(QUESTION)
        await settle(backends, start=True)
        packaged = (await embedding(api))["serving"]
        there = await found(api)
    async with install.set_to("m-1") as (api, backends):
        by_packaged = await found(api)
        await settle(backends, start=True)
        back = (await embedding(api))["serving"]

    assert "embedding_anew" in in_between["confidence_reasons"]
    assert packaged == "hashing-256"
    assert there == by_packaged == {"Shop": 1, "Hall": 2}
    assert back.startswith("endpoint-m-1-")


async def test_who_changes_their_mind_keeps_the_old_index(install: Install) -> None:
    install.server.script = whatever_is_asked("m-2")
    async with install.set_to("m-2") as (api, backends):
        await api.add(text="The yard is swept on Fridays.", title="Yard")
        await settle(backends)  # and not all of the rest
    install.server.script = by_name
    async with install.set_to("m-1") as (api, backends):
        before = await found(api)
        await settle(backends, start=True)
        after = await found(api)
        state = await embedding(api)

    assert before["Shop"] == 1
    assert set(after) == {"Shop", "Hall", "Yard"}
    assert sorted(place for place in after.values() if place) == [1, 2, 3]
    assert state["serving"] == state["model"]
    assert state["reembedding"] is None


async def test_an_endpoint_that_fails_is_waited_for_and_says_why(install: Install) -> None:
    async with install.set_to("m-2") as (api, backends):
        install.server.script = lambda asked: by_name(asked) if asked.body["model"] == "m-1" else refuses(401)
        await settle(backends, start=True)
        waiting = await embedding(api)
        meanwhile = await found(api)
        install.server.script = by_name
        await settle(backends, start=True)
        done = await embedding(api)

    assert waiting["reembedding"]["error"]["code"] == "rejected"
    assert meanwhile["Shop"] == 1
    assert (done["serving"], done["reembedding"]) == (done["model"], None)


async def test_a_worker_set_to_another_model_leaves_the_job_to_those_who_are_set_to_it(install: Install) -> None:
    async with install.set_to("m-2") as (api, newer):
        await queue_reembedding(newer)
        async with install.set_to("m-1") as (_, older):
            await settle(older)
        untouched = await embedding(api)
        await settle(newer)
        done = await embedding(api)

    assert untouched["reembedding"] is not None
    assert done["serving"] == done["model"]


async def test_pinned_wordings_and_open_questions_follow(install: Install) -> None:
    async with install.set_to("m-1") as (api, backends):
        await api.post("pinned-answers", {"questions": ["Do you ship parcels to Norway today?"], "answer": "Yes."})
        for question in ("Is there marmalade in the cellar?", "In the cellar, is there marmalade?"):
            await api.ask(question)
    async with install.set_to("m-2") as (api, backends):
        await settle(backends, start=True)
        near = await api.ask("Today do you ship parcels to Norway?")
        gaps = read(await api.get("analytics/gaps"))["data"]

    assert near["answer"] == "Yes."
    assert [gap["count"] for gap in gaps] == [2]


async def test_an_index_from_before_models_were_noted_is_named_by_its_documents(install: Install) -> None:
    async with install.set_to("m-1") as (_, backends):
        await forget_names(backends, install.tenant.project_id)
    async with install.set_to("m-2") as (api, backends):
        by_old = await found(api)
        await settle(backends, start=True)
        by_new = await found(api)

    assert by_old == by_new == {"Shop": 1, "Hall": 2}


async def forget_names(backends: Backends, project_id: str) -> None:
    search: Any = backends.search
    if hasattr(search, "_files"):
        with search._files.writer(project_id, create=False) as connection:
            for table in ("model", "coming_vector", "coming_heading_vector", "coming_heading_digest"):
                connection.execute(f"DROP TABLE {table}")
    else:
        from aivastark.backends.search.postgres_tables import projects

        unnamed = update(projects).where(projects.c.project_id == project_id).values(serving="")
        await search._write(lambda connection: connection.execute(unnamed) and None)
