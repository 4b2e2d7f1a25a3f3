"""How sure the bot is of what a language model wrote: told by its sentences, not by the passages they are from."""

import pytest

from aivastark.answers.choice import INPUTS, Chosen, calibration, sureness
from tests.answers.scripted import Scripted
from tests.answers.test_model_answers import HONEST, QUESTION, answer_in, bot, install, model, stream
from tests.make import Client

__all__ = ["bot", "install", "model"]

TO_THE_POINT = Chosen(drafted=0.9, judged=0.9, coverage=0.9, share=1.0, kind=1.0)


def test_the_shipped_parameters_fit_the_code() -> None:
    assert calibration().keys() == {"intercept", *INPUTS}
    assert all(weight > 0 for name, weight in calibration().items() if name != "intercept")


def test_a_sentence_that_says_little_of_the_question_is_doubted() -> None:
    beside = Chosen(drafted=0.9, judged=0.9, coverage=0.1, share=0.4, kind=0.5)

    assert sureness(TO_THE_POINT, strengths=[1.0], unproven=0) > 0.75
    assert sureness(beside, strengths=[1.0], unproven=0) < 0.5


def test_what_was_made_up_and_what_was_reworded_lower_confidence() -> None:
    whole = sureness(TO_THE_POINT, strengths=[1.0], unproven=0)

    assert sureness(TO_THE_POINT, strengths=[1.0], unproven=1) < whole
    assert sureness(TO_THE_POINT, strengths=[0.9], unproven=0) < whole
    assert sureness(TO_THE_POINT, strengths=[], unproven=1) == 0.0


async def test_a_proven_sentence_beside_the_point_is_not_told_as_sure(bot: Client, model: Scripted) -> None:
    sure = await bot.ask(QUESTION)
    model.text = "Return shipping is free in Germany. [1]"

    beside = await bot.ask(QUESTION)

    assert sure["confidence_level"] == "high"
    assert beside["confidence_level"] != "high"
    assert beside["confidence"] < sure["confidence"]


@pytest.mark.parametrize(
    "said", [HONEST, f"{HONEST} Every return is paid in gold. [1]", "Every return is paid in gold."]
)
async def test_a_watched_answer_is_as_sure_as_one_that_is_not(bot: Client, model: Scripted, said: str) -> None:
    model.text = said

    watched, given = answer_in(await stream(bot)), await bot.ask(QUESTION)

    for told in ("answer", "answered", "confidence", "confidence_reasons"):
        assert watched[told] == given[told]


async def test_where_a_model_proves_nothing_the_documents_answer_and_it_is_told_why(
    bot: Client, model: Scripted
) -> None:
    model.text = "Every return is paid in gold. [1]"

    answer = await bot.ask("Which parcels arrive on the next day and cost 12 euros?")
    await bot.patch("", {"thresholds": {"answer": 0.99}})
    refused = await bot.ask("Which parcels arrive on the next day and cost 12 euros?")

    assert answer["answered"]
    assert answer["model"] == "extractive"
    assert "gold" not in answer["answer"]
    assert "unsupported_left_out" in answer["confidence_reasons"]
    assert not refused["answered"]


@pytest.mark.parametrize("unsupported", ["drop", "refuse"])
async def test_a_forbidden_topic_ends_an_answer_watched_or_not(bot: Client, model: Scripted, unsupported: str) -> None:
    await bot.patch("", {"answers": {"forbidden_topics": ["original packaging"], "unsupported": unsupported}})
    model.text = HONEST

    watched, given = answer_in(await stream(bot)), await bot.ask(QUESTION)

    for told in ("answer", "answered", "confidence", "confidence_reasons"):
        assert watched[told] == given[told]
    assert given["answered"]
    assert "30 days" in given["answer"]
    assert "packaging" not in given["answer"]
    assert "forbidden_topic" in given["confidence_reasons"]


async def test_an_answer_that_begins_with_a_forbidden_topic_is_refused(bot: Client, model: Scripted) -> None:
    await bot.patch("", {"answers": {"forbidden_topics": ["original packaging"]}})
    model.text = "The item must be unused and in its original packaging. [1]"

    watched, given = answer_in(await stream(bot)), await bot.ask(QUESTION)

    assert not watched["answered"]
    assert not given["answered"]
    assert "forbidden_topic" in given["confidence_reasons"]
