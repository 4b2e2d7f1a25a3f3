"""Answer tests on the wire."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from aivastark.answer_tests.expect import difference
from aivastark.answer_tests.models import AnswerTest, AnswerTestResult, AnswerTestRun
from aivastark.kit.clock import to_wire

EXPECTED_MAX = 20
EXPECTED_MAX_CHARS = 500
QUESTION_MAX_CHARS = 1_000

_Line = r"^[^\x00]+$"
TestQuestion = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=QUESTION_MAX_CHARS, pattern=_Line)
]
Expected = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=EXPECTED_MAX_CHARS, pattern=_Line)
]
ExpectedList = Annotated[list[Expected], Field(max_length=EXPECTED_MAX)]
TestTag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_Line)]

_EXAMPLE: dict[str, Any] = {
    "question": "How long does a return take?",
    "must_say": ["30 days"],
    "must_cite": ["Returns policy"],
    "min_confidence": 0.6,
}


class NewAnswerTest(BaseModel):
    """Body of `POST …/answer-tests` and of `PUT …/answer-tests/{id}`: a question, and what is expected."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    question: TestQuestion
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    tags: Annotated[list[TestTag], Field(max_length=EXPECTED_MAX)] = Field(default_factory=list)
    must_cite: ExpectedList = Field(default_factory=list, description="Each a source's id, a document's url or title.")
    must_say: ExpectedList = Field(default_factory=list, description="Case, accents and inflection do not matter.")
    must_not_say: ExpectedList = Field(default_factory=list)
    must_refuse: StrictBool = False
    min_confidence: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    enabled: StrictBool = True

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        answered = bool(self.must_cite or self.must_say or self.min_confidence is not None)
        if self.must_refuse and (answered or self.must_not_say):
            raise ValueError("a refusal cites and says nothing: must_refuse stands alone")
        if not (self.must_refuse or answered or self.must_not_say):
            raise ValueError("expect something: must_cite, must_say, must_not_say, must_refuse or min_confidence")
        return self


class AnswerTestReason(BaseModel):
    """An expectation that was not met."""

    code: Literal["answered", "not_answered", "not_cited", "not_said", "said", "unsure"]
    expected: str | None


class AnswerTestCitation(BaseModel):
    """What an answer cited."""

    source_id: str
    title: str | None
    url: str | None
    quote: str


class AnswerTestAnswer(BaseModel):
    """An answer as a test got it."""

    answer: str
    answered: bool
    confidence: float
    confidence_reasons: list[str]
    language: str | None
    citations: list[AnswerTestCitation]


class AnswerTestLast(AnswerTestAnswer):
    """What came of a test in its latest run."""

    run_id: str
    passed: bool
    reasons: list[AnswerTestReason]
    at: str


class AnswerTestOut(BaseModel):
    """A question with its expectations."""

    id: str
    project_id: str
    question: str
    language: str | None
    tags: list[str]
    must_cite: list[str]
    must_say: list[str]
    must_not_say: list[str]
    must_refuse: bool
    min_confidence: float | None
    enabled: bool
    last_result: AnswerTestLast | None
    created_at: str
    updated_at: str


class AnswerTestList(BaseModel):
    """One page, newest first."""

    data: list[AnswerTestOut]
    next_cursor: str | None
    has_more: bool


class AnswerTestRunOut(BaseModel):
    """A run. `passed` and `failed` grow while it is running; `held` are the sources it took back."""

    id: str
    cause: Literal["asked", "knowledge"]
    status: Literal["queued", "running", "done"]
    total: int
    passed: int
    failed: int
    held: list[str]
    created_at: str
    started_at: str | None
    finished_at: str | None


class AnswerTestRunList(BaseModel):
    """One page, newest first."""

    data: list[AnswerTestRunOut]
    next_cursor: str | None
    has_more: bool


class AnswerTestResultOut(BaseModel):
    """What came of one test; `before` is its answer in the run before, `changed` how the two differ."""

    test_id: str
    question: str
    passed: bool
    reasons: list[AnswerTestReason]
    after: AnswerTestAnswer
    before: AnswerTestLast | None
    changed: list[Literal["answered", "sources", "text"]]


class AnswerTestRunDetail(AnswerTestRunOut):
    """A run with all its results."""

    results: list[AnswerTestResultOut]


def wire_test(row: AnswerTest) -> AnswerTestOut:
    """A row as it goes out."""
    names = AnswerTestOut.model_fields.keys() - {"created_at", "updated_at"}
    times = {"created_at": to_wire(row.created_at), "updated_at": to_wire(row.updated_at)}
    return AnswerTestOut.model_validate({name: getattr(row, name) for name in names} | times)


def run_out(row: AnswerTestRun) -> AnswerTestRunOut:
    """A row as it goes out."""
    return AnswerTestRunOut.model_validate(_run(row))


def run_detail(row: AnswerTestRun, results: list[AnswerTestResult]) -> AnswerTestRunDetail:
    """A run with its results as it goes out."""
    wired = [
        {
            "test_id": one.test_id,
            "question": one.question,
            "passed": one.passed,
            "reasons": one.reasons,
            "after": one.after,
            "before": one.before,
            "changed": difference(one.before, one.after),
        }
        for one in results
    ]
    return AnswerTestRunDetail.model_validate({**_run(row), "results": wired})


def _run(row: AnswerTestRun) -> dict[str, Any]:
    times = ("created_at", "started_at", "finished_at")
    wired = {name: getattr(row, name) for name in AnswerTestRunOut.model_fields}
    return wired | {name: wired[name] and to_wire(wired[name]) for name in times}
