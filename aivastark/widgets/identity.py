"""Visitors whom the site vouches for: a signed token (JWT, HS256) or the HMAC of the user's id.

Both are made on the site's server with the widget's identity secret. The secret is not stored: it is derived from
the install's own key and a salt, so the database alone lets nobody in.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

SECRET_PREFIX = "akv_idn_"
SALT_BYTES = 16
TOKEN_MAX_CHARS = 4_096
USER_ID_MAX_CHARS = 120
CLAIM_MAX_CHARS = 254
LIFE_MAX_S = 86_400  # how far ahead `exp` may lie
LEEWAY_S = 60  # by how much two clocks may differ

_HASH = re.compile(r"^[0-9a-fA-F]{64}$")


class IdentityRefused(ValueError):
    """Why a proof is not accepted, as a sentence for the site's developer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who it is, as the site says. `profile` has `name` and `email` where the token carried them."""

    user_id: str
    profile: dict[str, str]


def new_salt() -> str:
    """What makes the next secret another one."""
    return secrets.token_hex(SALT_BYTES)


def secret_of(install_key: bytes, widget_id: str, salt: str) -> str:
    """The widget's identity secret; as a key for HMAC its UTF-8 bytes are used, prefix included."""
    derived = hmac.digest(install_key, f"aivastark identity {widget_id} {salt}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.urlsafe_b64encode(derived).decode().rstrip("=")


def by_token(token: str, secrets_: Sequence[str], *, audience: str, now: datetime) -> Identity:
    """Whom a JWT names. Raises `IdentityRefused`: another algorithm, a wrong signature, expired, for another widget."""
    if len(token) > TOKEN_MAX_CHARS:
        raise IdentityRefused("The token is too long.")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise IdentityRefused("The token is not a JWT.")
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if header.get("alg") != "HS256" or "crit" in header:
        raise IdentityRefused("The token must be signed with HS256.")
    signed = f"{parts[0]}.{parts[1]}".encode()
    if not any(hmac.compare_digest(_mac(secret, signed), _bytes_of(parts[2])) for secret in secrets_):
        raise IdentityRefused("The token was not signed with this widget's identity secret.")
    _check_times(claims, now.timestamp())
    wanted = claims.get("aud")
    if audience not in (wanted if isinstance(wanted, list) else [wanted]):
        raise IdentityRefused("The token's aud must be the widget's id.")
    profile = {name: _text(claims, name) for name in ("name", "email") if claims.get(name) is not None}
    return Identity(user_id=checked_user_id(claims.get("sub")), profile=profile)


def by_hash(user_id: str, user_hash: str, secrets_: Sequence[str]) -> Identity:
    """The user whose id was signed: hex HMAC-SHA256 of its UTF-8 bytes. Raises `IdentityRefused`."""
    given = bytes.fromhex(user_hash) if is_hash(user_hash) else b""
    if not any(hmac.compare_digest(_mac(secret, user_id.encode()), given) for secret in secrets_):
        raise IdentityRefused("user_hash is not the HMAC-SHA256 of user_id with this widget's identity secret.")
    return Identity(user_id=checked_user_id(user_id), profile={})


def is_hash(proof: str) -> bool:
    """Whether a proof is the hash of a user's id rather than a token."""
    return _HASH.match(proof) is not None


def checked_user_id(value: Any) -> str:
    """The id itself. Raises `IdentityRefused` for what cannot be one."""
    if not isinstance(value, str) or not 1 <= len(value) <= USER_ID_MAX_CHARS or not value.isprintable():
        raise IdentityRefused(f"The user's id is a text of 1 to {USER_ID_MAX_CHARS} printable characters.")
    return value


def _check_times(claims: dict[str, Any], now: float) -> None:
    ends = _seconds(claims, "exp")
    if ends is None:
        raise IdentityRefused("The token needs exp.")
    if ends <= now - LEEWAY_S:
        raise IdentityRefused("The token has expired.")
    if ends > now + LIFE_MAX_S + LEEWAY_S:
        raise IdentityRefused("The token may last 24 hours at most.")
    begins = _seconds(claims, "nbf")
    if begins is not None and begins > now + LEEWAY_S:
        raise IdentityRefused("The token is not valid yet.")


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdentityRefused(f"{name} is a number of seconds since 1970.")
    return float(value)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str) or len(value) > CLAIM_MAX_CHARS or not value.isprintable():
        raise IdentityRefused(f"{name} is a text of at most {CLAIM_MAX_CHARS} printable characters.")
    return value


def _decoded(part: str) -> dict[str, Any]:
    try:
        decoded = orjson.loads(_bytes_of(part))
    except orjson.JSONDecodeError as error:
        raise IdentityRefused("The token is not a JWT.") from error
    if not isinstance(decoded, dict):
        raise IdentityRefused("The token is not a JWT.")
    return decoded


def _bytes_of(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise IdentityRefused("The token is not a JWT.") from error


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, hashlib.sha256)
