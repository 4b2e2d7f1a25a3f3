"""Pages of the web. Location: `{"url": "https://…"}` for one page, with `"crawl": {…}` for the site from there on."""

from collections.abc import AsyncIterator, Mapping

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.urls import normalise_url
from aivastark.sources.connectors.base import FetchedDocument, Found, KnownDocument, Sync, Unchanged, text_at
from aivastark.sources.connectors.crawl.crawl import crawl
from aivastark.sources.connectors.crawl.settings import settings_at
from aivastark.sources.connectors.pages import ACCEPT, page_document


class UrlConnector:
    """Fetches pages, or learns that they are what they were; the locator of each is its normalised URL."""

    absence_is_certain = False

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def documents(self, sync: Sync) -> AsyncIterator[Found]:
        start = _normal(text_at(sync.location, "url"))
        settings = settings_at(sync.location)
        if settings is None:
            yield await self._page(start, sync.known)
            return
        pages = crawl(self._fetcher, sync, start, settings)
        try:
            async for found in pages:
                yield found
        finally:
            await pages.aclose()

    async def _page(self, locator: str, known: Mapping[str, KnownDocument]) -> FetchedDocument | Unchanged:
        before = known.get(locator)
        fetched = await self._fetcher.get(
            locator,
            etag=before.etag if before else None,
            last_modified=before.last_modified if before else None,
            accept=ACCEPT,
        )
        return Unchanged(locator=locator) if fetched.not_modified else page_document(fetched, locator=locator)


def _normal(url: str) -> str:
    try:
        return normalise_url(url)
    except ValueError as error:
        raise FetchFailed("invalid_url", str(error)) from error
