"""Text posted as it is. Location: `{"blob": key, "format": "plain" | "markdown" | "html"}`."""

from collections.abc import AsyncIterator

from aivastark.backends.blobs.base import BlobStore
from aivastark.kit.clock import utc_now
from aivastark.sources.connectors.base import FetchedDocument, Found, Sync, Unchanged, optional_text_at, text_at

LOCATOR = "text"

# A posted text was JSON, so its bytes in the store are UTF-8.
MEDIA_TYPES = {
    "plain": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


class RawConnector:
    """Reads the one text of a `raw` source from the blob store."""

    absence_is_certain = True

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        location = sync.location
        key = text_at(location, "blob")
        if LOCATOR in sync.known and sync.known[LOCATOR].content_hash == key:  # a blob's key is the hash of its bytes
            yield Unchanged(locator=LOCATOR)
            return
        yield FetchedDocument(
            locator=LOCATOR,
            content=await self._blobs.get(sync.project_id, key),
            name=None,
            media_type=_media_type(optional_text_at(location, "format") or "plain"),
            url=optional_text_at(location, "url"),
            fetched_at=utc_now(),
        )


def _media_type(stated: str) -> str:
    if stated not in MEDIA_TYPES:
        raise ValueError(f"{stated!r} is no format of a posted text")
    return MEDIA_TYPES[stated]
