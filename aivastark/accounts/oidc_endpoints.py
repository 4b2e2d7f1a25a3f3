"""HTTP for signing in with the operator's OpenID provider: leaving for it, and coming back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from aivastark.accounts import oidc
from aivastark.accounts.auth_endpoints import FromBrowser, Surroundings, is_encrypted, set_cookie
from aivastark.accounts.endpoints import Caller
from aivastark.accounts.entrance import OidcClient
from aivastark.accounts.provider_sign_in import sign_in_as
from aivastark.accounts.throttle import BY_ADDRESS, slow_down
from aivastark.errors import NotFound, SignInFailed

FLOW_COOKIE = "aivastark_oidc"
COOKIE_PATH = "/v1/auth/oidc"
# A path of this install and nothing else: browsers take `//host` and `/\host` for an address of another, and pass over
# tabs and line ends. Without quotation marks it is as long in the cookie that it travels in.
OURS = r"^/([!#-.0-\[\]-~][!#-\[\]-~]*)?$"
NEXT_MAX_CHARS = 1_500  # a cookie has 4,096, and sealing makes a third more of it

router = APIRouter(prefix="/v1/auth/oidc", tags=["People"])

Sent = Annotated[str | None, Query(max_length=4096)]


@router.get(
    "/start",
    status_code=303,
    operation_id="startOidc",
    summary="Sign in with the provider",
    response_class=RedirectResponse,
)
async def start(
    request: Request,
    around: Surroundings,
    browser: FromBrowser,
    next: Annotated[
        str, Query(pattern=OURS, max_length=NEXT_MAX_CHARS, description="Where to go then: a path of this install.")
    ] = "/",
) -> RedirectResponse:
    """Sends the browser to the OpenID provider of this install; 404 where none is set."""
    client = _client(around)
    await slow_down(around.backends.db, "oidc", browser.address, plan=BY_ADDRESS)
    address, flow = await oidc.leave_for_provider(
        around.backends.fetcher, client, redirect_uri=_redirect_uri(around), next_path=next
    )
    response = RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        FLOW_COOKIE,
        oidc.sealed(around.backends.secret_key, flow),
        max_age=oidc.FLOW_S,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=is_encrypted(request),
    )
    return response


@router.get(
    "/callback",
    status_code=303,
    operation_id="finishOidc",
    summary="Come back from the provider",
    response_class=RedirectResponse,
)
async def callback(
    request: Request,
    around: Surroundings,
    browser: FromBrowser,
    code: Sent = None,
    state: Sent = None,
    error: Sent = None,
    iss: Sent = None,
) -> RedirectResponse:
    """Where the provider sends the browser. Sets the session's cookie and goes on to where the person wanted to go."""
    client = _client(around)
    await slow_down(around.backends.db, "oidc", browser.address, plan=BY_ADDRESS)
    flow = oidc.opened(around.backends.secret_key, request.cookies.get(FLOW_COOKIE), state=state)
    if iss is not None and iss != client.issuer:  # RFC 9207: an answer of another provider
        raise SignInFailed("The answer is not from this install's provider.")
    if code is None:
        raise SignInFailed(f"The provider did not let you in ({error or 'no code'}).")
    identity = await oidc.identify(around.backends.fetcher, client, flow, code=code, redirect_uri=_redirect_uri(around))
    token = await around.backends.db.write(lambda session: sign_in_as(session, around.entrance, browser, identity))
    response = RedirectResponse(f"{around.entrance.public_url}{flow.next}", status_code=303)
    set_cookie(request, response, token)
    response.delete_cookie(FLOW_COOKIE, path=COOKIE_PATH, httponly=True, samesite="lax", secure=is_encrypted(request))
    return response


def _client(around: Caller) -> OidcClient:
    """Raises `NotFound` where the operator set no provider."""
    if around.entrance.oidc is None:
        raise NotFound
    return around.entrance.oidc


def _redirect_uri(around: Caller) -> str:
    return f"{around.entrance.public_url}{COOKIE_PATH}/callback"
