"""Who is asked when somebody fails, how often, and after how long."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from aivastark.backends.llm.fallback import WithFallback
from aivastark.backends.llm.openai_compatible import OpenAiCompatible
from tests.backends.llm.writing import KEY, PROMPT, answer, failure, hear, wait_for
from tests.origins.model_server import (
    Act,
    ModelServer,
    breaks_off,
    hangs,
    hangs_up,
    never_ends,
    refuses,
    says,
    sends,
    serving_model,
    stops_talking,
)


@contextlib.asynccontextmanager
async def two(
    first: list[Act], second: list[Act], *, silence_s: float = 10.0
) -> AsyncIterator[tuple[WithFallback, ModelServer, ModelServer]]:
    """A model with a fallback, and the providers of both; `silence_s` is what the first is given."""
    async with serving_model(first) as one, serving_model(second) as other:
        given = ((one, silence_s), (other, 10.0))
        adapters = [OpenAiCompatible(at.url, model="m", api_key=KEY, timeout_s=silence) for at, silence in given]
        model = WithFallback(adapters, pauses_s=(0.01, 0.02))
        try:
            yield model, one, other
        finally:
            await model.close()


@pytest.mark.parametrize("act", [refuses(500), refuses(503), refuses(429), hangs_up(), breaks_off()])
async def test_what_passes_is_tried_again_and_heard_once(act: Act) -> None:
    async with two([act, act, says("Nine", "."), says("no")], [says("no")]) as (model, first, second):
        heard = await answer(model)

        assert heard.texts == ["Nine", "."]
        assert (len(first.asked), len(second.asked)) == (3, 0)


@pytest.mark.parametrize(
    ("act", "tries", "silence_s"),
    [
        (refuses(500), 3, 10.0),
        (hangs_up(), 3, 10.0),
        (breaks_off(), 3, 10.0),
        (refuses(401), 1, 10.0),
        (refuses(404), 1, 10.0),
        (refuses(429, code="insufficient_quota"), 1, 10.0),
        (hangs(), 1, 0.3),
        (stops_talking(), 1, 0.3),
        (sends(b"<p>Hello", content_type="text/html"), 1, 10.0),
        (says(), 1, 10.0),
    ],
)
async def test_what_lasts_is_handed_to_the_next(act: Act, tries: int, silence_s: float) -> None:
    async with two([act], [says("Nine", ".")], silence_s=silence_s) as (model, first, second):
        heard = await answer(model)

        assert heard.texts == ["Nine", "."]
        assert (len(first.asked), len(second.asked)) == (tries, 1)


async def test_a_provider_that_is_gone_is_replaced() -> None:
    async with two([says("no")], [says("Nine.")]) as (_, _, second):
        async with serving_model([]) as gone:
            nowhere = gone.url
        adapters = [OpenAiCompatible(url, model="m", api_key=None, timeout_s=1) for url in (nowhere, second.url)]
        model = WithFallback(adapters, pauses_s=())

        assert (await answer(model)).text == "Nine."
        await model.close()


async def test_when_nobody_answers_the_last_one_says_why() -> None:
    async with two([refuses(401)], [refuses(500)]) as (model, first, second):
        failed = await failure(model)

        assert failed.code == "unavailable"
        assert str(second.port) in failed.message
        assert (len(first.asked), len(second.asked)) == (1, 3)


@pytest.mark.parametrize("act", [breaks_off("One ", "two"), stops_talking("One ", "two")])
async def test_after_the_first_word_nobody_else_is_asked(act: Act) -> None:
    async with two([act], [says("Three")], silence_s=1.0) as (model, first, second):
        heard = await hear(model)

        assert heard.texts == ["One ", "two"]
        assert heard.failed is not None
        assert heard.failed.code == "cut_off"
        assert (len(first.asked), len(second.asked)) == (1, 0)


async def test_a_short_wait_that_a_provider_asks_for_is_kept() -> None:
    busy = refuses(429, headers={"Retry-After-Ms": "400"})
    async with two([busy, says("Nine.")], [says("no")]) as (model, first, second):
        started = time.perf_counter()
        heard = await answer(model)
        waited = time.perf_counter() - started

        assert heard.text == "Nine."
        assert waited >= 0.4
        assert (len(first.asked), len(second.asked)) == (2, 0)


async def test_a_provider_that_wants_a_long_rest_gets_it_and_the_next_one_answers() -> None:
    async with two([refuses(429, headers={"Retry-After": "30"})], [says("Nine.")]) as (model, first, second):
        texts = [(await answer(model)).text for _ in range(3)]

        assert texts == ["Nine."] * 3
        assert (len(first.asked), len(second.asked)) == (1, 3)


async def test_a_rest_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aivastark.backends.llm.fallback.REST_MAX_S", 0.2)
    tired = refuses(503, headers={"Retry-After": "86400"})
    async with two([tired, says("From the first.")], [says("From the second.")]) as (model, _, _):
        before = (await answer(model)).text
        await asyncio.sleep(0.25)
        after = (await answer(model)).text

    assert (before, after) == ("From the second.", "From the first.")


async def test_when_all_rest_it_is_said_at_once_and_for_how_long() -> None:
    tired = refuses(429, headers={"Retry-After": "30"})
    async with two([tired], [tired]) as (model, first, second):
        await failure(model)
        failed = await failure(model)

        assert failed.code == "rate_limited"
        assert failed.retry_after_s is not None
        assert 25 < failed.retry_after_s <= 30
        assert (len(first.asked), len(second.asked)) == (1, 1)


async def test_nothing_is_tried_again_when_that_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aivastark.backends.llm.fallback.PATIENCE_S", 0.0)
    async with two([refuses(500)], [says("Nine.")]) as (model, first, _):
        assert (await answer(model)).text == "Nine."
        assert len(first.asked) == 1


async def test_cancelling_during_a_pause_asks_nobody_else() -> None:
    busy = refuses(429, headers={"Retry-After": "3"})
    async with two([busy], [says("no")]) as (model, first, second):
        listening = asyncio.create_task(hear(model))
        await wait_for(first.was_asked)
        await asyncio.sleep(0.05)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening

        assert (len(first.asked), len(second.asked)) == (1, 0)


async def test_closing_ends_the_call_of_whoever_answers() -> None:
    async with two([refuses(401)], [never_ends("a", between_s=0.01)]) as (model, _, second):
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            await anext(parts)

        await wait_for(second.asked[0].hung_up)


async def test_failures_are_logged_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    leaking = refuses(401, code="invalid_api_key", message=f"Incorrect API key provided: {KEY}.")
    async with two([leaking], [says("Nine.")]) as (model, first, _):
        await answer(model)
        written = capsys.readouterr().out

        assert "model_failed" in written
        assert "rejected" in written
        assert f"m at 127.0.0.1:{first.port}" in written
        assert KEY not in written


def test_no_model_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        WithFallback([])
