"""Signatures of a delivery, so that its receiver knows who sent it and that nothing was changed.

    X-Aivastark-Signature               HMAC-SHA256 of the raw body in lower-case hex, key: the secret as it is written
    X-Aivastark-Signature-Previous      the same with the secret before, while a rotation lasts
    webhook-id, -timestamp, -signature  Standard Webhooks 1.0 (standardwebhooks.com), one signature a secret

The second form also covers id and time, so that a recorded delivery cannot be sent again later.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

STANDARD_PREFIX = "whsec_"
SECRET_BYTES = 32


def issue_secret() -> str:
    """A fresh secret in the form of Standard Webhooks: 256 bits of chance."""
    return STANDARD_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def standard_form(secret: str) -> str:
    """The secret as off-the-shelf verifiers of Standard Webhooks take it, whatever it looks like."""
    return STANDARD_PREFIX + base64.b64encode(_standard_key(secret)).decode()


def signed_headers(
    body: bytes, *, delivery_id: str, event_type: str, at: datetime, keys: Sequence[str]
) -> dict[str, str]:
    """The headers of one attempt made at `at`. `keys` are the secrets that sign: the current one first."""
    current, *previous = keys
    timestamp = str(int(at.timestamp()))
    message = f"{delivery_id}.{timestamp}.".encode() + body
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Aivastark-Event": event_type,
        "X-Aivastark-Delivery": delivery_id,
        "X-Aivastark-Signature": _plain(current, body),
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_standard(secret, message) for secret in keys),
    }
    if previous:
        headers["X-Aivastark-Signature-Previous"] = _plain(previous[0], body)
    return headers


def _plain(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def _standard(secret: str, message: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(_standard_key(secret), message, hashlib.sha256)).decode()


def _standard_key(secret: str) -> bytes:
    """The bytes behind `whsec_` where they are base64 (padded or not), else the secret's own in UTF-8."""
    if secret.startswith(STANDARD_PREFIX):
        encoded = secret.removeprefix(STANDARD_PREFIX)
        try:
            if key := base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True):
                return key
        except (binascii.Error, ValueError):
            pass
    return secret.encode()
