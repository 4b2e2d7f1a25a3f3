"""Web addresses: one spelling for each page.

`canonical_url` only rewrites what no server can tell apart. `normalise_url` also drops what does not name
the page (tracking parameters); it is the key under which a page is stored. A trailing slash is kept as it
was written: `/docs` and `/docs/` may be two pages, and relative links resolve differently from each.
"""

import re
from ipaddress import IPv4Address
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

import idna

from aivastark.kit.addresses import literal_address

MAX_URL_CHARS = 4_096
MAX_HOST_CHARS = 253  # RFC 1035

DEFAULT_PORTS = {"http": 80, "https": 443}

TRACKING_PREFIXES = ("utm_",)
TRACKING_PARAMETERS = frozenset(
    {
        "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "_ga", "_gl", "srsltid", "fbclid", "igshid", "igsh",
        "msclkid", "yclid", "twclid", "ttclid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi",
        "hsctatracking", "vero_id", "oly_anon_id", "oly_enc_id", "wickedid",
    }
)  # fmt: skip

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
_QUERY_SAFE = _PATH_SAFE + "?[]|"


def normalise_url(url: str) -> str:
    """The key of a page: `canonical_url` without tracking parameters.

    Raises ValueError with a sentence for people.
    """
    canonical = canonical_url(url)
    before, mark, query = canonical.partition("?")
    if not mark:
        return canonical
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    return before + ("?" + "&".join(kept) if kept else "")


def canonical_url(url: str) -> str:
    """One spelling of an http(s) URL, pure ASCII, still naming the same resource.

    Scheme and host in lower case, IDNA, IPv4 in dotted form, no default port, no fragment, dot segments
    resolved, an empty path as `/`, percent escapes upper case and only where needed. The order of parameters
    is kept. Raises ValueError with a sentence for people.
    """
    text = url.strip()
    if len(text) > MAX_URL_CHARS:
        raise ValueError(f"The URL is longer than {MAX_URL_CHARS} characters.")
    if _UNSAFE.search(text):
        raise ValueError("The URL contains control characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError("The URL is not valid: its host or port cannot be read.") from error
    _check(parts)
    host = _host(parts.hostname or "")
    authority = host if port is None or port == DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"
    path = _without_dots(_escaped(parts.path, _PATH_SAFE)) or "/"
    query = _escaped(parts.query, _QUERY_SAFE)
    return f"{parts.scheme}://{authority}{path}" + (f"?{query}" if query else "")


def _check(parts: SplitResult) -> None:
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("The URL must begin with http:// or https://.")
    if "@" in parts.netloc:
        raise ValueError("The URL must not contain a user name or password.")
    if "\\" in parts.netloc:  # a browser ends the host here, other parsers do not
        raise ValueError("The URL is not valid: its host contains a backslash.")
    if not parts.hostname:
        raise ValueError("The URL has no host name.")


def _host(host: str) -> str:
    """`host` as it is written in a URL: lower case, ASCII, an IPv6 address in brackets."""
    if ":" not in host:
        host = _ascii(host)
    if (address := literal_address(host)) is not None:
        return str(address) if isinstance(address, IPv4Address) else f"[{address.compressed}]"
    if len(host) > MAX_HOST_CHARS or not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is not a valid host name.")
    return host


def _ascii(host: str) -> str:
    try:
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"{host!r} is not a valid host name.") from error
    return host.lower().removesuffix(".")  # the root's dot names the same host and breaks certificates


def _escaped(text: str, safe: str) -> str:
    """Percent-escape what must be, undo what need not be, keep every other escape, in upper case."""
    escaped = quote(_STRAY_PERCENT.sub("%25", text), safe=safe, errors="replace")
    return _ESCAPE.sub(_escape, escaped)


def _escape(match: re.Match[str]) -> str:
    (byte,) = unquote_to_bytes(match[0])
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4: `.` and `..` resolved; a path that ends in one ends in a slash."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)
