"""How people come into this install: what the operator decided, handed down to the routes."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, kw_only=True, slots=True)
class OidcClient:
    """This install as a client of an OpenID provider; no secret for a public client."""

    issuer: str
    client_id: str
    client_secret: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance:
    """Where people reach this install, who may come in, and by which doors."""

    public_url: str = DEFAULT_PUBLIC_URL
    sign_up: Literal["invited", "open"] = "invited"
    default_plan: str = "enterprise"
    oidc: OidcClient | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers reach it by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    def link(self, page: str, token: str) -> str:
        """The address of a page of the dashboard that takes a token.

        Built from the operator's own setting, never from a request: whoever asks must not choose where links lead.
        """
        return f"{self.public_url.rstrip('/')}/{page}?token={quote(token)}"
