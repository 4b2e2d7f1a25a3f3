"""What can be watched while a slow site comes in, and how long a source that fails is left alone."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from aivastark.backends.base import Backends
from aivastark.sources import endpoints
from tests.conftest import Settle
from tests.loopback import page
from tests.make import Body, Client, events_in
from tests.sources.sites import Taught, article, articles, shown, site_of, slow

ARTICLES = 20
SECONDS_A_PAGE = 0.2


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A slow site of the start page and many articles, of which one fails, one hides and one says what another says."""
    async with site_of({}, api, settle, backends) as site:
        for path, body in articles(ARTICLES).items():
            site.pages[path] = slow(body, SECONDS_A_PAGE)
        site.pages["/p/1"] = page(500)
        site.show({"/p/2": article(2).replace(b"<head>", b'<head><meta name="robots" content="noindex">')})
        site.show({"/p/3": article(0)})
        yield site


async def watched(taught: Taught) -> list[Body]:
    """The source as the feed told of it, until it was done."""
    watching = asyncio.create_task(taught.api.get(f"sources/{taught.id}/events"))
    await taught.settle()
    return [event.body["source"] for event in events_in((await watching).text)]


async def test_a_slow_crawl_says_how_fast_it_goes_and_how_long_it_will_take(taught: Taught) -> None:
    made = await taught.api.add(url=taught.site.url("/"), crawl={})
    taught.id = made["id"]
    told = await watched(taught)
    last = told[-1]["progress"]
    during = [source["progress"] for source in told if source["status"] == "processing"]
    paced = [progress for progress in during if progress["documents_per_minute"] is not None]

    assert len(paced) >= 3
    for progress in paced:
        assert progress["documents_per_minute"] > 0
        assert 0 <= progress["seconds_left"] <= 60
        assert progress["documents_total"] >= progress["documents_done"] + progress["documents_failed"]
    for name in ("documents_done", "documents_failed", "documents_skipped"):
        counted = [progress[name] for progress in during]
        assert counted == sorted(counted), name
    assert any(0 < progress["documents_done"] < ARTICLES - 2 for progress in during)
    assert max(progress["documents_skipped"] for progress in during) >= 1
    assert (last["documents_per_minute"], last["seconds_left"]) == (None, None)
    assert (last["documents_done"], last["documents_failed"], last["documents_skipped"]) == (ARTICLES - 2, 1, 2)
    assert told[-1]["status"] == "partial"
    assert {row["code"] for row in (await taught.failures()).values()} == {"upstream_error", "noindex", "duplicate"}


async def test_a_look_at_an_unchanged_site_counts_its_pages_too(taught: Taught) -> None:
    await taught.teach()
    await taught.api.post(f"sources/{taught.id}/sync")
    told = await watched(taught)

    during = [source["progress"] for source in told if source["status"] == "processing"]
    assert any(0 < progress["documents_done"] < ARTICLES - 2 for progress in during)
    assert told[-1]["version"] == 1


async def test_a_line_on_which_nothing_happens_shows_that_it_is_there(
    api: Client, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "PING_S", 0.1)
    monkeypatch.setattr(endpoints, "LOOK_AGAIN_S", 0.05)
    source = await api.add(text="The shop is open from nine to five.")
    watching = asyncio.create_task(api.get(f"sources/{source['id']}/events"))
    await asyncio.sleep(0.5)
    await settle()
    told = (await watching).text

    assert told.count(": ping\n\n") >= 2
    *progress, done = events_in(told.replace(": ping\n\n", ""))
    assert done.kind == "done"
    assert all(one.body != another.body for one, another in itertools.pairwise(progress))  # nothing is said twice


# --- again and again


def wait_of(source: Body) -> float:
    """Seconds from the last look to the next."""
    ends = [datetime.fromisoformat(source["sync"][name]) for name in ("last_synced_at", "next_sync_at")]
    return (ends[1] - ends[0]).total_seconds()


async def test_a_source_that_fails_again_and_again_is_looked_at_less_often(
    api: Client, settle: Settle, backends: Backends
) -> None:
    async with site_of(articles(1), api, settle, backends) as taught:
        ready = await taught.teach(refresh_interval=3_600)
        taught.pages["/"] = page(404)
        failed = [await taught.look() for _ in range(7)]
        taught.pages["/"] = shown(article(15))
        back = await taught.look()

    hour = wait_of(ready)
    assert 3_600 <= hour <= 3_960
    assert [round(wait_of(source) / hour) for source in failed] == [2, 4, 8, 16, 32, 32, 32]
    assert {source["error"]["code"] for source in failed} == {"not_found"}
    assert back["status"] == "ready"
    assert wait_of(back) == pytest.approx(hour, abs=1)
