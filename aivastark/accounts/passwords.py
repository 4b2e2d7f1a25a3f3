"""Passwords: what one must be like, and its argon2id hash, reckoned in threads of its own.

A hash takes 64 MiB and tens of milliseconds on purpose: two at a time, so that a flood of sign-ins takes neither
the memory nor the threads that answers need.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aivastark.errors import InvalidRequest

MIN_CHARS = 10
MAX_CHARS = 256
AT_A_TIME = 2

_hasher = PasswordHasher()  # RFC 9106, second recommended option
_threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="passwords")


def check_strength(password: str, email: str) -> None:
    """Raises `InvalidRequest` for one that is short, or that anybody would try first."""
    if len(password) < MIN_CHARS:
        raise InvalidRequest(f"password has {MIN_CHARS} characters or more", param="password")
    if len(set(password)) < MIN_CHARS // 2 or password.casefold() == email:
        raise InvalidRequest("password is one that anybody would try first; choose another", param="password")


async def hash_password(password: str) -> str:
    """What is kept of a password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one; takes as long when there is none to compare with."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, kept)


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _verify(password: str, kept: str | None) -> bool:
    try:
        _hasher.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())
