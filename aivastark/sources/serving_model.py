"""Which model a project's knowledge is searched by, and that model, where it can be asked."""

from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import Embedder
from aivastark.database import ReadSession
from aivastark.sources.models import Document

UNKNOWN = "unknown"
"""Stands for the model of an index that was made before its name was noted, where the documents do not tell either."""


async def other_model(backends: Backends, project_id: str) -> str | None:
    """The model that serves the project, where that is not the one that is set."""
    models = await backends.search.models(project_id)
    if models is None:
        return None
    serving = models.serving or await name_model(backends, project_id)
    return None if serving == backends.embedder.model_id else serving


async def other_embedder(backends: Backends, project_id: str) -> Embedder | None:
    """The same, to be asked; None where that cannot be, or the model that is set serves."""
    model_id = await other_model(backends, project_id)
    return None if model_id is None else await backends.other_models.of(model_id)


async def name_model(backends: Backends, project_id: str) -> str:
    """Note which model made an index that does not say so, once: from the recipes of the documents in it."""
    model_id = await backends.db.read(lambda session: _by_recipes(session, project_id))
    await backends.search.name_model(project_id, model_id)
    return model_id


def _by_recipes(session: ReadSession, project_id: str) -> str:
    recipes = session.scalars(
        select(Document.recipe).where(Document.project_id == project_id, Document.until.is_(None)).distinct()
    )
    models = {recipe.partition(":")[2].rpartition(":")[0] for recipe in recipes} - {""}
    return models.pop() if len(models) == 1 else UNKNOWN
