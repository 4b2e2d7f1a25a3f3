"""The MCP door: two tools, `ask` and `search_knowledge`, over streamable HTTP at `/mcp`, without sessions.

The `mcp` library does the protocol (the versions that begin with a handshake and the one without). It is imported
when the first message comes, in a thread: loading it takes half a second that a start should not wait for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Message, Receive, Scope, Send

from aivastark import __version__
from aivastark.accounts.keys import Principal
from aivastark.answers.answer import answer
from aivastark.answers.endpoints import (
    FILTER_MAX,
    SEARCH_LIMIT_DEFAULT,
    SEARCH_LIMIT_MAX,
    Language,
    SearchOut,
    SessionId,
    Tag,
    Words,
    hits,
)
from aivastark.answers.question import Question
from aivastark.answers.rerank import find_passages
from aivastark.answers.retrieve import Scope as Knowledge
from aivastark.conversations.schemas import AnswerOut
from aivastark.errors import InvalidRequest, PayloadTooLarge, Refused
from aivastark.kit.numbers import INTEGER_MAX
from aivastark.projects.endpoints import Here, caller_with, enter_project, require_question
from aivastark.sources.receive import validate

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.types import CallToolResult, ListToolsResult

CHANNEL = "mcp"
MAX_BODY_BYTES = 1_000_000
INSTRUCTIONS = (
    "Answers from a company's own knowledge. `ask` gives an answer whose quotes were checked against the stored "
    "documents, and the probability that it is right; where `answered` is false, say that you do not know. "
    "`search_knowledge` gives passages as they are stored."
)

# For OpenAPI, which has no word for JSON-RPC; the tools describe themselves in the answer to `tools/list`.
MESSAGE_SCHEMA = {
    "title": "McpMessage",
    "type": "object",
    "required": ["jsonrpc", "method"],
    "properties": {
        "jsonrpc": {"const": "2.0", "type": "string"},
        "id": {"type": ["string", "integer"]},
        "method": {"type": "string"},
        "params": {"type": ["object", "null"]},
    },
    "examples": [{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}],
}
ANSWER_SCHEMA = {
    "title": "McpAnswer",
    "type": "object",
    "required": ["jsonrpc", "id"],
    "properties": {"jsonrpc": {"const": "2.0", "type": "string"}, "id": {"type": ["string", "integer", "null"]}},
}
ERROR_SCHEMA = {
    "title": "McpError",
    "type": "object",
    "required": ["error"],
    "properties": {
        "jsonrpc": {"const": "2.0", "type": "string"},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": ["integer", "string"]}, "message": {"type": "string"}},
        },
    },
}

log = structlog.get_logger()

router = APIRouter(prefix="/mcp", tags=["MCP"])


@router.post(
    "",
    operation_id="mcp",
    summary="Speak the Model Context Protocol",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"schema": ANSWER_SCHEMA}}, "description": "A JSON-RPC response."},
        202: {"description": "A notification was taken."},
        400: {"content": {"application/json": {"schema": ERROR_SCHEMA}}, "description": "It is no MCP message."},
        404: {"content": {"application/json": {"schema": ERROR_SCHEMA}}, "description": "There is no such method."},
        406: {"content": {"application/json": {"schema": ERROR_SCHEMA}}, "description": "`Accept` leaves no way."},
    },
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": MESSAGE_SCHEMA}}}},
)
async def speak(request: Request) -> Response:
    """Streamable HTTP, one JSON-RPC message a request, no sessions: the tools `ask` and `search_knowledge`.

    The key needs the scope `query`. With a key of an organisation, a tool's arguments name the `project_id`.
    """
    caller_with(request, "query", write=True)
    body = await _read(request)
    _require_known_id(body)
    return _Served(await asyncio.to_thread(_server), body)


class _Served(Response):
    """The library's answer to a message that was read already."""

    def __init__(self, server: "Server[Any]", body: bytes) -> None:
        super().__init__()
        self._server = server
        self._message: Message = {"type": "http.request", "body": body, "more_body": False}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the library answer; one manager a request, so that nothing is kept and its tasks end here."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        unread = [self._message]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        manager = StreamableHTTPSessionManager(
            self._server, stateless=True, json_response=True, max_request_body_size=MAX_BODY_BYTES
        )
        async with manager.run():
            await manager.handle_request(scope, receive_again, send)


