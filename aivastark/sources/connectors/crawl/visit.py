"""One page: asked for politely, conditionally, and only where robots.txt lets us; and what robots.txt says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetched, Fetcher
from aivastark.sources.connectors.base import KnownDocument
from aivastark.sources.connectors.crawl.frontier import Place
from aivastark.sources.connectors.crawl.links import NOTHING_SAID, PageLinks, read_links
from aivastark.sources.connectors.crawl.politeness import Politeness, wait_before
from aivastark.sources.connectors.crawl.robots import Robots, read_robots
from aivastark.sources.connectors.pages import ACCEPT

MAX_ROBOTS_BODY_BYTES = 5_000_000  # the beginning of it is read, see `robots`
TOO_MUCH = (429, 503)

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
DOCUMENT_TYPES = HTML_TYPES | {
    "text/plain", "text/markdown", "text/x-markdown", "text/csv", "text/tab-separated-values", "text/x-rst",
    "application/pdf", "application/epub+zip", "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
}  # fmt: skip
# How servers call what they do not know; then the ending of the name decides.
UNSAID_TYPES = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/zip", "application/download"}
)
DOCUMENT_ENDINGS = frozenset(
    {".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".rst", ".csv", ".tsv"}
    | {".pdf", ".epub", ".docx", ".pptx", ".xlsx", ".xls", ".ods"}
)

_LOGIN_PAGES = frozenset({"login", "log-in", "signin", "sign-in", "sign_in", "login.php", "wp-login.php", "login.html"})
_LOGIN_PATHS = _LOGIN_PAGES | {"sso", "saml", "saml2", "oauth", "oauth2", "authorize", "auth", "openid"}
_LOGIN_HOSTS = frozenset({"login", "accounts", "account", "auth", "sso", "idp", "id", "signin"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Visited:
    """What became of a place: an answer with what its tags say, a failure, or robots.txt's refusal."""

    place: Place
    fetched: Fetched | None = None
    said: PageLinks = NOTHING_SAID
    failure: FetchFailed | None = None
    is_disallowed: bool = False


async def visit(
    place: Place,
    *,
    fetcher: Fetcher,
    politeness: Politeness,
    robots: Robots,
    known: KnownDocument | None,
    takes_anything: bool = False,
) -> Visited:
    """Look at a place; a server that says it is too much is asked again a bounded number of times.

    Only documents are read, unless it `takes_anything`. Redirects are not followed here: where they lead is a place of
    its own, with its own validators and its own rules.
    """
    if not robots.allows(place.url):
        return Visited(place=place, is_disallowed=True)
    tries = 1
    while True:
        try:
            async with politeness.turn():
                fetched = await fetcher.get(
                    place.url,
                    etag=known.etag if known else None,
                    last_modified=known.last_modified if known else None,
                    accept=ACCEPT,
                    redirects=0,
                    wanted=None if takes_anything else lambda headers: is_document(place.url, headers),
                )
            break
        except FetchFailed as failure:
            tries += 1
            wait = wait_before(tries, failure.retry_after) if failure.status in TOO_MUCH else None
            if wait is None:
                return Visited(place=place, failure=failure)
            politeness.slow_down(wait)
    if not fetched.body or _type(fetched.headers) not in HTML_TYPES | {""}:
        return Visited(place=place, fetched=fetched)
    media_type = fetched.headers.get("content-type")
    said = await asyncio.to_thread(read_links, fetched.body, media_type=media_type, url=fetched.url)
    return Visited(place=place, fetched=fetched, said=said)


async def robots_of(fetcher: Fetcher, url: str) -> Robots:
    """What the site of `url` asks for. No robots.txt allows everything; one that cannot be had now, nothing (RFC 9309).

    Raises FetchFailed for the latter.
    """
    parts = urlsplit(url)
    try:
        fetched = await fetcher.get(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            max_bytes=MAX_ROBOTS_BODY_BYTES,
            accept="text/plain,*/*;q=0.5",
        )
    except FetchFailed as failure:
        if failure.code == "too_many_redirects" or (failure.status is not None and not failure.retryable):
            return Robots()
        if failure.status is None:  # nobody answers: that says more than what was asked for
            raise
        raise FetchFailed(
            failure.code,
            f"{parts.hostname} cannot show its robots.txt now (HTTP {failure.status}), so its pages are left alone.",
            retryable=True,
            retry_after=failure.retry_after,
            status=failure.status,
        ) from failure
    return await asyncio.to_thread(read_robots, fetched.body)


def is_document(url: str, headers: Mapping[str, str]) -> bool:
    """Whether a body is worth reading, by its declared type, or by its name where none is declared."""
    declared = _type(headers)
    if declared not in UNSAID_TYPES:
        return declared in DOCUMENT_TYPES
    ending = PurePosixPath(urlsplit(url).path).suffix.lower()
    return ending in DOCUMENT_ENDINGS or (not declared and not ending)


def leads_to_login(target: str, *, same_site: bool) -> bool:
    """Whether a redirect leads to a login page; within the site only an address that can be nothing else counts."""
    parts = urlsplit(target)
    segments = [segment.lower() for segment in parts.path.split("/") if segment]
    if same_site:
        return bool(segments) and segments[-1] in _LOGIN_PAGES
    return bool(_LOGIN_PATHS & set(segments)) or (parts.hostname or "").partition(".")[0] in _LOGIN_HOSTS


def _type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
