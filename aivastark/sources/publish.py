"""The last step of a sync: the books are closed in one transaction, whatever came of it."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, update

from aivastark import events, jobs
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.sources.add import next_sync, queue_sync
from aivastark.sources.harvest import Harvest, Outcome, Refreshed, Trouble
from aivastark.sources.models import Document, Source, SourceFailure, SourceVersion
from aivastark.sources.staging import clear_stage, held_source
from aivastark.sources.stored import books_of, count_troubles, count_unserved, first_failure
from aivastark.sources.tested import note_held_by_tests, queue_answer_tests
from aivastark.sources.versions import VERSIONS_KEPT, Change, change_of
from aivastark.telemetry.metrics import DOCUMENTS

BATCH_IDS = 500
TROUBLES_KEPT = 10_000


async def settle_unchanged(backends: Backends, job: Job, *, harvest: Harvest, outcome: Outcome) -> None:
    """Nothing to publish: note that it was looked at, what was not there, and when to look again."""

    def settle(session: WriteSession) -> None:
        source = held_source(session, job)
        clear_stage(session, source)
        _note_look(session, job, source, harvest, outcome)
        _settle(session, source)
        _finish(session, job, source)

    await backends.db.write(settle)


async def settle_as_it_is(backends: Backends, job: Job) -> None:
    """The index holds again what is published; nothing was looked at."""

    def settle(session: WriteSession) -> None:
        source = held_source(session, job)
        looked_at = source.last_synced_at
        _settle(session, source)
        source.last_synced_at = looked_at
        _finish(session, job, source)

    await backends.db.write(settle)


async def hold_back(backends: Backends, job: Job, *, harvest: Harvest, outcome: Outcome) -> None:
    """Too much would go: what is published keeps serving until a person says so, or a later look finds it again."""

    def hold(session: WriteSession) -> None:
        source = held_source(session, job)
        clear_stage(session, source)
        since = (source.held or {}).get("since") or to_wire(utc_now())
        _note_look(session, job, source, harvest, outcome)
        _settle(session, source)
        new = len(harvest.staged) - len(outcome.replaced)
        gone = len(outcome.withdrawn) + len(outcome.missed)
        source.status = "held"
        source.held = {
            "documents": {"added": new, "changed": len(outcome.replaced), "removed": gone},
            "of": len(harvest.published),
            "since": since,
        }
        _finish(session, job, source)

    await backends.db.write(hold)


async def finish(
    backends: Backends,
    job: Job,
    *,
    version: int,
    harvest: Harvest | None = None,
    outcome: Outcome | None = None,
    rolled_back_to: int | None = None,
    keep_job: bool = False,
) -> None:
    """The index has been swapped: move the source on, drop what is too old, and say so to the world.

    `keep_job` leaves the job running: there is more to do for it. Without a `harvest`, what is known of failures stays.
    """

    def close(session: WriteSession) -> Change:
        source = held_source(session, job)
        change = change_of(session, source, version)
        if harvest is not None and outcome is not None:
            _note_look(session, job, source, harvest, outcome)
        source.version, source.last_changed_at = version, utc_now()
        source.refresh_paused = rolled_back_to is not None
        if rolled_back_to is not None:
            source.sync_state = None  # it tells of what was published before
        _settle(session, source)
        accepted = bool(job.arguments.get("accept_failing_tests"))
        _note_version(session, source, change, rolled_back_to=rolled_back_to, accepted=accepted)
        if rolled_back_to is not None:
            note_held_by_tests(session, job, source, held_version=version - 1)
        queue_answer_tests(session, source.project_id)
        _tell(session, source, change)
        if not keep_job:
            _finish(session, job, source)
        return change

    change = await backends.db.write(close)
    DOCUMENTS.labels("added").inc(change.added)
    DOCUMENTS.labels("changed").inc(change.changed)
    DOCUMENTS.labels("removed").inc(change.removed)


async def settle_lost_swap(backends: Backends, source: Source) -> None:
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


def _note_look(session: WriteSession, job: Job, source: Source, harvest: Harvest, outcome: Outcome) -> None:
    """What the look found out beside the content."""
    # Of a look that is held back nothing was published: the next one must not think so.
    if harvest.state is not None and not outcome.is_held and not job.arguments.get("only"):
        source.sync_state = dict(harvest.state)
    if not job.arguments.get("only"):
        seen = [harvest.published[locator].id for locator in harvest.seen if harvest.published[locator].misses]
        _set_misses(session, source, {one.id: one.misses + 1 for one in outcome.missed} | dict.fromkeys(seen, 0))
    for one in harvest.refreshed:
        _refresh(session, source, one)
    _note_troubles(session, source, harvest.troubles, only=bool(job.arguments.get("only")))


def _set_misses(session: WriteSession, source: Source, misses: Mapping[str, int]) -> None:
    for count in set(misses.values()):
        ids = [id_ for id_, missed in misses.items() if missed == count]
        for start in range(0, len(ids), BATCH_IDS):
            session.execute(
                update(Document)
                .where(Document.project_id == source.project_id, Document.id.in_(ids[start : start + BATCH_IDS]))
                .values(misses=count)
            )


def _refresh(session: WriteSession, source: Source, one: Refreshed) -> None:
    session.execute(
        update(Document)
        .where(Document.project_id == source.project_id, Document.id == one.id)
        .values(
            url=one.url,
            content_hash=one.content_hash,
            etag=one.etag,
            last_modified=one.last_modified,
            fetched_at=one.fetched_at,
        )
    )


def _note_troubles(session: WriteSession, source: Source, troubles: Mapping[str, Trouble], *, only: bool) -> None:
    """Those of this look in place of those before; after a retry of the failed ones, what was skipped stays."""
    old = delete(SourceFailure).where(
        SourceFailure.project_id == source.project_id, SourceFailure.source_id == source.id
    )
    session.execute(old.where(SourceFailure.skipped.is_(False)) if only else old)
    now = utc_now()
    rows = [
        {
            "project_id": source.project_id,
            "id": new_id("fail"),
            "source_id": source.id,
            "locator": one.locator,
            "code": one.code,
            "message": one.message,
            "retryable": one.retryable,
            "skipped": one.skipped,
            "created_at": now,
        }
        for one in sorted(troubles.values(), key=lambda one: one.skipped)[:TROUBLES_KEPT]  # failures first
    ]
    if rows:
        session.execute(insert(SourceFailure), rows)


def _settle(session: WriteSession, source: Source) -> None:
    """Counts and state of a source as it is published now."""
    now = utc_now()
    session.flush()
    # All is asked for before anything is set: each question after that would first write what was set by then.
    books = books_of(session, source)
    failed, skipped = count_troubles(session, source)
    unserved, first = (count_unserved(session, source), first_failure(session, source)) if failed else (0, None)
    source.documents_done, source.documents_failed, source.documents_skipped = books.documents, failed, skipped
    source.documents_total = books.documents + unserved
    source.chunk_count = source.held_chunks = books.chunks
    source.text_bytes, source.found_title, source.content_hash = books.text_bytes, books.first_title, books.digest
    source.status, source.stage, source.held = "partial" if failed else "ready", None, None
    source.error = _error(failed, first)
    source.failures_in_a_row = 0
    source.last_synced_at = source.updated_at = now
    source.next_sync_at = next_sync(source, now)


def _note_version(
    session: WriteSession, source: Source, change: Change, *, rolled_back_to: int | None, accepted: bool
) -> None:
    """A line in the source's history; what is older than the history is long goes."""
    session.add(
        SourceVersion(
            project_id=source.project_id,
            source_id=source.id,
            version=source.version,
            rolled_back_to=rolled_back_to,
            documents=source.documents_done,
            chunks=source.chunk_count,
            added=change.added,
            changed=change.changed,
            removed=change.removed,
            content_hash=source.content_hash or "",
            accepted=accepted,
            published_at=utc_now(),
        )
    )
    oldest = source.version - VERSIONS_KEPT + 1
    if oldest <= 1:
        return  # none is that old
    # What the oldest is without stays too, or nobody could tell any more what it changed and removed.
    session.execute(
        delete(Document).where(
            Document.project_id == source.project_id, Document.source_id == source.id, Document.until < oldest
        )
    )
    session.execute(
        delete(SourceVersion).where(
            SourceVersion.project_id == source.project_id,
            SourceVersion.source_id == source.id,
            SourceVersion.version < oldest,
        )
    )


def _tell(session: WriteSession, source: Source, change: Change) -> None:
    if not (change.added or change.changed or change.removed):
        return
    events.publish(
        session,
        source.project_id,
        "knowledge.updated",
        {
            "source_id": source.id,
            "source_version": source.version,
            "title": source.title or source.found_title,
            "documents": {"added": change.added, "changed": change.changed, "removed": change.removed},
        },
    )


def _finish(session: WriteSession, job: Job, source: Source) -> None:
    if jobs.finish(session, job, next_run_at=source.next_sync_at, next_arguments={"source_id": source.id}):
        source.status, source.stage = "pending", "queued"


def _error(failed: int, first: SourceFailure | None) -> dict[str, object] | None:
    if first is None:
        return None
    counted = "One document" if failed == 1 else f"{failed} documents"
    tail = f"{first.locator}: {first.message}" if failed == 1 else f"the first is {first.locator}: {first.message}"
    return {
        "code": first.code,
        "message": f"{counted} could not be had or read, {tail}",
        "retryable": first.retryable,
        "attempts": 1,
        "next_retry_at": None,
    }
