"""One process that reads documents: started when needed, replaced after a failure, stopped when idle."""

import asyncio
import contextlib
import os
import signal
import sys

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.child import EXIT_OUT_OF_MEMORY
from aivastark.sources.extract.frames import LENGTH, MAX_REPLY_BYTES, pack_request, unpack_reply

_TOO_COMPLEX = "The document is too complex to read within the memory and time allowed. Split it into parts."
_TOO_SLOW = "Reading the document took too long. Split it into parts, or save it again in a simpler form."
_CRASHED = "Reading the document failed badly; the file is probably damaged. Save it again and retry."


class Reader:
    """A child process with its queue. One document is read at a time; waiting for one's turn does not count as time."""

    def __init__(self, *, max_seconds: float, idle_seconds: float) -> None:
        self._max_seconds = max_seconds
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._stop_later: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def read(self, document: Document) -> Extracted:
        """As `extract`; also raises `extraction_timeout`, `extraction_crashed`, `too_complex`, `RecognitionNeeded`."""
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
                start_new_session=True,  # a process group: what it runs is ended with it
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
                os.killpg(child.pid, signal.SIGKILL)
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


def _ended(status: int | None) -> ExtractionFailed:
    # Native code aborts when it gets no memory; the system kills what takes too much of it.
    if status in {EXIT_OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGABRT}:
        return ExtractionFailed("too_complex", _TOO_COMPLEX)
    return ExtractionFailed("extraction_crashed", _CRASHED)
