"""What a caller asks, and who watches it being answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aivastark.answers.retrieve import Scope
from aivastark.conversations.recall import PastTurn
from aivastark.conversations.record import Ids, Visit
from aivastark.projects.hours import Hours

OFFER_AFTER_REFUSALS = 1
"""How many refusals in a row make the bot offer a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a caller asks, and which part of the knowledge may be used for it."""

    message: str
    session_id: str | None = None
    channel: str = "api"
    history: Sequence[PastTurn] | None = None  # what was said before, oldest first; None = as we recorded it
    scope: Scope = field(default_factory=Scope)
    language: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    hours: Hours | None = None
    """When people are there for a visitor who asks for one; None = always."""
    offer_after_refusals: int = OFFER_AFTER_REFUSALS
    may_pass_on: bool = True
    """Whether there are people to pass a visitor on to."""
    may_offer: bool = True
    """Whether the bot offers them by itself, when it is in doubt."""
    visit: Visit | None = None
    """Where a widget's visitor asks from; None for every other channel."""


class Watcher(Protocol):
    """Somebody who reads an answer while a language model writes it."""

    @property
    def stop(self) -> asyncio.Event:
        """Set when they do not want to read on: what is proven by then is the answer."""
        ...

    def begins(self, ids: Ids) -> None:
        """A language model is about to write it."""
        ...

    async def released(self, ids: Ids, piece: str) -> None:
        """A further piece of the answer, proven. All of an answer comes like this, or none of it."""
        ...
