"""What every language model promises, checked against each adapter and a provider that misbehaves on a real socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import orjson
import pytest

from aivastark.backends.llm.base import Finished, LanguageModel, Prompt, Said, Took
from aivastark.backends.llm.completions import estimated_tokens
from aivastark.backends.llm.fallback import WithFallback
from aivastark.backends.llm.openai_compatible import OpenAiCompatible
from tests.backends.llm.writing import KEY, PROMPT, SECRET, answer, failure, hear, says_nothing_secret, wait_for
from tests.origins.model_server import (
    Act,
    ModelServer,
    breaks_off,
    chunk,
    error,
    hangs,
    hangs_up,
    never_ends,
    refuses,
    says,
    sends,
    serving_model,
    stops_talking,
    streams,
    whole,
)

SHORT_SILENCE_S = 0.5  # for those who wait for its end
TEXTS = ("The shop ", "opens ", "at nine ", "– every day 🙂", ".\n", "Até já.")


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with serving_model([says(*TEXTS)]) as running:
        yield running


@pytest.fixture
def silence_s() -> float:
    """What a model is given; long, so that a busy machine is no silent provider."""
    return 10.0


@pytest.fixture(params=["openai_compatible", "fallback"])
async def model(request: pytest.FixtureRequest, server: ModelServer, silence_s: float) -> AsyncIterator[LanguageModel]:
    one = OpenAiCompatible(server.url, model="m-1", api_key=KEY, timeout_s=silence_s)
    adapter: LanguageModel = one if request.param == "openai_compatible" else WithFallback([one], pauses_s=(0.01,))
    yield adapter
    await adapter.close()


async def test_text_comes_in_its_pieces_and_the_end_comes_last(model: LanguageModel) -> None:
    heard = await answer(model)

    assert heard.texts == list(TEXTS)
    assert heard.finished == Finished(reason="stop", input_tokens=11, output_tokens=7, model="scripted-1")


async def test_text_comes_when_it_is_written_and_not_at_the_end(model: LanguageModel, server: ModelServer) -> None:
    server.script = [never_ends("word ", between_s=0.01)]

    async with contextlib.aclosing(model.write(PROMPT)) as parts:
        first = [await anext(parts) for _ in range(3)]

    assert first == ["word "] * 3


async def test_a_call_that_ends_early_tells_what_it_took(model: LanguageModel, server: ModelServer) -> None:
    server.script = [never_ends("word ", between_s=0.01)]
    told: list[Took] = []

    async with contextlib.aclosing(model.write(replace(PROMPT, unfinished=told.append))) as parts:
        said = "".join([str(await anext(parts)) for _ in range(3)])
    server.script = [refuses(401)]
    await failure(model, replace(PROMPT, unfinished=told.append))
    server.script = [says(*TEXTS)]
    await answer(model, replace(PROMPT, unfinished=told.append))

    [took] = told  # a refusal costs nothing, and what ends well says itself what it took
    assert took == Took(
        input_tokens=estimated_tokens(PROMPT.text_bytes), output_tokens=estimated_tokens(len(said)), cost=0
    )


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 64, 100_000])
async def test_however_the_wire_cuts_it_the_text_is_the_same(
    model: LanguageModel, server: ModelServer, piece_bytes: int
) -> None:
    server.script = [says(*TEXTS, piece_bytes=piece_bytes)]

    assert (await answer(model)).texts == list(TEXTS)


async def test_what_is_asked_arrives_as_it_was_meant(model: LanguageModel, server: ModelServer) -> None:
    turns = (Said(role="user", text="Hi"), Said(role="assistant", text="Hello."), Said(role="user", text="När? 🙂"))

    await answer(model, Prompt(system="Be short.", messages=turns, max_tokens=33, temperature=0.5))

    body = server.asked[0].body
    assert [(said["role"], said["content"]) for said in body["messages"]] == [
        ("system", "Be short."),
        *((said.role, said.text) for said in turns),
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("m-1", 33, 0.5)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})


async def test_nothing_is_asked_before_somebody_listens(model: LanguageModel, server: ModelServer) -> None:
    parts = model.write(PROMPT)
    await asyncio.sleep(0.05)
    await parts.aclose()

    assert server.connections == 0


async def test_closing_the_answer_ends_the_call_at_the_provider(model: LanguageModel, server: ModelServer) -> None:
    server.script = [never_ends("word ", between_s=0.005)]

    async with contextlib.aclosing(model.write(PROMPT)) as parts:
        await anext(parts)

    await wait_for(server.asked[0].hung_up, server.asked[0].answered)


@pytest.mark.parametrize("act", [hangs(), stops_talking(), stops_talking("Hel", "lo")])
async def test_cancelling_who_waits_ends_the_call_at_the_provider(
    model: LanguageModel, server: ModelServer, act: Act
) -> None:
    server.script = [act]
    listening = asyncio.create_task(hear(model))
    await wait_for(server.was_asked)
    await asyncio.sleep(0.05)  # a stream has begun by now

    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening

    await wait_for(server.asked[0].hung_up)


async def test_answers_at_the_same_time_are_not_mixed_up(model: LanguageModel, server: ModelServer) -> None:
    server.script = lambda asked: says(*(f"{asked.last}-{number} " for number in range(20)), between_s=0.001)
    prompts = [Prompt(system="s", messages=(Said(role="user", text=f"q{n}"),), max_tokens=100) for n in range(30)]

    heard = await asyncio.gather(*(answer(model, prompt) for prompt in prompts))

    assert [one.text for one in heard] == ["".join(f"q{n}-{number} " for number in range(20)) for n in range(30)]


BEFORE_THE_FIRST_WORD: list[tuple[str, Act, str, bool]] = [
    ("it never answers", hangs(), "timeout", True),
    ("it streams nothing", stops_talking(), "timeout", True),
    ("it streams only comments", stops_talking(comments_every_s=0.05), "timeout", True),
    ("408", refuses(408), "timeout", True),
    ("429", refuses(429, code="rate_limit_exceeded"), "rate_limited", True),
    ("429, no money", refuses(429, code="insufficient_quota"), "rate_limited", False),
    ("an error of that kind in the stream", streams(error("rate_limit_exceeded")), "rate_limited", True),
    ("500", refuses(500), "unavailable", True),
    ("503 in HTML", sends(b"<h1>no</h1>", status=503, content_type="text/html"), "unavailable", True),
    ("529", refuses(529, code="overloaded_error"), "unavailable", True),
    ("an error in the stream", streams(error("server_error")), "unavailable", True),
    ("an error instead of an answer", sends(b'{"error": {"message": "no"}}'), "unavailable", True),
    ("it hangs up", hangs_up(), "unavailable", True),
    ("400", refuses(400, code="context_length_exceeded"), "rejected", False),
    ("401", refuses(401, code="invalid_api_key", message=f"Incorrect API key: {KEY}"), "rejected", False),
    ("403", refuses(403), "rejected", False),
    ("404", refuses(404, code="model_not_found", message=f"{SECRET}?"), "rejected", False),
    ("413", refuses(413), "rejected", False),
    ("301", sends(b"", status=301, headers={"Location": "/v1/elsewhere"}), "rejected", False),
    ("the stream is cut", breaks_off(), "cut_off", True),
    ("the stream is cut within an event", breaks_off(after='data: {"choices": [{"del'), "cut_off", True),
    ("the stream ends", streams(), "cut_off", True),
    ("204", sends(b"", status=204), "nonsense", False),
    ("HTML", sends(b"<h1>Log in</h1>", content_type="text/html"), "nonsense", False),
    ("no content type", streams(chunk({"content": "Hi"}), content_type=""), "nonsense", False),
    ("plain text", sends(b"Hello", content_type="text/plain"), "nonsense", False),
    ("no JSON", streams("hello"), "nonsense", False),
    ("broken JSON", streams('{"choices": ['), "nonsense", False),
    ("a list", streams([1, 2]), "nonsense", False),
    ("no list of choices", streams({"choices": "none"}), "nonsense", False),
    ("no text", streams(chunk({"content": {"a": 1}})), "nonsense", False),
    ("half a character", streams(r'{"choices": [{"delta": {"content": "\ud83d"}}]}'), "nonsense", False),
    ("an event of 2 MB", streams("x" * 2_000_000), "nonsense", False),
    ("an answer without a word", says(), "nonsense", False),
    ("only the end", streams("[DONE]"), "nonsense", False),
    ("a whole answer without a choice", sends(b"{}"), "nonsense", False),
]


@pytest.mark.parametrize(
    ("act", "code", "retryable", "silence_s"),
    [
        pytest.param(act, code, retryable, SHORT_SILENCE_S if code == "timeout" else 10.0, id=name)
        for name, act, code, retryable in BEFORE_THE_FIRST_WORD
    ],
)
async def test_every_failure_has_a_code_and_a_sentence_without_secrets(
    model: LanguageModel, server: ModelServer, act: Act, code: str, retryable: bool
) -> None:
    server.script = [act]

    failed = await failure(model)

    assert (failed.code, failed.retryable) == (code, retryable), failed.message
    assert failed.message.endswith(".")
    assert says_nothing_secret(failed)
    assert "127.0.0.1" in failed.message


async def test_a_provider_that_is_not_there_is_unreachable(model: LanguageModel, server: ModelServer) -> None:
    async with serving_model([]) as gone:
        port = gone.port
    nobody = OpenAiCompatible(f"http://127.0.0.1:{port}/v1", model="m", api_key=None, timeout_s=5)

    failed = await failure(nobody)
    await nobody.close()

    assert (failed.code, failed.retryable) == ("unreachable", True)


AFTER_THE_FIRST_WORD: list[tuple[str, Callable[..., Act]]] = [
    ("cut", breaks_off),
    ("cut within an event", lambda *texts: breaks_off(*texts, after='data: {"choices"')),
    ("silent", stops_talking),
    ("silent but for comments", lambda *texts: stops_talking(*texts, comments_every_s=0.05)),
    ("an error", lambda *texts: streams(*(chunk({"content": text}) for text in texts), error("server_error"))),
    ("nonsense", lambda *texts: streams(*(chunk({"content": text}) for text in texts), "nonsense")),
    ("ended", lambda *texts: streams(*(chunk({"content": text}) for text in texts))),
]


@pytest.mark.parametrize(
    ("act", "silence_s"),
    [pytest.param(act, 1.0 if name.startswith("silent") else 10.0, id=name) for name, act in AFTER_THE_FIRST_WORD],
)
async def test_after_the_first_word_every_failure_is_cut_off_and_no_word_is_lost_or_doubled(
    model: LanguageModel, server: ModelServer, act: Callable[..., Act]
) -> None:
    server.script = [act("One ", "two ", "three"), says("never asked for")]

    heard = await hear(model)

    assert heard.texts == ["One ", "two ", "three"]
    assert heard.failed is not None
    assert (heard.failed.code, heard.failed.retryable) == ("cut_off", False)
    assert says_nothing_secret(heard.failed)
    assert len(server.asked) == 1


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
async def test_why_it_ended_is_told(model: LanguageModel, server: ModelServer, finish: str) -> None:
    server.script = [says("Hi", finish=finish), sends(b"")]

    finished = (await answer(model)).finished

    assert finished is not None
    assert finished.reason == {"content_filter": "filtered"}.get(finish, finish)


async def test_an_answer_that_does_not_come_as_a_stream_is_one_too(model: LanguageModel, server: ModelServer) -> None:
    server.script = [sends(orjson.dumps(whole("The shop opens at nine.", usage=(5, 6))))]

    heard = await answer(model)

    assert heard.texts == ["The shop opens at nine."]
    assert heard.finished == Finished(reason="stop", input_tokens=5, output_tokens=6, model="scripted-1")


async def test_it_works_again_when_the_provider_does(model: LanguageModel, server: ModelServer) -> None:
    server.script = [breaks_off("Hel"), says("Hello")]

    first, second = await hear(model), await hear(model)

    assert (first.text, second.text) == ("Hel", "Hello")
    assert second.finished is not None


async def test_an_answer_without_end_is_ended(model: LanguageModel, server: ModelServer) -> None:
    server.script = [never_ends("and so on " * 20)]

    heard = await answer(model)

    assert heard.finished is not None
    assert heard.finished.reason == "length"
    assert 2_000 < len(heard.text) < 10_000
    await wait_for(server.asked[0].hung_up)
