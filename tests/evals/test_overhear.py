"""The door between the product and a model: all passes, what was said is remembered, and hanging up passes too."""

import contextlib

from evals.overhear import overhearing
from tests.backends.llm.writing import PROMPT, answer, failure, model_at, wait_for
from tests.origins.model_server import never_ends, refuses, says, serving_model


async def test_what_a_model_says_passes_and_is_remembered() -> None:
    async with (
        serving_model([says("Grüße, ", "one. ", "Two.", piece_bytes=7)]) as server,
        overhearing(server.url) as ear,
        model_at(ear.url) as model,
    ):
        first = await answer(model)
        again = await answer(model)

    assert first.text == again.text == "Grüße, one. Two."
    assert [heard.text for heard in ear.heard] == [first.text] * 2
    assert all(heard.first_text_ms is not None for heard in ear.heard)
    assert "authorization" not in server.asked[0].headers  # the key of the product is not this model's


async def test_who_hangs_up_ends_the_call_behind_the_door() -> None:
    async with (
        serving_model([never_ends("Again. ", between_s=0.01)]) as server,
        overhearing(server.url) as ear,
        model_at(ear.url) as model,
    ):
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            await anext(parts)
        await wait_for(server.asked[0].hung_up)

    assert ear.heard[0].text.startswith("Again. ")


async def test_a_refusal_passes() -> None:
    async with (
        serving_model([refuses(401)]) as server,
        overhearing(server.url) as ear,
        model_at(ear.url) as model,
    ):
        failed = await failure(model)

    assert failed.code == "rejected"
    assert ear.heard[0].text == ""
