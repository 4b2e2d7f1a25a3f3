"""Whatever a provider sends is text, or a ModelFailed: nothing else comes out."""

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.llm.completions import Reading, said_error
from aivastark.kit.money import FREE
from tests.backends.llm.writing import PROMPT
from tests.origins.model_server import chunk

FIELDS = (
    *("choices", "delta", "message", "content", "usage", "error", "finish_reason", "model", "text", "type", "index"),
    *("prompt_tokens", "completion_tokens", "refusal", "reasoning", "code"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def reading() -> Reading:
    return Reading(PROMPT, model="m-1", host="models.example", price=FREE)


@given(st.lists(ANYTHING, max_size=4))
def test_any_json_is_text_or_a_failure(events: list[Any]) -> None:
    ours = reading()

    with contextlib.suppress(ModelFailed):
        for event in events:
            assert isinstance(ours.take(orjson.dumps(event)), str)
        finished = ours.finished()
        assert finished.input_tokens >= 0
        assert finished.output_tokens >= 0


@given(st.binary(max_size=50))
def test_any_bytes_are_text_or_a_failure(event: bytes) -> None:
    with contextlib.suppress(ModelFailed):
        assert isinstance(reading().take(event), str)


@given(st.integers(100, 599), ANYTHING, st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()))
def test_any_refusal_has_a_code_and_a_sentence(status: int, said: Any, headers: dict[str, str]) -> None:
    failed = said_error("models.example", status, headers, said)

    assert failed.message.startswith("models.example ")
    assert failed.message.endswith(".")
    assert len(failed.message) < 150
    assert failed.retry_after_s is None or failed.retry_after_s >= 0


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a\0b", "ab"),
        (None, ""),
        ("", ""),
        (
            [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Nine."}],
            "Nine.",
        ),
        ([{"type": "text", "text": 9}, "x", None], ""),
    ],
)
def test_text_is_what_is_said_aloud(content: object, text: str) -> None:
    assert reading().take(orjson.dumps(chunk({"content": content}))) == text


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": "many"}, {"prompt_tokens": -1}, {"prompt_tokens": True}, 7]
)
def test_tokens_nobody_counted_are_estimated(usage: object) -> None:
    ours = reading()
    ours.take(orjson.dumps(chunk({"content": "x" * 41}, finish="stop", usage=usage)))

    finished = ours.finished()

    assert finished.output_tokens == 11
    assert finished.input_tokens == -(-len(PROMPT.system + PROMPT.messages[0].text) // 4)
    assert finished.model == "scripted-1"


def test_a_refusal_of_the_model_is_filtered() -> None:
    ours = reading()
    for delta in ({"role": "assistant", "refusal": ""}, {"refusal": "I cannot help with that."}):
        ours.take(orjson.dumps(chunk(delta)))
    ours.take(orjson.dumps(chunk({}, finish="stop")))

    assert ours.finished().reason == "filtered"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "-5"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "999999999"}, 86_400.0),
        ({}, None),
    ],
)
def test_when_to_come_back_is_read_from_either_header(headers: dict[str, str], seconds: float | None) -> None:
    assert said_error("models.example", 429, headers, None).retry_after_s == seconds
