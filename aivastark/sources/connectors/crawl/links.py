"""Where a page leads: its links, what it calls its own address, and what it asks of robots.

Pages are hostile. This reads their tags from left to right with patterns of bounded length, in Python: nothing here can
crash the process or take more than a moment, so it needs no process of its own as extraction does, whose parser is
native and builds whole trees. It runs in a thread, off the event loop.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from aivastark.sources.extract.base import ExtractionFailed
from aivastark.sources.extract.decode import decode

MAX_HTML_BYTES = 10 * 1024 * 1024  # as for extraction
MAX_LINKS_PER_PAGE = 10_000
MAX_ATTRIBUTES = 60  # of one tag
MAX_HREF_CHARS = 4_096

# Names of tags that matter, and those whose content is not markup. Whatever else begins with `<` is passed over.
_TAG = re.compile(
    r"<(?:(!--)|(a|area|base|link|meta|script|style|textarea|title|xmp|iframe|noembed|noframes|template)(?=[\s/>]))",
    re.I,
)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "template"})
_END = {name: re.compile(rf"</{name}[\s/>]", re.I) for name in _RAW}
_ATTRIBUTE = re.compile(
    r"[\s/]*+([^\s\"'<>/=]{1,100}+)(?:\s{0,100}+=\s{0,100}+(?:\"([^\"]{0,4096}+)\"|'([^']{0,4096}+)'|([^\s\"'=<>`]{1,4096}+)))?+"
)
_FOLLOWED_RELATIONS = frozenset({"next", "prev"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PageLinks:
    """What a page says in its tags; addresses are whole, as written, and not yet judged."""

    links: tuple[str, ...] = ()
    canonical: str | None = None
    robots: tuple[str, ...] = ()  # contents of `<meta name=robots>`


NOTHING_SAID = PageLinks()


def read_links(content: bytes, *, media_type: str | None, url: str) -> PageLinks:
    """The links of an HTML page, in its order; nothing of what is no text."""
    try:
        text = decode(content[:MAX_HTML_BYTES], media_type=media_type, markup=True)
    except ExtractionFailed:
        return NOTHING_SAID
    base: str | None = None
    canonical: str | None = None
    robots: list[str] = []
    links: dict[str, None] = {}
    for name, attributes in _tags(text):
        href = attributes.get("href", "").strip()
        relations = frozenset(attributes.get("rel", "").lower().split())
        if name == "base" and base is None and href:
            base = _joined(url, href)
        elif name == "meta" and attributes.get("name", "").lower() in ("robots", "aivastark"):
            robots.append(attributes.get("content", ""))
        elif name == "link" and href and "canonical" in relations:
            canonical = canonical or _joined(base or url, href)
        elif href and _is_followed(name, relations, attributes) and (found := _joined(base or url, href)):
            links[found] = None
            if len(links) >= MAX_LINKS_PER_PAGE:
                break
    return PageLinks(links=tuple(links), canonical=canonical, robots=tuple(robots))


def _is_followed(name: str, relations: frozenset[str], attributes: dict[str, str]) -> bool:
    if "nofollow" in relations:
        return False
    if name in ("a", "area"):
        return True
    alternate = "alternate" in relations and "hreflang" in attributes
    return name == "link" and (alternate or bool(relations & _FOLLOWED_RELATIONS))


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Start tags that matter, with their attributes; what is in comments and scripts is not markup."""
    position = 0
    while found := _TAG.search(text, position):
        position = found.end()
        if found[1]:
            position = _after(text.find("-->", position), 3)
            if position < 0:
                return
            continue
        name = found[2].lower()
        attributes, position = _attributes(text, position)
        if name not in _RAW:
            yield name, attributes
            continue
        end = _END[name].search(text, position)
        if end is None:
            return
        position = end.end()


def _after(found: int, length: int) -> int:
    return found + length if found >= 0 else -1


def _attributes(text: str, position: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag from its name on, the first of each name, and where they end."""
    attributes: dict[str, str] = {}
    for _ in range(MAX_ATTRIBUTES):
        found = _ATTRIBUTE.match(text, position)
        if found is None:
            break
        value = next((value for value in found.group(2, 3, 4) if value is not None), "")
        attributes.setdefault(found[1].lower(), html.unescape(value))
        position = found.end()
    return attributes, position


def _joined(base: str, href: str) -> str | None:
    """The whole address, of the web's kind alone; None for anything else."""
    if len(href) > MAX_HREF_CHARS:
        return None
    try:
        address = urljoin(base, "".join(href.split("\n")).replace("\t", "").replace("\r", ""))
    except ValueError:
        return None
    return address if address.lower().startswith(("http://", "https://")) else None
