"""After a restore, or the loss of a search file: sources whose index is not what the tables say are indexed anew."""

from functools import partial

import structlog
from sqlalchemy import select, tuple_

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job
from aivastark.sources.add import queue_sync
from aivastark.sources.models import Source

MEND = "mend_indexes"
BATCH_SOURCES = 200
SETTLED = ("ready", "partial", "held")

log = structlog.get_logger()


async def mend_indexes(backends: Backends, job: Job) -> None:
    """Queue the rebuilding of every published source that the search engine has not, or has in another version."""
    after = ("", "")
    while rows := await backends.db.read(partial(_next, after=after)):
        for project_id, source_id, version in rows:
            if await backends.search.published_version(project_id, source_id) != version:
                log.warning("the index of a source is not its published version", source=source_id)
                await backends.db.write(partial(_take_in_anew, project_id=project_id, source_id=source_id))
        after = rows[-1][:2]
    await backends.db.write(lambda session: jobs.finish(session, job))
    backends.work_waiting.set()


def _next(session: ReadSession, *, after: tuple[str, str]) -> list[tuple[str, str, int]]:
    """Published sources in the order of their keys, of all projects."""
    key = tuple_(Source.project_id, Source.id)
    query = select(Source.project_id, Source.id, Source.version).where(key > after, Source.version > 0)
    rows = session.execute(
        query.where(Source.status.in_(SETTLED)).order_by(Source.project_id, Source.id).limit(BATCH_SOURCES)
    )
    return [(row.project_id, row.id, row.version) for row in rows]


def _take_in_anew(session: WriteSession, *, project_id: str, source_id: str) -> None:
    source = session.get(Source, (project_id, source_id))
    if source is not None and source.status in SETTLED:
        queue_sync(session, source, rebuild=True)
