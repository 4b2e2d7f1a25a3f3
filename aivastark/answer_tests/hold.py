"""What made a test fail that passed before is taken back, until a person accepts it (see decision 23)."""

from datetime import datetime

from sqlalchemy import func, select

from aivastark.answer_tests.models import AnswerTestResult, AnswerTestRun
from aivastark.database import ReadSession, WriteSession
from aivastark.projects.models import Project
from aivastark.projects.schemas import answers_of
from aivastark.sources.add import queue_sync
from aivastark.sources.models import Source, SourceVersion

TROUBLE = frozenset(("model_unavailable", "budget_spent", "answer_cut_off"))
"""Reasons by which an answer says that its language model was not there: no fault of the knowledge."""


def says_nothing_of_knowledge(result: AnswerTestResult) -> bool:
    """Whether the test failed while its language model was not there."""
    return not result.passed and not TROUBLE.isdisjoint(result.after["confidence_reasons"])


def hold_what_failed(session: WriteSession, project: Project, run: AnswerTestRun) -> None:
    """Queue the way back for each source that was published since the last run was begun, if a test broke since.

    What a person accepted stays, and so does a source's first version: there is nothing before it.
    """
    if not answers_of(project).hold_failing_publish:
        return
    broken = [
        one.test_id
        for one in session.scalars(
            select(AnswerTestResult).where(
                AnswerTestResult.project_id == run.project_id,
                AnswerTestResult.run_id == run.id,
                AnswerTestResult.passed.is_(False),
            )
        )
        if one.before is not None and one.before["passed"] and not says_nothing_of_knowledge(one)
    ]
    since = _last_begun(session, run)
    if not broken or since is None:
        return
    for source_id, first_new in _published_since(session, run.project_id, since):
        source = session.get(Source, (run.project_id, source_id))
        before = session.get(SourceVersion, (run.project_id, source_id, first_new - 1))
        if source is None or before is None or source.status not in ("ready", "partial"):
            continue
        queue_sync(session, source, rollback=first_new - 1, failing_tests=broken)
        run.held = [*run.held, source_id]


def _last_begun(session: ReadSession, run: AnswerTestRun) -> datetime | None:
    begun: datetime | None = session.scalar(
        select(func.max(AnswerTestRun.started_at)).where(
            AnswerTestRun.project_id == run.project_id, AnswerTestRun.status == "done", AnswerTestRun.id != run.id
        )
    )
    return begun


def _published_since(session: ReadSession, project_id: str, since: datetime) -> list[tuple[str, int]]:
    """Sources with a publish that was neither accepted nor a rollback, each with the first version that is new."""
    rows = session.execute(
        select(SourceVersion.source_id, func.min(SourceVersion.version))
        .where(
            SourceVersion.project_id == project_id,
            SourceVersion.published_at >= since,
            SourceVersion.rolled_back_to.is_(None),
            SourceVersion.accepted.is_(False),
        )
        .group_by(SourceVersion.source_id)
    )
    return [(row[0], row[1]) for row in rows]
