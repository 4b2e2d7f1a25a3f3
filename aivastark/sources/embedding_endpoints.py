"""HTTP for the embedding of a project's knowledge: which model serves, and how far another one has come."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from aivastark.database import ReadSession
from aivastark.projects.endpoints import Here, in_project
from aivastark.sources.embedding_models import Reembedding

router = APIRouter(prefix="/v1/projects/{project_id}", tags=["Sources"])

Reading = Annotated[Here, Depends(in_project("sources"))]


class ReembeddingError(BaseModel):
    """Why it waits."""

    code: str
    message: str
    next_retry_at: datetime


class ReembeddingOut(BaseModel):
    """The knowledge on its way to the model that is set."""

    passages_total: int
    passages_done: int
    error: ReembeddingError | None
    started_at: datetime
    updated_at: datetime


class EmbeddingOut(BaseModel):
    """By which model the knowledge is found, and what comes."""

    model: str = Field(description="The model that is set.")
    serving: str | None = Field(description="The one whose vectors are searched; null = nothing was published yet.")
    reembedding: ReembeddingOut | None = Field(description="null = nothing is being embedded anew.")


@router.get("/embedding", operation_id="getEmbedding", summary="Which model the knowledge is found by")
async def embedding(here: Reading) -> EmbeddingOut:
    """After the operator set another model, all passages are embedded with it; the old one serves until all are."""

    def look(session: ReadSession) -> Reembedding | None:
        return session.get(Reembedding, (here.project_id,))

    row = await here.backends.db.read(look)
    models = await here.backends.search.models(here.project_id)
    return EmbeddingOut(
        model=here.backends.embedder.model_id,
        serving=None if models is None else models.serving or None,
        reembedding=None if row is None else ReembeddingOut.model_validate(row, from_attributes=True),
    )
