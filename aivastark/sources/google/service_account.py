"""Service accounts: the JSON key a person pasted, read with suspicion, and the assertion it signs (RFC 7523)."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from aivastark.backends.google import Google
from aivastark.fetching import Fetcher
from aivastark.sources.google.tokens import Token, ask_for_token

CREDENTIALS_MAX_BYTES = 20_000
PRIVATE_KEY_MAX_CHARS = 8_192
KEY_BITS_MIN, KEY_BITS_MAX = 2_048, 4_096  # Google makes keys of 2,048; a huge one would take seconds for a signature
EMAIL_MAX_CHARS = 320
SCOPE = "https://www.googleapis.com/auth/drive.readonly"  # of what was shared with the account, which is all it sees
ASSERTION_SECONDS = 600  # at most an hour, says Google
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,128}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceAccount:
    """What is kept of its JSON key: what signs, and nothing else of it."""

    email: str
    private_key: str = field(repr=False)
    key_id: str | None = None

    def sealed_form(self) -> str:
        """As `reopened` reads it."""
        kept = {"client_email": self.email, "private_key": self.private_key, "private_key_id": self.key_id}
        return orjson.dumps(kept).decode()


def read_service_account(posted: Mapping[str, object]) -> ServiceAccount:
    """Raises ValueError with a sentence that has nothing of the key in it.

    `token_uri` is not read: an assertion is signed for, and sent to, the token endpoint of this install's settings and
    no other. Whoever wrote the file gains nothing by naming another one, and no stranger's server is sent anything.
    """
    if _size(posted) > CREDENTIALS_MAX_BYTES:
        raise ValueError(f"is larger than {CREDENTIALS_MAX_BYTES} bytes; a service account's key is about 2,400")
    if posted.get("type") != "service_account":
        raise ValueError("is not the JSON key of a service account: its type must be service_account")
    email, private_key, key_id = (posted.get(name) for name in ("client_email", "private_key", "private_key_id"))
    if not isinstance(email, str) or len(email) > EMAIL_MAX_CHARS or not _EMAIL.fullmatch(email):
        raise ValueError("has no client_email that is an e-mail address")
    if not isinstance(private_key, str) or len(private_key) > PRIVATE_KEY_MAX_CHARS:
        raise ValueError("has no private_key")
    if key_id is not None and not (isinstance(key_id, str) and len(key_id) <= 200 and key_id.isprintable()):
        raise ValueError("has a private_key_id that is no text")
    _signing_key(private_key)
    return ServiceAccount(email=email, private_key=private_key, key_id=key_id)


def reopened(sealed_form: str) -> ServiceAccount:
    """The account that was kept."""
    kept = orjson.loads(sealed_form)
    return ServiceAccount(email=kept["client_email"], private_key=kept["private_key"], key_id=kept["private_key_id"])


async def token_of(fetcher: Fetcher, google: Google, account: ServiceAccount) -> Token:
    """An access token for the account. Raises `GrantRefused` and FetchFailed."""
    fields = {"grant_type": GRANT_TYPE, "assertion": _assertion(google, account)}
    return await ask_for_token(fetcher, google.token_url, fields)


def _assertion(google: Google, account: ServiceAccount) -> str:
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", **({} if account.key_id is None else {"kid": account.key_id})}
    claims = {
        "iss": account.email,
        "scope": SCOPE,
        "aud": google.token_url,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return jwt.encode(header, claims, _signing_key(account.private_key), algorithms=["RS256"])


def _size(posted: Mapping[str, object]) -> int:
    try:
        return len(orjson.dumps(dict(posted)))
    except TypeError:  # objects within objects, deeper than any key
        return CREDENTIALS_MAX_BYTES + 1


def _signing_key(private_key: str) -> RSAKey:
    try:
        key = RSAKey.import_key(private_key)
        bits = key.raw_value.key_size
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise ValueError("has a private_key that is no RSA key in PEM form; send the file as Google gave it") from error
    if not key.is_private or not KEY_BITS_MIN <= bits <= KEY_BITS_MAX:
        raise ValueError(f"has a private_key that is no RSA key of {KEY_BITS_MIN} to {KEY_BITS_MAX} bits")
    return key
