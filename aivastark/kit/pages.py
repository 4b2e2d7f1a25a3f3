"""Cursors for keyset lists: opaque, signed, and good for one list with one set of filters only."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

import orjson

LIMIT_MAX = 100
LIMIT_DEFAULT = 20
CURSOR_MAX_CHARS = 1_024
_MAC_BYTES = 12


def make_cursor(secret: bytes, scope: str, filters: Mapping[str, object], position: list[str]) -> str:
    """A cursor for the row after `position` (the sort key of the last row shown)."""
    body = orjson.dumps(position)
    mac = _mac(secret, scope, filters, body)
    return base64.urlsafe_b64encode(mac + body).decode().rstrip("=")


def read_cursor(secret: bytes, scope: str, filters: Mapping[str, object], cursor: str) -> list[str]:
    """The position in a cursor. Raises `ValueError` if it was tampered with or made for another list."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("not a cursor") from error
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, scope, filters, body)):
        raise ValueError("not a cursor of this list")
    position = orjson.loads(body)
    if not isinstance(position, list):
        raise ValueError("not a cursor")
    return [str(part) for part in position]


def _mac(secret: bytes, scope: str, filters: Mapping[str, object], body: bytes) -> bytes:
    bound = orjson.dumps([scope, {key: str(value) for key, value in sorted(filters.items()) if value is not None}])
    return hmac.digest(secret, bound + b"\x00" + body, hashlib.sha256)[:_MAC_BYTES]
