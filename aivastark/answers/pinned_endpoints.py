"""HTTP for pinned answers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from aivastark.accounts.conditions import Changing, Showing
from aivastark.answers.models import PinnedAnswer, PinnedHit
from aivastark.answers.pin import (
    change_pinned,
    embedded,
    find_pinned_answer,
    list_hits,
    list_pinned,
    pin,
    unpin,
)
from aivastark.answers.pinned import has_words
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import to_wire
from aivastark.kit.etags import etag_of
from aivastark.kit.pages import LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after

QUESTIONS_MAX = 20
QUESTION_MAX_CHARS = 500
ANSWER_MAX_CHARS = 8_000

router = APIRouter(prefix="/v1/projects/{project_id}/pinned-answers", tags=["Pinned answers"])

Reading = Annotated[Here, Depends(in_project("sources"))]
Writing = Annotated[Here, Depends(in_project("sources", write=True))]
PinnedId = Annotated[str, Path(description="The pinned answer's id, `pin_…`.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the page before.")]


def _with_words(question: str) -> str:
    if not has_words(question):
        raise ValueError("holds no letter or digit")
    return question


Question = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=QUESTION_MAX_CHARS),
    AfterValidator(_with_words),
]
Questions = Annotated[list[Question], Field(min_length=1, max_length=QUESTIONS_MAX)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=ANSWER_MAX_CHARS)]
Match = Literal["exact", "near"]


class NewPinnedAnswer(BaseModel):
    """Body of `POST …/pinned-answers`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "questions": ["Do you ship to Norway?", "Is Norway in your delivery area?"],
                    "answer": "Yes. Parcels to Norway take four days and cost 14 euros.",
                    "match": "near",
                }
            ]
        },
    )

    questions: Questions
    answer: Answer
    match: Match = Field(default="near", description="`near` also answers wordings of like meaning.")
    enabled: StrictBool = True


class PinnedAnswerPatch(BaseModel):
    """Body of `PATCH …/pinned-answers/{id}`: absent stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    questions: Questions | SkipJsonSchema[None] = None
    answer: Answer | SkipJsonSchema[None] = None
    match: Match | SkipJsonSchema[None] = None
    enabled: StrictBool | SkipJsonSchema[None] = None


class PinnedAnswerOut(BaseModel):
    """An answer in fixed words."""

    id: str
    project_id: str
    questions: list[str]
    answer: str
    match: Match
    enabled: bool
    hits: int
    last_hit_at: str | None
    created_at: str
    updated_at: str


class PinnedAnswerList(BaseModel):
    """One page, newest first."""

    data: list[PinnedAnswerOut]
    next_cursor: str | None
    has_more: bool


class PinnedHitOut(BaseModel):
    """A question it answered."""

    message_id: str
    question: str
    kind: Match
    similarity: float
    created_at: str


class PinnedHitList(BaseModel):
    """One page, newest first."""

    data: list[PinnedHitOut]
    next_cursor: str | None
    has_more: bool


@router.post("", status_code=201, operation_id="createPinnedAnswer", summary="Fix the answer to a question")
async def create(here: Writing, body: NewPinnedAnswer, response: Response) -> PinnedAnswerOut:
    """These questions are answered in these words from now on, before the knowledge is searched."""
    vectors = await embedded(here.backends, body.questions)
    model_id = here.backends.embedder.model_id

    def work(session: WriteSession) -> PinnedAnswer:
        row = pin(session, here.project, fields=body.model_dump(), vectors=vectors, model_id=model_id)
        here.note(session, "pinned_answer.created", row.id)
        return row

    row = await here.backends.db.write(work)
    response.headers["Location"] = f"/v1/projects/{here.project_id}/pinned-answers/{row.id}"
    return _out(row)


@router.get("", operation_id="listPinnedAnswers", summary="List pinned answers")
async def index(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> PinnedAnswerList:
    """Newest first."""
    after = position_after(here, "pinned", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_pinned(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return PinnedAnswerList(
        data=[_out(row) for row in rows],
        next_cursor=cursor_for(here, "pinned", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.get("/{pinned_id}", operation_id="getPinnedAnswer", summary="Look at a pinned answer")
async def show(here: Reading, pinned_id: PinnedId, conditions: Showing) -> PinnedAnswerOut:
    """One pinned answer, with how often it was given."""
    row = await here.backends.db.read(lambda session: find_pinned_answer(session, here.project_id, pinned_id))
    conditions.show(_state_of(row))
    return _out(row)


@router.patch("/{pinned_id}", operation_id="updatePinnedAnswer", summary="Change a pinned answer")
async def update(here: Writing, pinned_id: PinnedId, body: PinnedAnswerPatch, conditions: Changing) -> PinnedAnswerOut:
    """JSON merge patch: what is absent stays. Nothing here can be cleared."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    for name, value in changes.items():
        if value is None:
            raise InvalidRequest(f"{name} cannot be null", param=name)
    await here.backends.db.read(lambda session: find_pinned_answer(session, here.project_id, pinned_id))
    vectors = None if body.questions is None else await embedded(here.backends, body.questions)
    model_id = here.backends.embedder.model_id

    def work(session: WriteSession) -> PinnedAnswer:
        conditions.require(_state_of(find_pinned_answer(session, here.project_id, pinned_id)))
        here.note(session, "pinned_answer.updated", pinned_id, changed=sorted(changes))
        return change_pinned(session, here.project, pinned_id, changes=changes, vectors=vectors, model_id=model_id)

    row = await here.backends.db.write(work)
    conditions.tag(_state_of(row))
    return _out(row)


