"""Fitting a project's confidence to its own graded answers: within a day of a new grade, or on demand."""

import asyncio
from typing import Any

from sqlalchemy import select, update

from aivastark import jobs
from aivastark.analytics.reliability import for_fitting, graded
from aivastark.answers.remap import refit
from aivastark.database import Database
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.projects.models import Project


async def refit_project(db: Database, project_id: str) -> dict[str, Any]:
    """Fit anew on all that was judged, keep what came of it, and return it."""
    judged = await db.read(lambda session: graded(session, project_id))
    fitted = await asyncio.to_thread(refit, for_fitting(judged))
    kept = {
        "verdict": fitted.verdict,
        "slope": fitted.map.slope,
        "shift": fitted.map.shift,
        "graded": fitted.graded,
        "right": fitted.right,
        "log_loss_before": fitted.loss_before,
        "log_loss_after": fitted.loss_after,
        "fitted_at": to_wire(utc_now()),
    }
    await keep_map(db, project_id, kept)
    return kept


async def keep_map(db: Database, project_id: str, kept: dict[str, Any] | None) -> None:
    """Put a map in place of the project's; None: the shipped confidence is told as it is."""
    await db.write(
        lambda session: session.execute(update(Project).where(Project.id == project_id).values(confidence_map=kept))
    )


async def refit_for(db: Database, job: Job) -> None:
    """The job that a new grade asked for. A project that is gone meanwhile needs none."""
    there = await db.read(lambda session: session.scalar(select(Project.id).where(Project.id == job.project_id)))
    if there is not None:
        await refit_project(db, job.project_id)
    await db.write(lambda session: jobs.finish(session, job))
