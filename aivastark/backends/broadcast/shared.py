"""Broadcast to all processes: within this one at once, to the others over a line that hears itself.

A message is a hint and no fact: one that is lost delays what it told of until its listeners look by themselves. So
nothing waits for it, the line may break, and after a break everyone here looks once, since something may have been
missed. Messages are told together: those that come while others are on their way go out in one.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Protocol

import orjson
import structlog

from aivastark.backends.broadcast.base import Listener
from aivastark.backends.broadcast.local import LocalBroadcast

CHECK_EVERY_S = 30.0
HEARD_WITHIN_S = 10.0  # what a line that works brings back of what we said
TRY_AGAIN_AFTER_S = 0.2  # growing, and spread, so that processes do not come back all at once
TRY_AGAIN_AFTER_MAX_S = 30.0
UNTOLD_MAX = 10_000  # while there is no line; more is told as "something happened"
TOLD_AT_CLOSE_WITHIN_S = 2.0

Told = tuple[str, str | None]
"""A topic, and what is named with it."""
ANYTHING: Told = ("*", None)

log = structlog.get_logger()


class LineBroken(Exception):
    """Says why, in a sentence that may be logged."""


class Line(Protocol):
    """An open way to all processes, this one included. Raises `LineBroken` once it is none any more."""

    message_max_bytes: int
    """How long a message may be."""

    async def send(self, message: bytes) -> None:
        """To all, in the order of the calls."""

    async def receive(self) -> bytes:
        """The next message that anybody sent since the line was opened."""


OpenLine = Callable[[], contextlib.AbstractAsyncContextManager[Line]]


class SharedBroadcast:
    """Topics and their listeners, in every process whose line leads to the same place.

    The line is opened when somebody listens or tells for the first time: a command that does neither needs none.
    """

    def __init__(self, open_line: OpenLine) -> None:
        self._open_line = open_line
        self._local = LocalBroadcast()
        self._name = secrets.token_hex(6)
        self._untold: dict[Told, None] = {}
        self._to_send = asyncio.Event()
        self._all_told = asyncio.Event()
        self._came_back = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self.is_heard = asyncio.Event()
        """Set while the line works: what is told reaches the others, and what they tell reaches us."""

    def tell(self, topic: str, about: str | None = None) -> None:
        """See `Broadcast.tell`."""
        self._local.tell(topic, about)
        if len(self._untold) >= UNTOLD_MAX:
            self._untold = {ANYTHING: None}
        self._untold[topic, about] = None
        self._say()

    @contextlib.contextmanager
    def listen(self, topic: str) -> Iterator[Listener]:
        """See `Broadcast.listen`."""
        self._begin()
        with self._local.listen(topic) as listener:
            yield listener

    async def close(self) -> None:
        """See `Broadcast.close`."""
        if self._running is None:
            return
        if self._untold:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TOLD_AT_CLOSE_WITHIN_S):
                    await self._all_told.wait()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def _say(self) -> None:
        self._all_told.clear()
        self._to_send.set()
        self._begin()

    def _begin(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._keep_a_line())

    async def _keep_a_line(self) -> None:
        """Open it, and again whenever it breaks."""
        again_after, reason, said = TRY_AGAIN_AFTER_S, "", ""
        while True:
            try:
                async with self._open_line() as line:
                    await _all_of(self._hear(line), self._tell_others(line), self._check())
            except LineBroken as broken:
                reason = str(broken)
            if self.is_heard.is_set():
                again_after, said = TRY_AGAIN_AFTER_S, ""
            self.is_heard.clear()
            if reason != said:
                log.warning("events_not_shared", reason=reason)
                said = reason
            await asyncio.sleep(again_after * random.uniform(0.5, 1.0))
            again_after = min(again_after * 2, TRY_AGAIN_AFTER_MAX_S)

    async def _hear(self, line: Line) -> None:
        while True:
            name, told = _unpacked(await line.receive())
            if name == self._name:
                self._came_back.set()
                continue
            for topic, about in told:
                if (topic, about) == ANYTHING:
                    self._local.wake_all()
                self._local.tell(topic, about)

    async def _tell_others(self, line: Line) -> None:
        self._to_send.set()  # what the line before had no time for
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            untold, self._untold = self._untold, {}
            try:
                for message in _packed(self._name, untold, line.message_max_bytes):
                    await line.send(message)
            except BaseException:  # also when the line is closed meanwhile: the next one tells it
                self._untold = untold | self._untold
                raise
            if not self._untold:
                self._all_told.set()

    async def _check(self) -> None:
        """What we say comes back to us: no end of a connection is seen that a firewall forgot."""
        while True:
            self._came_back.clear()
            self._say()
            try:
                async with asyncio.timeout(HEARD_WITHIN_S):
                    await self._came_back.wait()
            except TimeoutError as error:
                raise LineBroken("what this process tells does not come back to it") from error
            if not self.is_heard.is_set():
                self.is_heard.set()
                self._local.wake_all()  # something may have happened while nobody told us
            await asyncio.sleep(CHECK_EVERY_S)


async def _all_of(*parts: Awaitable[None]) -> None:
    """Until the first of them fails: then none goes on, and it is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _packed(name: str, told: Iterable[Told], max_bytes: int) -> Iterator[bytes]:
    """As few messages as hold it all, and one where there is nothing to hold."""
    frame = len(orjson.dumps({"from": name, "told": []}))
    pack: list[Told] = []
    size = frame
    for one in told:
        length = len(orjson.dumps(one)) + 1
        if frame + length > max_bytes:
            one, length = ANYTHING, len(orjson.dumps(ANYTHING)) + 1
        if pack and size + length > max_bytes:
            yield orjson.dumps({"from": name, "told": pack})
            pack, size = [], frame
        pack.append(one)
        size += length
    yield orjson.dumps({"from": name, "told": pack})


def _unpacked(message: bytes) -> tuple[str, list[Told]]:
    """Whose it is, and what it tells. Others may use the same channel: what is none of our messages tells nothing."""
    try:
        read = orjson.loads(message)
        return str(read["from"]), [(str(topic), None if about is None else str(about)) for topic, about in read["told"]]
    except (ValueError, TypeError, KeyError):
        return "", []
