"""`ETag`, `If-Match`, `If-None-Match`: one dependency, and one line in each route that has them.

async def show(here: Reading, source_id: SourceId, conditions: Showing) -> SourceOut:
    source = await here.backends.db.read(...)
    conditions.show(etag_of(source.updated_at))

async def update(here: Writing, source_id: SourceId, conditions: Changing) -> SourceOut:
    # in the transaction, before the change:     conditions.require(etag_of(source.updated_at))
    # afterwards, so that the caller can go on:  conditions.tag(etag_of(source.updated_at))
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from aivastark.errors import NotModified, PreconditionFailed
from aivastark.kit.etags import names

HEADER_MAX_CHARS = 1_024


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What the caller said about the state it knows, and the answer that will carry the present one."""

    response: Response
    if_match: str | None = None
    if_none_match: str | None = None

    def show(self, etag: str) -> None:
        """For GET: name the state. Raises `NotModified` when the caller has it already."""
        if self.if_none_match is not None and names(self.if_none_match, etag, weakly=True):
            raise NotModified(etag)
        self.tag(etag)

    def require(self, etag: str) -> None:
        """For PATCH, within the transaction of the change. Raises `PreconditionFailed`."""
        if self.if_match is not None and not names(self.if_match, etag):
            raise PreconditionFailed

    def tag(self, etag: str) -> None:
        """Name the state that the answer shows."""
        self.response.headers["ETag"] = etag


async def _showing(
    response: Response,
    if_none_match: Annotated[
        str | None, Header(max_length=HEADER_MAX_CHARS, description="The `ETag` of your copy; the same state is a 304.")
    ] = None,
) -> Conditions:
    return Conditions(response=response, if_none_match=if_none_match)


async def _changing(
    response: Response,
    if_match: Annotated[
        str | None, Header(max_length=HEADER_MAX_CHARS, description="The `ETag` you read; another state is a 412.")
    ] = None,
) -> Conditions:
    return Conditions(response=response, if_match=if_match)


Showing = Annotated[Conditions, Depends(_showing)]
Changing = Annotated[Conditions, Depends(_changing)]
