"""The OpenAI door: chat completions and models, for clients that speak nothing else; a model is a project.

The conversation so far is in `messages`, so nothing is recalled: what is recorded here never comes back through a
question. A stream gives what is proven while the rest is written, as at our own door. Errors keep our own envelope,
whose `error.message` and status OpenAI's clients understand.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sse_starlette import ServerSentEvent

from aivastark.answers.answer import answer
from aivastark.answers.endpoints import MESSAGE_MAX_CHARS
from aivastark.answers.question import Question
from aivastark.answers.stream import Event, server_sent
from aivastark.answers.under_way import begin, sent
from aivastark.conversations.recall import TURNS_REMEMBERED, PastTurn
from aivastark.conversations.schemas import AnswerOut
from aivastark.conversations.small_talk import small_talk
from aivastark.errors import InvalidRequest
from aivastark.kit.ids import new_id
from aivastark.kit.metadata import Metadata
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.projects.endpoints import (
    Here,
    caller_with,
    enter_project,
    in_project,
    require_question,
)
from aivastark.projects.models import Project
from aivastark.projects.store import projects_in_reach

CHANNEL = "openai"
MESSAGES_MAX = 2_000
PARTS_MAX = 100
USER_MAX_CHARS = 512
MODELS_MAX = 1_000
SESSION_DIGEST_CHARS = 26
STREAMED = {
    "text/event-stream": {
        "example": 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"You can"}}]}\n\n'
        "data: [DONE]\n\n"
    }
}


def _may_ask(request: Request) -> None:
    """A dependency: whoever may not ask learns that before anything is said about the body."""
    caller_with(request, "query", write=True)


router = APIRouter(prefix="/v1", tags=["OpenAI"])


class _Lenient(BaseModel):
    """OpenAI's parameters are many and grow: those without a meaning here are accepted and have no effect."""

    model_config = ConfigDict(extra="ignore")


class ContentPart(_Lenient):
    """A piece of a message; only `text` can be read."""

    type: Annotated[str, Field(max_length=64)]
    text: str | None = None


class ChatMessage(_Lenient):
    """One message. Only `user` ones are read: the bot's instructions are the project's, its knowledge the sources'."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[list[ContentPart], Field(max_length=PARTS_MAX)] | None = None


class StreamOptions(_Lenient):
    """`include_usage` adds a last chunk with the token counts."""

    include_usage: StrictBool | None = None


class ResponseFormat(_Lenient):
    """Answers are prose."""

    type: Literal["text"]


class ChatIn(_Lenient):
    """Body of `POST /v1/chat/completions`."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": "prj_01HW0000000000000000000000",
                    "messages": [{"role": "user", "content": "How do I reset my password?"}],
                }
            ]
        },
    )

    model: Annotated[str, Field(min_length=1, max_length=64, description="The project's id, `prj_…`.")]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MESSAGES_MAX)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[Literal[1], JUST_A_NUMBER] | None = None
    response_format: ResponseFormat | None = None
    user: Annotated[str, Field(max_length=USER_MAX_CHARS)] | None = None
    safety_identifier: Annotated[str, Field(max_length=USER_MAX_CHARS)] | None = None
    metadata: Metadata | None = None


class UrlCitation(BaseModel):
    """A cited page and the stretch of the answer it supports."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(BaseModel):
    """A citation in OpenAI's own form, for clients that show them; all citations are under `aivastark`."""

    type: Literal["url_citation"]
    url_citation: UrlCitation


class AssistantMessage(BaseModel):
    """The answer."""

    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[Annotation]


class Choice(BaseModel):
    """The one choice there is."""

    index: int
    message: AssistantMessage
    logprobs: None
    finish_reason: Literal["stop"]


class TokenUsage(BaseModel):
    """Tokens a language model read and wrote."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """A chat completion as OpenAI's clients read it; `aivastark` has the whole answer as `POST …/query` gives it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: TokenUsage
    aivastark: AnswerOut


class ModelExtras(BaseModel):
    """What OpenAI's shape has no place for."""

    name: str


