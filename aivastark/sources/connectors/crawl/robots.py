"""robots.txt (RFC 9309) and what pages and headers add to it: what the owner of a site asks of crawlers.

The standard library's parser knows neither the longest match nor `*` and `$`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from aivastark.kit.wildcards import Wildcards, matches, wildcards

PRODUCT = "aivastark"
MAX_ROBOTS_BYTES = 500 * 1024  # what comes after is not read (RFC 9309, 2.5)
MAX_RULES = 500
MAX_RULE_CHARS = 500
MAX_SITEMAPS = 50

_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One line: what it says of the paths it matches; the longer pattern wins, and of two alike the permission."""

    allows: bool
    length: int
    pattern: Wildcards


@dataclass(frozen=True, kw_only=True, slots=True)
class Robots:
    """What a robots.txt says to us. Without rules, everything is allowed."""

    rules: tuple[Rule, ...] = ()
    delay_seconds: float = 0.0  # as asked, without our bound
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Whether a page, by its normalised URL, may be fetched."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if target == "/robots.txt":
            return True
        found = [rule for rule in self.rules if matches(rule.pattern, target)]
        return max(found, key=lambda rule: (rule.length, rule.allows)).allows if found else True


@dataclass(kw_only=True)
class _Group:
    agents: set[str] = field(default_factory=set)
    rules: list[Rule] = field(default_factory=list)
    delay_seconds: float = 0.0


def read_robots(body: bytes) -> Robots:
    """Lenient, as the RFC asks: lines that say nothing are passed over, whatever they are."""
    groups: list[_Group] = []
    sitemaps: list[str] = []
    group, naming = _Group(), False
    for name, value in _directives(body):
        if name == "user-agent":
            if not naming:
                group = _Group()
                groups.append(group)
            naming = True
            token = _TOKEN.match(value)
            group.agents.add("*" if value.startswith("*") else token.group().lower() if token else "")
            continue
        if name == "sitemap":  # belongs to no group, and ends none
            sitemaps.append(value)
            continue
        naming = False
        if name in ("allow", "disallow") and value and len(value) <= MAX_RULE_CHARS:
            group.rules.append(_rule(value, allows=name == "allow"))
        elif name == "crawl-delay":
            group.delay_seconds = _seconds(value)
    ours = [group for group in groups if PRODUCT in group.agents] or [group for group in groups if "*" in group.agents]
    return Robots(
        rules=tuple(rule for group in ours for rule in group.rules)[:MAX_RULES],
        delay_seconds=max((group.delay_seconds for group in ours), default=0.0),
        sitemaps=tuple(dict.fromkeys(sitemaps))[:MAX_SITEMAPS],
    )


def forbids(declared: Iterable[str]) -> tuple[bool, bool]:
    """`(noindex, nofollow)` of `<meta name=robots>` contents and `X-Robots-Tag` values."""
    words = {word.strip().lower() for value in declared for word in _for_us(value).split(",")}
    return bool(words & {"noindex", "none"}), bool(words & {"nofollow", "none"})


def _for_us(value: str) -> str:
    """A header's directives: `googlebot: noindex` is for somebody else, `aivastark: noindex` for us.

    One name counts for what follows it, up to the next name; a date's colon is no name.
    """
    kept, counts = [], True
    for part in value.split(","):
        name, colon, rest = part.partition(":")
        word = name.strip().lower()
        if colon and re.fullmatch(r"[a-z_-]+", word) and not word.startswith(("max-", "unavailable")):
            counts, part = word == PRODUCT, rest
        if counts:
            kept.append(part)
    return ",".join(kept)


def _directives(body: bytes) -> Iterable[tuple[str, str]]:
    text = body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace").removeprefix(_BYTE_ORDER_MARK)
    for line in re.split(r"[\r\n]+", text):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _rule(value: str, *, allows: bool) -> Rule:
    """A path pattern, spelled as our URLs are; it matches what begins with it, unless it ends in `$`."""
    anchored = value.endswith("$")
    spelled = _spelled(value.removesuffix("$"))
    pattern = wildcards(spelled + ("" if anchored else "*"), stars_cross_slashes=True)
    return Rule(allows=allows, length=len(spelled) + anchored, pattern=pattern)


def _spelled(path: str) -> str:
    """Letters beyond ASCII as escapes, escapes in upper case; `/*?` keeps its question mark."""
    return _ESCAPE.sub(lambda escape: escape[0].upper(), quote(path, safe=_ASCII, errors="replace"))


def _seconds(value: str) -> float:
    try:
        wish = float(value)
    except ValueError:
        return 0.0
    return wish if 0 < wish < float("inf") else 0.0
