"""`kill -9` at random moments while repositories come in, ten times over: resumed, nothing twice, nothing lost."""

import asyncio
import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.server import Server
from tests.origins.git_objects import Content
from tests.origins.github import GitHub, github

KILLS = min(10, int(os.environ.get("TEST_KILLS", "6")))  # fewer for a quick look, never more
REPOSITORIES = 5
FILES = 60  # in every second one of them: those come as an archive, the others file by file
SEED = 20_261_125
SETTLE_MAX_S = 90.0
FILLER = " ".join(f"Paragraph {number} explains the matter in words that say little." for number in range(20))


async def test_a_sync_that_is_killed_goes_on_and_ends_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    async with github() as hub:
        hub.delay_s = 0.02
        environment = {
            "EMBEDDING_MODEL": "hashing",
            "RATE_LIMIT_PER_MINUTE": "0",
            "ALLOW_PRIVATE_NETWORKS": "true",
            "GITHUB_API_URL": hub.url,
        }
        hub.limit_without_token = 100_000
        with Server(data_dir=tmp_path / "data", environment=environment) as server:
            install = server.init()
            await _kill_again_and_again(server, install, hub)
            killed_s = time.monotonic() - begun
            await asyncio.to_thread(server.start)
            for number in range(REPOSITORIES):
                _push(hub, number, edition=2)
                await _post(server, install, number)
            sources = await _settled(server, install)
            texts = await _texts(server, install)
            _assert_books_agree(tmp_path / "data", install["project_id"], sources)

    assert [(source["status"], source["error"]) for source in sources] == [("ready", None)] * REPOSITORIES
    expected = Counter(_mark(number, path, 2) for number in range(REPOSITORIES) for path in _paths(number, 2))
    assert Counter(texts) == expected
    with capsys.disabled():
        print(f"\n{KILLS} kills in {killed_s:.0f} s, whole {time.monotonic() - begun - killed_s:.0f} s later")  # noqa: T201


async def _kill_again_and_again(server: Server, install: dict[str, Any], hub: GitHub) -> None:
    """Each round posts one more repository, or the next edition of one, and ends somewhere in its sync."""
    chance = random.Random(SEED)
    for round_ in range(KILLS):
        number, edition = round_ % REPOSITORIES, round_ // REPOSITORIES
        _push(hub, number, edition)
        await asyncio.to_thread(server.start)
        await _post(server, install, number)
        await asyncio.sleep(chance.uniform(0.02, 1.5))
        server.kill()


def _push(hub: GitHub, number: int, edition: int) -> None:
    """Every page is another in each edition, one has a new name."""
    files: dict[str, Content] = {path: _page(number, path, edition) for path in _paths(number, edition)}
    name = f"acme/part-{number}"
    if name in hub.repositories:
        hub.repositories[name].push(files)
    else:
        hub.repository(name, files)


def _paths(number: int, edition: int) -> list[str]:
    count = FILES if number % 2 else 15
    return [f"docs/{page:02}.md" for page in range(1, count)] + [f"docs/edition-{edition}.md"]


def _page(number: int, path: str, edition: int) -> bytes:
    return f"# Door {number} {path}\n\n{FILLER}\n\n{_mark(number, path, edition)}\n".encode()


def _mark(number: int, path: str, edition: int) -> str:
    return f"The password of door {number} in {path} is swordfish-{edition}."


async def _post(server: Server, install: dict[str, Any], number: int) -> None:
    async with server.client(install["api_key"]) as http:
        answer = await http.post(
            f"/v1/projects/{install['project_id']}/sources",
            json={"type": "github", "repository": f"acme/part-{number}"},
        )
    assert answer.status_code in (200, 202), answer.text


async def _settled(server: Server, install: dict[str, Any]) -> list[dict[str, Any]]:
    """All sources, once none is on its way any more."""
    async with server.client(install["api_key"]) as http, asyncio.timeout(SETTLE_MAX_S):
        while True:
            with suppress(httpx.TransportError):
                answer = await http.get(f"/v1/projects/{install['project_id']}/sources", params={"limit": 100})
                sources: list[dict[str, Any]] = answer.json()["data"]
                if not any(_is_on_its_way(source) for source in sources):
                    return sources
            await asyncio.sleep(0.3)


def _is_on_its_way(source: dict[str, Any]) -> bool:
    to_come = source["error"] is not None and source["error"]["next_retry_at"] is not None
    return source["status"] in ("pending", "processing") or to_come


async def _texts(server: Server, install: dict[str, Any]) -> list[str]:
    """The last line of every document there is."""
    at = f"/v1/projects/{install['project_id']}/sources"
    lines: list[str] = []
    async with server.client(install["api_key"]) as http:
        for source in (await http.get(at, params={"limit": 100})).json()["data"]:
            listed = (await http.get(f"{at}/{source['id']}/documents", params={"limit": 100})).json()["data"]
            for document in listed:
                whole = (await http.get(f"{at}/{source['id']}/documents/{document['id']}")).json()
                lines.append(whole["text"].splitlines()[-1])
    return lines


def _assert_books_agree(data_dir: Path, project_id: str, sources: list[dict[str, Any]]) -> None:
    with closing(sqlite3.connect(data_dir / "aivastark.db")) as tables:
        told = tables.execute(
            "SELECT json_extract(body, '$.source_id'), json_extract(body, '$.source_version') FROM events "
            "WHERE type = 'knowledge.updated'"
        ).fetchall()
        [(jobs,)] = tables.execute("SELECT count(*) FROM jobs WHERE subject LIKE 'source:%'").fetchall()
        [(whole,)] = tables.execute("PRAGMA integrity_check").fetchall()
    with closing(sqlite3.connect(data_dir / "search" / f"{project_id}.db")) as search:
        indexed = [row[0] for row in search.execute("SELECT chunk_id FROM chunk")]
        versions = dict(search.execute("SELECT source_id, version FROM source").fetchall())

    assert Counter(told).most_common(1)[0][1] == 1, "a version was published twice"
    assert Counter(source_id for source_id, _ in told) == {source["id"]: source["version"] for source in sources}
    assert versions == {source["id"]: source["version"] for source in sources}
    assert len(indexed) == len(set(indexed)) == sum(source["progress"]["chunks"] for source in sources)
    assert jobs == 0
    assert whole == "ok"
