"""Finding what the knowledge base has on a question, and reading it as it is stored."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import bindparam, func, or_, select

from aivastark.answers.passages import Passage
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import Embedder, EmbeddingFailed
from aivastark.backends.search.base import Hit, SearchQuery, SearchResult
from aivastark.database import ReadSession
from aivastark.sources.models import ChunkRow, Document, Source
from aivastark.sources.serving_model import other_model
from aivastark.sources.store import sources_with_tags
from aivastark.telemetry.metrics import MODEL_CALLS
from aivastark.telemetry.steps import step

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
    asked: "Embedded" = field(default_factory=lambda: Embedded())
    """The question's vector, as far as one was compared."""
    reembedding: bool = False
    """Words alone decided: the model that embedded the knowledge cannot be asked, and the next one is not done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A question as a model sees it."""

    vector: NDArray[np.float32] | None = None
    """None when nothing was searched, or by words alone."""
    model_id: str = ""
    languages: frozenset[str] | None = None
    """Those the model understands; None: any."""


async def retrieve(
    backends: Backends, project_id: str, text: str, *, scope: Scope, language: str | None, limit: int = CANDIDATES
) -> Retrieved:
    """The best passages for a text; without a `language` the engine tells it among those the project has.

    No database session is open while the model or the engine works.
    """
    source_ids = await _allowed(backends, project_id, scope)
    if source_ids is not None and not source_ids:
        return Retrieved()
    asking = await _as_remembered(backends, project_id, text)
    query = SearchQuery(text=text, vector=None, limit=limit, source_ids=source_ids, language=language)
    for _ in range(LOOKS):
        result, asked = await _search(backends, project_id, query, asking)
        if result.model_id not in (None, asked.model_id):
            asking = await _by_its_model(backends, project_id, text)
            result, asked = await _search(backends, project_id, query, asking)
        reembedding = asking.is_other and asked.vector is None
        if result.model_id not in (None, asked.model_id):  # swapped meanwhile, or nobody can be asked
            asked = replace(asked, vector=None)
        if not result.hits:
            return Retrieved(result=result, asked=asked, reembedding=reembedding)
        with step("read"):
            retrieved = await backends.db.read(
                partial(_read, project_id=project_id, result=result, asked=asked, reembedding=reembedding)
            )
        if len(retrieved.passages) == len(result.hits):
            break  # else a sync swapped a source between the two looks: its new version is in the index now
    return retrieved


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """A question while a model works on it."""

    vector: asyncio.Task[NDArray[np.float32] | None] | None
    """None where the model cannot be asked."""
    model_id: str
    languages: frozenset[str] | None = None
    is_other: bool = False
    """Not the model that is set, but the one that the knowledge is still searched by."""


async def _search(
    backends: Backends, project_id: str, query: SearchQuery, asking: _Asking
) -> tuple[SearchResult, Embedded]:
    """What is found, and the question as the model sees it: the engine begins with words while that works."""
    query = replace(query, model_id=asking.model_id, model_languages=asking.languages)
    try:
        with step("search"):
            result = await backends.search.search(project_id, query, coming=asking.vector)
        vector = None if asking.vector is None else await asking.vector
    finally:
        if asking.vector is not None:
            asking.vector.cancel()  # does nothing to one that is done
    return result, Embedded(vector=vector, model_id=asking.model_id, languages=asking.languages)


async def _as_remembered(backends: Backends, project_id: str, text: str) -> _Asking:
    """By the model that is set or, while the knowledge is embedded anew, by the one that served last."""
    model_id = backends.other_models.serving(project_id)
    if model_id is None:
        return _begin(backends.embedder, text)
    embedder = await backends.other_models.of(model_id)
    if embedder is None:
        return _Asking(vector=None, model_id=model_id, is_other=True)
    return replace(_begin(embedder, text), is_other=True)


async def _by_its_model(backends: Backends, project_id: str, text: str) -> _Asking:
    """The same by the model that serves now."""
    model_id = await other_model(backends, project_id)
    backends.other_models.remember(project_id, model_id)
    return await _as_remembered(backends, project_id, text)


def _begin(embedder: Embedder, text: str) -> _Asking:
    vector = asyncio.create_task(_vector(embedder, text))
    return _Asking(vector=vector, model_id=embedder.model_id, languages=embedder.languages)


async def _vector(embedder: Embedder, text: str) -> NDArray[np.float32] | None:
    """None where the model cannot be asked: words find something as well, and the visitor has an answer."""
    try:
        with step("embed"):
            vector = await embedder.embed_query(text)
        MODEL_CALLS.labels("embedding", "done").inc()
    except EmbeddingFailed as failure:
        MODEL_CALLS.labels("embedding", failure.code).inc()
        log.warning("question_not_embedded", code=failure.code, reason=failure.message)
        return None
    return vector


async def _allowed(backends: Backends, project_id: str, scope: Scope) -> frozenset[str] | None:
    """Ids of the sources a question may use; None = all. Tags are resolved here, so engines know only sources."""
    if not scope.tags:
        return frozenset(scope.source_ids) or None
    tagged = await backends.db.read(lambda session: sources_with_tags(session, project_id, list(scope.tags)))
    return tagged & frozenset(scope.source_ids) if scope.source_ids else tagged


def _read(
    session: ReadSession, *, project_id: str, result: SearchResult, asked: Embedded, reembedding: bool
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
    return Retrieved(passages=tuple(passages), origins=origins, result=result, asked=asked, reembedding=reembedding)


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
