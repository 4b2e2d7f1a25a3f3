"""Any endpoint that speaks OpenAI's chat completions: OpenAI, Azure, Anthropic's door for it, Ollama, vLLM, llama.cpp.

Why without the `openai` package: docs/decisions/0019-language-models-by-their-wire-format.md.
"""

import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import orjson

from aivastark.backends.llm.base import Finished, ModelFailed, Prompt
from aivastark.backends.llm.completions import DONE, Reading, nonsense, said_error
from aivastark.backends.llm.event_stream import EventReader, EventTooLarge
from aivastark.backends.llm.provider import Answer, Patience, Provider
from aivastark.kit.money import FREE, Price

WHOLE_ANSWER_S = 300.0
AFTER_THE_END_S = 1.0  # for the count of tokens, once the model said that it is done
MAX_WHOLE_BYTES = 2_000_000  # of an answer that does not come as a stream
LEFTOVER_S = 0.1  # for the end of the body: a connection read to its end is used again

PATH = "/chat/completions"
# What a provider may refuse, and the words it does so with: then it is left out, or called by its newer name.
OPTIONAL = ("stream_options", "temperature", "max_tokens")
_REFUSING = re.compile(r"un(supported|known|recognized|expected)|not (support|permitted|allowed)|extra")
COMPLAINT_MAX_CHARS = 300  # longer sentences repeat what was asked, and that is nobody's to judge by


class OpenAiCompatible:
    """A model at `url`, such as `https://api.openai.com/v1`. `timeout_s` is the longest silence that is waited for."""

    def __init__(self, url: str, *, model: str, api_key: str | None, timeout_s: float, price: Price = FREE) -> None:
        self._provider = Provider(url, api_key=api_key)
        self._model = model
        self._timeout_s = timeout_s
        self._price = price
        self._refused: frozenset[str] = frozenset()  # of OPTIONAL; learned from the provider's answers
        self.name = f"{model} at {self._provider.host}"

    async def close(self) -> None:
        """Close the kept connections."""
        await self._provider.close()

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        """Text as it comes, `Finished` last. Raises ModelFailed; what the port promises holds."""
        reading = Reading(prompt, model=self._model, host=self._provider.host, price=self._price)
        patience = Patience(silence_s=self._timeout_s, whole_s=WHOLE_ANSWER_S)
        took_something = True  # whoever goes away while the provider is asked does not know what it made of it
        try:
            async with (
                self._asked(prompt, patience) as answer,
                contextlib.aclosing(_texts(answer, reading, patience)) as texts,
            ):
                async for text in texts:
                    yield text
                    patience.renew()  # how long our side took is not the provider's silence
            finished = reading.finished()
            took_something = False  # beside what this says
            yield finished
        except ModelFailed as failure:
            took_something = failure.was_taken or reading.was_heard
            if not reading.spoke:
                raise
            raise ModelFailed("cut_off", f"The answer broke off. {failure.message}") from failure
        finally:
            if took_something and prompt.unfinished is not None:
                prompt.unfinished(reading.took())

    @contextlib.asynccontextmanager
    async def _asked(self, prompt: Prompt, patience: Patience) -> AsyncIterator[Answer]:
        """The answer to `prompt`, a 200. Asks again without what the provider does not take."""
        while True:
            refused = self._refused
            patience.renew()
            async with self._provider.post(PATH, self._request(prompt), patience=patience) as answer:
                if answer.status == 200:
                    yield answer
                    return
                said = await answer.beginning()
                unwanted = _unwanted(said) if answer.status in (400, 422) else frozenset()
                if unwanted <= refused:  # nothing that could be left out
                    raise said_error(self._provider.host, answer.status, answer.headers, said)
                self._refused |= unwanted

    def _request(self, prompt: Prompt) -> bytes:
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": prompt.system},
                *({"role": said.role, "content": said.text} for said in prompt.messages),
            ],
            limit: prompt.max_tokens,
            "temperature": prompt.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return orjson.dumps({name: value for name, value in body.items() if name not in self._refused})


async def _texts(answer: Answer, reading: Reading, patience: Patience) -> AsyncGenerator[str, None]:
    """The texts of an answer, never empty, until the model is done."""
    match answer.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "text/event-stream":
            parts = _streamed(answer, reading, patience)
        case "application/json":  # it does not stream
            parts = _whole(answer, reading, patience)
        case _:
            raise nonsense(reading.host)
    async with contextlib.aclosing(parts):
        async for text in parts:
            if text:
                yield text


async def _streamed(answer: Answer, reading: Reading, patience: Patience) -> AsyncGenerator[str, None]:
    try:
        async with contextlib.aclosing(_events(answer)) as events:
            async for event in events:
                if event == DONE:
                    break
                yield reading.take(event)
                if reading.too_long:
                    return  # the call ends here, whatever else would come
                if reading.reason is not None and patience.silence_s != AFTER_THE_END_S:
                    patience.silence_s = AFTER_THE_END_S
                    patience.renew()
                elif reading.thought:
                    patience.renew()
            else:
                if reading.reason is None:
                    raise ModelFailed("cut_off", f"{reading.host} ended before its answer did.", retryable=True)
        patience.silence_s = LEFTOVER_S
        patience.renew()
        while await answer.piece() is not None:
            pass
    except ModelFailed:
        # Once the model said that it is done, all is there but perhaps the count.
        if reading.reason is None:
            raise


async def _events(answer: Answer) -> AsyncGenerator[str, None]:
    reader = EventReader()
    try:
        while (piece := await answer.piece()) is not None:
            for event in reader.feed(piece):
                yield event
    except EventTooLarge as error:
        raise nonsense(answer.host) from error


async def _whole(answer: Answer, reading: Reading, patience: Patience) -> AsyncGenerator[str, None]:
    body = bytearray()
    while (piece := await answer.piece()) is not None:
        body += piece
        if len(body) > MAX_WHOLE_BYTES:
            raise nonsense(reading.host)
        patience.renew()
    yield reading.take(bytes(body))


def _unwanted(said: object) -> frozenset[str]:
    """Which of our parameters an error is about: by its `param`, or by a sentence that calls them unsupported."""
    error = said.get("error", said) if isinstance(said, dict) else said
    param = error.get("param") if isinstance(error, dict) else None
    words = _complaint(error)
    if not _REFUSING.search(words):
        return frozenset()
    unwanted = {name for name in OPTIONAL if name == param or (param is None and name in words)}
    if "max_completion_tokens" not in words:
        unwanted.discard("max_tokens")  # without a limit nothing is asked
    return frozenset(unwanted)


def _complaint(error: object) -> str:
    """The sentence of an error, in small letters: as a string, as a `message`, or as FastAPI's list of details."""
    if isinstance(error, dict) and isinstance(details := error.get("detail"), list):
        error = " ".join(f"{detail.get('loc')} {detail.get('msg')}" for detail in details if isinstance(detail, dict))
    elif isinstance(error, dict):
        error = error.get("message") or error.get("detail")
    return error[:COMPLAINT_MAX_CHARS].lower() if isinstance(error, str) else ""
