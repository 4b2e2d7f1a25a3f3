"""The port of language models: a prompt goes in, text comes out as it is written.

ModelFailed   no text, or no more of it; `code` says why, `retryable` whether asking again may help
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
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
    "budget_spent",  # nobody was asked: the project may spend no more today
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Took:
    """What calls to providers took: tokens as the provider counted them, else estimated; trillionths of a dollar."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0

    def __add__(self, other: "Took") -> "Took":
        return Took(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What a model is asked: our instructions, the turns so far, and how much it may write."""

    system: str
    messages: tuple[Said, ...]
    max_tokens: int
    temperature: float = 0.0  # what a provider does not take is left to it
    unfinished: Callable[[Took], None] | None = field(default=None, compare=False, repr=False)
    """Told what a call took that ended without `Finished`: it failed, or nobody wanted to hear the end."""

    @property
    def text_bytes(self) -> int:
        """How much a model reads."""
        return len(self.system.encode()) + sum(len(said.text.encode()) for said in self.messages)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The last thing a model says: why it ended, and what it took.

    `filtered`: the provider kept text back. Tokens are those the provider counted, else estimated.
    """

    reason: FinishReason
    input_tokens: int
    output_tokens: int
    model: str  # as the provider calls it
    cost: int = 0  # trillionths of a dollar, by the price that is set for the provider

    @property
    def took(self) -> Took:
        """What it took."""
        return Took(input_tokens=self.input_tokens, output_tokens=self.output_tokens, cost=self.cost)


class ModelFailed(Exception):
    """`message` is a sentence for the operator: it names no secret, and nothing that was asked or written.

    `retryable`: nothing was said yet, and the same request may succeed now or after `retry_after_s`. `was_taken`: the
    provider had the request and did not say what became of it; it may charge for that.
    """

    def __init__(
        self,
        code: ModelFailureCode,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
        was_taken: bool = False,
    ) -> None:
        super().__init__(message)
        self.code: ModelFailureCode = code
        self.message = message
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.was_taken = was_taken


class LanguageModel(Protocol):
    """Writes text. Safe to use from many tasks at once."""

    name: str  # for people: which model, and where

    def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        """Text as it comes, in pieces that are never empty; `Finished` once and last.

        Nothing is asked before the first `anext`. Closing the generator (`contextlib.aclosing`), or cancelling the
        task that waits on it, ends the call at the provider. What a call took goes into `Finished` or, where it ends in
        any other way, to `prompt.unfinished`. Raises ModelFailed.
        """
        ...

    async def close(self) -> None:
        """Close the kept connections."""
        ...
