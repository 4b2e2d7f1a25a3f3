"""Finding what the knowledge base has on a question, and reading it as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import bindparam, func, or_, select

from aivastark.answers.passages import Passage
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.backends.search.base import Hit, SearchQuery, SearchResult
from aivastark.database import ReadSession
from aivastark.sources.models import ChunkRow, Document, Source
from aivastark.sources.store import sources_with_tags

log = structlog.get_logger()

CANDIDATES = 12
LOOKS = 2

# Built once: composing it anew for every question takes longer than SQLite needs to answer it.
_HITS = (
    select(
        ChunkRow.id,
        ChunkRow.document_id,
        ChunkRow.heading_path,
        ChunkRow.page,
        ChunkRow.char_start,
        # The stored version itself, not a copy: what is quoted from this cannot be anything else.
        func.substr(Document.text, ChunkRow.char_start + 1, ChunkRow.char_end - ChunkRow.char_start).label("text"),
        Document.source_id,
        Document.title,
        Document.url,
        Document.language,
        Document.version,
        Document.fetched_at,
        Source.type,
        Source.tags,
    )
    .join(Document, (Document.project_id == ChunkRow.project_id) & (Document.id == ChunkRow.document_id))
    .join(Source, (Source.project_id == Document.project_id) & (Source.id == Document.source_id))
    .where(
        ChunkRow.project_id == bindparam("project_id"),
        ChunkRow.id.in_(bindparam("chunk_ids", expanding=True)),
        Source.status != "deleting",
        # What was withdrawn is kept for a while, and is no answer any more.
        or_(Document.until.is_(None), Document.until > Source.version),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which part of the project's knowledge may be used; empty means all of it."""

    tags: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a document comes from, as a citation shows it."""

    title: str | None
    url: str | None
    source_type: str
    tags: tuple[str, ...]
    source_version: int
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieved:
    """Passages, best first, read from the stored version; `origins` by document id."""

    passages: tuple[Passage, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    result: SearchResult = field(default_factory=SearchResult)
    vector: NDArray[np.float32] | None = None
    """Of the question; None when nothing was searched, or by words alone."""


async def retrieve(
    backends: Backends, project_id: str, text: str, *, scope: Scope, language: str | None, limit: int = CANDIDATES
) -> Retrieved:
    """The best passages for a text; without a `language` the engine tells it among those the project has.

    No database session is open while the model or the engine works.
    """
    source_ids = await _allowed(backends, project_id, scope)
    if source_ids is not None and not source_ids:
        return Retrieved()
    vector = await _vector(backends, text)
    query = SearchQuery(
        text=text,
        vector=vector,
        limit=limit,
        source_ids=source_ids,
        language=language,
        model_languages=backends.embedder.languages,
    )
    for _ in range(LOOKS):
        result = await backends.search.search(project_id, query)
        if not result.hits:
            return Retrieved(result=result, vector=vector)
        retrieved = await backends.db.read(partial(_read, project_id=project_id, result=result, vector=vector))
        if len(retrieved.passages) == len(result.hits):
            break  # else a sync swapped a source between the two looks: its new version is in the index now
    return retrieved


async def _vector(backends: Backends, text: str) -> NDArray[np.float32] | None:
    """None where the model cannot be asked: words find something as well, and the visitor has an answer."""
    try:
        return await backends.embedder.embed_query(text)
    except EmbeddingFailed as failure:
        log.warning("question_not_embedded", code=failure.code, reason=failure.message)
        return None


async def _allowed(backends: Backends, project_id: str, scope: Scope) -> frozenset[str] | None:
    """Ids of the sources a question may use; None = all. Tags are resolved here, so engines know only sources."""
    if not scope.tags:
        return frozenset(scope.source_ids) or None
    tagged = await backends.db.read(lambda session: sources_with_tags(session, project_id, list(scope.tags)))
    return tagged & frozenset(scope.source_ids) if scope.source_ids else tagged


def _read(
    session: ReadSession, *, project_id: str, result: SearchResult, vector: NDArray[np.float32] | None
) -> Retrieved:
    """The hits' text and origin in one look. What is gone from the tables, or going, is not found."""
    # Past the session, which would look for objects to keep among these bare columns.
    rows = session.connection().execute(
        _HITS, {"project_id": project_id, "chunk_ids": [hit.chunk_id for hit in result.hits]}
    )
    found = {row.id: row for row in rows}
    passages: list[Passage] = []
    origins: dict[str, Origin] = {}
    for hit in result.hits:
        row = found.get(hit.chunk_id)
        if row is None:
            continue
        passages.append(_passage(hit, row))
        origins[row.document_id] = Origin(
            title=row.title,
            url=row.url,
            source_type=row.type,
            tags=tuple(row.tags),
            source_version=row.version,
            fetched_at=row.fetched_at,
        )
    return Retrieved(passages=tuple(passages), origins=origins, result=result, vector=vector)


def _passage(hit: Hit, row: object) -> Passage:
    get = row.__getattribute__
    return Passage(
        chunk_id=hit.chunk_id,
        document_id=get("document_id"),
        source_id=get("source_id"),
        title=get("title") or "",
        heading_path=tuple(get("heading_path")),
        page=get("page"),
        language=get("language"),
        text=get("text"),
        char_start=get("char_start"),
        score=hit.score,
        keyword_score=hit.keyword_score,
        vector_score=hit.vector_score,
        keyword_rank=hit.keyword_rank,
        vector_rank=hit.vector_rank,
    )
