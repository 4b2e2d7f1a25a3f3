"""The port of language models: a prompt goes in, text comes out as it is written.

ModelFailed   no text, or no more of it; `code` says why, `retryable` whether asking again may help
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

FinishReason = Literal["stop", "length", "filtered"]
ModelFailureCode = Literal[
    "timeout",  # no sign of life for too long, or not finished in time
    "rate_limited",  # too many requests, or a quota used up
    "unavailable",  # the provider has trouble of its own
    "unreachable",  # no connection
    "rejected",  # the provider does not want this request: key, model, size, content
    "cut_off",  # the answer broke off
    "nonsense",  # what came is no answer
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What a model is asked: our instructions, the turns so far, and how much it may write."""

    system: str
    messages: tuple[Said, ...]
    max_tokens: int
    temperature: float = 0.0  # what a provider does not take is left to it


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The last thing a model says: why it ended, and what it took.

    `filtered`: the provider kept text back. Tokens are those the provider counted, else estimated.
    """

    reason: FinishReason
    input_tokens: int
    output_tokens: int
    model: str  # as the provider calls it


class ModelFailed(Exception):
    """`message` is a sentence for the operator: it names no secret, and nothing that was asked or written.

    `retryable`: nothing was said yet, and the same request may succeed now or after `retry_after_s`.
    """

    def __init__(
        self, code: ModelFailureCode, message: str, *, retryable: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.code: ModelFailureCode = code
        self.message = message
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class LanguageModel(Protocol):
    """Writes text. Safe to use from many tasks at once."""

    name: str  # for people: which model, and where

    def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        """Text as it comes, in pieces that are never empty; `Finished` once and last.

        Nothing is asked before the first `anext`. Closing the generator (`contextlib.aclosing`), or cancelling the
        task that waits on it, ends the call at the provider. Raises ModelFailed.
        """
        ...

    async def close(self) -> None:
        """Close the kept connections."""
        ...
