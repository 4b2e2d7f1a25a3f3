"""A documentation site of six hundred pages is taken in, and again when a few changed: what it costs and says."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import Embedder
from aivastark.settings import Settings
from tests.journeys.documentation import articles, serve_site, site_of
from tests.loopback import Page, serving
from tests.make import Body, Client, calling, make_tenant, published, read, working

PAGES = 300
MIN_PAGES = 250
MAX_SHARE_OF_THE_FIRST_TIME = 0.10
CHANGED, REMOVED, ADDED = 3, 1, 2
NEWS = "<h2>News</h2><p>Since release {} this rule also looks into notebooks and lambda expressions.</p>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A site and what became of it: content by path, and the paths that differ."""

    old: dict[str, bytes]
    new: dict[str, bytes]
    changed: frozenset[str]
    removed: frozenset[str]
    added: frozenset[str]


def prepared() -> Change:
    """Rules spread over the site change, go and come; links to what is gone stay, as they do."""
    everything = articles()[:PAGES]
    added = frozenset(article.path for article in everything[100::170])
    first = [article for article in everything if article.path not in added]
    changed = frozenset(article.path for article in first[50::110])
    removed = frozenset(article.path for article in first[200::210])
    old, whole = site_of(first), site_of(everything)
    new = {path: body for path, body in old.items() if path not in removed} | {path: whole[path] for path in added}
    for number, path in enumerate(sorted(changed)):
        new[path] = old[path].replace(b"</main>", NEWS.format(number).encode() + b"</main>")
    assert (len(changed), len(removed), len(added)) == (CHANGED, REMOVED, ADDED)
    return Change(old=old, new=new, changed=changed, removed=removed, added=added)


class Noting:
    """An embedder that writes down what it was given; the vectors are the inner one's."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.texts: list[str] = []
        self.model_id, self.dimensions, self.languages = inner.model_id, inner.dimensions, inner.languages

    async def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts.extend(texts)
        return await self._inner.embed_documents(texts)

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        return await self._inner.embed_query(text)

    async def close(self) -> None:
        await self._inner.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With the real model: what a look costs is mostly what has to be embedded."""
    return settings.model_copy(update={"embedding_model": "minilm"})


async def all_documents(api: Client, source_id: str) -> dict[str, Body]:
    """The published documents by locator."""
    found: dict[str, Body] = {}
    cursor: dict[str, str] = {}
    while True:
        listed = read(await api.get(f"sources/{source_id}/documents", limit=100, **cursor))
        found |= {document["locator"]: document for document in listed["data"]}
        if not listed["has_more"]:
            return found
        cursor = {"cursor": listed["next_cursor"]}


async def passages(api: Client, source_id: str, documents: Sequence[Body]) -> list[str]:
    found = [read(await api.get(f"sources/{source_id}/documents/{document['id']}")) for document in documents]
    return [chunk["text"] for document in found for chunk in document["data"]]


# What a look costs is the embedding, which is the same on every database; other tests crawl on all of them.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_site_that_changed_a_little_costs_a_little(
    backends: Backends, capsys: pytest.CaptureFixture[str]
) -> None:
    change = prepared()
    old, new = change.old, change.new

    embedder = Noting(backends.embedder)
    backends = replace(backends, embedder=embedder)
    tenant = await make_tenant(backends.db, per_minute=100_000)
    pages: dict[str, Page] = {}
    async with (
        serving(pages) as site,
        calling(create_app(backends), tenant.key) as http,
        working(backends) as worker,
    ):
        api, base = Client(http=http, tenant=tenant), site.url("")

        async def look(content: dict[str, bytes]) -> tuple[float, list[str]]:
            """After another look at the site: its processor time in seconds, and what was embedded."""
            pages.clear()
            pages.update(serve_site(content, base))
            embedder.texts.clear()
            begun = time.process_time()
            await worker.run_until_idle()
            return time.process_time() - begun, list(embedder.texts)

        source = await api.add(url=site.url("/rules/"), crawl={"max_pages": 2_000})
        first_s, embedded_first = await look(old)
        before = await all_documents(api, source["id"])
        kept = [document for locator, document in before.items() if locator.removeprefix(base) not in change.changed]
        kept_passages = set(await passages(api, source["id"], kept))

        assert read(await api.post(f"sources/{source['id']}/sync"))["id"] == source["id"]
        second_s, embedded_second = await look(new)
        after = await all_documents(api, source["id"])
        fresh = [after[base + path] for path in (*sorted(change.changed), *sorted(change.added))]
        fresh_passages = await passages(api, source["id"], fresh)

        await api.post(f"sources/{source['id']}/sync")
        third_s, embedded_third = await look(new)
        last = await all_documents(api, source["id"])
        state = await api.source(source["id"])
    events = await published(backends, tenant.project_id)
    with capsys.disabled():
        times = f"first {first_s:.1f} s, second {second_s:.2f} s, third {third_s:.2f} s"
        print(f"\n{len(before)} of {len(old)} pages: {times}; embedded {len(embedded_first)}, {len(embedded_second)}")  # noqa: T201

    assert len(before) >= MIN_PAGES
    assert [event["documents"] for event in events] == [
        {"added": len(before), "changed": 0, "removed": 0},
        {"added": ADDED, "changed": CHANGED, "removed": 0},  # what is gone once may come back
        {"added": 0, "changed": 0, "removed": REMOVED},
    ]
    assert {base + path for path in change.removed} <= after.keys()
    assert before.keys() - last.keys() == {base + path for path in change.removed}
    assert last.keys() - before.keys() == {base + path for path in change.added}
    assert kept_passages.isdisjoint(embedded_second)
    assert 0 < len(embedded_second) <= 2 * len(fresh_passages)  # each with its headings
    assert embedded_third == []
    assert second_s < first_s * MAX_SHARE_OF_THE_FIRST_TIME
    assert (state["status"], state["version"]) == ("ready", 3)
