"""What a provider says in the chat completions format, read with suspicion.

Field names and meanings: https://platform.openai.com/docs/api-reference/chat (the objects `chat.completion`,
`chat.completion.chunk` and their errors). Where known servers differ (usage in every chunk, `choices: null`, an
error inside the stream, text as a list of parts) both forms are understood; anything else is nonsense.
"""

import re
from typing import Any

import orjson

from aivastark.backends.llm.base import Finished, FinishReason, ModelFailed, Prompt, Took
from aivastark.kit.headers import retry_after
from aivastark.kit.money import Price

CHARS_A_TOKEN_MAX = 24  # a provider that writes more than this for each token it may does not count
CHARS_SPARE = 1_000
BYTES_A_TOKEN = 4  # of UTF-8, on average, where the provider does not count
TOKENS_MAX = 100_000_000  # more than this is no count
MODEL_NAME_MAX_CHARS = 200

DONE = "[DONE]"
_REASONS: dict[str, FinishReason] = {"length": "length", "max_tokens": "length", "content_filter": "filtered"}
_SIGNS_OF_LIFE = ("reasoning_content", "reasoning", "refusal")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}")
_OVERLOADED = re.compile(r"rate.?limit|too_many|429", re.IGNORECASE)
_QUOTA = re.compile(r"quota|billing|credit", re.IGNORECASE)


class Reading:
    """One answer as it is read: events go in, text comes out, and in the end what it took."""

    def __init__(self, prompt: Prompt, *, model: str, host: str, price: Price) -> None:
        self.reason: FinishReason | None = None  # set when the model said that it is done, or is stopped
        self.spoke = False  # whether any text came
        self.was_heard = False  # whether anything of an answer came
        self.thought = False  # whether the last event was a sign of life
        self.too_long = False  # whether it wrote more than it may, by far
        self.host = host
        self._prompt = prompt
        self._model = model
        self._price = price
        self._declined = False
        self._chars = 0
        self._bytes = 0
        self._input_tokens: int | None = None
        self._output_tokens: int | None = None

    def take(self, event: str | bytes) -> str:
        """The text of one event, often empty. Raises ModelFailed for what is no part of an answer."""
        self.thought = False
        chunk = _object(event, self.host)
        if chunk.get("error"):
            raise said_error(self.host, 200, {}, chunk)
        self.was_heard = True
        if isinstance(named := chunk.get("model"), str) and named.isprintable():
            self._model = named[:MODEL_NAME_MAX_CHARS] or self._model
        self._count(chunk.get("usage"))
        choices = chunk.get("choices") or []
        if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise nonsense(self.host)
        return self._choice(choices[0]) if choices else ""

    def finished(self) -> Finished:
        """What it took, once all is read. Raises ModelFailed when nothing was said at all."""
        reason: FinishReason = "filtered" if self._declined else self.reason or "stop"
        if reason == "stop" and not self.spoke:
            raise ModelFailed("nonsense", f"{self.host} answered without a word.")
        took = self.took()
        return Finished(
            reason=reason,
            input_tokens=took.input_tokens,
            output_tokens=took.output_tokens,
            model=self._model,
            cost=took.cost,
        )

    def took(self) -> Took:
        """What it took so far: as the provider counts, else estimated from what it was sent and what it wrote."""
        read = estimated_tokens(self._prompt.text_bytes) if self._input_tokens is None else self._input_tokens
        wrote = estimated_tokens(self._bytes) if self._output_tokens is None else self._output_tokens
        return Took(input_tokens=read, output_tokens=wrote, cost=self._price.of(read, wrote))

    def _choice(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            raise nonsense(self.host)
        text = _text(delta.get("content"), self.host)
        thoughts = [delta[field] for field in _SIGNS_OF_LIFE if delta.get(field)]
        self.thought = bool(text) or bool(thoughts)
        self.spoke = self.spoke or bool(text)
        self._chars += len(text)
        # Some say the same thought under two names; all is paid for as if it were said aloud.
        self._bytes += len(text.encode()) + max((len(str(thought).encode()) for thought in thoughts), default=0)
        if reason := choice.get("finish_reason"):
            self.reason = _REASONS.get(str(reason), "stop")
        self._declined = self._declined or bool(delta.get("refusal"))
        if self._chars > self._prompt.max_tokens * CHARS_A_TOKEN_MAX + CHARS_SPARE:
            self.reason, self.too_long = "length", True
        return text

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._input_tokens = _tokens(usage.get("prompt_tokens"), self._input_tokens)
            self._output_tokens = _tokens(usage.get("completion_tokens"), self._output_tokens)


def nonsense(host: str) -> ModelFailed:
    """What came is not in the format."""
    return ModelFailed("nonsense", f"{host} sent something that is no chat completion.")


def said_error(host: str, status: int, headers: dict[str, str], said: object) -> ModelFailed:
    """An error of the provider's as ours: from its status, and from its own code where the status says nothing.

    Its sentence is not repeated: providers put the prompt in there, and pieces of the key.
    """
    word = _word(said)
    why = f"{host} answered {status}" + (f" ({word})." if word else ".")
    if status == 200:
        why = f"{host} ended the answer with an error" + (f" ({word})." if word else ".")
    wait = _wait(headers)
    if status == 429 or (status == 200 and _OVERLOADED.search(word)):
        # An empty account does not fill up by waiting.
        return ModelFailed("rate_limited", why, retryable=not _QUOTA.search(word), retry_after_s=wait)
    if status == 408:
        return ModelFailed("timeout", why, retryable=True)
    if status >= 500 or status in (200, 409, 425):
        return ModelFailed("unavailable", why, retryable=True, retry_after_s=wait)
    if 300 <= status < 400:
        return ModelFailed("rejected", f"{host} redirects elsewhere ({status}), which is not followed.")
    if status < 300:
        return ModelFailed("nonsense", why)
    return ModelFailed("rejected", why)


def _object(event: str | bytes, host: str) -> dict[str, Any]:
    try:
        chunk = orjson.loads(event)
    except orjson.JSONDecodeError as error:
        raise nonsense(host) from error
    if not isinstance(chunk, dict):
        raise nonsense(host)
    return chunk


def _text(content: object, host: str) -> str:
    if content is None:
        return ""
    if isinstance(content, list):  # parts, of which those of type `text` are said aloud
        spoken = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "".join(text for text in spoken if isinstance(text, str))
    if not isinstance(content, str):
        raise nonsense(host)
    return content.replace("\0", "")  # which no database of ours keeps


def _word(said: object) -> str:
    """The provider's code for what is wrong, if it is one word."""
    error = said.get("error", said) if isinstance(said, dict) else None
    if isinstance(error, dict):
        for field in ("code", "type", "status"):
            if isinstance(word := error.get(field), str) and _WORD.fullmatch(word):
                return word
    return ""


def _wait(headers: dict[str, str]) -> float | None:
    """Seconds until the provider wants to be asked again, from either of the headers that say so."""
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.isascii() and milliseconds.isdigit():
        return retry_after(str(int(milliseconds[:12]) / 1000))
    return retry_after(headers["retry-after"]) if "retry-after" in headers else None


def _tokens(sent: object, otherwise: int | None) -> int | None:
    if isinstance(sent, int) and not isinstance(sent, bool) and 0 <= sent <= TOKENS_MAX:
        return sent
    return otherwise


def estimated_tokens(size: int) -> int:
    """How many tokens so many bytes of text are, about."""
    return -(-size // BYTES_A_TOKEN)
