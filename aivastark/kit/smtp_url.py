"""The address of a mail server, as operators write it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpServer:
    """Where to hand mail in, and as whom."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None


def read_smtp_url(url: str) -> SmtpServer:
    """`smtp://user:password@host:port`. Raises `ValueError` with a sentence that repeats no password."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("a mail server is smtp://user:password@host:port or smtps://…")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("the address of a mail server ends with its port")
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
