"""HTTP for connected accounts: begin to connect one, list, disconnect. Coming back is `google_callback_endpoints`."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from aivastark.accounts.entrance import Entrance
from aivastark.database import WriteSession
from aivastark.kit.clock import to_wire
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after
from aivastark.sources.account_models import ConnectedAccount
from aivastark.sources.account_schemas import (
    ConnectedAccountList,
    Connection,
    NewConnection,
    account_out,
)
from aivastark.sources.connected_accounts import (
    list_accounts,
    refresh_token_of,
    require_account_room,
    require_client,
    take_account,
)
from aivastark.sources.credentials import CredentialsUnreadable
from aivastark.sources.google import consent

CALLBACK_PATH = "/v1/connected-accounts/google/callback"
AT_GOOGLE = NewConnection()  # what is meant by no body at all

router = APIRouter(prefix="/v1/projects/{project_id}/connected-accounts", tags=["Sources"])

Reading = Annotated[Here, Depends(in_project("sources"))]
Writing = Annotated[Here, Depends(in_project("sources", write=True))]
AccountId = Annotated[str, Path(description="The account's id, `acc_…`.", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS, description="`next_cursor` of the page before.")]


@router.post("", operation_id="connectAccount", summary="Connect a Google account")
async def connect(request: Request, here: Writing, response: Response, posted: NewConnection = AT_GOOGLE) -> Connection:
    """The address of Google's consent screen. Open it in the browser of the person whose Drive is to be read."""
    google, secret_key = here.backends.google, here.backends.secret_key
    require_client(google)
    await here.backends.db.read(lambda session: require_account_room(session, here.project_id))
    signed_in = request.state.signed_in
    flow = consent.begin(
        here.project_id,
        organization_id=here.principal.organization_id,
        actor_id=here.principal.actor_id,
        user_id=None if signed_in is None else signed_in.user_id,
    )
    state = consent.sealed(secret_key, flow)
    response.headers["Cache-Control"] = "no-store"
    return Connection(
        authorize_url=consent.address_of(google, flow, state=state, redirect_uri=redirect_uri(request)),
        state=state,
        expires_at=to_wire(datetime.fromtimestamp(flow.began + consent.FLOW_SECONDS, UTC)),
    )


@router.get("", operation_id="listConnectedAccounts", summary="List connected accounts")
async def index(here: Reading, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None) -> ConnectedAccountList:
    """Newest first. `rejected` are those that Google no longer honours; connecting them again mends that."""
    after = position_after(here, "connected-accounts", {}, cursor)
    rows = await here.backends.db.read(
        lambda session: list_accounts(session, here.project_id, limit=limit, after=after[0] if after else None)
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return ConnectedAccountList(
        data=[account_out(row) for row in rows],
        next_cursor=cursor_for(here, "connected-accounts", {}, [rows[-1].id]) if more else None,
        has_more=more,
    )


@router.delete("/{account_id}", status_code=204, operation_id="disconnectAccount", summary="Disconnect an account")
async def disconnect(here: Writing, account_id: AccountId) -> None:
    """Forgotten here, and taken back at Google as far as it can be reached. Sources that use it fail at their next
    sync with `account_disconnected`; what they published keeps serving."""

    def take(session: WriteSession) -> ConnectedAccount:
        account = take_account(session, here.project_id, account_id)
        here.note(session, "connected_account.deleted", account_id, provider=account.provider, email=account.email)
        return account

    account = await here.backends.db.write(take)
    try:
        refresh_token = refresh_token_of(account, secret_key=here.backends.secret_key)
    except CredentialsUnreadable:  # sealed under another key: nobody can use it any more, we included
        return
    await consent.revoke(here.backends.fetcher, here.backends.google, refresh_token)


def redirect_uri(request: Request) -> str:
    """Where Google sends the browser back to; it must stand in the OAuth client's list, letter by letter."""
    entrance: Entrance = request.app.state.entrance
    return f"{entrance.public_url.rstrip('/')}{CALLBACK_PATH}"
