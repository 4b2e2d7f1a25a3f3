"""How far a crawl goes, as its source's location says: `{"url": …, "crawl": {"max_pages": …, …}}`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

DEFAULT_MAX_PAGES = 500
DEFAULT_MAX_DEPTH = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlSettings:
    """Bounds of a crawl, and which addresses are in it."""

    max_pages: int = DEFAULT_MAX_PAGES
    max_depth: int = DEFAULT_MAX_DEPTH  # links from the start page or a page of the sitemap
    include: tuple[str, ...] = ()  # globs; none: what is below the start page
    exclude: tuple[str, ...] = ()
    sitemap: bool | str = True  # the site's own, none, or this one

    def digest(self) -> str:
        """Differs when anything does."""
        said = orjson.dumps([self.max_pages, self.max_depth, self.include, self.exclude, self.sitemap])
        return hashlib.sha256(said).hexdigest()[:16]


def settings_at(location: Mapping[str, object]) -> CrawlSettings | None:
    """The crawl of a location; None where it is that page alone. Raises ValueError, for it was checked when posted."""
    said = location.get("crawl")
    if said is None:
        return None
    if not isinstance(said, Mapping):
        raise ValueError("the crawl of this source is no object")
    return CrawlSettings(
        max_pages=_number(said.get("max_pages"), DEFAULT_MAX_PAGES),
        max_depth=_number(said.get("max_depth"), DEFAULT_MAX_DEPTH),
        include=_globs(said.get("include")),
        exclude=_globs(said.get("exclude")),
        sitemap=_sitemap(said.get("sitemap", True)),
    )


def _number(value: object, otherwise: int) -> int:
    if value is None:
        return otherwise
    if not isinstance(value, int):
        raise ValueError("a bound of this crawl is no number")
    return value


def _globs(value: object) -> tuple[str, ...]:
    if value is not None and not isinstance(value, list | tuple):
        raise ValueError("the globs of this crawl are no list")
    return tuple(str(glob) for glob in value or ())


def _sitemap(value: object) -> bool | str:
    if not isinstance(value, bool | str):
        raise ValueError("the sitemap of this crawl is no address")
    return value
