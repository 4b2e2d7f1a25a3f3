"""OpenAI's own client reads an answer while a language model writes it, goes away, or is told what failed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from aivastark.accounts.bounds import set_plan
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Client, Tenant, calling, listening, read

KNOWN = "You can return any item within 30 days of delivery. The item must be unused and in its original packaging."
FIRST = "You can return any item within 30 days of delivery. [1]"
SAID = f"{FIRST} The item must be unused and in its original packaging. [1]"
WHOLE = f"{FIRST} The item must be unused and in its original packaging. [2]"
GATE_AT_CHARS = 70  # behind the first sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A question that is being answered, up to the model's gate."""

    gate: asyncio.Event
    stream: openai.AsyncStream[ChatCompletionChunk]
    begun: list[ChatCompletionChunk]
    api: Client
    backends: Backends


def words(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.fixture
async def talk(backends: Backends, tenant: Tenant, settle: Settle) -> AsyncIterator[Talk]:
    """The first sentence is there, and the model is silent."""
    gate = asyncio.Event()
    install = replace(backends, llm=Scripted(text=SAID, gate=gate, gate_at_chars=GATE_AT_CHARS))
    app = create_app(install)
    async with calling(app, tenant.key) as http, listening(app) as address:
        api = Client(http=http, tenant=tenant)
        await api.add(text=KNOWN, title="Shop")
        await settle()
        async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=tenant.key, max_retries=0) as client:
            stream = await client.chat.completions.create(
                model=tenant.project_id,
                messages=[{"role": "user", "content": "Within how many days can I return an item?"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            begun: list[ChatCompletionChunk] = []
            async for chunk in stream:
                begun.append(chunk)
                if words(begun) == FIRST:
                    break
            yield Talk(gate=gate, stream=stream, begun=begun, api=api, backends=install)


async def test_words_come_as_they_are_proven(talk: Talk) -> None:
    assert not talk.gate.is_set()
    talk.gate.set()

    *worded, last, counted = [*talk.begun, *[chunk async for chunk in talk.stream]]

    assert words(worded) == WHOLE
    assert worded[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in (*worded, last)] == [None] * len(worded) + ["stop"]
    assert last.model_extra is not None
    given = last.model_extra["aivastark"]
    assert {(chunk.id, chunk.created) for chunk in (*worded, last, counted)} == {(given["id"], last.created)}
    assert [citation["index"] for citation in given["citations"]] == [1, 2]
    assert (counted.choices, [chunk.usage for chunk in worded]) == ([], [None] * len(worded))
    assert counted.usage is not None
    assert counted.usage.completion_tokens == given["usage"]["output_tokens"] > 0


async def test_what_fails_after_the_first_words_is_raised_by_openais_client(talk: Talk) -> None:
    organization_id = talk.api.tenant.organization_id
    await talk.backends.db.write(
        lambda session: set_plan(session, organization_id, plan=None, overrides={"messages_per_month": 0})
    )
    talk.gate.set()

    with pytest.raises(openai.APIError, match="questions") as caught:
        _ = [chunk async for chunk in talk.stream]

    assert caught.value.code == "plan_limit_reached"
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["type"] == "server_error"
    assert caught.value.body["request_id"].startswith("req_")
    assert read(await talk.api.get("conversations"))["data"] == []


async def test_who_hangs_up_loses_nothing_and_is_counted_once(talk: Talk) -> None:
    await talk.stream.close()
    talk.gate.set()
    while talk.backends.tasks:
        await asyncio.gather(*talk.backends.tasks)

    [conversation] = read(await talk.api.get("conversations", channel="openai"))["data"]
    usage = read(await talk.api.get("usage"))
    kept = read(await talk.api.get(f"conversations/{conversation['id']}"))["messages"]
    assert [message["content"] for message in kept][1:] == [WHOLE]
    assert kept[1]["id"] == talk.begun[0].id
    assert usage["totals"]["questions"] == 1
