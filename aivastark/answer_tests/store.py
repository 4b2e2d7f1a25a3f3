"""Keeping answer tests, and finding what came of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from aivastark import jobs
from aivastark.answer_tests.models import AnswerTest, AnswerTestResult, AnswerTestRun
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.models import Project
from aivastark.sources.tested import SUBJECT, TEST_ANSWERS

TESTS_MAX = 500
"""In a project: each is a question asked at every change of the knowledge."""


def add_test(session: WriteSession, project: Project, fields: Mapping[str, Any]) -> AnswerTest:
    """Keep a test. Raises `Conflict` when the project has too many."""
    count = session.scalar(select(func.count()).select_from(AnswerTest).where(AnswerTest.project_id == project.id))
    if (count or 0) >= TESTS_MAX:
        raise Conflict(f"A project may have {TESTS_MAX} answer tests.")
    now = utc_now()
    empty: dict[str, Any] = {"language": None, "tags": [], "must_cite": [], "must_say": [], "must_not_say": []}
    plain: dict[str, Any] = {"must_refuse": False, "min_confidence": None, "enabled": True, "last_result": None}
    row = AnswerTest(
        **{**empty, **plain, **fields}, project_id=project.id, id=new_id("test"), created_at=now, updated_at=now
    )
    session.add(row)
    _count(session, project)
    return row


def remove_test(session: WriteSession, project: Project, test_id: str) -> None:
    """What came of it in earlier runs stays there."""
    session.delete(find_test(session, project.id, test_id))
    _count(session, project)


def find_test(session: ReadSession, project_id: str, test_id: str) -> AnswerTest:
    """One of this project, or `NotFound`."""
    row = session.get(AnswerTest, (project_id, test_id))
    if row is None:
        raise NotFound
    return row


def list_tests(session: ReadSession, project_id: str, *, limit: int, after: str | None) -> list[AnswerTest]:
    """Newest first, at most `limit` + 1."""
    query = select(AnswerTest).where(AnswerTest.project_id == project_id)
    if after is not None:
        query = query.where(AnswerTest.id < after)
    return list(session.scalars(query.order_by(AnswerTest.id.desc()).limit(limit + 1)))


def queue_run(session: WriteSession, project_id: str) -> AnswerTestRun:
    """A run that somebody asks for; while one waits, that one."""
    waiting = session.scalar(
        select(AnswerTestRun).where(AnswerTestRun.project_id == project_id, AnswerTestRun.status == "queued")
    )
    run = waiting or new_run(session, project_id, cause="asked")
    jobs.enqueue(session, project_id, TEST_ANSWERS, SUBJECT)
    return run


def new_run(session: WriteSession, project_id: str, *, cause: str) -> AnswerTestRun:
    """A run that has not begun."""
    run = AnswerTestRun(
        project_id=project_id,
        id=new_id("run"),
        cause=cause,
        status="queued",
        total=0,
        passed=0,
        failed=0,
        held=[],
        created_at=utc_now(),
        started_at=None,
        finished_at=None,
    )
    session.add(run)
    return run


def find_run(session: ReadSession, project_id: str, run_id: str) -> tuple[AnswerTestRun, list[AnswerTestResult]]:
    """A run with its results, or `NotFound`."""
    run = session.get(AnswerTestRun, (project_id, run_id))
    if run is None:
        raise NotFound
    results = session.scalars(
        select(AnswerTestResult)
        .where(AnswerTestResult.project_id == project_id, AnswerTestResult.run_id == run_id)
        .order_by(AnswerTestResult.test_id)
    )
    return run, list(results)


def list_runs(session: ReadSession, project_id: str, *, limit: int, after: str | None) -> list[AnswerTestRun]:
    """Newest first, at most `limit` + 1."""
    query = select(AnswerTestRun).where(AnswerTestRun.project_id == project_id)
    if after is not None:
        query = query.where(AnswerTestRun.id < after)
    return list(session.scalars(query.order_by(AnswerTestRun.id.desc()).limit(limit + 1)))


def _count(session: WriteSession, project: Project) -> None:
    session.flush()
    # Read first: Citus writes to a table that is on every node from no other one.
    count = session.scalar(select(func.count()).select_from(AnswerTest).where(AnswerTest.project_id == project.id))
    session.execute(
        update(Project)
        .where(Project.organization_id == project.organization_id, Project.id == project.id)
        .values(answer_tests=count)
        .execution_options(synchronize_session=False)
    )
