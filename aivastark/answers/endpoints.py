"""HTTP for questions: query (whole or as a stream), taking a stream up again, and search alone."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from sse_starlette import EventSourceResponse

from aivastark.answers.answer import answer
from aivastark.answers.question import Question
from aivastark.answers.rerank import find_passages
from aivastark.answers.retrieve import Retrieved, Scope
from aivastark.answers.take_up import find_anywhere, rest_of, stop_anywhere
from aivastark.answers.under_way import stream_of
from aivastark.conversations.schemas import AnswerOut
from aivastark.kit.metadata import Metadata
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.projects.business_hours import hours_of
from aivastark.projects.endpoints import Here, in_project, require_question
from aivastark.projects.schemas import handoff_of

MESSAGE_MAX_CHARS = 8_000
FILTER_MAX = 100
SEARCH_LIMIT_MAX = 50
SEARCH_LIMIT_DEFAULT = 10
STREAMED = {
    "text/event-stream": {
        "example": 'event: token\nid: 1\ndata: {"type":"token","delta":"You can reset it "}\n\n'
        'event: answer\nid: 9\ndata: {"type":"answer","answer":{…}}\n\n'
        'event: done\nid: 10\ndata: {"type":"done"}\n\n'
        "data: [DONE]\n\n"
    }
}

router = APIRouter(prefix="/v1/projects/{project_id}", tags=["Answers"])

Asking = Annotated[Here, Depends(in_project("query", write=True))]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_MAX_CHARS)]
Tag = Annotated[str, Field(min_length=1, max_length=64)]
SourceId = Annotated[str, Field(min_length=1, max_length=64)]
SessionId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
AnswerId = Annotated[str, Path(description="The answer's id, `msg_…`.", max_length=64)]
LastEvent = Annotated[str | None, Header(pattern=r"^[0-9]{1,9}$", description="Number of the last event received.")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Za-z]{2,4})?$")]


class QueryIn(BaseModel):
    """Body of `POST …/query`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"message": "How do I reset my password?", "session_id": "sess_abc123", "stream": False}]
        },
    )

    message: Words
    session_id: SessionId | None = None
    stream: StrictBool = False
    tags: Annotated[list[Tag], Field(max_length=FILTER_MAX)] = Field(default_factory=list)
    source_ids: Annotated[list[SourceId], Field(max_length=FILTER_MAX)] = Field(default_factory=list)
    language: Language | None = None
    metadata: Metadata = Field(default_factory=dict)


class SearchIn(BaseModel):
    """Body of `POST …/search`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"query": "password reset", "limit": 5}]})

    query: Words
    limit: Annotated[int, Field(ge=1, le=SEARCH_LIMIT_MAX), JUST_A_NUMBER] = SEARCH_LIMIT_DEFAULT
    tags: Annotated[list[Tag], Field(max_length=FILTER_MAX)] = Field(default_factory=list)
    source_ids: Annotated[list[SourceId], Field(max_length=FILTER_MAX)] = Field(default_factory=list)


class Place(BaseModel):
    """Where a passage stands in its document's canonical text."""

    page: int | None
    heading_path: list[str]
    char_start: int
    char_end: int


class Ranks(BaseModel):
    """The place each half of the search gave it; 1 is the best, null = not among its candidates."""

    keyword: int | None
    vector: int | None
    rerank: int | None = Field(description="By the reranking model; null = none is set, or it was not heard.")


class SearchHit(BaseModel):
    """A passage found, with why."""

    chunk_id: str
    source_id: str
    document_id: str
    title: str | None
    url: str | None
    text: str
    locator: Place
    score: float
    ranks: Ranks


class SearchOut(BaseModel):
    """Passages, best first."""

    data: list[SearchHit]


class Cancelled(BaseModel):
    """What became of the wish to stop an answer."""

    id: str
    stopped: bool


@router.post(
    "/query",
    response_model=AnswerOut,
    operation_id="query",
    summary="Ask the bot",
    responses={200: {"content": STREAMED, "description": "The answer, whole or (stream) in events."}},
)
async def query(here: Asking, body: QueryIn) -> Response:
    """A grounded answer with verified citations and a calibrated confidence, or an honest refusal.

    The same `session_id` continues the same conversation. With `stream: true` the answer comes as
    Server-Sent Events; it is stored before the first of them, so a lost line loses nothing.
    """
    await require_question(here)
    handoff = handoff_of(here.project)
    question = Question(
        message=body.message,
        session_id=body.session_id,
        scope=Scope(tags=tuple(body.tags), source_ids=tuple(body.source_ids)),
        language=body.language[:2] if body.language else None,
        metadata=body.metadata,
        hours=hours_of(handoff.business_hours),
        may_pass_on=handoff.enabled,
    )
    if body.stream:
        return await stream_of(
            here.backends,
            here.project_id,
            here.request_id,
            lambda watcher: answer(here.backends, here.project, question, watcher=watcher),
        )
    given = await answer(here.backends, here.project, question)
    return Response(orjson.dumps(given), media_type="application/json")


@router.get(
    "/messages/{message_id}/stream",
    operation_id="resumeAnswer",
    summary="Take up an answer's stream again",
    response_class=EventSourceResponse,
    responses={200: {"content": STREAMED, "description": "The events after `Last-Event-ID`."}},
)
async def resume(here: Asking, message_id: AnswerId, last_event_id: LastEvent = None) -> Response:
    """The rest of the stream, event by event as it was; of an answer that is still being written, as it comes.

    Where another process writes it, the rest comes when it is whole.
    """
    found = await find_anywhere(here.backends, here.project_id, message_id)
    return rest_of(
        here.backends,
        here.project_id,
        found,
        request_id=here.request_id,
        after=number_of(last_event_id),
        shape=lambda given: given,
    )


@router.post(
    "/messages/{message_id}/cancel", operation_id="cancelAnswer", summary="Stop an answer that is being written"
)
async def cancel(here: Asking, message_id: AnswerId) -> Cancelled:
    """Ends the call at the model's provider. What was proven by then is the answer, and is recorded as such.

    `stopped` is false where there was nothing to stop any more.
    """
    found = await find_anywhere(here.backends, here.project_id, message_id)
    return Cancelled(id=message_id, stopped=await stop_anywhere(here.backends, here.project_id, found))


@router.post("/search", operation_id="search", summary="Search the knowledge")
async def search(here: Asking, body: SearchIn) -> SearchOut:
    """Retrieval alone: which passages an answer would be made from, and why those."""
    found = await find_passages(
        here.backends,
        here.project_id,
        body.query,
        scope=Scope(tags=tuple(body.tags), source_ids=tuple(body.source_ids)),
        language=None,
        limit=body.limit,
    )
    return SearchOut(data=hits(found))


def number_of(last_event_id: str | None) -> int:
    """Of the last event received; -1 before the first."""
    return -1 if last_event_id is None else int(last_event_id)


def hits(found: Retrieved) -> list[SearchHit]:
    """What was found, as it goes over the wire."""
    return [
        SearchHit(
            chunk_id=passage.chunk_id,
            source_id=passage.source_id,
            document_id=passage.document_id,
            title=found.origins[passage.document_id].title,
            url=found.origins[passage.document_id].url,
            text=passage.text,
            locator=Place(
                page=passage.page,
                heading_path=list(passage.heading_path),
                char_start=passage.char_start,
                char_end=passage.char_start + len(passage.text),
            ),
            score=round(passage.score, 4),
            ranks=Ranks(keyword=passage.keyword_rank, vector=passage.vector_rank, rerank=passage.rerank_rank),
        )
        for passage in found.passages
    ]
