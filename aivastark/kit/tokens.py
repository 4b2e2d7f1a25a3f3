"""Random tokens with a checksum: what was mistyped or cut short is refused without a look into the database.

Prefix, random base62 characters, then 6 of CRC-32 over all that stands before: the layout GitHub published for its own.
"""

import secrets
import string
import zlib

CHECKSUM_CHARS = 6

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_token(prefix: str, random_chars: int) -> str:
    """A fresh one; each random character is worth 5.95 bits."""
    body = prefix + "".join(secrets.choice(_BASE62) for _ in range(random_chars))
    return body + _checksum(body)


def is_token(value: str, prefix: str, random_chars: int) -> bool:
    """Whether a token has the right form and checksum; says nothing of whether it opens anything."""
    if len(value) != len(prefix) + random_chars + CHECKSUM_CHARS or not value.isascii():
        return False
    body, checksum = value[:-CHECKSUM_CHARS], value[-CHECKSUM_CHARS:]
    return body.startswith(prefix) and secrets.compare_digest(checksum, _checksum(body))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(CHECKSUM_CHARS, "0")
