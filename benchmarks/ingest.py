"""Taking sources in, beside the bare embedding of the very same chunks; and taking them in again unchanged."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from sqlalchemy import func, select

from aivastark.backends.embedding.minilm import MiniLm
from aivastark.database import Database, ReadSession
from aivastark.sources.models import ChunkRow, Document
from benchmarks.client import Connection, ask_json, request
from benchmarks.knowledge import corpus, markdown_documents
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.server import Server, fresh_install, running

POSTED_AT_ONCE = 8
LOOK_EVERY_S = 0.2  # asking more often would be load of our own, not of taking in
ONE_CHUNK_SET = "stackfaq"


async def measure(sizes: Sizes) -> list[Measured]:
    """All rows about taking in."""
    first, *long = [{"text": text, "format": "markdown"} for text in markdown_documents(sizes.documents + 1)]
    short = [{"text": item["text"], "title": item["title"]} for item in corpus(ONE_CHUNK_SET)[: sizes.small_sources]]
    embedder = MiniLm()
    await embedder.embed_query("warm up")
    long_texts, short_texts = await _texts_of(long), await _texts_of(short)
    of_long, of_short, again = [], [], []
    for _ in range((sizes.rounds + 1) // 2):
        with fresh_install() as install, running(install) as server:
            await take_in(server, [first])  # loads what is loaded late
            taken = await _take(server, embedder, long, long_texts)
            of_long.append(taken)
            again.append(await _sync(server, taken.ids) / taken.seconds)
            of_short.append(await _take(server, embedder, short, short_texts))
    await embedder.close()
    return [
        Measured(
            name="ingest, documents of ~20 chunks ÷ bare embedding",
            value=median(one.ratio for one in of_long),
            floor=0.85,
            stretch=0.95,
            at_most=False,
            note=f"{median(one.per_second for one in of_long):.0f} chunks/s",
        ),
        Measured(
            name="ingest, sources of one chunk ÷ bare embedding",
            value=median(one.ratio for one in of_short),
            at_most=False,
            note=f"{median(one.per_second for one in of_short):.0f} chunks/s;"
            " titles are embedded too, which bare does not count",
        ),
        Measured(
            name="unchanged re-sync ÷ first sync",
            value=median(again),
            floor=0.05,
            stretch=0.01,
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """Sources taken in, beside their passages embedded barely right before and right after: machines drift."""

    ids: Sequence[str]
    chunks: int
    seconds: float
    bare_seconds: float
    """The mean of before and after."""

    @property
    def per_second(self) -> float:
        return self.chunks / self.seconds

    @property
    def ratio(self) -> float:
        return self.bare_seconds / self.seconds


async def _texts_of(bodies: Sequence[dict[str, Any]]) -> list[str]:
    """What these sources are embedded as."""
    with fresh_install() as install, running(install) as server:
        await take_in(server, bodies)
        return await _passages(server)


async def _take(server: Server, embedder: MiniLm, bodies: Sequence[dict[str, Any]], texts: Sequence[str]) -> _Taken:
    before = await _bare_seconds(embedder, texts)
    ids, seconds = await take_in(server, bodies)
    after = await _bare_seconds(embedder, texts)
    return _Taken(ids=ids, chunks=len(texts), seconds=seconds, bare_seconds=mean((before, after)))


async def take_in(server: Server, bodies: Sequence[dict[str, Any]]) -> tuple[list[str], float]:
    """Ids of the new sources, and seconds from the first post to the last one being ready."""
    encoded = [request(server, "POST", "/sources", {"type": "raw", **body}) for body in bodies]
    begun = time.perf_counter()
    posted = await _send_all(server, encoded)
    await _until_settled(server)
    return [one["id"] for one in posted], time.perf_counter() - begun


async def _sync(server: Server, ids: Sequence[str]) -> float:
    """Seconds to look at all of them again."""
    begun = time.perf_counter()
    await _send_all(server, [request(server, "POST", f"/sources/{one}/sync") for one in ids])
    await _until_settled(server)
    return time.perf_counter() - begun


async def _send_all(server: Server, encoded: Sequence[bytes]) -> list[Any]:
    waiting = iter(enumerate(encoded))
    answers: dict[int, Any] = {}

    async def client() -> None:
        connection = await Connection.open(server.host, server.port)
        for place, one in waiting:
            answers[place] = await ask_json(connection, one)
        await connection.close()

    await asyncio.gather(*(client() for _ in range(POSTED_AT_ONCE)))
    return [answers[place] for place in range(len(encoded))]


async def _until_settled(server: Server) -> None:
    connection = await Connection.open(server.host, server.port)
    for status in ("pending", "processing", "pending", "processing"):
        unsettled = request(server, "GET", f"/sources?limit=1&status={status}")
        while (await ask_json(connection, unsettled))["data"]:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(LOOK_EVERY_S)
    failed = await ask_json(connection, request(server, "GET", "/sources?limit=1&status=failed"))
    if failed["data"]:
        raise RuntimeError(f"a source failed: {failed['data'][0]['error']}")
    await connection.close()


async def _passages(server: Server) -> list[str]:
    """What was embedded for the chunks, in the order of taking in, read from the tables."""
    text = func.substr(Document.text, ChunkRow.char_start + 1, ChunkRow.char_end - ChunkRow.char_start)
    db = Database(f"sqlite:///{server.data_dir / 'aivastark.db'}")

    def work(session: ReadSession) -> list[str]:
        rows = session.execute(
            select(ChunkRow.context, text.label("text"))
            .join(Document, (Document.project_id == ChunkRow.project_id) & (Document.id == ChunkRow.document_id))
            .where(ChunkRow.project_id == server.project_id)
            .order_by(ChunkRow.id)
        )
        return [f"{row.context}\n{row.text}" if row.context else row.text for row in rows]

    passages = await db.read(work)
    await db.close()
    return passages


async def _bare_seconds(embedder: MiniLm, texts: Sequence[str]) -> float:
    """How long the shipped embedder alone takes, with the same number of threads."""
    begun = time.perf_counter()
    await embedder.embed_documents(texts)
    return time.perf_counter() - begun