@router.delete("/{pinned_id}", status_code=204, operation_id="deletePinnedAnswer", summary="Delete a pinned answer")
async def delete(here: Writing, pinned_id: PinnedId) -> None:
    """The knowledge answers again. Its log goes with it; what was said in conversations stays."""

    def work(session: WriteSession) -> None:
        unpin(session, here.project, pinned_id)
        here.note(session, "pinned_answer.deleted", pinned_id)

    await here.backends.db.write(work)


@router.get("/{pinned_id}/hits", operation_id="listPinnedAnswerHits", summary="List what it answered")
async def hits(
    here: Reading, pinned_id: PinnedId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> PinnedHitList:
    """The questions that led to it, newest first, with how near they were."""
    scope = f"pinned-hits:{pinned_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: ReadSession) -> list[PinnedHit]:
        pinned = find_pinned_answer(session, here.project_id, pinned_id)
        return list_hits(session, pinned, limit=limit, after=after[0] if after else None)

    rows = await here.backends.db.read(look)
    more, rows = len(rows) > limit, rows[:limit]
    return PinnedHitList(
        data=[
            PinnedHitOut.model_validate(
                {
                    "message_id": row.message_id,
                    "question": row.question,
                    "kind": row.kind,
                    "similarity": row.similarity,
                    "created_at": to_wire(row.created_at),
                }
            )
            for row in rows
        ],
        next_cursor=cursor_for(here, scope, {}, [rows[-1].message_id]) if more else None,
        has_more=more,
    )


def _state_of(row: PinnedAnswer) -> str:
    """What somebody may have changed; how often it was given meanwhile is no reason to refuse a change."""
    return etag_of(row.updated_at)


def _out(row: PinnedAnswer) -> PinnedAnswerOut:
    return PinnedAnswerOut.model_validate(
        {
            "id": row.id,
            "project_id": row.project_id,
            "questions": row.questions,
            "answer": row.answer,
            "match": row.match,
            "enabled": row.enabled,
            "hits": row.hits,
            "last_hit_at": None if row.last_hit_at is None else to_wire(row.last_hit_at),
            "created_at": to_wire(row.created_at),
            "updated_at": to_wire(row.updated_at),
        }
    )
