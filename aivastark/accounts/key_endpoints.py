"""HTTP for the keys of a whole organisation, and what they share with the keys of a project."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from aivastark.accounts import audit
from aivastark.accounts.endpoints import SHOWN_ONCE, Administering, Caller, Cursor, Limit
from aivastark.accounts.key_schemas import (
    USUAL_OVERLAP,
    KeyList,
    KeyMade,
    KeyOut,
    KeyPatch,
    NewKey,
    Rotation,
    key_made,
    key_out,
)
from aivastark.accounts.keys import create_key, find_key, page_of_keys, revoke_key, rotate_key
from aivastark.accounts.models import ApiKey
from aivastark.database import WriteSession
from aivastark.kit.pages import LIMIT_DEFAULT

router = APIRouter(prefix="/v1/organizations/{organization_id}/api-keys", tags=["API keys"])

KeyId = Annotated[str, Path(description="The key's id, `key_…`.", max_length=64)]


@router.post("", status_code=201, operation_id="createOrganizationKey", summary="Make an organisation key")
async def create(response: Response, caller: Administering, body: NewKey) -> KeyMade:
    """A key to all projects of the organisation; with the scope `*` it also makes and deletes them."""
    response.headers.update(SHOWN_ONCE)
    return await make(caller, None, body)


@router.get("", operation_id="listOrganizationKeys", summary="List organisation keys")
async def index(caller: Administering, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> KeyList:
    """Newest first, revoked ones too; the keys of projects are below each project."""
    return await page(caller, None, limit, cursor)


@router.get("/{key_id}", operation_id="getOrganizationKey", summary="Look at an organisation key")
async def show(caller: Administering, key_id: KeyId) -> KeyOut:
    """Its name, scopes, end and last use; never its secret."""
    return await look(caller, None, key_id)


@router.patch("/{key_id}", operation_id="updateOrganizationKey", summary="Rename an organisation key")
async def update(caller: Administering, key_id: KeyId, body: KeyPatch) -> KeyOut:
    """Scopes and end are fixed when a key is made."""
    return await rename(caller, None, key_id, body)


@router.post(
    "/{key_id}/rotate", status_code=201, operation_id="rotateOrganizationKey", summary="Rotate an organisation key"
)
async def rotate(response: Response, caller: Administering, key_id: KeyId, body: Rotation = USUAL_OVERLAP) -> KeyMade:
    """A new key with the same name, scopes and end; the old one works for `overlap_seconds` longer."""
    response.headers.update(SHOWN_ONCE)
    return await take_over(caller, None, key_id, body)


@router.delete("/{key_id}", status_code=204, operation_id="revokeOrganizationKey", summary="Revoke an organisation key")
async def revoke(caller: Administering, key_id: KeyId) -> None:
    """It opens nothing from now on; other processes of the install notice within 20 seconds."""
    await close(caller, None, key_id)


async def make(caller: Caller, project_id: str | None, body: NewKey) -> KeyMade:
    """A new key to a project, or with None to the whole organisation."""
    end = body.end()

    def work(session: WriteSession) -> tuple[ApiKey, str]:
        row, secret = create_key(
            session,
            organization_id=caller.organization_id,
            project_id=project_id,
            name=body.name,
            scopes=tuple(dict.fromkeys(body.scopes)),
            expires_at=end,
            created_by=caller.principal.actor_id,
        )
        audit.note(session, caller.principal, "api_key.created", row.id, _told(row))
        return row, secret

    return key_made(*await caller.backends.db.write(work))


async def page(caller: Caller, project_id: str | None, limit: int, cursor: str | None) -> KeyList:
    """A page of keys."""
    scope = f"api-keys:{project_id}"
    after = caller.after(scope, {}, cursor)
    rows = await caller.backends.db.read(
        lambda session: page_of_keys(session, caller.organization_id, project_id, limit=limit, after=after)
    )
    more, rows = len(rows) > limit, rows[:limit]
    return KeyList(
        data=[key_out(row) for row in rows],
        next_cursor=caller.cursor(scope, {}, rows[-1].id) if more else None,
        has_more=more,
    )


async def look(caller: Caller, project_id: str | None, key_id: str) -> KeyOut:
    """One key. Raises `NotFound`."""
    return key_out(
        await caller.backends.db.read(lambda session: find_key(session, caller.organization_id, project_id, key_id))
    )


async def rename(caller: Caller, project_id: str | None, key_id: str, body: KeyPatch) -> KeyOut:
    """A key under another name. Raises `NotFound`."""

    def work(session: WriteSession) -> ApiKey:
        row = find_key(session, caller.organization_id, project_id, key_id)
        audit.note(session, caller.principal, "api_key.updated", row.id, {"from": row.name, "to": body.name})
        row.name = body.name
        return row

    return key_out(await caller.backends.db.write(work))


async def take_over(caller: Caller, project_id: str | None, key_id: str, body: Rotation) -> KeyMade:
    """A key's successor. Raises `NotFound`, or `Conflict` for a key that works no more."""

    def work(session: WriteSession) -> tuple[ApiKey, str]:
        row = find_key(session, caller.organization_id, project_id, key_id)
        made, secret = rotate_key(session, row, overlap=body.overlap, created_by=caller.principal.actor_id)
        details = {"successor": made.id, "overlap_seconds": body.overlap_seconds}
        audit.note(session, caller.principal, "api_key.rotated", row.id, details)
        return made, secret

    made = await caller.backends.db.write(work)
    caller.keys.forget()
    return key_made(*made)


async def close(caller: Caller, project_id: str | None, key_id: str) -> None:
    """Revoke a key; twice is no error. Raises `NotFound`."""

    def work(session: WriteSession) -> None:
        row = find_key(session, caller.organization_id, project_id, key_id)
        revoke_key(session, caller.organization_id, row.id)
        audit.note(session, caller.principal, "api_key.revoked", row.id, _told(row))

    await caller.backends.db.write(work)
    caller.keys.forget()


def _told(row: ApiKey) -> dict[str, object]:
    return {"name": row.name, "key": f"{row.prefix}…{row.last4}", "project_id": row.project_id, "scopes": row.scopes}
