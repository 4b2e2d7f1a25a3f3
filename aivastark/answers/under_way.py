"""Answers while this process writes them: events for who asked, for who comes back to them, and a way to stop them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent

from aivastark import wall
from aivastark.answers.elsewhere import SIGN_EVERY_S, forget_under_way, look_after, note_under_way, say_alive
from aivastark.answers.stream import Event, closing_events, opening_event, server_sent, token_events, whole_events
from aivastark.backends.base import Backends, UnderWay, Whose
from aivastark.conversations.record import Ids
from aivastark.errors import Refused
from aivastark.projects.endpoints import PING_S, SSE_HEADERS
from aivastark.telemetry.metrics import FIRST_WORD_SECONDS

SEND_TIMEOUT_S = 30.0

log = structlog.get_logger()

Writing = Callable[["Growth"], Awaitable[dict[str, Any]]]
"""Writes an answer, telling its growth; gives it as it was recorded."""


class Growth:
    """The events of one answer, from its first proven sentence on. What `answer.Watcher` asks for."""

    def __init__(self, backends: Backends, project_id: str, request_id: str, whose: Whose | None) -> None:
        self._backends = backends
        self._project_id = project_id
        self._request_id = request_id
        self._noting: asyncio.Task[None] | None = None
        self._noted_as, self._noted_at = "", 0.0
        self._announced: Ids | None = None
        self._asked_at = time.perf_counter()
        self.state = UnderWay(whose=whose)

    @property
    def stop(self) -> asyncio.Event:
        """Set to end it."""
        return self.state.stop

    def begins(self, ids: Ids) -> None:
        """A language model is about to write it: the other processes learn of it while it thinks."""
        noting = note_under_way(self._backends, self._project_id, ids.message_id, self.state.whose)
        self._noted_as, self._noted_at = ids.message_id, time.monotonic()
        self._noting = asyncio.create_task(noting)

    async def released(self, ids: Ids, piece: str) -> None:
        """One more proven piece."""
        if self._announced is None:
            await self._is_known()
            self._announced = ids
            self._note_first_word()
            self._backends.answers_under_way[_key(self._project_id, ids.message_id)] = self.state
            _watch(self._backends)
            self.state.events.add(opening_event(ids, self._request_id))
        for event in token_events(piece):
            self.state.events.add(event)

    async def end(self, given: Mapping[str, Any]) -> None:
        """It is recorded: the rest of its events, or all of them where none came before."""
        await self._unnote()
        events: Iterable[Event]
        if self._announced is None:
            self._note_first_word()
            events = whole_events(given, self._request_id)
        elif given["id"] == self._announced.message_id:
            events = closing_events(given)
        else:  # a person took the conversation while it was written: then it was not recorded
            events = [_error("person_has_conversation", given["answer"], self._request_id)]
        for event in events:
            self.state.events.add(event)
        self._forget()

    async def fail(self, error: BaseException) -> None:
        """It came to nothing after it had begun: nothing of it is kept."""
        code, message = "internal_error", "Something went wrong on our side. Ask again."
        if isinstance(error, Refused):
            code, message = error.code, error.message
        if self._announced is not None:
            if code == "internal_error":
                log.error("an answer failed", exc_info=error)
            self.state.events.add(_error(code, message, self._request_id))
        self._forget()
        await self._unnote()

    async def _is_known(self) -> None:
        """Whoever learns its id from here on finds it, in whatever process they ask."""
        if self._noting is None:
            return
        await self._noting
        if time.monotonic() - self._noted_at > SIGN_EVERY_S:  # the model thought for long
            sign = partial(say_alive, answers={self._project_id: [self._noted_as]})
            await self._backends.db.write(sign)

    def _note_first_word(self) -> None:
        FIRST_WORD_SECONDS.observe(time.perf_counter() - self._asked_at)

    async def _unnote(self) -> None:
        """The other processes look for it among what is recorded from now on."""
        if self._noting is None:
            return
        noting, self._noting = self._noting, None
        await asyncio.gather(noting, return_exceptions=True)
        await forget_under_way(self._backends, self._project_id, self._noted_as)

    def _forget(self) -> None:
        self.state.events.end()
        if self._announced is not None:
            self._backends.answers_under_way.pop(_key(self._project_id, self._announced.message_id), None)
        if not self._backends.answers_under_way:
            for watch in self._backends.answers_watch:
                watch.cancel()
            self._backends.answers_watch.clear()


async def begin(
    backends: Backends, project_id: str, request_id: str, write: Writing, *, whose: Whose | None = None
) -> UnderWay:
    """Have an answer written, whether or not anybody stays to read it; returns when there is something to read.

    Raises what goes wrong before that. `whose`: the widget's visitor who asks.
    """
    growth = Growth(backends, project_id, request_id, whose)

    async def work() -> None:
        try:
            await growth.end(await write(growth))
        except BaseException as error:  # whoever watches is told, also of a shutdown
            await growth.fail(error)
            raise

    task = asyncio.create_task(work())
    backends.tasks.add(task)
    task.add_done_callback(backends.tasks.discard)
    task.add_done_callback(_heard)
    if not await growth.state.events.has_begun():
        await task  # which raises
    return growth.state


def find_under_way(backends: Backends, project_id: str, message_id: str) -> UnderWay | None:
    """An answer that this process is writing."""
    return backends.answers_under_way.get(_key(project_id, message_id))


async def follow(state: UnderWay, *, after: int = -1) -> AsyncIterator[ServerSentEvent]:
    """Its events from the one after number `after` on, as they come."""
    number = after
    async for kind, fields in state.events.follow(after + 1):
        number += 1
        yield server_sent(kind, fields, number)
    yield server_sent(None, {}, None)


async def stream_of(
    backends: Backends, project_id: str, request_id: str, write: Writing, *, whose: Whose | None = None
) -> EventSourceResponse:
    """An answer as a stream: as it is written where a language model writes it, else as it was given."""
    return sent(follow(await begin(backends, project_id, request_id, write, whose=whose)))


def sent(events: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """Events as a response."""
    return EventSourceResponse(events, ping=PING_S, send_timeout=SEND_TIMEOUT_S, sep="\n", headers=SSE_HEADERS)


def _watch(backends: Backends) -> None:
    """Somebody looks whether other processes want them stopped, from the first to the last of them."""
    if not backends.answers_watch:
        with wall.everything():
            backends.answers_watch.add(asyncio.create_task(look_after(backends)))


def _key(project_id: str, message_id: str) -> str:
    return f"{project_id}:{message_id}"


def _error(code: str, message: str, request_id: str) -> Event:
    return "error", {"error": {"code": code, "message": message, "request_id": request_id}}


def _heard(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # told to those who watch, and logged; nobody waits for the task itself
