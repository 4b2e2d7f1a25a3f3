"""Google's side of OAuth 2.0 over real HTTP, as Google documents it publicly:

- "Using OAuth 2.0 for Web Server Applications" (developers.google.com/identity/protocols/oauth2/web-server): consent,
  authorization code with PKCE, refresh tokens, revoking;
- "Using OAuth 2.0 for Server to Server Applications" (…/oauth2/service-account): assertions of service accounts;
- "Integrate the Google Picker into desktop and mobile apps" (developers.google.com/workspace/drive/picker/guides/
  desktop-mobile-picker): the picker after the consent, `trigger_onepick` and `picked_file_ids`.
"""

import base64
import hashlib
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.loopback import Request

CLIENT_ID, CLIENT_SECRET = "314159.apps.googleusercontent.test", "GOCSPX-a secret & more"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE_S = 3_599

Answer = tuple[int, dict[str, str], bytes]


@dataclass(kw_only=True)
class GoogleOAuth:
    """Who may come in, and with what. What is `…_s` may be changed by a test."""

    token_url: str = ""
    expires_in: int = LIFE_S
    service_accounts: dict[str, RSAKey] = field(default_factory=dict)
    """E-mail → key."""
    signed_in: str = "anna@acme.example"
    """Whose browser it is that comes to the consent screen."""
    declines: bool = False
    unticked: bool = False
    """The person does not tick Drive on the consent screen."""
    picks: tuple[str, ...] = ()
    """What is chosen in the picker."""
    access: dict[str, str] = field(default_factory=dict)
    """Access token → e-mail; taking one out is letting it run out."""
    refresh: dict[str, str] = field(default_factory=dict)
    """Refresh token → e-mail."""
    revoked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _given: int = 0

    def service_account(self, email: str) -> dict[str, object]:
        """A new service account's JSON key, as Google Cloud gives it to a person to download."""
        key = RSAKey.generate_key(2048)
        self.service_accounts[email] = key
        return {
            "type": "service_account",
            "project_id": "acme-docs",
            "private_key_id": "0123456789abcdef0123456789abcdef01234567",
            "private_key": key.as_pem(private=True).decode(),
            "client_email": email,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        }

    def let_access_run_out(self) -> None:
        """All access tokens given so far."""
        self.access.clear()

    def authorize(self, request: Request) -> Answer:
        """The consent screen, where the person decides at once."""
        asked = dict(parse_qsl(urlsplit(request.path).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
        if self.declines:
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = f"4/code-{len(self._codes)}-{self._number()}"
            self._codes[code] = {**asked, "who": self.signed_in}
            back = {"code": code, "state": asked["state"], "scope": self._scope(asked)}
            if asked.get("trigger_onepick") == "true" and self.picks:
                back["picked_file_ids"] = ",".join(self.picks)
        return 302, {"Location": f"{asked['redirect_uri']}?{urlencode(back)}"}, b""

    def token(self, request: Request) -> Answer:
        """The token endpoint."""
        sent = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        match sent.get("grant_type"):
            case "authorization_code":
                return self._for_a_code(sent)
            case "refresh_token":
                return self._for_a_refresh_token(sent)
            case grant if grant == JWT_BEARER:
                return self._for_an_assertion(sent)
            case _:
                return refused(400, "unsupported_grant_type", "Invalid grant_type")

    def revoke(self, request: Request) -> Answer:
        """Takes a permission back."""
        token = parse_qs(request.body.decode()).get("token", [""])[0]
        if self.refresh.pop(token, None) is None:
            return refused(400, "invalid_token", "Token expired or revoked")
        self.revoked.append(token)
        return 200, {}, b"{}"

    def who(self, request: Request) -> str | None:
        """Whose access token a call carries; None for one that is none, or ran out."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.access.get(token) if scheme == "Bearer" else None

    def _for_a_code(self, sent: dict[str, str]) -> Answer:
        if not _is_our_client(sent):
            return refused(401, "invalid_client", "Unauthorized")
        asked = self._codes.pop(sent.get("code", ""), None)  # a code works once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return refused(400, "invalid_grant", "Bad Request")
        refresh_token = f"1//refresh-{self._number()}"
        self.refresh[refresh_token] = asked["who"]
        return self._given_to(asked["who"], refresh_token=refresh_token, scope=self._scope(asked))

    def _for_a_refresh_token(self, sent: dict[str, str]) -> Answer:
        if not _is_our_client(sent):
            return refused(401, "invalid_client", "Unauthorized")
        who = self.refresh.get(sent.get("refresh_token", ""))
        if who is None:
            return refused(400, "invalid_grant", "Token has been expired or revoked.")
        return self._given_to(who)

    def _for_an_assertion(self, sent: dict[str, str]) -> Answer:
        try:
            email = orjson.loads(_unpadded(sent["assertion"].split(".")[1]))["iss"]
            token = jwt.decode(sent["assertion"], self.service_accounts[email], algorithms=["RS256"])
        except (KeyError, IndexError, ValueError, JoseError):
            return refused(400, "invalid_grant", "Invalid JWT Signature.")
        claims, now = dict(token.claims), time.time()
        if claims["aud"] != self.token_url or not now - 60 <= claims["iat"] <= claims["exp"] <= now + 3_600:
            return refused(400, "invalid_grant", "Invalid JWT: check your iat and exp values and the audience")
        if claims["scope"] != "https://www.googleapis.com/auth/drive.readonly":
            return refused(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return self._given_to(email)

    def _given_to(self, who: str, **more: str) -> Answer:
        token = f"ya29.{self._number()}"
        self.access[token] = who
        body = {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer", **more}
        return 200, {"Content-Type": "application/json; charset=utf-8"}, orjson.dumps(body)

    def _scope(self, asked: dict[str, str]) -> str:
        return "openid" if self.unticked else asked["scope"]

    def _number(self) -> int:
        self._given += 1
        return self._given


def refused(status: int, error: str, description: str) -> Answer:
    """An error of RFC 6749 §5.2, as the token endpoint words it."""
    body = orjson.dumps({"error": error, "error_description": description})
    return status, {"Content-Type": "application/json; charset=utf-8"}, body


def _is_our_client(sent: dict[str, str]) -> bool:
    return (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
