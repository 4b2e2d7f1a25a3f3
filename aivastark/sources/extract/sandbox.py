"""Reads documents in a process of its own, so that none can exhaust, stop or crash the server."""

import asyncio
import contextlib
import signal
import sys

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.child import EXIT_OUT_OF_MEMORY
from aivastark.sources.extract.extract import extract
from aivastark.sources.extract.frames import LENGTH, MAX_REPLY_BYTES, pack_request, unpack_reply

MAX_SECONDS = 120.0  # for one document, by the clock
IDLE_SECONDS = 60.0  # then the child is stopped, and its memory freed
MAX_TEXT_BYTES_HERE = 32 * 1024  # text and markup of at most this size are read in a thread of this process

_TOO_COMPLEX = "The document is too complex to read within the memory and time allowed. Split it into parts."
_TOO_SLOW = "Reading the document took too long. Split it into parts, or save it again in a simpler form."
_CRASHED = "Reading the document failed badly; the file is probably damaged. Save it again and retry."


class ExtractionSandbox:
    """Runs `extract` in a child process: started when needed, replaced after a failure, stopped when idle.

    One document is read at a time; the time of waiting for one's turn does not count.
    """

    def __init__(self, *, max_seconds: float = MAX_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._max_seconds = max_seconds
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._stop_later: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def extract(
        self, content: bytes, *, name: str | None = None, media_type: str | None = None, url: str | None = None
    ) -> Extracted:
        """As `extract`; also raises `extraction_timeout`, `extraction_crashed` and `too_complex`."""
        if _is_small_text(content):
            return await asyncio.to_thread(extract, content, name=name, media_type=media_type, url=url)
        document = Document(content=content, name=name, media_type=media_type, url=url)
        async with self._turn:
            self._keep()
            try:
                async with asyncio.timeout(self._max_seconds):
                    reply = await self._ask(pack_request(document))
            except TimeoutError:
                await self._stop()
                raise ExtractionFailed("extraction_timeout", _TOO_SLOW) from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise _ended(await self._stop()) from None
            except BaseException:  # cancelled: the child still works on it and its pipes hold half a frame
                await self._stop()
                raise
            finally:
                self._stop_when_idle()
        return await asyncio.to_thread(unpack_reply, reply)

    async def close(self) -> None:
        """Stops the child, whatever it does."""
        self._keep()
        if self._stopping is not None:
            await self._stopping
        await self._stop()

    async def _ask(self, request: bytes) -> bytes:
        child = await self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(LENGTH.pack(len(request)))
        child.stdin.write(request)
        await child.stdin.drain()
        (length,) = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        if length > MAX_REPLY_BYTES:
            raise ConnectionError("a reply longer than any document gives")
        return await child.stdout.readexactly(length)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._child is not None and self._child.returncode is not None:
            await self._stop()
        if self._child is None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "aivastark.sources.extract.child"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._child

    async def _stop(self) -> int | None:
        """Ends the child and waits until it is gone; gives its exit status."""
        child, self._child = self._child, None
        if child is None:
            return None
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(0.2):  # it may be ending by itself: its own status says why
                await child.wait()
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        if child.stdin is not None:
            child.stdin.close()
        return await asyncio.shield(child.wait())

    def _keep(self) -> None:
        if self._stop_later is not None:
            self._stop_later.cancel()
            self._stop_later = None

    def _stop_when_idle(self) -> None:
        self._keep()
        if self._child is not None:
            self._stop_later = asyncio.get_running_loop().call_later(self._idle_seconds, self._stop_idle)

    def _stop_idle(self) -> None:
        async def stop() -> None:
            async with self._turn:
                if self._stop_later is None:
                    await self._stop()

        self._stop_later = None
        self._stopping = asyncio.create_task(stop())


def _is_small_text(content: bytes) -> bool:
    """At this size even the worst text is read within a second or two, quadratic or not."""
    if len(content) > MAX_TEXT_BYTES_HERE or b"\x00" in content or content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return False
    return b"%PDF-" not in content[:1024]


def _ended(status: int | None) -> ExtractionFailed:
    # Native code aborts when it gets no memory; the system kills what takes too much of it.
    if status in {EXIT_OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGABRT}:
        return ExtractionFailed("too_complex", _TOO_COMPLEX)
    return ExtractionFailed("extraction_crashed", _CRASHED)
