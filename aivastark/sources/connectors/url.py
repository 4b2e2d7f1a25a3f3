"""A page of the web. Location: `{"url": "https://…"}`. One page; the crawl will yield many from the same place."""

from collections.abc import AsyncIterator, Mapping
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetched, Fetcher
from aivastark.kit.clock import utc_now
from aivastark.kit.urls import normalise_url
from aivastark.sources.connectors.base import FetchedDocument, Found, KnownDocument, Sync, Unchanged, text_at

# What extraction can read, best first; anything else is still taken and told by its content.
ACCEPT = "text/html,application/xhtml+xml;q=0.9,text/markdown;q=0.9,application/pdf;q=0.8,*/*;q=0.5"
MAX_NAME_CHARS = 255


class UrlConnector:
    """Fetches a page, or learns that it is what it was; its locator is its normalised URL."""

    absence_is_certain = False

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        yield await self._page(text_at(sync.location, "url"), sync.known)

    async def _page(self, url: str, known: Mapping[str, KnownDocument]) -> FetchedDocument | Unchanged:
        try:
            locator = normalise_url(url)
        except ValueError as error:
            raise FetchFailed("invalid_url", str(error)) from error
        before = known.get(locator)
        fetched = await self._fetcher.get(
            locator,
            etag=before.etag if before else None,
            last_modified=before.last_modified if before else None,
            accept=ACCEPT,
        )
        if fetched.not_modified:
            return Unchanged(locator=locator)
        return FetchedDocument(
            locator=locator,
            content=fetched.body,
            name=_file_name(fetched),
            media_type=fetched.headers.get("content-type"),
            url=fetched.url,
            etag=fetched.headers.get("etag"),
            last_modified=fetched.headers.get("last-modified"),
            fetched_at=utc_now(),
        )


def _file_name(fetched: Fetched) -> str | None:
    """The name the server gives the file, or the last part of the path where it has an ending; never a folder."""
    declared = Message()
    declared["Content-Disposition"] = fetched.headers.get("content-disposition", "")
    name = PurePosixPath((declared.get_filename() or "").replace("\\", "/")).name
    if not name:
        last = PurePosixPath(unquote(urlsplit(fetched.url).path))
        name = last.name if last.suffix else ""
    return name[-MAX_NAME_CHARS:] or None
