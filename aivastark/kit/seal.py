"""Secrets at rest that must be read again: sealed with AES-256-GCM under a key made from the install's own.

A backup, a replica or a stolen database file alone opens nothing. Each purpose has its own key, and a sealed
value says whose it is: put into another row, it does not open.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
_VERSION = b"\x01"


class Unsealable(Exception):
    """Sealed under another secret key, for another owner, or damaged."""


def seal(secret_key: bytes, purpose: str, owner: str, content: str) -> bytes:
    """`content` as bytes that only `unseal` with the same key, purpose and owner reads."""
    return seal_bytes(secret_key, purpose, owner, content.encode())


def seal_bytes(secret_key: bytes, purpose: str, owner: str, content: bytes) -> bytes:
    """As `seal`. Sealed twice, the same content is never the same bytes."""
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + nonce + _cipher(secret_key, purpose).encrypt(nonce, content, owner.encode())


def unseal(secret_key: bytes, purpose: str, owner: str, sealed: bytes) -> str:
    """What was sealed. Raises `Unsealable`."""
    return unseal_bytes(secret_key, purpose, owner, sealed).decode()


def unseal_bytes(secret_key: bytes, purpose: str, owner: str, sealed: bytes) -> bytes:
    """What `seal_bytes` sealed. Raises `Unsealable`."""
    nonce, hidden = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != NONCE_BYTES:
        raise Unsealable(purpose)
    try:
        return _cipher(secret_key, purpose).decrypt(nonce, hidden, owner.encode())
    except InvalidTag as error:
        raise Unsealable(purpose) from error


def _cipher(secret_key: bytes, purpose: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key, b"aivastark seal: " + purpose.encode(), hashlib.sha256))
