"""A project's answer tests are asked again whenever its knowledge changed; what they hold back is noted here."""

from typing import Any

from sqlalchemy import select

from aivastark import jobs
from aivastark.database import WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.projects.models import Project
from aivastark.sources.models import Source, SourceVersion

TEST_ANSWERS = "test_answers"
SUBJECT = "answer_tests"


def queue_answer_tests(session: WriteSession, project_id: str) -> None:
    """Ask for a run where the project has tests. Many publishes while one waits or runs are one further run."""
    if session.scalar(select(Project.answer_tests).where(Project.id == project_id)):
        jobs.enqueue(session, project_id, TEST_ANSWERS, SUBJECT)


def note_held_by_tests(session: WriteSession, job: Job, source: Source, *, held_version: int) -> None:
    """The rollback that answer tests asked for is done: the source says which failed and what waits."""
    failing: list[str] = job.arguments.get("failing_tests", [])
    if not failing:
        return
    held = session.get(SourceVersion, (source.project_id, source.id, held_version))
    counts: dict[str, Any] = {"added": 0, "changed": 0, "removed": 0}
    if held is not None:
        counts = {"added": held.added, "changed": held.changed, "removed": held.removed}
    source.status = "held"
    source.held = {
        "documents": counts,
        "of": source.documents_done,
        "since": to_wire(utc_now()),
        "failing_tests": failing,
    }
