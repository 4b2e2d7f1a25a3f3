"""The process that reads documents from strangers: little memory, little time, and it ends with its parent.

Run as `python -m aivastark.sources.extract.child`; started by `sandbox.py`, never by hand.
"""

import os
import queue
import resource
import signal
import sys
import threading
from typing import BinaryIO

from aivastark.sources.extract.base import ExtractionFailed, RecognitionNeeded
from aivastark.sources.extract.extract import extract_document
from aivastark.sources.extract.frames import pack_reply, read_frame, unpack_request, write_frame

MAX_MEMORY_BYTES = 2 * 1024 * 1024 * 1024  # of address space
MAX_CPU_SECONDS = 120  # for one document
NICENESS = 5  # answering questions comes first
EXIT_OUT_OF_MEMORY = 77


def main() -> None:
    requests, replies = _own_pipes()
    _limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    os.nice(NICENESS)
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        write_frame(replies, _answer(waiting.get()))


def _answer(request: bytes) -> bytes:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + MAX_CPU_SECONDS)
    try:
        document = unpack_request(request)
        del request
        return pack_reply(extract_document(document))
    except (ExtractionFailed, RecognitionNeeded) as failure:
        return pack_reply(failure)
    except MemoryError:
        os._exit(EXIT_OUT_OF_MEMORY)


def _listen(requests: BinaryIO, waiting: "queue.SimpleQueue[bytes]") -> None:
    """Passes requests on; when the parent is gone, ends the process in the middle of whatever it does."""
    try:
        while (request := read_frame(requests)) is not None:
            waiting.put(request)
    except MemoryError:
        os._exit(EXIT_OUT_OF_MEMORY)
    if os.getpgid(0) == os.getpid():  # the sandbox gave it a group of its own: whatever it runs ends with it
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for frames alone: what a library prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, replies


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    main()