async def _read(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge(f"An MCP message may hold {MAX_BODY_BYTES:,} bytes at most.")
    return body


def _require_known_id(body: bytes) -> None:
    """The library takes what has another id for a notification, which nobody answers. Raises `InvalidRequest`."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return  # the library says what is wrong with it
    if not isinstance(message, dict) or "id" not in message:
        return
    sent = message["id"]
    is_number = isinstance(sent, int) and not isinstance(sent, bool) and abs(sent) <= INTEGER_MAX
    if not is_number and not isinstance(sent, str):
        raise InvalidRequest("id is a string or a whole number of up to 53 bits", param="id")


@cache
def _server() -> "Server[Any]":
    from mcp.server.lowlevel import Server

    return Server(
        "aivastark",
        version=__version__,
        title="Aivastark",
        instructions=INSTRUCTIONS,
        # No argument of ours is mirrored in a header: without this, every call would list all tools to find that out.
        get_tool_input_schema=lambda _: None,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
    )


async def _list_tools(context: Any, _: Any) -> "ListToolsResult":
    principal: Principal = context.request.state.principal
    return _described(knows_project=principal.project_id is not None)


@cache
def _described(*, knows_project: bool) -> "ListToolsResult":
    """The tools as a key of a project sees them, or one of an organisation."""
    from mcp.types import ListToolsResult, Tool, ToolAnnotations

    return ListToolsResult(
        tools=[
            Tool(
                name=name,
                title=tool.title,
                description=tool.description,
                input_schema=_input_schema(tool.arguments, knows_project=knows_project),
                output_schema=tool.result.model_json_schema(mode="serialization"),
                annotations=ToolAnnotations(
                    read_only_hint=tool.only_reads, destructive_hint=False, open_world_hint=False
                ),
            )
            for name, tool in TOOLS.items()
        ]
    )


async def _call_tool(context: Any, call: Any) -> "CallToolResult":
    from mcp.shared.exceptions import MCPError
    from mcp.types import INVALID_PARAMS, CallToolResult, TextContent

    tool = TOOLS.get(call.name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, "There is no tool of that name.")
    request: Request = context.request
    try:
        structured = await _run(tool, request, call.arguments or {})
    except Refused as refused:  # told to the model that called: it may correct itself
        said = TextContent(type="text", text=f"{refused.code}: {refused.message}")
        return CallToolResult(content=[said], is_error=True)
    except Exception:  # the edge of a call: a bug is logged whole and answered with the id that finds it
        log.exception("tool failed", tool=call.name)
        said = TextContent(type="text", text=f"internal_error: something went wrong ({request.state.request_id})")
        return CallToolResult(content=[said], is_error=True)
    text = TextContent(type="text", text=orjson.dumps(structured).decode())
    return CallToolResult(content=[text], structured_content=structured)


class _Arguments(BaseModel):
    """What every tool takes."""

    model_config = ConfigDict(extra="forbid")

    project_id: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="Which bot to ask: `prj_…`."
    )
    tags: Annotated[list[Tag], Field(max_length=FILTER_MAX)] = Field(
        default_factory=list, description="Only knowledge with any of these tags; all of it when empty."
    )


class AskArguments(_Arguments):
    """Arguments of `ask`."""

    question: Words = Field(description="The question as a person would ask it, in any language.")
    session_id: SessionId | None = Field(
        default=None, description="The same one in each call of a conversation, so that follow-ups are understood."
    )
    language: Language | None = Field(default=None, description="ISO 639-1, where it is known.")


class SearchArguments(_Arguments):
    """Arguments of `search_knowledge`."""

    query: Words = Field(description="What to look for.")
    limit: Annotated[int, Field(ge=1, le=SEARCH_LIMIT_MAX)] = SEARCH_LIMIT_DEFAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tool:
    """What a tool is called, takes, does and gives."""

    title: str
    description: str
    arguments: type[_Arguments]
    result: type[BaseModel]
    only_reads: bool
    run: Callable[[Here, Any], Awaitable[dict[str, Any]]]


async def _run(tool: _Tool, request: Request, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The tool's result as it goes over the wire. Raises `Refused`."""
    arguments = validate(tool.arguments, posted)
    project_id = arguments.project_id or request.state.principal.project_id
    if project_id is None:
        raise InvalidRequest("project_id is required with a key of an organisation", param="project_id")
    return await tool.run(await enter_project(request, project_id, "query", write=True), arguments)


async def _ask(here: Here, asked: AskArguments) -> dict[str, Any]:
    question = Question(
        message=asked.question,
        session_id=asked.session_id,
        channel=CHANNEL,
        may_pass_on=False,  # an assistant asks; nobody waits for a person
        scope=Knowledge(tags=tuple(asked.tags)),
        language=asked.language[:2] if asked.language else None,
    )
    await require_question(here)
    return await answer(here.backends, here.project, question)


async def _search(here: Here, asked: SearchArguments) -> dict[str, Any]:
    knowledge = Knowledge(tags=tuple(asked.tags))
    found = await find_passages(
        here.backends, here.project_id, asked.query, scope=knowledge, language=None, limit=asked.limit
    )
    return SearchOut(data=hits(found)).model_dump()


def _input_schema(arguments: type[_Arguments], *, knows_project: bool) -> dict[str, Any]:
    """What has to be said: the project is known where the key belongs to one, and needed where it does not."""
    schema = arguments.model_json_schema()
    if knows_project:
        del schema["properties"]["project_id"]
    else:
        schema["properties"]["project_id"] = {"type": "string", "description": "Which bot to ask: `prj_…`."}
        schema["required"] = ["project_id", *schema.get("required", [])]
    return schema


TOOLS = {
    "ask": _Tool(
        title="Ask the knowledge",
        description="Answers a question from the company's own documents, with verified quotes and a confidence; "
        "`answered` is false where the documents do not say.",
        arguments=AskArguments,
        result=AnswerOut,
        only_reads=False,  # the exchange is recorded
        run=_ask,
    ),
    "search_knowledge": _Tool(
        title="Search the knowledge",
        description="Finds passages in the company's own documents by words and by meaning, best first.",
        arguments=SearchArguments,
        result=SearchOut,
        only_reads=True,
        run=_search,
    ),
}
