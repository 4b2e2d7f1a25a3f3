"""Which addresses belong to a crawl, and how each is spelled.

A site is one origin; `http` and `https`, with and without `www.`, are the same site, and its pages are spelled as the
start page is after its redirects. Within the site belongs what is at or below the start page's directory or, where
`include` says so, what matches one of its globs; never what `exclude` names.

A glob is compared with path and query, with the path alone, and with the path without its last slash, unescaped. `*`
does not cross a slash, `**` does; one that ends in a slash means all that is below; one without a slash in front may
begin at any part of the path, so `*.pdf` and `blog/**` match anywhere.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from aivastark.kit.urls import DEFAULT_PORTS, normalise_url
from aivastark.kit.wildcards import Wildcards, matches, wildcards
from aivastark.sources.connectors.crawl.settings import CrawlSettings

# Endless sites (calendars, filters, links relative to the wrong place) make addresses without end.
MAX_URL_CHARS = 2_000
MAX_PATH_SEGMENTS = 20
MAX_SAME_SEGMENTS = 3  # `/a/b/a/b/a/b/a/b`: a relative link that goes round in circles
MAX_PARAMETERS = 6
MAX_PARAMETER_SETS_PER_PATH = 12  # which parameters come together: more is a page of filters

# What holds no text for readers. Endings that are also names (`/guides/next.js`) are told by their declared type.
LEFT_OUT = frozenset(
    {
        "png", "jpg", "jpeg", "jpe", "gif", "webp", "svg", "svgz", "ico", "bmp", "tif", "tiff", "avif", "heic", "psd",
        "css", "woff", "woff2", "ttf", "otf", "eot", "mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "aac", "mp4",
        "m4v", "mov", "avi", "mkv", "webm", "ogv", "wmv", "flv", "swf", "zip", "tar", "gz", "tgz", "bz2", "tbz", "xz",
        "txz", "zst", "7z", "rar", "jar", "whl", "deb", "rpm", "apk", "dmg", "iso", "exe", "msi", "wasm", "sig", "asc",
        "sha256", "sha512", "rss", "atom", "xml", "xsl", "xsd", "ics", "vcf", "torrent", "parquet",
    }
)  # fmt: skip
TEXTS_FOR_MACHINES = frozenset({"/robots.txt", "/ads.txt", "/security.txt", "/humans.txt"})


@dataclass(kw_only=True)
class Scope:
    """The addresses of one crawl. Counts what it has let in, to see traps."""

    home: str  # the start page's address after its redirects
    directory: str  # of paths, with a slash at its end
    include: tuple[Wildcards, ...]
    exclude: tuple[Wildcards, ...]
    _sets: dict[str, Counter[frozenset[str]]] = field(default_factory=lambda: defaultdict(Counter))

    def spelled(self, url: str) -> str | None:
        """An address of this site as its pages are filed; None for another site, or for no address at all."""
        try:
            normal = normalise_url(url)
        except ValueError:
            return None
        parts, home = urlsplit(normal), urlsplit(self.home)
        if _site(parts) != _site(home):
            return None
        return parts._replace(scheme=home.scheme, netloc=home.netloc).geturl()

    def holds(self, url: str) -> bool:
        """Whether a page, by its spelled address, may be a document of this crawl."""
        parts = urlsplit(url)
        forms = _forms(parts)
        if self.include:
            within = any(matches(glob, form) for glob in self.include for form in forms)
        else:
            within = parts.path.startswith(self.directory) or url == self.home
        return within and not any(matches(glob, form) for glob in self.exclude for form in forms)

    def may_be_followed(self, url: str) -> bool:
        """Whether an address is worth a look: in scope, no trap, and by its name no picture, script or archive."""
        parts = urlsplit(url)
        ending = "" if parts.path.endswith("/") else PurePosixPath(parts.path).suffix[1:].lower()
        if ending in LEFT_OUT or parts.path in TEXTS_FOR_MACHINES:
            return False
        return not _is_trap(parts) and self.holds(url) and self._is_new_combination(parts)

    def _is_new_combination(self, parts: SplitResult) -> bool:
        if not parts.query:
            return True
        names = frozenset(pair.partition("=")[0] for pair in parts.query.split("&"))
        seen = self._sets[parts.path]
        if names not in seen and len(seen) >= MAX_PARAMETER_SETS_PER_PATH:
            return False
        seen[names] += 1
        return True


def scope_of(start: str, home: str, settings: CrawlSettings) -> Scope:
    """The scope of a crawl that was asked for at `start` and found its start page at `home`."""
    return Scope(
        home=home,
        directory=_directory(start, home),
        include=tuple(_glob(glob) for glob in settings.include),
        exclude=tuple(_glob(glob) for glob in settings.exclude),
    )


def _directory(start: str, home: str) -> str:
    """Of the address that was given, for it is what people mean; where that led elsewhere, of what it led to.

    A server that leads from `/docs` to below `/docs/` says itself that it is a directory.
    """
    asked, found = urlsplit(start), urlsplit(home)
    if _site(asked) == _site(found):
        if found.path.startswith(asked.path.rstrip("/") + "/"):
            return asked.path.rstrip("/") + "/"
        above = asked.path.rpartition("/")[0] + "/"
        if found.path.startswith(above):
            return above
    return found.path.rpartition("/")[0] + "/"


def _site(parts: SplitResult) -> tuple[str, int | None]:
    port = parts.port if parts.port != DEFAULT_PORTS.get(parts.scheme) else None
    return (parts.hostname or "").removeprefix("www."), port


def _glob(pattern: str) -> Wildcards:
    whole = pattern if not pattern.endswith("/") else pattern + "**"
    return wildcards(unquote(whole if whole.startswith("/") else "**/" + whole))


def _forms(parts: SplitResult) -> set[str]:
    path = unquote(parts.path)
    whole = unquote(f"{parts.path}?{parts.query}") if parts.query else path
    return {whole, path, path.rstrip("/") or "/"}


def _is_trap(parts: SplitResult) -> bool:
    if len(parts.geturl()) > MAX_URL_CHARS or parts.query.count("&") >= MAX_PARAMETERS:
        return True
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > MAX_PATH_SEGMENTS:
        return True
    return max(Counter(segments).values(), default=0) > MAX_SAME_SEGMENTS
