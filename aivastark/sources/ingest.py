"""The path of a source: fetch → extract → chunk → stage → embed → publish, document by document.

What a crash leaves behind, by where it happens:

    before `publish`   staged rows of the next version, which nobody sees; the next run replaces them
    after `publish`    the index is one version ahead of the row; the next run closes the books first, or brings the
                       index back where a person's cancelling took the staged rows away

So a source is seen in its old version or in its new one, and no version is published twice. What did not change
keeps its rows and its entries in the index: a sync costs what changed.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from aivastark.backends.base import Backends
from aivastark.jobs import Job, LeaseLost
from aivastark.sources.ahead import ahead
from aivastark.sources.connectors.base import (
    Checkpoint,
    Connector,
    Expected,
    FailedDocument,
    FetchedDocument,
    Found,
    KnownDocument,
    Skipped,
    Sync,
    Unchanged,
)
from aivastark.sources.credentials import open_secrets
from aivastark.sources.duplicates import Originals
from aivastark.sources.embedding import Indexing
from aivastark.sources.extract.base import ExtractionFailed
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.sources.failures import NothingTaken
from aivastark.sources.harvest import Harvest, Outcome, Refreshed, Removals, Standing, Trouble, conclude
from aivastark.sources.models import Source
from aivastark.sources.prepare import is_the_same, prepare, reads_alike, recipe_of, same_passages
from aivastark.sources.progress import Progress
from aivastark.sources.publish import finish, hold_back, settle_as_it_is, settle_lost_swap, settle_unchanged
from aivastark.sources.rollback import close_rollback, rebuild_index, roll_back
from aivastark.sources.staging import Staging, is_staged
from aivastark.sources.stored import failed_before, passages_of, skipped_before, standing, text_of

log = structlog.get_logger()


async def ingest(
    backends: Backends, job: Job, *, connectors: Mapping[str, Connector], sandbox: ExtractionSandbox
) -> None:
    """Take one source in. Raises `FetchFailed` or `NothingTaken` when there is nothing to publish."""
    progress = Progress(backends.db, backends.broadcast, job)
    source = await progress.begin()
    if source is None:
        return
    published = await backends.search.published_version(source.project_id, source.id)
    is_ahead = published == source.version + 1
    if is_ahead and await backends.db.read(partial(is_staged, source=source)):
        # A crash came between the swap and the books.
        if await close_rollback(backends, job, source):
            return
        # Other content may have been posted since: look on.
        await finish(backends, job, version=source.version + 1, keep_job=True)
        source = await progress.begin()
        if source is None:
            return
    elif published != (source.version or None):
        await rebuild_index(backends, source, progress)
    if job.arguments.get("rebuild"):
        await settle_as_it_is(backends, job)
        return
    if job.arguments.get("rollback"):
        await roll_back(backends, job, source, to=int(job.arguments["rollback"]), progress=progress)
        return
    run = await _begin(backends, job, source, progress, sandbox)
    try:
        look = await _look(run)
        async with contextlib.aclosing(ahead(connectors[source.type].documents(look))) as documents:
            async for found in documents:
                await _take(run, found)
        await _let_copies_in(run)
        _require_something(run.harvest)
        await _publish(run, conclude(run.harvest, _removals(job, connectors[source.type])))
    finally:
        await run.indexing.stop()


@dataclass(kw_only=True, slots=True)
class _Run:
    """One sync under way."""

    backends: Backends
    job: Job
    source: Source
    recipe: str
    progress: Progress
    sandbox: ExtractionSandbox
    harvest: Harvest
    originals: Originals
    staging: Staging
    indexing: Indexing


async def _begin(backends: Backends, job: Job, source: Source, progress: Progress, sandbox: ExtractionSandbox) -> _Run:
    published = await backends.db.read(lambda session: standing(session, source))

    async def read(document_id: str) -> str | None:
        return await backends.db.read(lambda session: text_of(session, source.project_id, document_id))

    async def report() -> None:
        await progress.at("embedding", at_once=False, **_counts(run))

    originals = Originals(read)
    if source.holds_many:
        for one in published.values():
            if one.fingerprint is not None:
                originals.keep(one.locator, one.id, one.fingerprint)
    run = _Run(
        backends=backends,
        job=job,
        source=source,
        recipe=recipe_of(source, backends.embedder.model_id),
        progress=progress,
        sandbox=sandbox,
        harvest=Harvest(published=published, is_part="only" in job.arguments),
        originals=originals,
        staging=Staging(backends, job, source),
        indexing=Indexing(backends, source.project_id, report=report),
    )
    return run


async def _look(run: _Run) -> Sync:
    """What the connector is told of the look before."""
    known = {
        locator: KnownDocument(etag=one.etag, last_modified=one.last_modified, content_hash=one.content_hash)
        for locator, one in run.harvest.published.items()
        if reads_alike(one.recipe, run.recipe)
    }
    failed, skipped = await run.backends.db.read(
        lambda session: (failed_before(session, run.source), skipped_before(session, run.source))
    )
    return Sync(
        project_id=run.source.project_id,
        location=run.source.config,
        secrets=open_secrets(run.source, secret_key=run.backends.secret_key),
        known=known,
        # What is read anew must be fetched anew: a connector that remembers would leave it out.
        state=run.source.sync_state if len(known) == len(run.harvest.published) else None,
        failed_before=failed,
        skipped_before=skipped,
        only=failed if run.job.arguments.get("only") == "failed" else None,
    )


async def _take(run: _Run, found: Found) -> None:
    """One thing the connector told."""
    harvest = run.harvest
    match found:
        case FetchedDocument():
            await _read(run, found)
        case Unchanged():
            _keep(run, run.harvest.published[found.locator])
        case FailedDocument():
            harvest.troubles[found.locator] = Trouble(
                locator=found.locator, code=found.code, message=found.message, retryable=found.retryable
            )
        case Skipped():
            harvest.troubles[found.locator] = Trouble(
                locator=found.locator, code=found.code, message=found.message, skipped=True
            )
        case Expected():
            harvest.expected = found.documents
        case Checkpoint():
            harvest.state = found.state
    await run.progress.at("fetching", at_once=False, **_counts(run))


async def _read(run: _Run, found: FetchedDocument) -> None:
    """A document's bytes → rows of the coming version and entries of its index; one bad document stops nothing."""
    harvest, before = run.harvest, run.harvest.published.get(found.locator)
    hashed = hashlib.sha256(found.content).hexdigest()
    if before is not None and before.content_hash == hashed and _would_read_the_same(run, before, found):
        _keep(run, before)
        if (before.etag, before.last_modified, before.url) != (found.etag, found.last_modified, found.url):
            harvest.refreshed.append(_refreshed(before, found, hashed))
        return
    await run.progress.at("parsing", at_once=False, **_counts(run))
    try:
        extracted = await run.sandbox.extract(
            found.content, name=found.name, media_type=found.media_type, url=found.base_url or found.url
        )
        prepared = await prepare(run.backends, run.source, found, extracted, content_hash=hashed)
    except ExtractionFailed as failure:
        harvest.troubles[found.locator] = Trouble(locator=found.locator, code=failure.code, message=failure.message)
        return
    if run.source.holds_many:
        original = await run.originals.of(found.locator, extracted.text, prepared.fingerprint or 0)
        if original is not None:
            _leave_out(run, found, original)
            return
    known: dict[str, str] = {}
    if before is not None:
        rows = await run.backends.db.read(lambda session: passages_of(session, run.source.project_id, before.id))
        if reads_alike(before.recipe, run.recipe) and is_the_same(prepared, before, rows):
            _keep(run, before)
            harvest.refreshed.append(_refreshed(before, found, hashed))
            return
        known = same_passages(prepared, rows)
    harvest.staged[found.locator] = await run.staging.add(prepared, recipe=run.recipe)
    if run.source.holds_many:
        run.originals.keep(found.locator, prepared.document_id, prepared.fingerprint or 0)
    await run.indexing.add(prepared.passages(), known)


