"""What a deployment is made of, opened once by `bootstrap.open_backends` and handed to the edges."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aivastark.backends.blobs.base import BlobStore
from aivastark.backends.broadcast.base import Broadcast
from aivastark.backends.broadcast.local import LocalBroadcast
from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.others import OtherModels
from aivastark.backends.google import Google
from aivastark.backends.llm.base import LanguageModel
from aivastark.backends.mail.base import MailSender
from aivastark.backends.reranking import Reranker
from aivastark.backends.search.base import SearchEngine
from aivastark.database import Database
from aivastark.fetching import Fetcher
from aivastark.kit.growing import Growing
from aivastark.kit.money import BOUNDLESS, FREE, Budget, Price

WORK = "work"
"""The topic of workers: there is something to do."""


@dataclass(frozen=True, slots=True)
class WorkWaiting:
    """There is something to do, and somebody may do it, in whatever process."""

    broadcast: Broadcast

    def set(self) -> None:
        """Wake the workers."""
        self.broadcast.tell(WORK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """The visitor of a widget."""

    widget_id: str
    visitor_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderWay:
    """Something that is being written: what there is of it as numbered events, and a way to stop it."""

    whose: Whose | None = None
    """The visitor who may read it; None: nobody but those who hold a key to the project."""
    events: Growing[tuple[str, Mapping[str, Any]]] = field(default_factory=Growing)
    stop: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, kw_only=True)
class Backends:
    """Everything that can be swapped, and the install's own secret."""

    db: Database
    search: SearchEngine
    embedder: Embedder
    blobs: BlobStore
    fetcher: Fetcher
    mail: MailSender
    secret_key: bytes
    """Signs cursors; what is sealed (`kit/seal.py`) is sealed under it."""
    github_api_url: str = "https://api.github.com"
    """Where sources in GitHub are, unless they say another place."""
    google: Google = field(default_factory=Google)
    """Where Google is, for sources in Drive."""
    other_models: OtherModels = field(default_factory=OtherModels)
    """Those that made knowledge which is being embedded anew by `embedder`."""
    reranker: Reranker | None = None
    """Puts what a search found in order; None: it stays as the search has it."""
    llm: LanguageModel | None = None
    """Writes answers; None: they are the documents' own sentences."""
    llm_max_tokens: int = 700
    """How long it may make an answer."""
    llm_price: Price = FREE
    """What its tokens cost, at most."""
    llm_budget: Budget = BOUNDLESS
    """What a project may spend on it in a day, unless the project says."""
    answers_under_way: dict[str, UnderWay] = field(default_factory=dict)
    """Answers this process is writing, by project and message."""
    answers_watch: set[asyncio.Task[None]] = field(default_factory=set)
    """Looks after them, while there are any."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """Work that goes on when who asked for it is gone."""
    broadcast: Broadcast = field(default_factory=LocalBroadcast)
    """Wakes those who watch a source or a conversation, and workers."""

    @property
    def work_waiting(self) -> "WorkWaiting":
        """Set after work was queued, so that no worker need wait for its next look."""
        return WorkWaiting(self.broadcast)
