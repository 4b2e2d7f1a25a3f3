"""What a source takes of its plan: passages are reserved before they are stored."""

from sqlalchemy import func, select

from aivastark.accounts.bounds import require_room
from aivastark.database import WriteSession
from aivastark.projects.store import organization_of
from aivastark.sources.models import Document, Source, published_of


def reserve_passages(session: WriteSession, source: Source, passages: int) -> None:
    """Hold the coming version's passages, while the published ones are still there. Raises `PlanLimitReached`.

    What is no larger than before always fits, also after the plan was made smaller.
    """
    if passages <= source.held_chunks:
        return
    others = select(func.coalesce(func.sum(Source.held_chunks), 0)).where(
        Source.project_id == source.project_id, Source.id != source.id, Source.status != "deleting"
    )
    organization_id = organization_of(session, source.project_id)
    require_room(session, organization_id, "chunks_per_project", others, adding=passages)
    source.held_chunks = passages


def hold_what_is_published(session: WriteSession, source: Source) -> None:
    """A sync came to nothing: what it had reserved is free again."""
    published = select(func.sum(Document.chunk_count)).where(published_of(source))
    source.chunk_count = source.held_chunks = session.scalar(published) or 0