def _keep(run: _Run, published: Standing) -> None:
    """A document is there as it was."""
    run.harvest.seen.add(published.locator)
    run.staging.keep(published)


def _leave_out(run: _Run, found: FetchedDocument, original: str) -> None:
    """A copy goes; where its original was not come across yet, only once that is sure to stay."""
    if run.harvest.is_there(original):
        sentence = f"It says the same as {original}, which is kept."
        run.harvest.troubles[found.locator] = Trouble(
            locator=found.locator, code="duplicate", message=sentence, skipped=True
        )
    else:
        run.harvest.copies.append((found, original))


async def _let_copies_in(run: _Run) -> None:
    """A copy whose original is gone, or says something else now, is looked at again; the others are left out."""
    while run.harvest.copies:  # again, where it is a copy of another one that is gone: each time, some are forgotten
        copies, run.harvest.copies = run.harvest.copies, []
        for _, original in copies:
            if not run.harvest.is_there(original):
                run.originals.drop(original)
        for found, _ in copies:
            await _read(run, found)


def _require_something(harvest: Harvest) -> None:
    """Raises `NothingTaken` when the look brought nothing that could be published, or nothing but trouble."""
    if harvest.done or (harvest.published and (harvest.is_part or not harvest.failed)):
        return
    reasons = sorted(harvest.troubles.values(), key=lambda trouble: trouble.skipped)
    if not reasons:
        raise NothingTaken("empty", "There is nothing to read at this place.")
    first = reasons[0]
    sentence = first.message if len(reasons) == 1 else f"Nothing could be read here. {first.locator}: {first.message}"
    raise NothingTaken(first.code, sentence, retryable=first.retryable)


