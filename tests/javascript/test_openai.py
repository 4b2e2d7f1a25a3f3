"""OpenAI's JavaScript client against the whole app."""

import asyncio

import orjson

from tests.conftest import Settle
from tests.javascript.node import run
from tests.make import Client


async def test_openais_javascript_client_is_served(address: str, api: Client, settle: Settle) -> None:
    await api.add(text="The shop opens at nine.", title="Opening hours")
    await settle()
    project_id = api.tenant.project_id

    said = await asyncio.to_thread(run, "openai_client.js", f"{address}/v1", api.tenant.key, project_id)
    got = orjson.loads(said)

    given = got["whole"]["aivastark"]
    assert given["answer"] == got["whole"]["choices"][0]["message"]["content"] == "The shop opens at nine. [1]"
    assert given["citations"][0]["quote"] == "The shop opens at nine."
    words = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in got["chunks"][:-1])
    assert words == got["gathered"] == given["answer"]
    assert got["chunks"][-2]["aivastark"]["answered"]
    assert got["chunks"][-1]["usage"]["total_tokens"] == 0
    assert got["models"] == [project_id]
    assert [(error["kind"], error["status"], error["code"]) for error in got["errors"]] == [
        ("NotFoundError", 404, "not_found"),
        ("UnprocessableEntityError", 422, "invalid_request"),
        ("AuthenticationError", 401, "unauthenticated"),
    ]
    assert all(error["request"].startswith("req_") for error in got["errors"])
