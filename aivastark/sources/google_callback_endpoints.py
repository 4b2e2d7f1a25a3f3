"""HTTP where Google sends the browser back: a plain page says that the account is connected, or what went wrong."""

from html import escape
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from aivastark import wall
from aivastark.accounts import audit
from aivastark.accounts.auth_endpoints import browser_of
from aivastark.accounts.throttle import BY_ADDRESS, slow_down
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.errors import Conflict
from aivastark.fetch_failures import FetchFailed
from aivastark.projects.store import find_project
from aivastark.sources.account_endpoints import redirect_uri
from aivastark.sources.account_models import ConnectedAccount
from aivastark.sources.connected_accounts import keep_account
from aivastark.sources.google import consent
from aivastark.sources.google.consent import ConsentFailed

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{sentence}</p></body></html>"
)
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the code stands in the address
    "X-Content-Type-Options": "nosniff",
}
SHOWN = {"text/html": {"schema": {"type": "string"}}}
SHOWN_OR_REFUSED = {**SHOWN, "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}

router = APIRouter(prefix="/v1/connected-accounts", tags=["Sources"])
log = structlog.get_logger()

Sent = Annotated[str | None, Query(max_length=4096)]


@router.get(
    "/google/callback",
    operation_id="finishConnection",
    summary="Come back from Google",
    response_class=HTMLResponse,
    responses={
        200: {"description": "The account is connected.", "content": SHOWN},
        400: {"description": "It is not; the page says why.", "content": SHOWN_OR_REFUSED},
        503: {"description": "Google could not be asked; begin again later.", "content": SHOWN_OR_REFUSED},
    },
)
async def callback(
    request: Request, code: Sent = None, state: Sent = None, error: Sent = None, picked_file_ids: Sent = None
) -> HTMLResponse:
    """Where Google sends the browser. Exchanges the code and keeps the permission, sealed."""
    backends: Backends = request.app.state.backends
    await slow_down(backends.db, "connect", browser_of(request).address, plan=BY_ADDRESS)
    try:
        account = await _connect(request, backends, code, state, error, consent.picked(picked_file_ids))
    except (ConsentFailed, Conflict) as failed:
        return _page(400, "Not connected", str(failed))
    except FetchFailed as failure:
        log.warning("no google account was connected", code=failure.code, reason=failure.message)
        if not failure.retryable:
            return _page(400, "Not connected", failure.message)
        return _page(503, "Not connected", "Google cannot be asked at the moment. Begin again in a while.")
    return _page(200, "Connected", f"{account.email or 'The account'} is connected. You can close this page.")


async def _connect(
    request: Request, backends: Backends, code: str | None, state: str | None, error: str | None, picked: list[str]
) -> ConnectedAccount:
    """Raises `ConsentFailed`, `Conflict` and FetchFailed."""
    signed_in = request.state.signed_in
    user_id = None if signed_in is None else signed_in.user_id
    flow = consent.opened(backends.secret_key, state, user_id=user_id)
    if code is None:
        raise ConsentFailed(f"Google did not give permission ({(error or 'no code')[:100]}).")
    google = backends.google
    agreed = await consent.exchange(backends.fetcher, google, flow, code=code, redirect_uri=redirect_uri(request))

    def keep(session: WriteSession) -> ConnectedAccount:
        if find_project(session, flow.organization_id, flow.project_id) is None:
            raise ConsentFailed("The project is not there any more.")
        account = keep_account(session, flow, agreed, picked=picked, secret_key=backends.secret_key)
        details = {"project_id": flow.project_id, "provider": account.provider, "email": account.email}
        audit.record(session, flow.organization_id, flow.actor_id, "connected_account.connected", account.id, details)
        return account

    try:
        with wall.only(flow.project_id):  # the signed state names it
            return await backends.db.write(keep)
    except (ConsentFailed, Conflict):
        await consent.revoke(backends.fetcher, google, agreed.refresh_token)  # it is kept nowhere
        raise


def _page(status: int, title: str, sentence: str) -> HTMLResponse:
    return HTMLResponse(
        PAGE.format(title=escape(title), sentence=escape(sentence)), status_code=status, headers=PAGE_HEADERS
    )