class Model(BaseModel):
    """A project as a model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    aivastark: ModelExtras


class ModelList(BaseModel):
    """The projects this key reaches, newest first."""

    object: Literal["list"]
    data: list[Model]


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    operation_id="createChatCompletion",
    summary="Ask the bot as OpenAI's clients do",
    dependencies=[Depends(_may_ask)],
    responses={200: {"content": STREAMED, "description": "The completion, whole or in chunks."}},
)
async def chat_completion(request: Request, body: ChatIn) -> Response:
    """The last `user` message is the question, those before it are the context of a follow-up.

    `user` or `safety_identifier` keeps a chat together in one conversation; without either, each call is its own.
    """
    here = await enter_project(request, body.model, "query", write=True)
    said = _said(body.messages)
    await require_question(here)
    question = Question(
        message=said[-1],
        session_id=_session_id(here, body, first_words=said[0]),
        channel=CHANNEL,
        may_pass_on=False,  # whoever chats behind this door is not there when a person answers
        history=_before(said[:-1]),
        metadata=body.metadata or {},
    )
    if body.stream:
        with_usage = body.stream_options is not None and bool(body.stream_options.include_usage)
        growing = await begin(
            here.backends,
            here.project_id,
            here.request_id,
            lambda watcher: answer(here.backends, here.project, question, watcher=watcher),
        )
        return sent(_chunks(growing.events.follow(), here.project_id, with_usage=with_usage))
    given = await answer(here.backends, here.project, question)
    return Response(orjson.dumps(_completion(given, here.project_id)), media_type="application/json")


@router.get("/models", operation_id="listModels", summary="List projects as OpenAI's clients list models")
async def models(request: Request) -> ModelList:
    """The projects this key may ask, newest first, at most a thousand."""
    principal = caller_with(request, "query")
    found = await request.app.state.backends.db.read(
        lambda session: projects_in_reach(session, principal, limit=MODELS_MAX)
    )
    return ModelList(object="list", data=[_model(project) for project in found])


@router.get("/models/{project_id}", operation_id="getModel", summary="Look at a project as a model")
async def model(here: Annotated[Here, Depends(in_project("query"))]) -> Model:
    """One project, if this key reaches it."""
    return _model(here.project)


def _said(messages: Sequence[ChatMessage]) -> list[str]:
    """What the visitor said, oldest first; the last is the question. Raises `InvalidRequest` naming the message."""
    said: list[str] = []
    where = "messages"
    for place, message in enumerate(messages):
        if message.role == "user":
            where = f"messages.{place}.content"
            said.append(_text(message, where))
    if not said or not said[-1]:
        raise InvalidRequest(f"{where}: a user message with text is needed", param=where)
    if len(said[-1]) > MESSAGE_MAX_CHARS:
        raise InvalidRequest(f"{where}: a question may have {MESSAGE_MAX_CHARS:,} characters at most", param=where)
    return [words for words in said if words]


def _before(said: Sequence[str]) -> list[PastTurn]:
    """What the visitor asked before, oldest first; thanks and greetings are no questions."""
    asked = [words for words in said if small_talk(words) is None]
    return [PastTurn(question=words[:MESSAGE_MAX_CHARS]) for words in asked[-TURNS_REMEMBERED:]]


def _text(message: ChatMessage, where: str) -> str:
    if not isinstance(message.content, list):
        return (message.content or "").strip()
    if any(part.type != "text" for part in message.content):
        raise InvalidRequest(f"{where}: only parts of type text can be read", param=where)
    return "\n".join(part.text or "" for part in message.content).strip()


def _session_id(here: Here, body: ChatIn, *, first_words: str) -> str:
    """The same for each call of one chat of one user; says nothing of who the user is, and cannot be made up."""
    user = body.user or body.safety_identifier
    if not user:
        return new_id("sess")
    named = orjson.dumps([CHANNEL, here.project_id, user, first_words])
    return f"sess_{hmac.new(here.backends.secret_key, named, hashlib.sha256).hexdigest()[:SESSION_DIGEST_CHARS]}"


def _completion(given: dict[str, Any], model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": given["answer"], "refusal": None, "annotations": _annotations(given)}
    return {
        **_head(given, model, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(given),
        "aivastark": given,
    }


async def _chunks(events: AsyncIterator[Event], model: str, *, with_usage: bool) -> AsyncIterator[ServerSentEvent]:
    """Role, words as they are released, the end with what is ours, and, where asked for, the token counts.

    What fails after the first of them comes as OpenAI sends it: as an event with `error`, without an end before it.
    """
    head: dict[str, Any] = {}
    async for kind, fields in events:
        if kind == "message.start":
            head = _head({"id": fields["message_id"], **fields}, model, "chat.completion.chunk")
            if with_usage:
                head["usage"] = None  # on every chunk but the last, as OpenAI documents it
            yield _sent({**head, "choices": [_delta({"role": "assistant", "content": "", "refusal": None})]})
        elif kind == "token":
            yield _sent({**head, "choices": [_delta({"content": fields["delta"]})]})
        elif kind == "answer":
            yield _sent({**head, "choices": [_delta({}, finish_reason="stop")], "aivastark": fields})
            if with_usage:
                yield _sent({**head, "choices": [], "usage": _usage(fields)})
        elif kind == "error":
            yield _sent({"error": {**fields["error"], "type": "server_error", "param": None}})
    yield server_sent(None, {}, None)


def _sent(chunk: Mapping[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(orjson.dumps(chunk).decode(), sep="\n")


def _delta(delta: dict[str, Any], *, finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _head(given: Mapping[str, Any], model: str, kind: str) -> dict[str, Any]:
    created = int(datetime.fromisoformat(given["created_at"]).timestamp())
    return {"id": given["id"], "object": kind, "created": created, "model": model}


def _usage(given: Mapping[str, Any]) -> dict[str, int]:
    read, written = given["usage"]["input_tokens"], given["usage"]["output_tokens"]
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _annotations(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": citation["answer_span"]["start"],
                "end_index": citation["answer_span"]["end"],
                "title": citation["title"] or citation["url"],
                "url": citation["url"],
            },
        }
        for citation in given["citations"]
        if citation["url"]
    ]


def _model(project: Project) -> Model:
    return Model(
        id=project.id,
        object="model",
        created=int(project.created_at.timestamp()),
        owned_by=project.organization_id,
        aivastark=ModelExtras(name=project.name),
    )