def _removals(job: Job, connector: Connector) -> Removals:
    if job.arguments.get("only"):
        return "none"
    if job.arguments.get("accept_removals"):
        return "accepted"
    return "certain" if connector.absence_is_certain else "seen_twice"


async def _publish(run: _Run, outcome: Outcome) -> None:
    """The swap, where there is anything to swap."""
    backends, source, harvest = run.backends, run.source, run.harvest
    if outcome.is_held:
        await hold_back(backends, run.job, harvest=harvest, outcome=outcome)
        return
    if not harvest.staged and not outcome.going and source.version > 0:
        await settle_unchanged(backends, run.job, harvest=harvest, outcome=outcome)
        return
    entries = await run.indexing.finish()
    await run.progress.at("publishing", at_once=True, **_counts(run))
    going = {one.id for one in outcome.going}
    kept = [one for one in harvest.published.values() if one.id not in going]
    version = await run.staging.withdraw(list(going), kept=sum(one.chunk_count for one in kept))
    keep = [one.id for one in kept]
    await backends.search.publish(source.project_id, source.id, version=version, chunks=entries, keep=keep)
    try:
        await finish(backends, run.job, version=version, harvest=harvest, outcome=outcome)
    except LeaseLost:
        await settle_lost_swap(backends, source)
        raise
    log.info(
        "source published",
        source=source.id,
        project=source.project_id,
        version=version,
        documents=len(harvest.staged),
        withdrawn=len(outcome.withdrawn),
        passages=len(entries),
        embedded=run.indexing.embedded,
    )


def _would_read_the_same(run: _Run, before: Standing, found: FetchedDocument) -> bool:
    """Whether the same bytes would give what is published."""
    retitled = run.source.holds_many and found.title is not None and found.title != before.title
    return reads_alike(before.recipe, run.recipe) and not retitled


def _refreshed(before: Standing, found: FetchedDocument, hashed: str) -> Refreshed:
    return Refreshed(
        id=before.id,
        url=found.url,
        content_hash=hashed,
        etag=found.etag,
        last_modified=found.last_modified,
        fetched_at=found.fetched_at,
    )


def _counts(run: _Run) -> dict[str, int]:
    harvest = run.harvest
    dealt_with = harvest.done + harvest.failed
    return {
        "documents_total": max(harvest.expected - harvest.skipped, dealt_with, 1),
        "documents_done": harvest.done,
        "documents_failed": harvest.failed,
        "documents_skipped": harvest.skipped,
        "chunk_count": run.indexing.done,
    }
