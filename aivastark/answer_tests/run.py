"""A run: every enabled test is asked as a visitor would ask it, and nothing of it is recorded as a conversation."""

import time
from typing import Any

from sqlalchemy import delete, select

from aivastark import jobs
from aivastark.answer_tests.expect import shortcomings
from aivastark.answer_tests.hold import hold_what_failed, says_nothing_of_knowledge
from aivastark.answer_tests.models import AnswerTest, AnswerTestResult, AnswerTestRun
from aivastark.answer_tests.store import new_run
from aivastark.answers.answer import reply_to
from aivastark.answers.privacy import without_personal
from aivastark.answers.question import Question
from aivastark.answers.retrieve import Scope
from aivastark.backends.base import Backends
from aivastark.conversations.recall import Past
from aivastark.conversations.record import Asked, Reply
from aivastark.database import ReadSession, WriteSession
from aivastark.jobs import Job
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.languages import detect
from aivastark.projects.models import Project

RUNS_KEPT = 50


async def run_answer_tests(backends: Backends, job: Job) -> None:
    """Ask what is to be asked, and hold back what made a test fail that passed before, where the project wants that."""

    def begin(session: WriteSession) -> tuple[str, Project, list[AnswerTest]]:
        jobs.hold(session, job)
        run = _next_run(session, job.project_id)
        tests = _enabled(session, job.project_id)
        run.status, run.started_at, run.total, run.passed, run.failed = "running", utc_now(), len(tests), 0, 0
        session.execute(
            delete(AnswerTestResult).where(
                AnswerTestResult.project_id == job.project_id, AnswerTestResult.run_id == run.id
            )
        )
        project = session.scalars(select(Project).where(Project.id == job.project_id)).one()
        return run.id, project, tests

    run_id, project, tests = await backends.db.write(begin)
    for test in tests:
        after = told_of(await _rehearse(backends, project, test))
        await backends.db.write(lambda session: _note(session, job, run_id, test, after))  # noqa: B023

    def end(session: WriteSession) -> None:
        jobs.hold(session, job)
        run = session.get_one(AnswerTestRun, (job.project_id, run_id))
        hold_what_failed(session, project, run)
        _keep_results(session, run)
        run.status, run.finished_at = "done", utc_now()
        _forget_old(session, job.project_id)
        jobs.finish(session, job)

    await backends.db.write(end)
    backends.work_waiting.set()


def told_of(reply: Reply) -> dict[str, Any]:
    """What is kept of an answer as a visitor reads it: its words, what it cites, how sure it is."""
    read = ("answer", "answered", "confidence", "confidence_reasons", "language")
    return {
        **{name: reply.body[name] for name in read},
        "citations": [{name: one[name] for name in ("source_id", "title", "url", "quote")} for one in reply.citations],
    }


async def _rehearse(backends: Backends, project: Project, test: AnswerTest) -> Reply:
    """The answer a visitor would get who asks nothing before."""
    question = Question(
        message=test.question, history=(), scope=Scope(tags=tuple(test.tags)), language=test.language, may_pass_on=False
    )
    asked = Asked(session_id="", channel="api", message=test.question, metadata={}, visit=None)
    asked_in = test.language or detect(test.question)
    question, asked, past = await without_personal(backends, project, question, asked, Past())
    reply, _ = await reply_to(
        backends, project, question, past, asked, asked_in, started=time.perf_counter(), watcher=None
    )
    return reply


def _next_run(session: WriteSession, project_id: str) -> AnswerTestRun:
    """The oldest that is not done, such as one that a crash broke off; else a new one, for the knowledge changed."""
    waiting = session.scalar(
        select(AnswerTestRun)
        .where(AnswerTestRun.project_id == project_id, AnswerTestRun.status != "done")
        .order_by(AnswerTestRun.id)
        .limit(1)
    )
    return waiting or new_run(session, project_id, cause="knowledge")


def _enabled(session: ReadSession, project_id: str) -> list[AnswerTest]:
    query = select(AnswerTest).where(AnswerTest.project_id == project_id, AnswerTest.enabled)
    return list(session.scalars(query.order_by(AnswerTest.id)))


def _note(session: WriteSession, job: Job, run_id: str, test: AnswerTest, after: dict[str, Any]) -> None:
    jobs.hold(session, job)
    run = session.get_one(AnswerTestRun, (job.project_id, run_id))
    reasons = shortcomings(test, after)
    run.passed, run.failed = run.passed + (not reasons), run.failed + bool(reasons)
    session.add(
        AnswerTestResult(
            project_id=job.project_id,
            run_id=run_id,
            test_id=test.id,
            question=test.question,
            passed=not reasons,
            reasons=reasons,
            after=after,
            before=test.last_result,
        )
    )


def _keep_results(session: WriteSession, run: AnswerTestRun) -> None:
    """The next run is compared with this one, where it says anything of the knowledge."""
    results = session.scalars(
        select(AnswerTestResult).where(AnswerTestResult.project_id == run.project_id, AnswerTestResult.run_id == run.id)
    )
    for result in results:
        test = session.get(AnswerTest, (run.project_id, result.test_id))
        if test is not None and not says_nothing_of_knowledge(result):
            test.last_result = {
                **result.after,
                "run_id": run.id,
                "passed": result.passed,
                "reasons": result.reasons,
                "at": to_wire(utc_now()),
            }


def _forget_old(session: WriteSession, project_id: str) -> None:
    oldest = session.scalar(
        select(AnswerTestRun.id)
        .where(AnswerTestRun.project_id == project_id)
        .order_by(AnswerTestRun.id.desc())
        .offset(RUNS_KEPT)
        .limit(1)
    )
    if oldest is not None:
        session.execute(delete(AnswerTestRun).where(AnswerTestRun.project_id == project_id, AnswerTestRun.id <= oldest))
