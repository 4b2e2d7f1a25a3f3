"""What calls to real endpoints took is counted, however they ended."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.backends.llm.completions import estimated_tokens
from aivastark.bootstrap import choose_llm, default_budget, highest_price
from aivastark.kit.money import in_dollars, price_of
from aivastark.settings import Settings
from tests.answers.priced import HONEST, PRICE, QUESTION, asking, budget_of, taking, totals_of
from tests.conftest import Settle
from tests.make import Body, Client, Tenant, make_settings
from tests.origins.model_server import (
    Act,
    Asked,
    ModelServer,
    breaks_off,
    hangs,
    never_ends,
    refuses,
    says,
    serving_model,
)

SECOND = price_of(Decimal("3"), Decimal("15"))


Serve = Callable[..., AbstractAsyncContextManager[tuple[Client, list[ModelServer]]]]


@pytest.fixture
def served(backends: Backends, tenant: Tenant, settle: Settle, settings: Settings) -> Serve:
    """A project whose answers are written at real endpoints, one for each script, the second one dearer."""

    @asynccontextmanager
    async def opened(*scripts: Sequence[Act]) -> AsyncIterator[tuple[Client, list[ModelServer]]]:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(serving_model(script)) for script in scripts]
            named: dict[str, Any] = {"llm_url": servers[0].url, "llm_model": "m", "llm_timeout_s": 1}
            if len(servers) > 1:
                named |= {"llm_fallback_url": servers[1].url, "llm_fallback_model": "dear"}
            named |= {"llm_input_price": "0.15", "llm_output_price": "0.6"}
            named |= {"llm_fallback_input_price": "3", "llm_fallback_output_price": "15"}
            chosen = make_settings(settings.data_dir, llm_tokens_per_day=1_000_000, **named)
            llm = choose_llm(chosen)
            assert llm is not None
            stack.push_async_callback(llm.close)
            install = replace(backends, llm=llm, llm_price=highest_price(chosen), llm_budget=default_budget(chosen))
            yield await stack.enter_async_context(asking(install, tenant, settle)), servers

    return opened


def read_by(asked: Asked) -> int:
    """What a request is estimated to be read as."""
    return estimated_tokens(sum(len(said["content"].encode()) for said in asked.body["messages"]))


async def assert_counted(bot: Client, answer: Body) -> None:
    totals, budget = await totals_of(bot), await budget_of(bot)
    assert {name: totals[name] for name in answer["usage"]} == answer["usage"]
    spent = answer["usage"]["input_tokens"] + answer["usage"]["output_tokens"]
    assert budget["tokens"] == {"limit": 1_000_000, "spent": spent, "reserved": 0}
    assert budget["cost"] == {"limit": None, "spent": answer["usage"]["cost"], "reserved": "0"}


async def test_a_provider_that_counts_is_taken_at_its_word_and_its_refusals_cost_nothing(served: Serve) -> None:
    async with served([refuses(500), refuses(503), says(HONEST, usage=(1_234, 56))]) as (bot, [server]):
        answer = await bot.ask(QUESTION)
        await assert_counted(bot, answer)

    assert len(server.asked) == 3
    assert answer["usage"] == taking(1_234, 56)


async def test_a_provider_that_does_not_count_is_estimated(served: Serve) -> None:
    async with served([says(HONEST, usage=None)]) as (bot, [server]):
        answer = await bot.ask(QUESTION)
        await assert_counted(bot, answer)

    assert answer["usage"] == taking(read_by(server.asked[0]), estimated_tokens(len(HONEST)))


async def test_a_silent_provider_is_paid_for_reading_and_the_second_at_its_own_price(served: Serve) -> None:
    async with served([hangs()], [says(HONEST, usage=(1_000, 50))]) as (bot, [first, _]):
        answer = await bot.ask(QUESTION)
        await assert_counted(bot, answer)

    wasted = read_by(first.asked[0])
    assert answer["usage"]["input_tokens"] == wasted + 1_000
    assert answer["usage"]["cost"] == in_dollars(PRICE.of(wasted, 0) + SECOND.of(1_000, 50))


async def test_an_answer_that_breaks_off_is_paid_for_as_far_as_it_came(served: Serve) -> None:
    async with served([breaks_off(HONEST, " The item")]) as (bot, [server]):
        answer = await bot.ask(QUESTION)
        await assert_counted(bot, answer)

    assert "answer_cut_off" in answer["confidence_reasons"]
    assert answer["usage"] == taking(read_by(server.asked[0]), estimated_tokens(len(HONEST + " The item")))


async def test_a_model_that_is_stopped_is_paid_for_what_it_said(served: Serve) -> None:
    async with served([never_ends(f"{HONEST} ")]) as (bot, [server]):
        answer = await bot.ask(QUESTION)
        await assert_counted(bot, answer)

    assert answer["usage"]["input_tokens"] == read_by(server.asked[0])
    assert answer["usage"]["output_tokens"] > 0
