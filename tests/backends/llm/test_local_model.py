"""A real model behind a real server: what it streams is read, counted and stopped as the scripted one's is."""

import asyncio
import contextlib
from collections.abc import Iterator

import httpx
import pytest

from aivastark.backends.llm.base import Finished, Prompt, Said
from evals.local_model import LocalModel, serving_local_model, why_not
from tests.backends.llm.writing import answer, failure, model_at

pytestmark = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")

TIMEOUT_S = 60.0  # two cores, with other tests on them


@pytest.fixture(scope="module")
def local() -> Iterator[LocalModel]:
    with serving_local_model() as running:
        yield running


def prompt(question: str, *, max_tokens: int) -> Prompt:
    return Prompt(system="Answer shortly.", messages=(Said(role="user", text=question),), max_tokens=max_tokens)


async def test_it_writes_text_piece_by_piece_and_counts_its_tokens(local: LocalModel) -> None:
    async with model_at(local.url, model=local.model, api_key=None, timeout_s=TIMEOUT_S) as model:
        heard = await answer(model, prompt("Name three colours.", max_tokens=24))

    assert heard.finished is not None
    assert heard.finished.model == local.model
    assert 10 < heard.finished.input_tokens < 60
    assert 0 < heard.finished.output_tokens <= 24
    assert len(heard.texts) > 2
    assert heard.text.strip()


async def test_two_who_ask_at_the_same_time_are_both_answered(local: LocalModel) -> None:
    """Not word for word alike: what the server has cached, and what it computes together, moves its sums a little."""
    asked = prompt("What is the capital of France?", max_tokens=12)
    async with model_at(local.url, model=local.model, api_key=None, timeout_s=TIMEOUT_S) as model:
        together = await asyncio.gather(*(answer(model, asked) for _ in range(3)))

    assert all(heard.text.strip() for heard in together)
    assert all(heard.finished and heard.finished.output_tokens <= 12 for heard in together)


async def test_its_end_is_where_it_may_write_no_more(local: LocalModel) -> None:
    async with model_at(local.url, model=local.model, api_key=None, timeout_s=TIMEOUT_S) as model:
        finished = (await answer(model, prompt("Tell a long story.", max_tokens=5))).finished

    assert finished is not None
    assert (finished.reason, finished.output_tokens) == ("length", 5)


async def test_it_stops_writing_when_nobody_listens(local: LocalModel) -> None:
    async with model_at(local.url, model=local.model, api_key=None, timeout_s=TIMEOUT_S) as model:
        async with contextlib.aclosing(model.write(prompt("Tell a very long story.", max_tokens=3000))) as parts:
            assert not isinstance(await anext(parts), Finished)

        async with httpx.AsyncClient() as http:
            for _ in range(100):
                slots = (await http.get(f"{local.url.removesuffix('/v1')}/slots")).json()
                if not any(slot["is_processing"] for slot in slots):
                    break
                await asyncio.sleep(0.05)

    assert slots
    assert not any(slot["is_processing"] for slot in slots)


async def test_a_question_that_is_too_long_is_rejected_with_its_word(local: LocalModel) -> None:
    async with model_at(local.url, model=local.model, api_key=None, timeout_s=TIMEOUT_S) as model:
        failed = await failure(model, prompt("and so on " * 4000, max_tokens=5))

    assert failed.code == "rejected"
    assert "exceed_context_size_error" in failed.message
