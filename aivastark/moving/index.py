"""The search index on the other side: published from the rows, with the vectors that came along."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
import structlog
from sqlalchemy import select, tuple_

from aivastark.backends.base import Backends
from aivastark.backends.search.base import IndexedChunk
from aivastark.database import ReadSession
from aivastark.moving.check import vectors_of
from aivastark.moving.pack import Report
from aivastark.sources.embedding import Passage
from aivastark.sources.models import Document, Source, published_of
from aivastark.sources.stored import passages_of

SOURCES_AT_A_TIME = 200

log = structlog.get_logger()


async def bring_in_index(backends: Backends, archive: IO[bytes], project_id: str | None, report: Report) -> int:
    """Publish every source that has all its vectors in the archive; says how many have not.

    Those a worker builds from their rows at its start (see `sources/mend.py`). Whoever made the vectors serves here as
    there; where another model is set here, all is embedded anew in the background, as after a change of models.
    """
    published, to_build = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        spool = await asyncio.to_thread(_Spool, Path(folder) / "vectors.db", archive)
        try:
            after = ("", "")
            while sources := await backends.db.read(lambda session: _next(session, after, project_id)):  # noqa: B023
                for source in sources:
                    if await _publish(backends, spool, source):
                        published += 1
                    else:
                        to_build += 1
                        log.warning("the index of a source will be built from its rows", source=source.id)
                    report("sources in the index", published)
                after = (sources[-1].project_id, sources[-1].id)
        finally:
            spool.close()
    return to_build


async def _publish(backends: Backends, spool: "_Spool", source: Source) -> bool:
    """Whether the index has the source's published version now."""
    if await backends.search.published_version(source.project_id, source.id) == source.version:
        return True
    chunks: list[IndexedChunk] = []
    for document_id in await backends.db.read(lambda session: _documents(session, source)):
        passages = await backends.db.read(lambda session: passages_of(session, source.project_id, document_id))  # noqa: B023
        made = await asyncio.to_thread(spool.entries, source.project_id, passages)
        if len(made) < len(passages):
            return False
        chunks += made
    chunks.sort(key=lambda chunk: chunk.chunk_id)
    await backends.search.publish(source.project_id, source.id, version=source.version, chunks=chunks)
    return True


def _next(session: ReadSession, after: tuple[str, str], project_id: str | None) -> list[Source]:
    """Published sources in the order of their keys."""
    query = select(Source).where(tuple_(Source.project_id, Source.id) > after, Source.version > 0)
    if project_id is not None:
        query = query.where(Source.project_id == project_id)
    return list(session.scalars(query.order_by(Source.project_id, Source.id).limit(SOURCES_AT_A_TIME)))


def _documents(session: ReadSession, source: Source) -> Sequence[str]:
    return session.scalars(select(Document.id).where(published_of(source)).order_by(Document.id)).all()


class _Spool:
    """All vectors of an archive on disk, to be looked up by passage."""

    def __init__(self, path: Path, archive: IO[bytes]) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE vectors (project_id TEXT, chunk_id TEXT, model_id TEXT, vector BLOB, heading BLOB, "
            "PRIMARY KEY (project_id, chunk_id)) WITHOUT ROWID"
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
            (
                (
                    project_id,
                    chunk_id,
                    model_id,
                    made.vector.tobytes(),
                    None if made.heading_vector is None else made.heading_vector.tobytes(),
                )
                for project_id, chunk_id, model_id, made in vectors_of(archive)
            ),
        )

    def entries(self, project_id: str, passages: Sequence[Passage]) -> list[IndexedChunk]:
        """The passages as the index wants them; without those that have no vector."""
        entries = []
        for passage in passages:
            row = self._db.execute(
                "SELECT model_id, vector, heading FROM vectors WHERE project_id = ? AND chunk_id = ?",
                (project_id, passage.chunk_id),
            ).fetchone()
            if row is not None:
                entries.append(_entry(passage, *row))
        return entries

    def close(self) -> None:
        """Let the file go."""
        self._db.close()


def _entry(passage: Passage, model_id: str, vector: bytes, heading: bytes | None) -> IndexedChunk:
    return IndexedChunk(
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        heading=passage.context,
        text=passage.text,
        language=passage.language,
        vector=np.frombuffer(vector, np.float32),
        heading_vector=None if heading is None else np.frombuffer(heading, np.float32),
        model_id=model_id,
    )
