"""Whether the process lives, and whether it can serve."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text

from aivastark import __version__
from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobsFailed

UPLOADS_LOOK_S = 2.0  # shorter than probes wait

router = APIRouter(prefix="/v1/health", tags=["Health"])


class Health(BaseModel):
    """The state of this process."""

    status: Literal["ok"]
    version: str


class Readiness(Health):
    """Whether it can serve. Answers need no uploads, so that a store which is away does not take it out of service."""

    uploads: Literal["ok", "unavailable"]


@router.get("/live", operation_id="healthLive", summary="Is the process alive")
async def live() -> Health:
    """Answers as long as the process runs."""
    return Health(status="ok", version=__version__)


@router.get("/ready", operation_id="healthReady", summary="Can it serve")
async def ready(request: Request) -> Readiness:
    """Answers once the database opens and the model is loaded; says beside that whether uploads can be stored."""
    backends: Backends = request.app.state.backends
    await backends.db.read(lambda session: session.execute(text("SELECT 1")).one())
    return Readiness(status="ok", version=__version__, uploads=await _uploads(backends))


async def _uploads(backends: Backends) -> Literal["ok", "unavailable"]:
    try:
        async with asyncio.timeout(UPLOADS_LOOK_S):
            await backends.blobs.check()
    except (BlobsFailed, OSError):  # a time-out is one
        return "unavailable"
    return "ok"
