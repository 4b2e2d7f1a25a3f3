"""HTTP for answer tests and their runs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from aivastark.answer_tests.models import AnswerTest
from aivastark.answer_tests.schemas import (
    AnswerTestList,
    AnswerTestOut,
    AnswerTestRunDetail,
    AnswerTestRunList,
    AnswerTestRunOut,
    NewAnswerTest,
    run_detail,
    run_out,
    wire_test,
)
from aivastark.answer_tests.store import add_test, find_run, find_test, list_runs, list_tests, queue_run, remove_test
from aivastark.database import WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after

router = APIRouter(prefix="/v1/projects/{project_id}/answer-tests", tags=["Answer tests"])

Reading = Annotated[Here, Depends(in_project("sources"))]
Writing = Annotated[Here, Depends(in_project("sources", write=True))]
TestId = Annotated[str, Path(description="The test's id, `test_…`.", max_length=64)]
RunId = Annotated[str, Path(description="The run's id, `run_…`.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS, description="`next_cursor` of the page before.")]


@router.post("", status_code=201, operation_id="createAnswerTest", summary="Keep an eye on an answer")
async def create(here: Writing, body: NewAnswerTest, response: Response) -> AnswerTestOut:
    """A question and what its answer must be like; asked in every run from now on."""

    def work(session: WriteSession) -> AnswerTest:
        row = add_test(session, here.project, body.model_dump())
        here.note(session, "answer_test.created", row.id)
        return row

    row = await here.backends.db.write(work)
    response.headers["Location"] = f"/v1/projects/{here.project_id}/answer-tests/{row.id}"
    return wire_test(row)


@router.get("", operation_id="listAnswerTests", summary="List answer tests")
async def index(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> AnswerTestList:
    """Newest first, each with what came of it last."""
    after = position_after(here, "answer-tests", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_tests(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return AnswerTestList(
        data=[wire_test(row) for row in rows],
        next_cursor=cursor_for(here, "answer-tests", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.post("/run", status_code=202, operation_id="runAnswerTests", summary="Run the answer tests")
async def run(here: Writing) -> AnswerTestRunOut:
    """All enabled tests are asked, beside the conversations: nothing is recorded or counted. Look at the run for it."""
    row = await here.backends.db.write(lambda session: queue_run(session, here.project_id))
    here.backends.work_waiting.set()
    return run_out(row)


@router.get("/runs", operation_id="listAnswerTestRuns", summary="List runs")
async def runs(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> AnswerTestRunList:
    """Newest first; the last 50 are kept."""
    after = position_after(here, "answer-test-runs", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_runs(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return AnswerTestRunList(
        data=[run_out(row) for row in rows],
        next_cursor=cursor_for(here, "answer-test-runs", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/runs/{run_id}", operation_id="getAnswerTestRun", summary="Look at a run")
async def show_run(here: Reading, run_id: RunId) -> AnswerTestRunDetail:
    """The run with what came of each test, and how each answer differs from the run before."""
    row, results = await here.backends.db.read(lambda session: find_run(session, here.project_id, run_id))
    return run_detail(row, results)


@router.get("/{test_id}", operation_id="getAnswerTest", summary="Look at an answer test")
async def show(here: Reading, test_id: TestId) -> AnswerTestOut:
    """One test, with what came of it last."""
    return wire_test(await here.backends.db.read(lambda session: find_test(session, here.project_id, test_id)))


@router.put("/{test_id}", operation_id="replaceAnswerTest", summary="Replace an answer test")
async def replace(here: Writing, test_id: TestId, body: NewAnswerTest) -> AnswerTestOut:
    """Question and expectations anew: what is left out goes back to its default."""

    def work(session: WriteSession) -> AnswerTest:
        row = find_test(session, here.project_id, test_id)
        for name, value in body.model_dump().items():
            setattr(row, name, value)
        row.last_result, row.updated_at = None, utc_now()
        here.note(session, "answer_test.updated", row.id)
        return row

    return wire_test(await here.backends.db.write(work))


@router.delete("/{test_id}", status_code=204, operation_id="deleteAnswerTest", summary="Delete an answer test")
async def delete(here: Writing, test_id: TestId) -> None:
    """It is asked no more; what came of it in earlier runs stays there."""

    def work(session: WriteSession) -> None:
        remove_test(session, here.project, test_id)
        here.note(session, "answer_test.deleted", test_id)

    await here.backends.db.write(work)
