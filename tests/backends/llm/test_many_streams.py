"""Two hundred people listen to one slow provider: nobody starves, little is kept, and who goes frees his share."""

import asyncio
import contextlib
import gc
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from aivastark.backends.llm.base import Finished
from aivastark.backends.llm.fallback import WithFallback
from aivastark.backends.llm.openai_compatible import OpenAiCompatible
from tests.backends.llm.writing import PROMPT, failure, model_at
from tests.origins.model_server import EVENTS, Asked, Wire, chunk, never_ends, serving_model, stops_talking

LISTENERS = 200
HANGS_AFTER_S = 240.0  # says that nothing happens any more, on however slow a machine
BYTES_A_LISTENER_MAX = 100_000  # Python objects of both ends; the test's provider is in this process too
TASKS_A_LISTENER_MAX = 3  # the listener's own; the provider's connection and its look-out


def a_model(url: str) -> WithFallback:
    return WithFallback([OpenAiCompatible(url, model="m", api_key=None, timeout_s=HANGS_AFTER_S)])


@dataclass(kw_only=True)
class InStep:
    """Nobody gets the next word before everybody has the one before: who is served one after another waits for ever."""

    words: Sequence[str]
    heard: list[int] = field(default_factory=list)
    gates: list[asyncio.Event] = field(default_factory=list)

    def begin(self) -> None:
        self.heard = [0] * len(self.words)
        self.gates = [asyncio.Event() for _ in self.words]
        self.gates[0].set()

    def hears(self, number: int) -> None:
        """One more has this word."""
        self.heard[number] += 1
        if self.heard[number] == LISTENERS and number + 1 < len(self.words):
            self.gates[number + 1].set()

    async def act(self, asked: Asked, wire: Wire) -> None:
        """What the provider says to each."""
        await wire.head(200, {"Content-Type": EVENTS})
        for gate, word in zip(self.gates, self.words, strict=True):
            await gate.wait()
            await wire.event(chunk({"content": word}), text=True)
        await wire.event(chunk({}, finish="stop"))
        await wire.event("[DONE]")
        await wire.end()


@pytest.mark.parametrize("rounds", [1, 3])
async def test_two_hundred_slow_streams_get_each_word_together(rounds: int) -> None:
    """Also on the connections that the round before left open."""
    step = InStep(words=[f"word{number} " for number in range(10)])
    async with serving_model([step.act]) as server:
        model = a_model(server.url)

        async def listen() -> str:
            text, number = "", 0
            async with contextlib.aclosing(model.write(PROMPT)) as parts:
                async for part in parts:
                    if not isinstance(part, Finished):
                        text += part
                    while text.count(" ") > number:
                        step.hears(number)
                        number += 1
            return text

        for _ in range(rounds):
            step.begin()
            async with asyncio.timeout(HANGS_AFTER_S):
                heard = await asyncio.gather(*(listen() for _ in range(LISTENERS)))
            assert heard == ["".join(step.words)] * LISTENERS
            assert step.heard == [LISTENERS] * len(step.words)
        await model.close()

        assert server.open_most == LISTENERS  # all at once, none after another
        assert len(server.asked) == rounds * LISTENERS


async def test_memory_and_tasks_are_bounded_and_freed_when_listeners_go() -> None:
    async with serving_model([stops_talking("Hello ", "there")]) as server:
        model = a_model(server.url)
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            await anext(parts)  # what is loaded once is loaded now
        before_tasks = len(asyncio.all_tasks())
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]

        listening = [model.write(PROMPT) for _ in range(LISTENERS)]
        await asyncio.gather(*(anext(parts) for parts in listening))
        tasks = len(asyncio.all_tasks()) - before_tasks
        kept = tracemalloc.get_traced_memory()[0] - before
        await asyncio.gather(*(parts.aclose() for parts in listening))
        async with asyncio.timeout(HANGS_AFTER_S):
            await asyncio.gather(*(asked.answered.wait() for asked in server.asked))
            while server.open_now:  # noqa: ASYNC110 (the provider tells nobody)
                await asyncio.sleep(0.01)
        server.asked.clear()
        del listening
        await asyncio.sleep(0.1)
        gc.collect()
        left = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()

        assert tasks <= LISTENERS * TASKS_A_LISTENER_MAX
        assert kept < LISTENERS * BYTES_A_LISTENER_MAX
        assert left < kept / 4
        assert server.open_now == 0
        assert len(asyncio.all_tasks()) <= before_tasks + 2
        await model.close()


async def test_more_calls_than_the_limit_are_refused_at_once_and_room_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aivastark.backends.llm.provider.MAX_CALLS", 3)
    async with serving_model([stops_talking("Hello")]) as server, model_at(server.url) as model:
        listening = [model.write(PROMPT) for _ in range(3)]
        await asyncio.gather(*(anext(parts) for parts in listening))

        failed = await failure(model)
        await listening.pop().aclose()
        listening.append(model.write(PROMPT))
        first = await anext(listening[-1])
        for parts in listening:
            await parts.aclose()

    assert (failed.code, failed.retryable) == ("unavailable", True)
    assert first == "Hello"


async def test_a_listener_who_does_not_read_holds_the_provider_back_instead_of_memory() -> None:
    page = "x" * 20_000
    async with serving_model([never_ends(page)]) as server:
        model = OpenAiCompatible(server.url, model="m", api_key=None, timeout_s=20)
        async with contextlib.aclosing(model.write(PROMPT)) as parts:
            with contextlib.suppress(StopAsyncIteration):
                await anext(parts)
            await asyncio.sleep(0.3)
            sent = server.asked[0].texts_sent
            await asyncio.sleep(0.3)

            # What the sockets hold, and nothing more.
            assert server.asked[0].texts_sent == sent
            assert sent * len(page) < 20_000_000
        await model.close()
