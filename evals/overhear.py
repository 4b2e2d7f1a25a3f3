"""A door between the product and a language model that lets everything through and remembers what the model said.

What the product leaves out of an answer cannot be read from the answer; here it is heard before it is checked.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

EVENT = b"data: "
END = b"\n\n"
SILENCE_S = 600.0


@dataclass(kw_only=True)
class Heard:
    """One answer of the model, as it came."""

    text: str = ""
    first_text_ms: float | None = None
    """From the request to its first text."""


@dataclass(kw_only=True)
class Ear:
    """Where to send the product, and what was heard there, in order; for those who clear it."""

    url: str
    heard: list[Heard] = field(default_factory=list)


@contextlib.asynccontextmanager
async def overhearing(model_url: str) -> AsyncIterator[Ear]:
    """The door to the endpoint at `model_url`, until the block ends."""
    async with httpx.AsyncClient(timeout=SILENCE_S, trust_env=False) as http:
        ear = Ear(url="")

        async def pass_on(request: Request) -> StreamingResponse:
            heard, begun = Heard(), time.perf_counter()
            ear.heard.append(heard)
            headers = {"content-type": "application/json"}
            asked = http.build_request(
                "POST", f"{model_url}/chat/completions", content=await request.body(), headers=headers
            )
            answer = await http.send(asked, stream=True)
            return StreamingResponse(
                _listened(answer, heard, begun),
                status_code=answer.status_code,
                media_type=answer.headers.get("content-type"),
            )

        app = Starlette(routes=[Route("/v1/chat/completions", pass_on, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            ear.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
            try:
                yield ear
            finally:
                server.should_exit = True
                await serving


async def _listened(answer: httpx.Response, heard: Heard, begun: float) -> AsyncIterator[bytes]:
    """The bytes as they come; the text in them is noted. Ends the call when the product does not want more."""
    waiting = b""
    try:
        async for piece in answer.aiter_raw():
            *events, waiting = (waiting + piece).split(END)
            text = "".join(map(_text, events))
            if text and heard.first_text_ms is None:
                heard.first_text_ms = (time.perf_counter() - begun) * 1000
            heard.text += text
            yield piece
    finally:
        await answer.aclose()


def _text(event: bytes) -> str:
    if not event.startswith(EVENT + b"{"):
        return ""
    choices = orjson.loads(event[len(EVENT) :]).get("choices") or [{}]
    return (choices[0].get("delta") or {}).get("content") or ""
