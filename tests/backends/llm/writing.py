"""What tests of language models do all the time: make one, ask it, listen, and see it fail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aivastark.backends.llm.base import Finished, LanguageModel, ModelFailed, Prompt, Said
from aivastark.backends.llm.openai_compatible import OpenAiCompatible

KEY = "sk-test-0123456789abcdef"
SECRET = "the visitor's own words"
PROMPT = Prompt(system="Answer from the passages.", messages=(Said(role="user", text=SECRET),), max_tokens=100)
HUNG_UP_WITHIN_S = 2.0


@dataclass(kw_only=True)
class Heard:
    """What came out of one call, and how it ended."""

    texts: list[str] = field(default_factory=list)
    finished: Finished | None = None
    failed: ModelFailed | None = None

    @property
    def text(self) -> str:
        return "".join(self.texts)


async def hear(model: LanguageModel, prompt: Prompt = PROMPT) -> Heard:
    """Listen to the end, which comes once."""
    heard = Heard()
    try:
        async with contextlib.aclosing(model.write(prompt)) as parts:
            async for part in parts:
                assert heard.finished is None, "something came after the end"
                if isinstance(part, Finished):
                    heard.finished = part
                else:
                    heard.texts.append(part)
    except ModelFailed as failure:
        heard.failed = failure
    assert (heard.finished is None) != (heard.failed is None)
    return heard


async def answer(model: LanguageModel, prompt: Prompt = PROMPT) -> Heard:
    """Listen to an answer that must succeed."""
    heard = await hear(model, prompt)
    assert heard.failed is None, heard.failed
    return heard


async def failure(model: LanguageModel, prompt: Prompt = PROMPT) -> ModelFailed:
    """Listen to a call that must fail before its first word."""
    heard = await hear(model, prompt)
    assert heard.failed is not None, heard
    assert heard.texts == []
    return heard.failed


@contextlib.asynccontextmanager
async def model_at(
    url: str, *, model: str = "m-1", api_key: str | None = KEY, timeout_s: float = 5.0
) -> AsyncIterator[OpenAiCompatible]:
    """An adapter by itself, without retries."""
    adapter = OpenAiCompatible(url, model=model, api_key=api_key, timeout_s=timeout_s)
    try:
        yield adapter
    finally:
        await adapter.close()


async def wait_for(*events: asyncio.Event) -> None:
    """Until all are set; fails when they are not in time."""
    async with asyncio.timeout(HUNG_UP_WITHIN_S):
        for event in events:
            await event.wait()


def says_nothing_secret(failed: ModelFailed) -> bool:
    """Whether an operator may read it in a log."""
    chain: list[BaseException] = [failed]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    return not any(word in str(error) for error in chain for word in (KEY, SECRET))
