"""`kill -9` at random moments while documents come in, thirty times over: nothing hangs, is lost or doubled."""

import asyncio
import io
import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest

from tests.journeys.server import Server

DOCUMENTS = 300
KILLS = int(os.environ.get("TEST_KILLS", "30"))  # fewer for a quick look
SEED = 20_261_122
MARKS = 4  # sections of a document, each a passage of its own with its own mark
SETTLE_MAX_S = 150.0
FILLER = " ".join(f"Paragraph {number} explains the matter in words that say little." for number in range(24))


@dataclass(kw_only=True)
class Ledger:
    """What the server acknowledged, by number of the document, and what was seen of it meanwhile."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)


async def test_nothing_hangs_is_lost_doubled_or_seen_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"EMBEDDING_MODEL": "hashing", "RATE_LIMIT_PER_MINUTE": "0"}
    ledger, begun = Ledger(), time.monotonic()

    with Server(data_dir=tmp_path / "data", environment=environment) as server:
        install = server.init()
        await _kill_again_and_again(server, install, ledger)
        killed_s = time.monotonic() - begun
        server.start()
        await _post(server, install, ledger, DOCUMENTS)
        sources = await _settled(server, install)
        settled_s = time.monotonic() - begun - killed_s
        assert Counter((source["status"], source["version"]) for source in sources) == {("ready", 1): DOCUMENTS}, [
            (source["id"], source["status"], source["version"], source["error"])
            for source in sources
            if (source["status"], source["version"]) != ("ready", 1)
        ]
        _assert_books_agree(tmp_path / "data", install["project_id"])
        await _every_source_is_whole(server, install, ledger)

    assert sorted(source["id"] for source in sources) == sorted(ledger.acknowledged.values())
    assert ledger.seen["whole"] > 0
    assert ledger.seen["half"] == 0
    with capsys.disabled():
        told = f"{KILLS} kills in {killed_s:.0f} s, {DOCUMENTS} documents whole {settled_s:.0f} s later"
        print(f"\n{told}: {dict(ledger.seen)}")  # noqa: T201


async def _kill_again_and_again(server: Server, install: dict[str, Any], ledger: Ledger) -> None:
    chance = random.Random(SEED)
    for round_ in range(KILLS):
        due = DOCUMENTS * (round_ + 1) // KILLS
        server.start()
        at_work = asyncio.gather(_post(server, install, ledger, due), _look(server, install, ledger, chance))
        await asyncio.sleep(chance.uniform(0.02, 1.2))
        server.kill()
        at_work.cancel()
        with suppress(asyncio.CancelledError):
            await at_work


async def _post(server: Server, install: dict[str, Any], ledger: Ledger, up_to: int) -> None:
    """Post what was not acknowledged yet; what is sent again is an upsert."""
    path = f"/v1/projects/{install['project_id']}/sources"
    with suppress(httpx.TransportError):
        async with server.client(install["api_key"]) as http:
            for number in range(up_to):
                if number not in ledger.acknowledged:
                    answer = await http.post(path, **_document(number))
                    assert answer.status_code in (200, 202), answer.text
                    ledger.acknowledged[number] = answer.json()["id"]


async def _look(server: Server, install: dict[str, Any], ledger: Ledger, chance: random.Random) -> None:
    """Search and ask for as long as the server lives."""
    with suppress(httpx.TransportError):
        async with server.client(install["api_key"]) as http:
            while True:
                await asyncio.sleep(0.01)
                if ledger.acknowledged:
                    number = chance.choice(list(ledger.acknowledged))
                    ledger.seen[await _seen(http, install, ledger, number)] += 1


async def _seen(http: httpx.AsyncClient, install: dict[str, Any], ledger: Ledger, number: int) -> str:
    """How much of a document there is to answer from: all of it, nothing, or half."""
    query = {
        "message": f"What is the password of door {number} section 2?",
        "source_ids": [ledger.acknowledged[number]],
    }
    answered = await http.post(f"/v1/projects/{install['project_id']}/query", json=query)
    assert answered.status_code == 200, answered.text
    citations = answered.json()["citations"]
    text = await _found(http, install, ledger, number)
    count = sum(_mark(number, section) in text for section in range(MARKS))
    for citation in citations:
        ledger.seen["citations"] += 1
        assert citation["source_id"] == ledger.acknowledged[number]
        assert citation["quote"] in text
    if count not in (0, MARKS) or (citations and count != MARKS):
        return "half"
    return "whole" if count else "nothing yet"


async def _found(http: httpx.AsyncClient, install: dict[str, Any], ledger: Ledger, number: int) -> str:
    """Everything that a search in one source finds."""
    query = {"query": f"door {number}", "source_ids": [ledger.acknowledged[number]], "limit": 50}
    found = await http.post(f"/v1/projects/{install['project_id']}/search", json=query)
    assert found.status_code == 200, found.text
    return " ".join(hit["text"] for hit in found.json()["data"])


async def _every_source_is_whole(server: Server, install: dict[str, Any], ledger: Ledger) -> None:
    async with server.client(install["api_key"]) as http:
        for number in range(DOCUMENTS):
            text = await _found(http, install, ledger, number)
            missing = [_mark(number, section) for section in range(MARKS) if _mark(number, section) not in text]
            assert not missing, (missing, text)


async def _settled(server: Server, install: dict[str, Any]) -> list[dict[str, Any]]:
    """All sources, once none is on its way any more."""
    path = f"/v1/projects/{install['project_id']}/sources"
    async with server.client(install["api_key"]) as http, asyncio.timeout(SETTLE_MAX_S):
        while True:
            sources: list[dict[str, Any]] = []
            cursor: str | None = None
            while True:
                page = (await http.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})).json()
                sources += page["data"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            if not any(_is_on_its_way(source) for source in sources):
                return sources
            await asyncio.sleep(0.5)


def _is_on_its_way(source: dict[str, Any]) -> bool:
    """Waiting, at work, or failed with another try to come: none of these is an end."""
    to_come = source["error"] is not None and source["error"]["next_retry_at"] is not None
    return source["status"] in ("pending", "processing") or to_come


def _assert_books_agree(data_dir: Path, project_id: str) -> None:
    with closing(sqlite3.connect(data_dir / "aivastark.db")) as tables:
        events = tables.execute(
            "SELECT json_extract(body, '$.source_id') FROM events WHERE type = 'knowledge.updated'"
        ).fetchall()
        stored = {row[0] for row in tables.execute("SELECT id FROM chunks")}
        [(documents,)] = tables.execute("SELECT count(*) FROM documents").fetchall()
        [(jobs,)] = tables.execute("SELECT count(*) FROM jobs WHERE subject LIKE 'source:%'").fetchall()
        [(whole,)] = tables.execute("PRAGMA integrity_check").fetchall()
    with closing(sqlite3.connect(data_dir / "search" / f"{project_id}.db")) as search:
        indexed = [row[0] for row in search.execute("SELECT chunk_id FROM chunk")]
        versions = Counter(row[0] for row in search.execute("SELECT version FROM source"))

    assert Counter(events).most_common(1)[0][1] == 1, "a source was published twice"
    assert len(events) == documents == DOCUMENTS
    assert set(indexed) == stored
    assert len(indexed) == len(stored)
    assert versions == {1: DOCUMENTS}
    assert jobs == 0
    assert whole == "ok"


def _document(number: int) -> dict[str, Any]:
    """Every second one a file, every thirtieth a Word document, which is read in a process of its own."""
    if number % 30 == 1:
        return {"files": {"file": (f"{number}.docx", _word(number))}}
    text = "\n\n".join(f"# Section {section}\n\n{FILLER}\n\n{_mark(number, section)}" for section in range(MARKS))
    if number % 2:
        return {"files": {"file": (f"{number}.md", text.encode())}}
    return {"json": {"type": "raw", "text": text, "format": "markdown", "external_id": f"document {number}"}}


@cache  # a Word file holds the time it was made at: made again it would be another one
def _word(number: int) -> bytes:
    document = docx.Document()
    document.core_properties.title = f"Doors {number}"
    for section in range(MARKS):
        document.add_heading(f"Section {section}", level=1)
        document.add_paragraph(FILLER)
        document.add_paragraph(_mark(number, section))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _mark(number: int, section: int) -> str:
    return f"The password of door {number} section {section} is swordfish-{number}-{section}."
