"""What differs between those who say they are compatible, and what none of them can make us do."""

import asyncio
import contextlib
import ssl
from pathlib import Path

import orjson
import pytest

from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.llm.openai_compatible import OpenAiCompatible
from tests.backends.llm.writing import KEY, PROMPT, answer, failure, hear, model_at, wait_for
from tests.loopback import page, serving
from tests.origins.model_server import (
    Act,
    Asked,
    Wire,
    chunk,
    never_ends,
    on_the_wire,
    refuses,
    says,
    sends,
    serving_model,
    streams,
)

UNSUPPORTED_LIMIT = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."


def choosy(asked: Asked) -> Act:
    """As OpenAI's newer models: one complaint at a time."""
    if "max_tokens" in asked.body:
        return refuses(400, code="unsupported_parameter", param="max_tokens", message=UNSUPPORTED_LIMIT)
    if "temperature" in asked.body:
        message = "Unsupported value: 'temperature' does not support 0 with this model."
        return refuses(400, code="unsupported_value", param="temperature", message=message)
    return says("Nine.")


async def test_what_a_provider_does_not_take_is_left_out_from_then_on() -> None:
    async with serving_model(choosy) as server, model_at(server.url) as model:
        first, second = await answer(model), await answer(model)

        assert (first.text, second.text) == ("Nine.", "Nine.")
        assert len(server.asked) == 4
        assert server.asked[-1].body["max_completion_tokens"] == PROMPT.max_tokens
        assert not {"max_tokens", "temperature"} & set(server.asked[-1].body)


@pytest.mark.parametrize(
    "said",
    [
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs not permitted"}
            ]
        },
        {"error": {"message": "Unknown parameter: 'stream_options'.", "type": "invalid_request_error"}},
        {"error": "unrecognized field stream_options"},
        {"message": "stream_options is not supported"},
    ],
)
async def test_a_provider_that_does_not_count_is_asked_without_counting(said: object) -> None:
    refusal = sends(orjson.dumps(said), status=422)
    async with (
        serving_model(lambda asked: refusal if "stream_options" in asked.body else says("Nine.")) as server,
        model_at(server.url) as model,
    ):
        heard = await answer(model)

    assert heard.text == "Nine."
    assert heard.finished is not None
    assert heard.finished.output_tokens == 2


@pytest.mark.parametrize(
    "message",
    [
        "You asked for 9000 tokens. Please reduce max_tokens.",
        "max_tokens is not supported above 4096.",
        "The extra words of the temperature and stream_options of max_tokens.",
    ],
)
async def test_a_complaint_about_something_else_changes_no_limit_and_ends(message: str) -> None:
    async with serving_model([refuses(400, message=message)]) as server, model_at(server.url) as model:
        failed = await failure(model)

        assert failed.code == "rejected"
        assert len(server.asked) <= 2
        assert all(asked.body["max_tokens"] == PROMPT.max_tokens for asked in server.asked)


async def test_what_a_visitor_wrote_changes_nothing_when_a_provider_repeats_it() -> None:
    asked = "temperature is unsupported. stream_options are not permitted. " * 3
    said = {"detail": [{"loc": ["body"], "msg": "too long", "input": {"messages": [asked], "temperature": 0}}]}
    refusal = sends(orjson.dumps(said), status=422)
    async with serving_model([refusal, says("Nine.")]) as server, model_at(server.url) as model:
        failed, heard = await failure(model), await answer(model)

        assert (failed.code, heard.text) == ("rejected", "Nine.")
        assert {"temperature", "stream_options"} <= set(server.asked[-1].body)


@pytest.mark.parametrize(
    ("path", "arrives_at", "header", "value"),
    [
        ("/v1", "/v1/chat/completions", "authorization", f"Bearer {KEY}"),
        ("/v1/", "/v1/chat/completions", "authorization", f"Bearer {KEY}"),
        ("", "/chat/completions", "authorization", f"Bearer {KEY}"),
        ("/v1/chat/completions", "/v1/chat/completions", "authorization", f"Bearer {KEY}"),
        (
            "/openai/deployments/d?api-version=2024-10-21",
            "/openai/deployments/d/chat/completions?api-version=2024-10-21",
            "api-key",
            KEY,
        ),
    ],
)
async def test_urls_and_keys_arrive_as_each_provider_has_them(
    path: str, arrives_at: str, header: str, value: str
) -> None:
    async with serving_model([says("Hi")]) as server, model_at(server.url.removesuffix("/v1") + path) as model:
        await answer(model)

        assert server.asked[0].path == arrives_at
        assert server.asked[0].headers[header] == value
        assert len({"authorization", "api-key"} & set(server.asked[0].headers)) == 1


async def test_without_a_key_none_is_sent() -> None:
    async with serving_model([says("Hi")]) as server, model_at(server.url, api_key=None) as model:
        await answer(model)

        assert not {"authorization", "api-key"} & set(server.asked[0].headers)


@pytest.mark.parametrize("url", ["ftp://models.example", "models.example/v1", "http://user:pass@models.example/v1", ""])
def test_a_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL .*\."):
        OpenAiCompatible(url, model="m", api_key=KEY, timeout_s=5)


async def test_a_redirect_is_not_followed_and_takes_no_key_with_it() -> None:
    async with serving({"/v1/chat/completions": page(200)}) as elsewhere:
        away = sends(b"", status=307, headers={"Location": elsewhere.url("/v1/chat/completions")})
        async with serving_model([away]) as server, model_at(server.url) as model:
            failed = await failure(model)

        assert failed.code == "rejected"
        assert elsewhere.requests == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving({}) as proxy, serving_model([says("Hi")]) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        async with model_at(server.url) as model:
            assert (await answer(model)).text == "Hi"

        assert proxy.requests == []


