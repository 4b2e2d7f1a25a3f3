"""A language model that says what a test wants it to say, well or badly."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from aivastark.backends.llm.base import Finished, FinishReason, ModelFailed, Prompt, Took
from aivastark.kit.money import Price


@dataclass(kw_only=True)
class Scripted:
    """Says `text` in pieces, waits at `gate` where there is one, then ends, or fails with `failure`."""

    text: str = ""
    piece_chars: int = 7
    reason: FinishReason = "stop"
    failure: ModelFailed | None = None
    gate: asyncio.Event | None = None
    gate_at_chars: int = 0
    """It waits at the gate when it has said so much."""
    says: Callable[[Prompt], str] | None = None
    """What it says to a prompt, instead of `text`."""
    name: str = "scripted"
    price: Price = field(default_factory=Price)
    prompts: list[Prompt] = field(default_factory=list)
    ended_early: int = 0
    """How often somebody did not want to hear the end."""

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        self.prompts.append(prompt)
        text = self.text if self.says is None else self.says(prompt)
        is_whole, said = False, 0
        try:
            for at in range(0, len(text), self.piece_chars):
                if self.gate is not None and at >= self.gate_at_chars:
                    await self.gate.wait()
                said = min(at + self.piece_chars, len(text))
                yield text[at : at + self.piece_chars]
                await asyncio.sleep(0)
            if self.failure is not None:
                raise self.failure
            is_whole = True
            read, wrote = 100, len(text) // 4
            yield Finished(
                reason=self.reason,
                input_tokens=read,
                output_tokens=wrote,
                model=self.name,
                cost=self.price.of(read, wrote),
            )
        finally:
            if not is_whole and (said or self.failure is None) and prompt.unfinished is not None:
                prompt.unfinished(Took(input_tokens=100, output_tokens=said // 4, cost=self.price.of(100, said // 4)))
            self.ended_early += not is_whole and self.failure is None

    async def close(self) -> None:
        pass


def numbered(prompt: Prompt, words: str) -> int:
    """The number under which the prompt has the passage with these words."""
    [number] = [
        block.partition("]")[0].removeprefix("[") for block in _blocks(prompt.messages[0].text) if words in block
    ]
    return int(number)


def _blocks(text: str) -> Sequence[str]:
    return [f"[{block}" for block in text.split("\n[")[1:]]
