"""A second wall between tenants, behind every query's own `project_id`: whom the work at hand is for.

On PostgreSQL each transaction tells the database, whose policies show it and let it change that project's rows only
(migration 0022). A request begins with nobody named, and names a project when the caller's right to it is
established; a job names its own. Outside of both, in commands, schedules and the claim of a job, everything is seen.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SETTING = "aivastark.project"  # of a transaction; policies compare it
EVERYTHING = ""  # what it is where nobody set it
NOTHING = "-"
_PROJECT = re.compile(r"[0-9A-Za-z_]{1,64}")

_seen: ContextVar[str] = ContextVar("seen", default=EVERYTHING)


def seen() -> str:
    """The project whose rows are seen here, `NOTHING` or `EVERYTHING`."""
    return _seen.get()


def enter(project_id: str) -> None:
    """See this project's rows until whatever stands around ends: for a request whose right to it is established."""
    _seen.set(checked(project_id))


@contextmanager
def only(project_id: str) -> Iterator[None]:
    """The block sees this project's rows."""
    with _set(checked(project_id)):
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """The block sees no project's rows, until it enters one."""
    with _set(NOTHING):
        yield


@contextmanager
def everything() -> Iterator[None]:
    """The block sees the rows of all projects. A test lists who says so, and why."""
    with _set(EVERYTHING):
        yield


@contextmanager
def _set(seen: str) -> Iterator[None]:
    token = _seen.set(seen)
    try:
        yield
    finally:
        _seen.reset(token)


def checked(project_id: str) -> str:
    """The id, which may become a part of a statement; raises `ValueError` for anything else."""
    if not _PROJECT.fullmatch(project_id):
        raise ValueError("a project's id is made of letters, digits and _")
    return project_id