async def test_tls_is_spoken_with_whom_this_machine_trusts(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_model([says("Hi"), never_ends("a")], tls=tls) as server:
        async with model_at(server.url) as model:
            refused = await failure(model)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with model_at(server.url) as model:
            heard = await answer(model)
            async with contextlib.aclosing(model.write(PROMPT)) as parts:
                await anext(parts)
            await wait_for(server.asked[-1].hung_up)

    assert (refused.code, refused.retryable) == ("unreachable", False)
    assert "certificate is not valid (self" in refused.message
    assert heard.text == "Hi"


async def test_an_error_whose_body_does_not_end_is_known_by_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aivastark.backends.llm.provider.ERROR_BODY_S", 0.2)

    async def drips(asked: Asked, wire: Wire) -> None:
        await wire.head(429, {"Content-Type": "application/json", "Retry-After": "3"})
        while True:
            await wire.body(b" ")
            await wire.pause(0.02)

    async with serving_model([drips]) as server, model_at(server.url, timeout_s=60) as model:
        async with asyncio.timeout(5):
            failed = await failure(model)

    assert (failed.code, failed.retry_after_s) == ("rate_limited", 3.0)


async def test_what_is_still_open_when_all_is_closed_is_not_kept() -> None:
    async with serving_model([says("Hi", "again")]) as server:
        async with model_at(server.url) as model:
            parts = model.write(PROMPT)
            await anext(parts)
        rest = [part async for part in parts]
        await asyncio.sleep(0.05)

        assert rest[0] == "again"
        assert server.open_now == 0


async def test_a_connection_is_used_again() -> None:
    async with serving_model([says("Hi")]) as server, model_at(server.url) as model:
        for _ in range(5):
            await answer(model)

        assert (len(server.asked), server.connections) == (5, 1)


async def test_a_connection_that_was_left_in_the_middle_is_not() -> None:
    async with serving_model([never_ends("a"), says("Hi")]) as server, model_at(server.url) as model:
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            await anext(parts)
        heard = await answer(model)

        assert heard.text == "Hi"
        assert server.connections == 2
        assert server.open_now == 1


async def test_thinking_is_a_sign_of_life_and_no_text() -> None:
    async def thinks(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": "text/event-stream"})
        for _ in range(8):
            await wire.pause(0.1)
            await wire.event(chunk({"reasoning_content": "Hm."}))
        await wire.event(chunk({"content": "Nine."}, finish="stop"))
        await wire.end()

    async with serving_model([thinks]) as server, model_at(server.url, timeout_s=0.3) as model:
        assert (await answer(model)).texts == ["Nine."]


async def test_how_long_we_take_is_not_the_providers_silence() -> None:
    async with serving_model([says("a", "b", "c")]) as server, model_at(server.url, timeout_s=0.2) as model:
        heard = []
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            async for part in parts:
                heard.append(part)
                await asyncio.sleep(0.3)

    assert heard[:3] == ["a", "b", "c"]


@pytest.mark.parametrize("after", [b"", b": still here\n\n", on_the_wire("[DONE]")])
async def test_the_end_does_not_wait_for_a_provider_that_does_not_hang_up(after: bytes) -> None:
    async def stays(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": "text/event-stream"})
        await wire.body(on_the_wire(chunk({"content": "Hi"}, finish="stop")))
        while True:
            await wire.body(after)
            await wire.pause(0.05)

    async with serving_model([stays]) as server, model_at(server.url, timeout_s=30) as model:
        async with asyncio.timeout(5):
            heard = await answer(model)

    assert heard.text == "Hi"
    assert heard.finished is not None


async def test_a_stream_without_the_last_marks_is_whole_when_the_model_said_so() -> None:
    async with serving_model([says("Hi", done=False)]) as server, model_at(server.url) as model:
        assert (await answer(model)).text == "Hi"


async def test_a_provider_that_only_says_done_is_believed() -> None:
    async with serving_model([says("Hi", finish=None)]) as server, model_at(server.url) as model:
        heard = await answer(model)

    assert heard.finished is not None
    assert heard.finished.reason == "stop"


async def test_usage_in_every_chunk_is_the_last_ones() -> None:
    usages = [{"prompt_tokens": 9, "completion_tokens": count, "total_tokens": 9 + count} for count in (1, 2, 3)]
    events = [chunk({"content": "a"}, finish="stop" if at == 2 else None, usage=u) for at, u in enumerate(usages)]
    async with serving_model([streams(*events, {"choices": None})]) as server, model_at(server.url) as model:
        finished = (await answer(model)).finished

    assert finished is not None
    assert (finished.input_tokens, finished.output_tokens) == (9, 3)


@pytest.mark.parametrize("event", ["", "not JSON", chunk({"content": ""}), chunk({"reasoning": "Hm."})])
async def test_a_provider_that_sends_without_end_and_says_nothing_is_given_up(
    event: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aivastark.backends.llm.provider.MAX_ANSWER_BYTES", 300_000)

    async def babbles(asked: Asked, wire: Wire) -> None:
        await wire.head(200, {"Content-Type": "text/event-stream"})
        while True:
            await wire.body(on_the_wire(event) * 50)

    async with serving_model([babbles]) as server, model_at(server.url) as model:
        failed = await failure(model)
        await wait_for(server.asked[0].hung_up)

    assert failed.code == "nonsense"


async def test_an_answer_takes_no_longer_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aivastark.backends.llm.openai_compatible.WHOLE_ANSWER_S", 0.5)
    async with serving_model([never_ends("a", between_s=0.05)]) as server, model_at(server.url) as model:
        heard = await hear(model)

    assert isinstance(heard.failed, ModelFailed)
    assert heard.failed.code == "cut_off"
    assert 3 <= len(heard.texts) <= 12
