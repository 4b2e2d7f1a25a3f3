"""The path of a source: fetch → extract → chunk → embed → publish.

What a crash leaves behind, by where it happens:

    before `publish`   staged rows of the next version, which nobody sees; the next run replaces them
    after `publish`    the index is one version ahead of the row; the next run closes the books first

So a source is seen in its old version or in its new one, and no version is published twice.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import Job, LeaseLost
from aivastark.kit.languages import detect
from aivastark.sources.add import queue_sync
from aivastark.sources.chunk import chunk
from aivastark.sources.chunk_atoms import FOREIGN_TARGET_WORDS, TARGET_WORDS
from aivastark.sources.connectors.base import Checkpoint, Connector, FetchedDocument, KnownDocument, Sync, Unchanged
from aivastark.sources.credentials import open_secrets
from aivastark.sources.extract.base import Extracted, ExtractionFailed
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.sources.models import Document, Source
from aivastark.sources.progress import Progress
from aivastark.sources.publish import DocumentFailure, Prepared, finish, index, settle_unchanged, stage

PIPELINE = 1  # raised when extraction or chunking changes so much that sources should be taken in anew
LANGUAGE_SAMPLE_CHARS = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetching:
    """What came from outside: new bytes, what stayed as it was, and what could not be had."""

    documents: tuple[FetchedDocument, ...]
    unchanged: frozenset[str]
    state: Mapping[str, object] | None


async def ingest(
    backends: Backends, job: Job, *, connectors: Mapping[str, Connector], sandbox: ExtractionSandbox
) -> None:
    """Take one source in. Raises `FetchFailed` or `ExtractionFailed` when there is nothing to publish."""
    progress = Progress(backends.db, backends.broadcast, job)
    source = await progress.begin()
    if source is None:
        return
    published = await backends.search.published_version(source.project_id, source.id)
    if published == source.version + 1:
        # A crash came between the swap and the books. Other content may have been posted since: look on.
        await finish(backends, job, version=published, keep_job=True)
        source = await progress.begin()
        if source is None:
            return
    version = source.version + 1
    recipe = recipe_of(source, backends.embedder.model_id)
    lost = published != source.version and source.version > 0
    known = {} if lost else await _known(backends, source, recipe)

    look = Sync(
        project_id=source.project_id,
        location=source.config,
        secrets=open_secrets(source, secret_key=backends.secret_key),
        known=known,
        state=source.sync_state,
    )
    fetched = await _fetch(connectors[source.type], look)
    if known and fetched.unchanged == known.keys() and not fetched.documents:
        await settle_unchanged(backends, job, state=fetched.state)
        return
    prepared, failures = await _prepare(fetched.documents, source, progress, sandbox, backends)
    await stage(backends, job, source, prepared, version=version, recipe=recipe)
    chunks = await index(backends, prepared, progress=progress)
    await progress.at("publishing", at_once=True)
    await backends.search.publish(source.project_id, source.id, version=version, chunks=chunks)
    try:
        await finish(backends, job, version=version, failures=failures, state=fetched.state)
    except LeaseLost:
        await _settle_lost_swap(backends, source)
        raise


async def _settle_lost_swap(backends: Backends, source: Source) -> None:
    """The source was deleted or cancelled while its index was being swapped: the two must not stay apart.

    What was never published before goes; otherwise a sync is queued, which closes the books.
    """

    def look(session: WriteSession) -> bool:
        there = session.get(Source, (source.project_id, source.id))
        if there is None or there.status == "deleting" or there.version == 0:
            return True
        queue_sync(session, there)
        return False

    if await backends.db.write(look):
        await backends.search.remove(source.project_id, source.id)


def recipe_of(source: Source, model_id: str) -> str:
    """What besides the bytes decides the index: when it differs, unchanged bytes are no reason to stop."""
    described = f"{source.title or ''}\x00{source.config.get('format')}"
    return f"{PIPELINE}:{model_id}:{hashlib.sha256(described.encode()).hexdigest()[:16]}"


async def _known(backends: Backends, source: Source, recipe: str) -> dict[str, KnownDocument]:
    """The published documents, by locator, that would be indexed today as they were then."""
    query = select(Document).where(
        Document.project_id == source.project_id,
        Document.source_id == source.id,
        Document.version == source.version,
        Document.recipe == recipe,
    )
    documents = await backends.db.read(lambda session: session.scalars(query).all())
    return {
        row.locator: KnownDocument(etag=row.etag, last_modified=row.last_modified, content_hash=row.content_hash)
        for row in documents
    }


async def _fetch(connector: Connector, sync: Sync) -> Fetching:
    documents: list[FetchedDocument] = []
    unchanged: set[str] = set()
    state: Mapping[str, object] | None = None
    # Sources are one document each so far; carrying single pages over unread comes with the crawl.
    async for found in connector.documents(sync):
        if isinstance(found, FetchedDocument):
            before = sync.known.get(found.locator)
            hashed = hashlib.sha256(found.content).hexdigest()
            if before is None or before.content_hash != hashed:
                documents.append(found)
            else:
                unchanged.add(found.locator)
        elif isinstance(found, Unchanged):
            unchanged.add(found.locator)
        elif isinstance(found, Checkpoint):
            state = found.state
    return Fetching(documents=tuple(documents), unchanged=frozenset(unchanged), state=state)


async def _prepare(
    documents: tuple[FetchedDocument, ...],
    source: Source,
    progress: Progress,
    sandbox: ExtractionSandbox,
    backends: Backends,
) -> tuple[list[Prepared], tuple[DocumentFailure, ...]]:
    """Text and chunks of every document; one bad document never stops the rest."""
    prepared: list[Prepared] = []
    failures: list[DocumentFailure] = []
    for document in documents:
        await progress.at("parsing", documents_total=len(documents), documents_done=len(prepared))
        try:
            extracted = await sandbox.extract(
                document.content, name=document.name, media_type=document.media_type, url=document.url
            )
        except ExtractionFailed as failure:
            failures.append(DocumentFailure(locator=document.locator, reason=failure))
            continue
        prepared.append(await _prepared(backends, source, document, extracted))
    if failures and not prepared:
        raise failures[0].reason
    return prepared, tuple(failures)


async def _prepared(backends: Backends, source: Source, document: FetchedDocument, extracted: Extracted) -> Prepared:
    language = (
        detect(extracted.text[:LANGUAGE_SAMPLE_CHARS])
        or extracted.language
        or await _usual_language(backends, source.project_id)
    )
    known = backends.embedder.languages
    understood = known is None or language is None or language in known
    title = source.title or extracted.title or document.name
    return Prepared(
        fetched=document,
        title=title,
        language=language,
        extracted=extracted,
        # In a thread: a long document takes long enough to keep visitors waiting.
        chunks=await asyncio.to_thread(
            chunk, extracted, title=title, target_words=TARGET_WORDS if understood else FOREIGN_TARGET_WORDS
        ),
        content_hash=hashlib.sha256(document.content).hexdigest(),
    )


async def _usual_language(backends: Backends, project_id: str) -> str | None:
    """What most of the project's documents are in: the best guess for a page of code or numbers."""
    query = (
        select(Document.language)
        .where(Document.project_id == project_id, Document.language.is_not(None))
        .group_by(Document.language)
        .order_by(func.count().desc())
        .limit(1)
    )
    return await backends.db.read(lambda session: session.scalar(query))
