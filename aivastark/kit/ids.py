"""Identifiers that say what they are: a prefix and an upper-case ULID, sortable by time of making."""

import re
from typing import Literal

from ulid import ULID

Prefix = Literal[
    "org", "usr", "prj", "key", "src", "doc", "chk", "conv", "msg", "cit",
    "pin", "wgt", "whk", "evt", "dlv", "lead", "gap", "test", "req", "sess", "job",
    "vis",
    "run", "inv", "login", "aud", "mail", "fail", "acc", "att",
]  # fmt: skip

_ID = re.compile(r"^([a-z]+)_([0-9A-HJKMNP-TV-Z]{26})$", re.IGNORECASE)


def new_id(prefix: Prefix) -> str:
    """A fresh id such as `src_01JD…`: 128 bits, of which 48 are the time in milliseconds."""
    return f"{prefix}_{ULID()}"


def is_id(value: str, prefix: Prefix) -> bool:
    """Whether `value` has the form of an id of this kind (case does not matter)."""
    match = _ID.match(value)
    return match is not None and match.group(1).lower() == prefix
