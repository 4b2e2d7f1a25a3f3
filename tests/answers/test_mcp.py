"""The official MCP client against `/mcp`: tools as each key sees them, typed results, the same rules as elsewhere."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import pytest_asyncio
from mcp import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent

from aivastark.answers.mcp import MAX_BODY_BYTES
from aivastark.app import create_app
from tests.answers.shop import Shop, open_shop
from tests.make import Body, assert_error, assert_limit_headers, calling, make_key, read
from tests.test_errors import BrokenSearch

LIST: Body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@contextlib.asynccontextmanager
async def connected(shop: Shop, key: str | None = None, *, mode: str = "auto") -> AsyncIterator[McpClient]:
    """An MCP client with the owner's key or another, for one of the protocol's two ways to begin."""
    headers = {"Authorization": f"Bearer {key or shop.api.tenant.key}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        McpClient(streamable_http_client(f"{shop.address}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def refusal(result: CallToolResult) -> str:
    """What a failed call says to the model that made it."""
    assert result.is_error
    assert result.structured_content is None
    return text_of(result)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_ask_gives_a_cited_answer_with_its_confidence(shop: Shop, mode: str) -> None:
    async with connected(shop, mode=mode) as client:
        result = await client.call_tool("ask", {"question": "When does the shop open?"})

    given = result.structured_content
    assert not result.is_error
    assert "opens at nine" in given["answer"]
    assert given["answered"]
    assert 0 < given["confidence"] <= 1
    assert given["citations"][0]["quote"] == "The shop opens at nine."
    assert '"answered":true' in text_of(result)
    assert read(await shop.api.get(f"conversations/{given['conversation_id']}"))["channel"] == "mcp"


async def test_a_session_makes_follow_ups_understood(shop: Shop) -> None:
    async with connected(shop) as client:
        first = await client.call_tool("ask", {"question": "When does the shop close?", "session_id": "m1"})
        second = await client.call_tool("ask", {"question": "And on Fridays?", "session_id": "m1"})

    assert "five on Fridays" in second.structured_content["answer"]
    assert second.structured_content["conversation_id"] == first.structured_content["conversation_id"]


async def test_search_gives_passages(shop: Shop) -> None:
    async with connected(shop) as client:
        found = await client.call_tool("search_knowledge", {"query": "opening hours", "limit": 1, "tags": ["shop"]})
        other = await client.call_tool("search_knowledge", {"query": "opening hours", "tags": ["cellar"]})

    [hit] = found.structured_content["data"]
    assert "opens at nine" in hit["text"]
    assert other.structured_content == {"data": []}


async def test_the_tools_describe_what_they_take_and_give(shop: Shop) -> None:
    async with connected(shop) as client:
        own = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert client.instructions
    async with connected(shop, shop.agency.key) as client:
        agencys = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert own.keys() == agencys.keys() == {"ask", "search_knowledge"}
    assert own["ask"].input_schema["required"] == ["question"]
    assert "project_id" not in own["ask"].input_schema["properties"]
    assert agencys["ask"].input_schema["required"] == ["project_id", "question"]
    for tool in own.values():
        assert tool.description
        assert tool.output_schema
    assert {"answer", "answered", "citations", "confidence"} <= set((own["ask"].output_schema or {})["required"])


async def test_a_key_of_an_organisation_names_the_project(shop: Shop) -> None:
    async with connected(shop, shop.agency.key) as client:

        async def ask(**arguments: str) -> CallToolResult:
            return await client.call_tool("ask", {"question": "When do you open?", **arguments})

        own = await ask(project_id=shop.agency.project_id)
        unnamed = await ask()
        anothers = await ask(project_id=shop.stranger.project_id)
        nobodys = await ask(project_id="prj_nobodys")

    assert own.structured_content["answered"] is False
    assert refusal(unnamed).startswith("invalid_request: project_id is required")
    assert refusal(anothers) == refusal(nobodys)
    assert refusal(nobodys).startswith("not_found:")


async def test_a_key_of_one_project_reaches_no_other(shop: Shop) -> None:
    async with connected(shop) as client:
        result = await client.call_tool("search_knowledge", {"query": "Hello?", "project_id": shop.stranger.project_id})

    assert refusal(result).startswith("not_found:")


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask", {}, "question is required"),
        ("ask", {"question": " "}, "question: "),
        ("ask", {"question": "a" * 8_001}, "question: "),
        ("ask", {"question": "Hello?", "mood": "merry"}, "mood is not a known field"),
        ("ask", {"question": "Hello?", "session_id": "a\nb"}, "session_id: "),
        ("search_knowledge", {"query": "Hello", "limit": 51}, "limit: "),
    ],
)
async def test_wrong_arguments_are_told_to_the_model(shop: Shop, tool: str, arguments: Body, words: str) -> None:
    async with connected(shop) as client:
        result = await client.call_tool(tool, arguments)

    assert refusal(result).startswith(f"invalid_request: {words}")


async def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(shop: Shop) -> None:
    async with connected(shop) as client:
        with pytest.raises(MCPError, match="no tool of that name"):
            await client.call_tool("delete_everything", {})


async def test_the_gate_stands_before_it(shop: Shop) -> None:
    _, powerless = await make_key(shop.backends.db, shop.api.tenant, "sources")

    async def refused(key: str) -> Any:
        return await shop.api.http.post("/mcp", json=LIST, headers={"Authorization": f"Bearer {key}", **ACCEPT})

    assert_error(await refused("akv_live_no"), 401, "unauthenticated")
    assert_error(await refused(shop.starter.key), 403, "api_access_required")
    assert_error(await refused(powerless), 403, "permission_denied")


async def test_what_is_not_a_message_is_refused(shop: Shop) -> None:
    url = "/mcp"
    large = await shop.api.http.post(url, json={"fill": "a" * MAX_BODY_BYTES}, headers=ACCEPT)
    other = await shop.api.http.post(url, content=b"hello", headers={"Content-Type": "text/plain"})
    asked = await shop.api.http.get(url, headers=ACCEPT)
    deleted = await shop.api.http.delete(url, headers=ACCEPT)
    broken = await shop.api.http.post(url, content=b"{", headers={"Content-Type": "application/json", **ACCEPT})

    assert_error(large, 413, "payload_too_large")
    assert_error(other, 415, "unsupported_media_type")
    for answer in (asked, deleted):
        assert_error(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == "POST"
    assert broken.status_code == 400
    assert read(broken)["error"]["code"] == -32_700  # JSON-RPC's own form of an error
    assert_limit_headers(broken)


@pytest.mark.parametrize("id_", [{}, [1], True, None, 1.5, 2**53])
async def test_an_id_that_cannot_be_answered_is_refused(shop: Shop, id_: object) -> None:
    refused = await shop.api.http.post("/mcp", json={**LIST, "id": id_}, headers=ACCEPT)

    assert_error(refused, 422, "invalid_request", param="id")


async def test_every_message_counts(shop: Shop) -> None:
    first = await shop.api.http.post("/mcp", json=LIST, headers=ACCEPT)
    second = await shop.api.http.post("/mcp", json=LIST, headers=ACCEPT)

    assert first.status_code == second.status_code == 200, first.text
    assert_limit_headers(second)
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1


async def test_a_bug_of_ours_tells_nothing_but_its_id(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = {**LIST, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "When do you open?"}}}

    app = create_app(replace(shop.backends, search=BrokenSearch(tmp_path)))
    async with calling(app, shop.api.tenant.key) as http:
        answer = await http.post("/mcp", json=call, headers=ACCEPT)

    result = read(answer)["result"]
    request_id = answer.headers["x-request-id"]
    assert result["isError"]
    assert result["content"][0]["text"] == f"internal_error: something went wrong ({request_id})"
    logged = capsys.readouterr().out
    assert "ZeroDivisionError" in logged
    assert request_id in logged


@pytest.mark.parametrize("version", [None, "2025-06-18", "2026-07-28", "1999-01-01", "\u00fc" * 50])
async def test_whatever_is_sent_is_no_mistake_of_ours(shop: Shop, version: str | None) -> None:
    call = {**LIST, "method": "tools/call"}
    hostile = [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"[" * 50_000,
        b'{"jsonrpc": NaN}',
        orjson.dumps([LIST, LIST]),
        orjson.dumps({**LIST, "id": None}),
        orjson.dumps({**LIST, "id": 2**63}),
        orjson.dumps({**LIST, "params": []}),
        orjson.dumps({**LIST, "method": "tools/" + "x" * 10_000}),
        orjson.dumps(call),
        orjson.dumps({**call, "params": {"name": None}}),
        orjson.dumps({**call, "params": {"name": "ask", "arguments": "none"}}),
        orjson.dumps({**call, "params": {"name": "ask", "arguments": {"question": {"a": 1}}}}),
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":{"question":"\\ud800"}}}',
    ]
    headers = {"Content-Type": "application/json", **ACCEPT}
    if version is not None:
        headers["MCP-Protocol-Version"] = version

    for body in hostile:
        answer = await shop.api.http.post(
            "/mcp", content=body, headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        )
        assert answer.status_code < 500, (body[:80], answer.text)
        assert_limit_headers(answer)
