"""OpenID Connect: asking the operator's provider who somebody is, and believing nothing that is not signed.

The authorization code flow with PKCE (RFC 7636), `state` bound to the browser by a sealed cookie, and `nonce` bound to
the token. Every request goes through our one door for outgoing HTTP; joserfc only checks the signature.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from aivastark.accounts.entrance import OidcClient
from aivastark.errors import SignInFailed, Unavailable
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.seal import Unsealable, seal, unseal

SCOPES = "openid email profile"
FLOW_S = 600  # from leaving for the provider to coming back
DEADLINE_S = 15.0
ANSWER_MAX_BYTES = 200_000
CLOCKS_DIFFER_S = 60
SUBJECT_MAX_CHARS = 255  # OpenID Connect Core, section 2
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]  # no shared secrets
_PURPOSE = "oidc flow"

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What is remembered in the browser while somebody is at the provider."""

    state: str
    nonce: str
    verifier: str
    began: int
    """Unix seconds."""
    next: str = "/"
    """A path of ours, where the person wanted to go."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who somebody is, as the provider says. `email` is None unless the provider confirmed it."""

    issuer: str
    subject: str
    email: str | None
    name: str


async def leave_for_provider(
    fetcher: Fetcher, client: OidcClient, *, redirect_uri: str, next_path: str
) -> tuple[str, Flow]:
    """The provider's address to send the browser to, and what to remember until it is back. Raises `Unavailable`."""
    provider = await _discover(fetcher, client)
    flow = Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        began=int(time.time()),
        next=next_path,
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint = _text(provider, "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", flow


def sealed(secret_key: bytes, flow: Flow) -> str:
    """The flow as a cookie that the browser can neither read nor change."""
    hidden = seal(secret_key, _PURPOSE, "", orjson.dumps(asdict(flow)).decode())
    return base64.urlsafe_b64encode(hidden).decode().rstrip("=")


def opened(secret_key: bytes, cookie: str | None, *, state: str | None) -> Flow:
    """The flow that this browser began. Raises `SignInFailed` when it is not that of `state`, or too old."""
    try:
        hidden = base64.urlsafe_b64decode((cookie or "") + "=" * (-len(cookie or "") % 4))
        flow = Flow(**orjson.loads(unseal(secret_key, _PURPOSE, "", hidden)))
    except (Unsealable, ValueError) as error:
        raise SignInFailed("This browser did not begin this sign-in. Begin again.") from error
    if state is None or not secrets.compare_digest(flow.state.encode(), state.encode()):
        raise SignInFailed("This browser did not begin this sign-in. Begin again.")
    if time.time() - flow.began > FLOW_S:
        raise SignInFailed("That took too long. Begin again.")
    return flow


async def identify(fetcher: Fetcher, client: OidcClient, flow: Flow, *, code: str, redirect_uri: str) -> Identity:
    """Who came back with this code. Raises `SignInFailed`, or `Unavailable` when the provider is away."""
    provider = await _discover(fetcher, client)
    answer = await _exchange_code(fetcher, client, provider, flow, code=code, redirect_uri=redirect_uri)
    keys = await _get(fetcher, _text(provider, "jwks_uri"))
    claims = _checked(_text(answer, "id_token"), keys, client=client, nonce=flow.nonce)
    if "email" not in claims and "userinfo_endpoint" in provider:
        headers = {"Authorization": f"Bearer {_text(answer, 'access_token')}"}
        told = await _get(fetcher, _text(provider, "userinfo_endpoint"), headers=headers)
        if told.get("sub") != claims["sub"]:
            raise SignInFailed("The provider speaks of two different people.")
        claims = {**told, **claims}
    confirmed = claims.get("email_verified") in (True, "true")  # some providers write the word
    return Identity(
        issuer=client.issuer,
        subject=str(claims["sub"]),
        email=str(claims["email"]) if confirmed and claims.get("email") else None,
        name=str(claims.get("name") or claims.get("preferred_username") or ""),
    )


async def _discover(fetcher: Fetcher, client: OidcClient) -> dict[str, Any]:
    """The provider's own description. Raises `Unavailable`."""
    provider = await _get(fetcher, f"{client.issuer.rstrip('/')}/.well-known/openid-configuration")
    if provider.get("issuer") != client.issuer:
        log.error("the provider calls itself otherwise", issuer=client.issuer, says=provider.get("issuer"))
        raise Unavailable("The sign-in provider is not the one that was set up.")
    return provider


async def _exchange_code(
    fetcher: Fetcher,
    client: OidcClient,
    provider: Mapping[str, Any],
    flow: Flow,
    *,
    code: str,
    redirect_uri: str,
) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": flow.verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    ways = provider.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if client.client_secret is None:
        fields["client_id"] = client.client_id
    elif "client_secret_basic" in ways:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"  # RFC 6749, 2.3.1
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        fields |= {"client_id": client.client_id, "client_secret": client.client_secret}
    try:
        posted = await fetcher.post(
            _text(provider, "token_endpoint"),
            body=urlencode(fields).encode(),
            headers=headers,
            deadline_seconds=DEADLINE_S,
            keep_bytes=ANSWER_MAX_BYTES,
        )
    except FetchFailed as failure:
        raise _away(failure) from failure
    if posted.status != 200:
        log.warning("the provider took no code", status=posted.status, body=posted.body[:300])
        raise SignInFailed("The provider did not accept this sign-in. Begin again.")
    return _object(posted.body)


async def _get(fetcher: Fetcher, url: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        fetched = await fetcher.get(url, headers=headers, max_bytes=ANSWER_MAX_BYTES, accept="application/json")
    except FetchFailed as failure:
        raise _away(failure) from failure
    return _object(fetched.body)


def _checked(id_token: str, keys: dict[str, Any], *, client: OidcClient, nonce: str) -> dict[str, Any]:
    """The token's claims, after OpenID Connect Core, section 3.1.3.7. Raises `SignInFailed`."""
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        log.warning("an id token is not signed by its provider", reason=str(error))
        raise SignInFailed("The provider's answer is not signed as it should be.") from error
    claims, now = dict(token.claims), time.time()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    faults = {
        "iss": claims.get("iss") != client.issuer,
        "aud": client.client_id not in audiences,
        "azp": claims.get("azp", client.client_id) != client.client_id,
        "exp": not _is_time(claims.get("exp")) or claims["exp"] < now - CLOCKS_DIFFER_S,
        "iat": not _is_time(claims.get("iat")) or claims["iat"] > now + CLOCKS_DIFFER_S,
        "nonce": claims.get("nonce") != nonce,
        "sub": not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= SUBJECT_MAX_CHARS,
    }
    wrong = [name for name, is_wrong in faults.items() if is_wrong]
    if wrong:
        log.warning("an id token is not for this sign-in", claims=wrong)
        raise SignInFailed("The provider's answer is not for this sign-in.")
    return claims


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unavailable("The sign-in provider answered with something that is not JSON.") from error
    if not isinstance(decoded, dict):
        raise Unavailable("The sign-in provider answered with something unexpected.")
    return decoded


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise Unavailable(f"The sign-in provider's answer lacks {name}.")
    return value


def _away(failure: FetchFailed) -> Unavailable:
    log.warning("the sign-in provider cannot be reached", code=failure.code, reason=failure.message)
    return Unavailable("The sign-in provider cannot be reached at the moment.")
