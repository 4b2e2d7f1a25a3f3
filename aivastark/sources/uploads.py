"""The uploaded bytes behind sources: kept as long as any source of the project refers to them."""

from sqlalchemy import select

from aivastark.backends.blobs.base import BlobStore
from aivastark.database import WriteSession
from aivastark.sources.models import Source


def drop_unused_blob(session: WriteSession, blobs: BlobStore, project_id: str, key: str | None) -> None:
    """Forget uploaded bytes that no source refers to any more.

    Inside the transaction: nobody can begin to use the same bytes between the look and the deletion.
    """
    if key is None:
        return
    session.flush()
    used = session.scalar(select(Source.id).where(Source.project_id == project_id, Source.blob == key).limit(1))
    if used is None:
        blobs.delete(project_id, key)
