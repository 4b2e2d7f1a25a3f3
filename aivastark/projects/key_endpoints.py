"""HTTP for the keys of a project."""

from fastapi import APIRouter, Response

from aivastark.accounts import key_endpoints as keys
from aivastark.accounts.endpoints import SHOWN_ONCE, Cursor, Limit
from aivastark.accounts.key_endpoints import KeyId
from aivastark.accounts.key_schemas import USUAL_OVERLAP, KeyList, KeyMade, KeyOut, KeyPatch, NewKey, Rotation
from aivastark.kit.pages import LIMIT_DEFAULT
from aivastark.projects.crud_endpoints import Configuring
from aivastark.projects.endpoints import ProjectId

router = APIRouter(prefix="/v1/projects/{project_id}/api-keys", tags=["API keys"])


@router.post("", status_code=201, operation_id="createKey", summary="Make a project key")
async def create(response: Response, caller: Configuring, project_id: ProjectId, body: NewKey) -> KeyMade:
    """A key to this project alone. `secret` is told here and never again."""
    response.headers.update(SHOWN_ONCE)
    return await keys.make(caller, project_id, body)


@router.get("", operation_id="listKeys", summary="List project keys")
async def index(
    caller: Configuring, project_id: ProjectId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> KeyList:
    """Newest first, revoked ones too."""
    return await keys.page(caller, project_id, limit, cursor)


@router.get("/{key_id}", operation_id="getKey", summary="Look at a project key")
async def show(caller: Configuring, project_id: ProjectId, key_id: KeyId) -> KeyOut:
    """Its name, scopes, end and last use; never its secret."""
    return await keys.look(caller, project_id, key_id)


@router.patch("/{key_id}", operation_id="updateKey", summary="Rename a project key")
async def update(caller: Configuring, project_id: ProjectId, key_id: KeyId, body: KeyPatch) -> KeyOut:
    """Scopes and end are fixed when a key is made."""
    return await keys.rename(caller, project_id, key_id, body)


@router.post("/{key_id}/rotate", status_code=201, operation_id="rotateKey", summary="Rotate a project key")
async def rotate(
    response: Response, caller: Configuring, project_id: ProjectId, key_id: KeyId, body: Rotation = USUAL_OVERLAP
) -> KeyMade:
    """A new key with the same name, scopes and end; the old one works for `overlap_seconds` longer."""
    response.headers.update(SHOWN_ONCE)
    return await keys.take_over(caller, project_id, key_id, body)


@router.delete("/{key_id}", status_code=204, operation_id="revokeKey", summary="Revoke a project key")
async def revoke(caller: Configuring, project_id: ProjectId, key_id: KeyId) -> None:
    """It opens nothing from now on; other processes of the install notice within 20 seconds."""
    await keys.close(caller, project_id, key_id)
