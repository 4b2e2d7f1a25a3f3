"""`kill -9` at random moments while a changing site comes in and is rolled back: every version whole, nothing twice."""

import asyncio
import os
import random
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from aivastark.sources.versions import VERSIONS_KEPT
from tests.journeys.server import Server
from tests.loopback import Page, Site, serving
from tests.sources.sites import shown, slow

KILLS = min(6, int(os.environ.get("TEST_KILLS", "4")))  # fewer for a quick look, never more
CHANGING = 25  # pages that say something else in every edition
STEADY = 6  # pages that never change
ROLLBACK_EVERY = 3  # rounds
SEED = 20_261_125
SECONDS_A_PAGE = 0.01
SETTLE_MAX_S = 60.0
FILLER = " ".join(f"Paragraph {number} explains the matter in words that say little." for number in range(20))
MARK = re.compile(r"swordfish-(\d+)\.")


@dataclass(kw_only=True)
class Journey:
    """A server that is killed, the site it reads, and what was seen of it meanwhile."""

    server: Server
    site: Site
    pages: dict[str, Page]
    install: dict[str, Any]
    source_id: str = ""
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def at(self) -> str:
        return f"/v1/projects/{self.install['project_id']}"

    def show(self, edition: int) -> None:
        """Another edition: most pages are others, one goes and one comes."""
        links = [f"/steady/{number}" for number in range(STEADY)]
        self.pages.clear()
        for path in links:
            self.pages[path] = _page(path, "steady")
        for path in [f"/p/{number}" for number in range(CHANGING)]:
            links.append(path)
            self.pages[path] = _page(path, str(edition))
        links.append(f"/edition/{edition}")
        self.pages[links[-1]] = _page(links[-1], "its own")
        anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
        self.pages["/"] = shown(_html("Start", f"<p>All pages.</p>{anchors}"))

    async def sync(self) -> None:
        async with self.server.client(self.install["api_key"]) as http:
            body = {"type": "url", "url": self.site.url("/"), "crawl": {}}
            posted = await http.post(f"{self.at}/sources", json=body)
            assert posted.status_code in (200, 202), posted.text
            self.source_id = posted.json()["id"]

    async def roll_back(self) -> None:
        """To the version before, where there is one."""
        async with self.server.client(self.install["api_key"]) as http:
            versions = (await http.get(f"{self.at}/sources/{self.source_id}/versions")).json()["data"]
            if len(versions) > 1:
                body = {"version": versions[1]["version"]}
                posted = await http.post(f"{self.at}/sources/{self.source_id}/rollback", json=body)
                # Books that are closed meanwhile may make it another version than it was.
                assert posted.status_code in (202, 404, 409), posted.text

    async def watch(self) -> None:
        """Search for as long as the server lives: whatever is found is of one edition."""
        query = {"query": "password swordfish", "source_ids": [self.source_id], "limit": 50}
        with suppress(httpx.TransportError):
            async with self.server.client(self.install["api_key"]) as http:
                while True:
                    found = await http.post(f"{self.at}/search", json=query)
                    assert found.status_code == 200, found.text
                    editions = {edition for hit in found.json()["data"] for edition in MARK.findall(hit["text"])}
                    self.seen["half" if len(editions) > 1 else "whole" if editions else "nothing yet"] += 1
                    await asyncio.sleep(0.02)

    async def settled(self) -> dict[str, Any]:
        """The source, once it is not on its way any more."""
        async with self.server.client(self.install["api_key"]) as http, asyncio.timeout(SETTLE_MAX_S):
            while True:
                source: dict[str, Any] = (await http.get(f"{self.at}/sources/{self.source_id}")).json()
                to_come = source["error"] is not None and source["error"]["next_retry_at"] is not None
                if source["status"] not in ("pending", "processing") and not to_come:
                    return source
                await asyncio.sleep(0.1)


async def test_every_version_is_whole_and_nothing_is_lost_or_doubled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    environment = {"EMBEDDING_MODEL": "hashing", "RATE_LIMIT_PER_MINUTE": "0", "ALLOW_PRIVATE_NETWORKS": "true"}
    pages: dict[str, Page] = {}
    async with serving(pages) as site:
        with Server(data_dir=tmp_path / "data", environment=environment) as server:
            journey = Journey(server=server, site=site, pages=pages, install=server.init())
            await _kill_again_and_again(journey)
            killed_s = time.monotonic() - begun
            source = await _come_to_rest(journey)
            _assert_books_agree(tmp_path / "data", journey, source)

    assert (source["status"], source["error"]) == ("ready", None)
    assert journey.seen["whole"] > 0
    assert journey.seen["half"] == 0
    with capsys.disabled():
        told = f"{KILLS} kills in {killed_s:.0f} s, whole {time.monotonic() - begun - killed_s:.0f} s later"
        print(f"\n{told}: version {source['version']}, {dict(journey.seen)}")  # noqa: T201


