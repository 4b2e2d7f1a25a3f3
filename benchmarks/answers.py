"""Answers a language model writes: what we add to the time its provider takes, measured against the bare provider.

The provider is scripted (`tests/origins/model_server.py`): it says, at a fixed pace, the sentence that the documents'
own answer quotes, and another one. The bare client sends it the very request that the product sent.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import orjson

from aivastark.answers.sentences import split
from benchmarks.bare import quiet
from benchmarks.client import Connection, ask_json, query, request
from benchmarks.footprint import fill
from benchmarks.knowledge import questions
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.server import Install, Server, fresh_install, running
from tests.origins.model_server import Act, Asked, ModelServer, says, serving_model

FIRST_AFTER_S = 0.2
BETWEEN_S = 0.02
"""A word in so much: the pace of a hosted model."""
MARKER = "[1]"
SECOND = " That is what the documents say."
"""Begins as a sentence does, which shows that the one before is over; nothing supports it."""
WORD = re.compile(r"\s*\S+")
BOUND_MS, STRETCH_MS = 30, 15


@dataclass(frozen=True, kw_only=True, slots=True)
class _Took:
    """Milliseconds from the request, of one question."""

    bare_first: float
    bare_sentence: float
    """To the last character of the first sentence and its marker."""
    bare_next: float
    """To the first word behind it."""
    ours: float
    """To the first `token` event."""
    retrieve: float


async def measure(sizes: Sizes) -> list[Measured]:
    """All rows about answers of a model."""
    with fresh_install() as install:
        await fill(install)
        with running(install) as server:
            known = await _known(server, sizes.bare_questions)
        async with serving_model(lambda asked: _act(asked, known)) as provider:
            took = await _take_turns(install, provider, list(known))
    return _rows(took)


async def _known(server: Server, count: int) -> dict[str, str]:
    """Questions the documents answer for certain, each with the one sentence that does."""
    found: dict[str, str] = {}
    connection = await Connection.open(server.host, server.port)
    for question in map(str.strip, questions()):
        given = await ask_json(connection, query(server, question))
        quotes = [citation["quote"] for citation in given["citations"]]
        # Of several sentences the first alone may say less than all: the product would then rather quote the documents.
        if given["confidence_level"] == "high" and len(quotes) == 1 and len(split(quotes[0], "en")) == 1:
            found[question] = quotes[0]
        if len(found) == count:
            break
    await connection.close()
    return found


def _act(asked: Asked, known: Mapping[str, str]) -> Act:
    sentence = next(quote for question, quote in known.items() if f"\n{question}\n" in asked.last)
    return says(*WORD.findall(f"{sentence} {MARKER}{SECOND}"), first_after_s=FIRST_AFTER_S, between_s=BETWEEN_S)


async def _take_turns(install: Install, provider: ModelServer, asked: list[str]) -> list[_Took]:
    settings = {"LLM_URL": provider.url, "LLM_MODEL": "scripted"}
    took = []
    with running(install, settings=settings) as server:
        await _ours(server, asked[0])  # what is loaded late is loaded now
        for question in asked:
            ours, retrieve = await _ours(server, question)
            first, sentence, behind = await _bare(provider)
            took.append(_Took(bare_first=first, bare_sentence=sentence, bare_next=behind, ours=ours, retrieve=retrieve))
    return took


async def _ours(server: Server, question: str) -> tuple[float, float]:
    """To the first words of the streamed answer; and what finding the passages took of it."""
    connection = await Connection.open(server.host, server.port)
    begun = time.perf_counter()
    await connection.begin(request(server, "POST", "/query", {"message": question, "stream": True}))
    first: float | None = None
    retrieve: float | None = None
    while retrieve is None:
        line = await connection.reader.readline()
        if not line:
            raise RuntimeError("the stream ended without an answer")
        if first is None and line.startswith(b"event: token"):
            first = (time.perf_counter() - begun) * 1000
        if line.startswith(b'data: {"type":"answer"'):
            given = orjson.loads(line.removeprefix(b"data: "))
            if not given["model"].startswith("scripted"):
                reasons = ", ".join(given["confidence_reasons"])
                raise RuntimeError(f"the model's answer to {question!r} was not shown: {reasons}")
            retrieve = given["latency_ms"]["retrieve"]
    await connection.close()
    assert first is not None  # tokens come before the answer
    return first, retrieve


async def _bare(provider: ModelServer) -> tuple[float, float, float]:
    """The last request again, straight to the provider: to the first word, the whole first sentence, and one more."""
    asked = provider.asked[-1]
    content = orjson.dumps(asked.body)
    head = f"POST {asked.path} HTTP/1.1\r\nHost: bare\r\nContent-Length: {len(content)}\r\n\r\n"
    connection = await Connection.open("127.0.0.1", provider.port)
    begun = time.perf_counter()
    await connection.begin(head.encode() + content)
    moments: list[float] = []
    text = ""
    while not text.partition(MARKER)[2]:
        line = await connection.reader.readline()
        if not line:
            raise RuntimeError("the provider stopped early")
        if line.startswith(b'data: {"id"'):
            piece = (orjson.loads(line.removeprefix(b"data: "))["choices"] or [{}])[0].get("delta", {}).get("content")
            if piece:
                text += piece
                moments.append((time.perf_counter() - begun) * 1000)
    await connection.close()
    return moments[0], moments[-2], moments[-1]


def _rows(took: list[_Took]) -> list[Measured]:
    sentence = median(one.bare_sentence - one.bare_first for one in took)
    return [
        Measured(
            name="first token of a model's answer − the provider's own, p50",
            value=median(one.ours - one.bare_first for one in took),
            unit="ms",
            floor=BOUND_MS,
            stretch=STRETCH_MS,
            note=f"of these the provider writes the first sentence in {sentence:.0f} ms",
        ),
        Measured(
            name="first proven sentence − the provider's own time for it, p50",
            value=median(one.ours - one.bare_sentence for one in took),
            unit="ms",
            floor=BOUND_MS,
            stretch=STRETCH_MS,
            note=f"finding passages takes {median(one.retrieve for one in took):.0f} ms, "
            f"the first word of the next sentence {median(one.bare_next - one.bare_sentence for one in took):.0f} ms",
        ),
        Measured(
            name="the same from the next sentence's first word, p50",
            value=median(one.ours - one.bare_next for one in took),
            unit="ms",
            note=f"{len(took)} questions, 10,000 chunks, 1 client; "
            f"{quiet([one.ours - one.bare_next for one in took]):.0f} ms at the 10th percentile",
        ),
    ]
