"""Short secrets that must be kept and read again: encrypted and authenticated with the install's key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


def seal(secret_key: bytes, purpose: str, text: str) -> str:
    """`text` in a form that only this install reads, and only for this purpose."""
    return _fernet(secret_key, purpose).encrypt(text.encode()).decode()


def unseal(secret_key: bytes, purpose: str, sealed: str, *, max_age_s: int | None = None) -> str:
    """What was sealed. Raises `ValueError` when it was changed, is too old, or belongs to another purpose or key."""
    try:
        return _fernet(secret_key, purpose).decrypt(sealed.encode(), ttl=max_age_s).decode()
    except (InvalidToken, UnicodeError) as error:
        raise ValueError("not sealed by this install for this purpose") from error


def _fernet(secret_key: bytes, purpose: str) -> Fernet:
    derived = hmac.digest(secret_key, f"aivastark sealing: {purpose}".encode(), hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(derived))
