"""E-mail addresses: whether one can be one, and which spellings are the same."""

import re
import unicodedata

import idna

EMAIL_MAX_CHARS = 254
LOCAL_MAX_CHARS = 64

_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f@\"(),:;<>\[\]\\]+")


def email_key(email: str) -> str:
    """What two spellings of one address share: lower case, the domain in ASCII. Raises `ValueError` for no address.

    Dots and `+` parts stay: whether a host takes them for the same mailbox is its own affair.
    """
    local, at, domain = unicodedata.normalize("NFKC", email.strip()).rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > LOCAL_MAX_CHARS or len(email.strip()) > EMAIL_MAX_CHARS:
        raise ValueError("is no e-mail address")
    if local.startswith(".") or local.endswith(".") or ".." in local or "." not in domain.strip("."):
        raise ValueError("is no e-mail address")
    try:
        ascii_domain = idna.encode(domain.casefold(), uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError("has no valid domain") from error
    return f"{local.casefold()}@{ascii_domain}"
