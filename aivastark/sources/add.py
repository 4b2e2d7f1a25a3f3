"""Taking a source in: known locators are an upsert, everything else is new; the work is queued with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from aivastark import jobs
from aivastark.accounts.bounds import require_room
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, SourceExists
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.store import organization_of
from aivastark.sources.credentials import keep_secrets
from aivastark.sources.models import Source
from aivastark.sources.schemas import OnConflict, SourceType
from aivastark.sources.uploads import drop_unused_blob

INGEST = "ingest"
REMOVE = "remove"
SPREAD = 0.1
BACK_OFF_MAX = 32
BACK_OFF_MAX_S = 7 * 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A source as it was asked for. `identity` is what makes a second one the same; None = never the same."""

    type: SourceType
    config: Mapping[str, Any]
    identity: str | None
    locator: str | None
    blob: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    title: str | None = None
    tags: tuple[str, ...] = ()
    external_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    refresh_interval: int | None = None


def subject_of(source_id: str) -> str:
    """What a source's one job is filed under, and the topic its changes are told under."""
    return f"source:{source_id}"


def add_source(
    session: WriteSession,
    project_id: str,
    candidate: Candidate,
    *,
    secret_key: bytes,
    on_conflict: OnConflict = "sync",
) -> tuple[Source, bool]:
    """The source and whether it is new. Its sync is queued in the same transaction.

    Raises `SourceExists` when it is known and the caller asked for an error, `Conflict` when the external id
    and the locator belong to two different sources, and `PlanLimitReached` when the plan holds no more.
    """
    known = _find(session, project_id, candidate)
    if known is None:
        require_room(session, organization_of(session, project_id), "sources_per_project", _count(project_id))
        source = _new_source(project_id, candidate)
        keep_secrets(source, candidate.secrets, secret_key=secret_key)
        session.add(source)
        session.flush()
        queue_sync(session, source)
        return source, True
    if on_conflict == "error":
        raise SourceExists(f"This source is known already as {known.id}.", param="on_conflict")
    if on_conflict == "sync":
        replaced = known.blob
        _merge(known, candidate)
        if candidate.secrets:
            keep_secrets(known, candidate.secrets, secret_key=secret_key)
        drop_unused_blob(session, project_id, replaced)
        known.refresh_paused = False
        queue_sync(session, known)
    return known, False


def queue_sync(session: WriteSession, source: Source, **how: object) -> None:
    """Ask for the source to be taken in (again). `how`: what the job is to know beside its source, see `ingest`."""
    if source.status != "processing":
        source.status, source.stage = "pending", "queued"
    source.error = None
    source.updated_at = utc_now()
    jobs.enqueue(
        session,
        source.project_id,
        INGEST,
        subject_of(source.id),
        arguments={"source_id": source.id, **how},
    )


def _count(project_id: str) -> Select[int]:
    """How many sources a project has; those being deleted give their place free at once."""
    return select(func.count()).where(Source.project_id == project_id, Source.status != "deleting")


def _find(session: ReadSession, project_id: str, candidate: Candidate) -> Source | None:
    by_name = by_place = None
    if candidate.external_id is not None:
        by_name = session.scalar(
            select(Source).where(Source.project_id == project_id, Source.external_id == candidate.external_id)
        )
    if candidate.identity is not None:
        by_place = session.scalar(
            select(Source).where(
                Source.project_id == project_id,
                Source.locator_key == _locator_key(candidate.type, candidate.identity),
            )
        )
    found = by_name or by_place
    if found is None:
        return None
    if by_name is not None and by_place is not None and by_name.id != by_place.id:
        raise Conflict("This external_id and this locator belong to two different sources.", param="external_id")
    if found.type != candidate.type:
        raise Conflict(f"This external_id belongs to a source of type {found.type}.", param="external_id")
    if found.status == "deleting":
        raise Conflict("This source is being deleted; post it again in a moment.")
    return found


def _new_source(project_id: str, candidate: Candidate) -> Source:
    now = utc_now()
    source_id = new_id("src")
    return Source(
        project_id=project_id,
        id=source_id,
        type=candidate.type,
        title=candidate.title,
        found_title=None,
        tags=list(dict.fromkeys(candidate.tags)),
        locator=candidate.locator,
        locator_key=_locator_key(candidate.type, candidate.identity or source_id),
        external_id=candidate.external_id,
        details=dict(candidate.metadata),
        config=dict(candidate.config),
        sync_state=None,
        blob=candidate.blob,
        status="pending",
        stage="queued",
        documents_total=0,
        documents_done=0,
        documents_failed=0,
        chunk_count=0,
        held_chunks=0,
        text_bytes=0,
        error=None,
        version=0,
        content_hash=None,
        refresh_interval=candidate.refresh_interval,
        last_synced_at=None,
        last_changed_at=None,
        next_sync_at=None,
        created_at=now,
        updated_at=now,
    )


def _merge(source: Source, candidate: Candidate) -> None:
    source.title = candidate.title or source.title
    source.tags = list(dict.fromkeys([*source.tags, *candidate.tags]))
    source.details = {**source.details, **candidate.metadata}
    source.external_id = candidate.external_id or source.external_id
    source.refresh_interval = candidate.refresh_interval or source.refresh_interval
    source.config, source.blob = dict(candidate.config), candidate.blob
    source.locator = candidate.locator or source.locator
    if candidate.identity is not None:
        source.locator_key = _locator_key(candidate.type, candidate.identity)


def _locator_key(type_: SourceType, identity: str) -> str:
    return hashlib.sha256(f"{type_}\x00{identity}".encode()).hexdigest()


def next_sync(source: Source, now: datetime) -> datetime | None:
    """When the source is due again by its own refresh interval; later after each failure in a row.

    Up to a tenth later, by its id: what was added together does not come due together for good.
    """
    if source.refresh_interval is None or source.refresh_paused:
        return None
    share = int(hashlib.sha256(source.id.encode()).hexdigest()[:4], 16) / 0xFFFF
    patience = min(2**source.failures_in_a_row, BACK_OFF_MAX)
    longest = max(BACK_OFF_MAX_S, source.refresh_interval)
    seconds = min(source.refresh_interval * patience, longest) * (1 + SPREAD * share)
    return now + timedelta(seconds=seconds)
