"""Knowledge whose vectors another model made: they do not compare with this one's, so nothing is asked of them."""

from sqlalchemy import select

from aivastark.database import ReadSession
from aivastark.sources.models import Document, Source

ENDPOINT = ":endpoint-"  # in the recipe of what a model at an endpoint embedded


class OtherModel(RuntimeError):
    """The install's knowledge was embedded by another model than the one that is set; starting would mix them."""


def require_one_model(session: ReadSession, model_id: str) -> None:
    """Raises `OtherModel` where an endpoint's model made what is published, or would be added to it, and is not both.

    Of the packaged models nothing is required here.
    """
    ours = f":{model_id}:"
    others = select(Document.recipe).join(
        Source, (Source.project_id == Document.project_id) & (Source.id == Document.source_id)
    )
    others = others.where(
        Document.until.is_(None), Document.recipe != "", ~Document.recipe.contains(ours, autoescape=True)
    )
    if ENDPOINT not in f":{model_id}":
        others = others.where(Document.recipe.contains(ENDPOINT, autoescape=True))
    recipe = session.scalars(others.limit(1)).first()
    if recipe is not None:
        theirs = recipe.partition(":")[2].rpartition(":")[0]
        raise OtherModel(
            f"The documents here were embedded by {theirs}, and {model_id} is set now. "
            "Set AIVASTARK_EMBEDDING_URL, AIVASTARK_EMBEDDING_MODEL and the prefixes back, "
            "or begin with another data directory or database."
        )
