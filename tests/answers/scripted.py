"""A language model that says what a test wants it to say, well or badly."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from aivastark.backends.llm.base import Finished, FinishReason, ModelFailed, Prompt


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
    name: str = "scripted"
    prompts: list[Prompt] = field(default_factory=list)
    ended_early: int = 0
    """How often somebody did not want to hear the end."""

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        self.prompts.append(prompt)
        is_whole = False
        try:
            for at in range(0, len(self.text), self.piece_chars):
                if self.gate is not None and at >= self.gate_at_chars:
                    await self.gate.wait()
                yield self.text[at : at + self.piece_chars]
                await asyncio.sleep(0)
            if self.failure is not None:
                raise self.failure
            is_whole = True
            yield Finished(reason=self.reason, input_tokens=100, output_tokens=len(self.text) // 4, model=self.name)
        finally:
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
