"""Which pages a widget may be on: patterns of domains, and whether an `Origin` fits one of them.

`example.com` is that host alone, `*.example.com` any host below it but not itself; without a port the scheme's own
is meant. An empty list means localhost alone, so that a fresh widget can be tried.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$")
_ORIGIN_MAX_CHARS = 2_048
_PLAIN = re.compile(r"\A[!-~]+\Z")  # urlsplit would drop tabs and line breaks, and see another host than a browser


def checked_domain(value: str) -> str:
    """The pattern in its one spelling: lower case, punycode. Raises `ValueError` with what is wrong."""
    rest, port = _split_port(value.strip().lower().rstrip("."))
    wild = rest.startswith("*.")
    host = _host(rest[2:] if wild else rest)
    if wild and "." not in host:
        raise ValueError("needs a domain of your own after *., as in *.example.com")
    return f"{'*.' if wild else ''}{host}" + (f":{port}" if port else "")


def is_allowed(origin: str | None, domains: Sequence[str]) -> bool:
    """Whether a page of this origin may use the widget. No origin, `null` and anything odd may not."""
    split = _split_origin(origin)
    if split is None:
        return False
    scheme, host, port = split
    if not domains:
        return host in LOCAL_HOSTS or host.endswith(".localhost")
    return any(_fits(domain, scheme, host, port) for domain in domains)


def origin_of(url: str | None) -> str | None:
    """The origin of a page's address (a `Referer`); None when it has none."""
    split = _split_origin(url, whole=False)
    if split is None:
        return None
    scheme, host, port = split
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _fits(domain: str, scheme: str, host: str, port: int) -> bool:
    pattern, wanted = _split_port(domain)
    if port != (wanted or DEFAULT_PORTS[scheme]):
        return False
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern.strip("[]")


def _split_origin(origin: str | None, *, whole: bool = True) -> tuple[str, str, int] | None:
    """Scheme, host, port; with `whole`, nothing may follow."""
    if not origin or len(origin) > _ORIGIN_MAX_CHARS or not _PLAIN.match(origin):
        return None
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    # A browser never sends a name before an @, so `https://shop.example.com@evil.test` is an attempt.
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or "\\" in origin:
        return None
    if whole and (parts.path or parts.query or parts.fragment):
        return None
    return parts.scheme, parts.hostname.rstrip("."), port or DEFAULT_PORTS[parts.scheme]


def _split_port(value: str) -> tuple[str, int | None]:
    host, colon, port = value.rpartition(":")
    if not colon or host.endswith(":") or (value.startswith("[") and value.endswith("]")):
        return value, None
    if not (port.isascii() and port.isdigit()) or not 1 <= int(port[:6]) <= 65_535:
        raise ValueError("is not a host, such as example.com, *.example.com or localhost:3000")
    return host, int(port)


def _host(value: str) -> str:
    if value.startswith("[") and value.endswith("]"):
        return f"[{ipaddress.IPv6Address(value[1:-1])}]"
    try:
        host = value if value.isascii() else idna.encode(value, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError("is not a host name") from error
    if not all(_LABEL.match(label) for label in host.split(".")) or len(host) > 253:
        raise ValueError(
            "is a host alone, such as example.com, *.example.com or localhost:3000, without https:// or a path"
        )
    return host
