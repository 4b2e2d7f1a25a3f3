"""An OpenID provider over real HTTP that a test can make lie: it keeps to the rules, PKCE included, unless told."""

import asyncio
import base64
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from tests.loopback import Page, Request, Site, page, serving

CLIENT_ID, CLIENT_SECRET = "aivastark", "s3cret & more"


@dataclass(kw_only=True)
class Provider:
    """Its keys, who is at the door, and what it lies about."""

    claims: dict[str, Any]
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims put into the id token instead of the right ones; None leaves one out."""
    key: RSAKey | ECKey | OctKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: KeySet | None = None
    algorithm: str = "RS256"
    userinfo: dict[str, Any] | None = None
    issuer: str = ""
    says_issuer: str | None = None
    ways: tuple[str, ...] = ("client_secret_basic",)
    site: Site | None = None
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, address: str) -> dict[str, str]:
        """What the provider's page does once somebody said yes: the query it sends the browser back with."""
        asked = dict(parse_qsl(urlsplit(address).query, strict_parsing=True))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def pages(self) -> dict[str, Page]:
        return {
            "/.well-known/openid-configuration": self._json(self._discovery),
            "/jwks": self._json(lambda _: (self.published or KeySet([self.key])).as_dict(private=False)),
            "/token": self._token,
            "/userinfo": self._json(lambda _: self.userinfo or {}),
        }

    def _discovery(self, _: Request) -> dict[str, Any]:
        named = {name: f"{self.issuer}/{path}" for name, path in (
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "jwks"),
        )}  # fmt: skip
        if self.userinfo is not None:
            named["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        ways = list(self.ways)
        return {"issuer": self.says_issuer or self.issuer, "token_endpoint_auth_methods_supported": ways, **named}

    async def _token(self, request: Request, out: asyncio.StreamWriter) -> None:
        sent = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        asked = self._codes.pop(sent.get("code", ""), None)  # a code works once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        allowed = (
            asked is not None
            and sent.get("grant_type") == "authorization_code"
            and sent.get("redirect_uri") == asked["redirect_uri"]
            and challenge.decode().rstrip("=") == asked["code_challenge"]
            and self._is_our_client(request, sent)
        )
        if asked is None or not allowed:
            await page(400, b'{"error": "invalid_grant"}')(request, out)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told = {**claims, **self.claims, **self.lies}
        told = {name: value for name, value in told.items() if value is not None}
        token = jwt.encode({"alg": self.algorithm, "kid": "one"}, told, self.key, algorithms=[self.algorithm])
        await page(200, orjson.dumps({"id_token": token, "access_token": "at", "token_type": "Bearer"}))(request, out)

    def _is_our_client(self, request: Request, sent: dict[str, str]) -> bool:
        if self.ways == ("none",):
            return sent.get("client_id") == CLIENT_ID and "authorization" not in request.headers
        if self.ways == ("client_secret_post",):
            return (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        pair = base64.b64encode(b"aivastark:s3cret%20%26%20more").decode()
        return request.headers.get("authorization") == f"Basic {pair}"

    def _json(self, answer: Any) -> Page:
        async def write(request: Request, out: asyncio.StreamWriter) -> None:
            await page(200, orjson.dumps(answer(request)))(request, out)

        return write


@contextlib.asynccontextmanager
async def providing(**fields: Any) -> AsyncIterator[Provider]:
    """A running provider at whose door somebody with these claims stands."""
    provider = Provider(**fields)
    async with serving(provider.pages()) as site:
        provider.site, provider.issuer = site, site.url("")
        yield provider
