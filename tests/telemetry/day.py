"""A little of everything an install does, so that there is something to count, to trace and to log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import choose_llm
from aivastark.settings import Settings
from tests.answers.priced import HONEST, KNOWN, QUESTION
from tests.conftest import Settle
from tests.loopback import Site, serving
from tests.make import Body, Client, Tenant, calling, make_settings
from tests.origins.model_server import Asked, ModelServer, refuses, says, serving_model
from tests.webhooks.hooks import OK, subscribe

LLM_KEY = "sk-of-the-provider-0123456789"
METRICS_TOKEN = "of-those-who-scrape-0123456789"
LOCAL = "http://127.0.0.1:8080"


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was asked for, and who heard of it."""

    api: Client
    models: list[ModelServer]
    hooks: Site
    webhook: Body


@asynccontextmanager
async def a_day(
    backends: Backends, tenant: Tenant, settle: Settle, settings: Settings, *, headers: dict[str, str] | None = None
) -> AsyncIterator[Day]:
    """A text taken in, a question answered by the second model, one as a stream, one refused, a webhook told of it."""
    async with (
        serving_model([refuses(401)]) as first,
        serving_model([says(HONEST, usage=(90, 12))]) as second,
        serving({"/hook": OK}) as hooks,
    ):
        named: dict[str, Any] = {"llm_url": first.url, "llm_model": "m", "llm_fallback_url": second.url}
        named |= {"llm_fallback_model": "n", "llm_api_key": LLM_KEY, "llm_fallback_api_key": LLM_KEY}
        named |= {"llm_fallback_input_price": "3", "llm_fallback_output_price": "15"}
        llm = choose_llm(make_settings(settings.data_dir, **named))
        assert llm is not None
        app = create_app(replace(backends, llm=llm), metrics_token=METRICS_TOKEN)
        async with calling(app, tenant.key) as http:
            http.headers.update(headers or {})
            api = Client(http=http, tenant=tenant)
            webhook = await subscribe(api, hooks.url("/hook"))
            await api.add(text=KNOWN, title="Returns")
            await settle()
            assert (await api.ask(QUESTION))["answered"]
            streamed = await api.post("query", {"message": QUESTION, "stream": True})
            assert streamed.status_code == 200
            assert not (await api.ask("Do you sell gift cards?"))["answered"]
            assert (await api.get("nothing/of/ours")).status_code == 404
            await settle()
            yield Day(api=api, models=[first, second], hooks=hooks, webhook=webhook)
        await llm.close()


async def scraped(http: httpx.AsyncClient) -> str:
    """What Prometheus reads."""
    answer = await http.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200, answer.text
    return answer.text


def asked_of(models: list[ModelServer]) -> list[Asked]:
    """Every call to a model."""
    return [asked for model in models for asked in model.asked]
