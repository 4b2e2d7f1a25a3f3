"""`kill -9` at random moments while a folder of Google Drive is taken in and kept up: nothing is lost or doubled."""

import asyncio
import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.server import Server
from tests.origins.drive import BOT, Drive, driving

FILES, GONE, NEW = 60, 10, 5
KILLS = min(8, int(os.environ.get("TEST_KILLS", "5")))  # over the two syncs; fewer for a quick look
SEED = 20_261_125
SETTLE_MAX_S = 60.0
DELAY_S = 0.01  # of each answer: a sync takes long enough to be killed in its middle
FILLER = " ".join(f"Paragraph {number} explains the matter in words that say little." for number in range(24))
QUICK = {"EMBEDDING_MODEL": "hashing", "RATE_LIMIT_PER_MINUTE": "0", "ALLOW_PRIVATE_NETWORKS": "true"}


async def test_a_folder_that_is_killed_again_and_again_is_whole_in_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, begun = random.Random(SEED), time.monotonic()
    async with driving(Drive(delay_s=DELAY_S)) as drive:
        root = drive.folder("Doors", shared_with={BOT})
        rooms = [root, *(drive.folder(f"Room {number}", root) for number in range(5))]
        doors = {n: drive.file(f"Door {n}.md", _text(n, 1), rooms[n % len(rooms)]) for n in range(FILES)}
        body = {"type": "drive", "folder_id": root, "credentials": drive.oauth.service_account(BOT)}
        with Server(data_dir=tmp_path / "data", environment={**QUICK, **drive.environment}) as server:
            install = await asyncio.to_thread(server.init)
            path = f"/v1/projects/{install['project_id']}/sources"
            await asyncio.to_thread(server.start)
            async with server.client(install["api_key"]) as http:
                posted = await http.post(path, json=body)
            assert posted.status_code == 202, posted.text
            path = f"{path}/{posted.json()['id']}"
            killed: Counter[str] = Counter()
            first = await _killed(server, install, path, chance, KILLS // 2, killed)
            _change(drive, doors, root)
            async with server.client(install["api_key"]) as http:
                assert (await http.post(f"{path}/sync")).status_code == 202
            second = await _killed(server, install, path, chance, KILLS - KILLS // 2, killed)
            fetched = drive.called("alt=media")
            async with server.client(install["api_key"]) as http:
                await http.post(f"{path}/sync")
            third = await _settled(server, install, path)
            texts = await _texts(server, install, path)

    assert [(source["status"], source["version"]) for source in (first, second, third)] == [
        ("ready", 1),
        ("ready", 2),
        ("ready", 2),
    ]
    assert drive.called("alt=media") == fetched, "nothing changed, and something was fetched"
    assert killed["processing"] > 0
    wanted = {_mark(n, 2) for n in range(GONE, FILES + NEW)}
    assert {mark for text in texts for mark in [text.strip().rpartition("\n")[2]]} == wanted
    _assert_books_agree(tmp_path / "data", install["project_id"])
    with capsys.disabled():
        print(f"\n{KILLS} kills in {time.monotonic() - begun:.0f} s, while it was {dict(killed)}; {len(texts)} whole")  # noqa: T201


def _change(drive: Drive, doors: dict[int, str], root: str) -> None:
    for number in range(GONE):
        drive.bin(doors[number])
    for number in range(GONE, FILES):
        drive.edit(doors[number], _text(number, 2))
    for number in range(FILES, FILES + NEW):
        drive.file(f"Door {number}.md", _text(number, 2), root)


async def _killed(
    server: Server, install: dict[str, Any], path: str, chance: random.Random, kills: int, killed: Counter[str]
) -> dict[str, Any]:
    """The source after a sync that is under way and was killed so many times."""
    for _ in range(kills):
        await asyncio.sleep(chance.uniform(0.02, 0.6))
        async with server.client(install["api_key"]) as http:
            killed[(await http.get(path)).json()["status"]] += 1
        server.kill()
        await asyncio.to_thread(server.start)
    return await _settled(server, install, path)


async def _settled(server: Server, install: dict[str, Any], path: str) -> dict[str, Any]:
    async with server.client(install["api_key"]) as http, asyncio.timeout(SETTLE_MAX_S):
        while True:
            source: dict[str, Any] = (await http.get(path)).json()
            to_come = source["error"] is not None and source["error"]["next_retry_at"] is not None
            if source["status"] not in ("pending", "processing") and not to_come:
                return source
            await asyncio.sleep(0.1)


async def _texts(server: Server, install: dict[str, Any], path: str) -> list[str]:
    """Of all documents."""
    texts: list[str] = []
    async with server.client(install["api_key"]) as http:
        listed = (await http.get(f"{path}/documents", params={"limit": 100})).json()
        assert not listed["has_more"]
        for document in listed["data"]:
            texts.append((await http.get(f"{path}/documents/{document['id']}")).json()["text"])
    return texts


def _assert_books_agree(data_dir: Path, project_id: str) -> None:
    with closing(sqlite3.connect(data_dir / "aivastark.db")) as tables:
        changes = tables.execute(
            "SELECT json_extract(body, '$.documents.added'), json_extract(body, '$.documents.changed'), "
            "json_extract(body, '$.documents.removed') FROM events WHERE type = 'knowledge.updated' ORDER BY id"
        ).fetchall()
        jobs = tables.execute("SELECT count(*) FROM jobs WHERE subject LIKE 'source:%'").fetchone()
        [(whole,)] = tables.execute("PRAGMA integrity_check").fetchall()
    with closing(sqlite3.connect(data_dir / "search" / f"{project_id}.db")) as search:
        indexed = Counter(row[0] for row in search.execute("SELECT chunk_id FROM chunk"))

    assert changes == [(FILES, 0, 0), (NEW, FILES - GONE, GONE)], "a version was published twice, or not as it was"
    assert indexed.most_common(1)[0][1] == 1
    assert jobs == (0,)
    assert whole == "ok"


def _text(number: int, edition: int) -> bytes:
    return f"# Door {number}\n\n{FILLER}\n\n{_mark(number, edition)}".encode()


def _mark(number: int, edition: int) -> str:
    return f"The password of door {number} is swordfish-{number}-{edition}."
