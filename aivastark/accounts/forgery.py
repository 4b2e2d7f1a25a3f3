"""Requests that a stranger's page makes in a signed-in person's browser: told by origin and by token.

A key is safe from this: no browser sends it by itself.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from aivastark.accounts.logins import SignedIn
from aivastark.errors import PermissionDenied

CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def must_be_of_our_pages(headers: Mapping[str, str], public_url: str) -> None:
    """Raises `PermissionDenied` when a browser says that another site's page asked. `headers` in lower case."""
    origin = headers.get("origin")
    if origin is None:
        return
    # A proxy may have taken TLS off, so only the host is compared with what the request names.
    ours = _origin(origin) == _origin(public_url) or urlsplit(origin).netloc == headers.get("host")
    if origin == "null" or not ours:
        message = "Another site's page asked for this. If it is yours, set AIVASTARK_PUBLIC_URL to its address."
        raise PermissionDenied(message, param="Origin")


def must_hold_the_token(headers: Mapping[str, str], signed_in: SignedIn) -> None:
    """Raises `PermissionDenied` unless the request carries the session's token."""
    sent = headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(sent.encode(), signed_in.csrf_token.encode()):
        raise PermissionDenied(
            "Send the csrf_token of GET /v1/auth/me in the header X-CSRF-Token.", param="X-CSRF-Token"
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme)
