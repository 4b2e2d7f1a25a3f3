"""An uploaded file. Location: `{"blob": key, "name": "Handbook.pdf", "media_type": …}`; `media_type` may be absent."""

from collections.abc import AsyncIterator

from aivastark.backends.blobs.base import BlobStore
from aivastark.kit.clock import utc_now
from aivastark.sources.connectors.base import FetchedDocument, Found, Sync, Unchanged, optional_text_at, text_at


class FileConnector:
    """Reads the one file of a `file` source from the blob store; its locator is its name."""

    absence_is_certain = True

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        location = sync.location
        key, name = text_at(location, "blob"), text_at(location, "name")
        if name in sync.known and sync.known[name].content_hash == key:  # a blob's key is the hash of its bytes
            yield Unchanged(locator=name)
            return
        yield FetchedDocument(
            locator=name,
            content=await self._blobs.get(sync.project_id, key),
            name=name,
            media_type=optional_text_at(location, "media_type"),
            url=optional_text_at(location, "url"),
            fetched_at=utc_now(),
        )
