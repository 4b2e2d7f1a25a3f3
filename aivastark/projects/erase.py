"""Deleting a project: gone at once for everybody, out of index, files and every table by a job.

What was under way when it went (a sync, an answer being written down) may still leave something behind: the job
comes a second time, when all of that has ended.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from aivastark import jobs
from aivastark.accounts.kept_answers import forget_answers
from aivastark.accounts.keys import revoke_all_keys
from aivastark.accounts.models import KeptAnswer
from aivastark.backends.base import Backends
from aivastark.database import Base, WriteSession
from aivastark.jobs import INSTALL, Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.projects.models import Project

ERASE_PROJECT = "erase_project"
SWEEP_AGAIN_AFTER = timedelta(minutes=2)  # longer than a question or a step of a sync takes
ROWS_AT_A_TIME = 5_000  # so that the one writer of SQLite is not held for long
# The project's own row goes first; a revoked key still says whose it was; what was used was used.
KEPT = frozenset({"projects", "api_keys", "usage_counters"})


def mark_for_erasure(session: WriteSession, project: Project) -> None:
    """From now on nobody reaches it, its keys open nothing, its jobs stop, and a job takes everything out."""
    revoke_all_keys(session, project.organization_id, project.id)
    forget_answers(session, project.id, project.organization_id)
    tables = Base.metadata.tables
    session.execute(delete(tables["jobs"]).where(tables["jobs"].c.project_id == project.id))
    session.delete(project)
    session.flush()
    jobs.enqueue_new(
        session,
        INSTALL,
        ERASE_PROJECT,
        f"erase:{project.id}",
        arguments={"project_id": project.id, "until": to_wire(utc_now() + SWEEP_AGAIN_AFTER)},
    )


async def erase_project(backends: Backends, job: Job) -> None:
    """Take everything of a project out. Each step may be repeated after a crash."""
    project_id = str(job.arguments["project_id"])
    await backends.search.remove(project_id)
    await backends.blobs.delete_all(project_id)
    while await backends.db.write(lambda session: _erase_some(session, job, project_id)):
        pass
    until = datetime.fromisoformat(str(job.arguments["until"]))
    again = until if utc_now() < until else None
    await backends.db.write(lambda session: jobs.finish(session, job, next_run_at=again))


def _erase_some(session: WriteSession, job: Job, project_id: str) -> bool:
    """Delete rows of one table, children before parents; says whether there may be more."""
    jobs.hold(session, job)
    session.execute(delete(KeptAnswer).where(KeptAnswer.bucket == project_id))
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in KEPT or "project_id" not in table.columns:
            continue
        ours = table.c.project_id == project_id
        if not session.scalar(select(func.count()).select_from(table).where(ours)):
            continue
        key = list(table.primary_key.columns)[-1]
        some = select(key).where(ours).limit(ROWS_AT_A_TIME)
        session.execute(delete(table).where(ours, key.in_(some)))
        return True
    return False
