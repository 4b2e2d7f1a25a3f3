"""Names → addresses, in threads of their own: a name server that hangs holds up neither other names nor other work.

The event loop's own lookups share a handful of threads with everything else that runs in one.
"""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

LOOKUPS_AT_ONCE = 64

_threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
# Under way: a second question for the same name waits for the first one's answer. Nothing is kept beyond that.
_asked: dict[tuple[str, int], Future[list[Any]]] = {}


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses the operating system knows for a name. Raises `OSError` where there are none."""
    question = (host, port)
    asked = _asked.get(question)
    if asked is None:
        asked = _asked[question] = _threads.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        asked.add_done_callback(lambda _: _asked.pop(question, None))
    # Shielded: who gives up waiting does not end it for the others.
    answers = await asyncio.shield(asyncio.wrap_future(asked))
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
