"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text

from aivastark import __version__
from aivastark.backends.base import Backends

router = APIRouter(prefix="/v1/health", tags=["Health"])


class Health(BaseModel):
    """The state of this process."""

    status: Literal["ok"]
    version: str


@router.get("/live", operation_id="healthLive", summary="Is the process alive")
async def live() -> Health:
    """Answers as long as the process runs."""
    return Health(status="ok", version=__version__)


@router.get("/ready", operation_id="healthReady", summary="Can it serve")
async def ready(request: Request) -> Health:
    """Answers once the database opens and the model is loaded."""
    backends: Backends = request.app.state.backends
    await backends.db.read(lambda session: session.execute(text("SELECT 1")).one())
    return Health(status="ok", version=__version__)