async def _kill_again_and_again(journey: Journey) -> None:
    """After a first look in peace, each round changes the site or rolls it back, and ends somewhere in its sync."""
    chance = random.Random(SEED)
    journey.show(0)
    await asyncio.to_thread(journey.server.start)
    await journey.sync()
    await journey.settled()
    journey.server.kill()
    for round_ in range(1, KILLS + 1):
        is_rollback = round_ % ROLLBACK_EVERY == 0
        journey.show(round_)
        await asyncio.to_thread(journey.server.start)
        await (journey.roll_back() if is_rollback else journey.sync())
        watching = asyncio.create_task(journey.watch())
        await asyncio.sleep(chance.uniform(0.02, 1.8))
        journey.server.kill()
        await watching


async def _come_to_rest(journey: Journey) -> dict[str, Any]:
    """The last edition, looked at until what went is withdrawn."""
    journey.show(KILLS + 1)
    await asyncio.to_thread(journey.server.start)
    for _ in range(3):
        await journey.sync()
        source = await journey.settled()
    return source


def _assert_books_agree(data_dir: Path, journey: Journey, source: dict[str, Any]) -> None:
    with closing(sqlite3.connect(data_dir / "aivastark.db")) as tables:
        rows = tables.execute("SELECT id, locator, version, until, text, chunk_count FROM documents").fetchall()
        versions = tables.execute(
            "SELECT version, added, changed, removed, documents, chunks FROM source_versions ORDER BY version DESC"
        ).fetchall()
        events = tables.execute(
            "SELECT json_extract(body, '$.source_version'), json_extract(body, '$.documents.added'), "
            "json_extract(body, '$.documents.changed'), json_extract(body, '$.documents.removed') "
            "FROM events WHERE type = 'knowledge.updated'"
        ).fetchall()
        chunks = dict(tables.execute("SELECT id, document_id FROM chunks").fetchall())
        [(jobs,)] = tables.execute("SELECT count(*) FROM jobs WHERE subject LIKE 'source:%'").fetchall()
        [(whole,)] = tables.execute("PRAGMA integrity_check").fetchall()
    with closing(sqlite3.connect(data_dir / "search" / f"{journey.install['project_id']}.db")) as search:
        indexed = [row[0] for row in search.execute("SELECT chunk_id FROM chunk")]
        [(index_version,)] = search.execute("SELECT version FROM source").fetchall()

    newest = source["version"]
    held: dict[int, dict[str, Any]] = {}
    assert index_version == newest == versions[0][0]
    assert [row[0] for row in versions] == list(range(newest, max(newest - VERSIONS_KEPT, 0), -1))
    for version, *_, documents, passages in versions:
        there = [row for row in rows if row[2] <= version and (row[3] is None or row[3] > version)]
        held[version] = {row[1]: row for row in there}
        assert len(held[version]) == len(there) == documents, f"version {version}"
        assert sum(row[5] for row in there) == passages
        editions = Counter(edition for row in there for edition in MARK.findall(row[4]))
        assert list(editions.values()) == [CHANGING], f"version {version} is of {editions}"
        assert sum("/steady/" in locator for locator in held[version]) == STEADY
    told = {version: tuple(counts) for version, *counts in events}
    assert len(told) == len(events), "a version was told twice"
    for version, added, changed, removed, *_ in versions:
        assert told.get(version, (0, 0, 0)) == (added, changed, removed), f"version {version}"
    for version, before in zip(held, list(held)[1:], strict=False):
        _, added, changed, removed, *_ = next(row for row in versions if row[0] == version)
        now, then = held[version], held[before]
        texts = sum(now[locator][4] != then[locator][4] for locator in now.keys() & then.keys())
        assert (len(now.keys() - then.keys()), len(then.keys() - now.keys())) == (added, removed)
        assert texts <= changed  # the start page links to others in the same words
    published = {row[0] for row in held[newest].values()}
    assert {locator.removeprefix(journey.site.url("")) for locator in held[newest]} == journey.pages.keys()
    assert all(row[2] <= newest and (row[3] is None or row[3] <= newest) for row in rows), "something is still staged"
    assert len(indexed) == len(set(indexed)) == source["progress"]["chunks"]
    assert set(indexed) == {chunk_id for chunk_id, document_id in chunks.items() if document_id in published}
    assert (jobs, whole) == (0, "ok")


def _page(path: str, edition: str) -> Page:
    words = f"<p>The password of door {path} is swordfish-{edition}.</p><p>{FILLER}</p>"
    own = "".join(f"<p>{path} has rule {path}-{number} of its own to tell about.</p>" for number in range(20))
    return slow(_html(f"Door {path}", words + own), SECONDS_A_PAGE)


def _html(title: str, body: str) -> bytes:
    main = f"<main><h1>{title}</h1>{body}</main>"
    return f"<!doctype html><html><head><title>{title}</title></head><body>{main}</body></html>".encode()
