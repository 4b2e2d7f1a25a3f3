"""Trying the language model: whether it works is said in a sentence, and paid for and counted as any call."""

from dataclasses import replace

import pytest

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import ModelFailed
from tests.answers.scripted import Scripted
from tests.make import Client, Tenant, assert_error, calling, read


async def test_without_a_model_it_says_how_to_set_one(api: Client) -> None:
    told = read(await api.post("language-model/check"))

    assert (told["works"], told["model"], told["latency_ms"]) == (False, None, None)
    assert "AIVASTARK_LLM_URL" in told["message"]


@pytest.mark.parametrize("failure", [None, ModelFailed("rejected", "401 from sk-live-secret")])
async def test_one_call_says_whether_it_works_and_no_secret(
    backends: Backends, tenant: Tenant, failure: ModelFailed | None
) -> None:
    model = Scripted(text="" if failure else "yes", failure=failure)
    async with calling(create_app(replace(backends, llm=model)), tenant.key) as http:
        api = Client(http=http, tenant=tenant)
        tried = await api.post("language-model/check")
        for _ in range(5):
            await api.post("language-model/check")
        once_more = await api.post("language-model/check")

    told = read(tried)
    assert (told["works"], told["model"], told["code"]) == (failure is None, "scripted", failure and failure.code)
    assert "secret" not in tried.text
    assert_error(once_more, 429, "rate_limited")
    assert len(model.prompts) == 6
