"""HTTP for being signed in: signing in and out, who one is, where else one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from aivastark.accounts import logins
from aivastark.accounts.auth_schemas import (
    Me,
    MePatch,
    PersonOut,
    SessionList,
    SignInIn,
    SignInWays,
    SwitchIn,
    person_out,
    session_out,
)
from aivastark.accounts.endpoints import SHOWN_ONCE, Caller, caller_of
from aivastark.accounts.logins import SignedIn
from aivastark.accounts.media import must_be_readable
from aivastark.accounts.models import Organization
from aivastark.accounts.people import normal_email
from aivastark.accounts.people_models import User
from aivastark.accounts.schemas import OrganizationOut, organization_fields
from aivastark.accounts.sign_in import Browser, held, sign_in
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound, PermissionDenied, Unauthenticated
from aivastark.kit.clock import utc_now

router = APIRouter(prefix="/v1/auth", tags=["People"])

SessionId = Annotated[str, Path(description="The session's id, `login_…`.", max_length=64)]


def person_of(request: Request) -> SignedIn:
    """A dependency: the person who is signed in.

    Raises `PermissionDenied` for a key, then `UnsupportedMedia` for a body of a kind the route does not read.
    """
    signed_in: SignedIn | None = request.state.signed_in
    if signed_in is None:
        raise PermissionDenied("This is for people who are signed in; a key has no account.")
    must_be_readable(request)
    return signed_in


def browser_of(request: Request) -> Browser:
    """A dependency: where a request comes from."""
    address = request.client.host if request.client else "unknown"
    return Browser(address=address, user_agent=request.headers.get("user-agent", ""))


def at_door(request: Request) -> Browser:
    """A dependency: as `browser_of`, where nobody is asked for first. Raises `UnsupportedMedia`."""
    must_be_readable(request)
    return browser_of(request)


Person = Annotated[SignedIn, Depends(person_of)]
Surroundings = Annotated[Caller, Depends(caller_of)]
FromBrowser = Annotated[Browser, Depends(browser_of)]
AtDoor = Annotated[Browser, Depends(at_door)]


@router.get("/sign-in", operation_id="getSignIn", summary="Ways to sign in")
async def ways(around: Surroundings) -> SignInWays:
    """What the page to sign in offers beside e-mail and password."""
    return SignInWays(openid=around.entrance.oidc is not None, sign_up=around.entrance.sign_up == "open")


@router.post("/sign-in", operation_id="signIn", summary="Sign in")
async def enter(request: Request, response: Response, around: Surroundings, browser: AtDoor, body: SignInIn) -> Me:
    """Sets the session's cookie. After `second_factor_required`, the same call once more with `code`."""
    email = normal_email(body.email)
    token = await sign_in(around.backends, browser, email=email, password=body.password, code=body.code)
    return await welcome(request, response, token)


@router.post("/sign-out", status_code=204, operation_id="signOut", summary="Sign out")
async def leave(request: Request, response: Response, around: Surroundings, person: Person) -> None:
    """Ends this session."""
    await around.backends.db.write(lambda session: logins.end(session, person.user_id, person.login_id))
    response.delete_cookie(logins.COOKIE, path="/", httponly=True, samesite="lax", secure=is_encrypted(request))


@router.get("/me", operation_id="getMe", summary="Who am I")
async def me(response: Response, around: Surroundings, person: Person) -> Me:
    """The person, the organisation this session acts in, and the token for `X-CSRF-Token`."""
    response.headers.update(SHOWN_ONCE)
    return await _me(around.backends, person)


@router.patch("/me", operation_id="updateMe", summary="Change my name")
async def rename(around: Surroundings, person: Person, body: MePatch) -> PersonOut:
    """The address and the password have ways of their own."""

    def work(session: WriteSession) -> User:
        row = held(session, person.user_id)
        row.name, row.updated_at = body.name, utc_now()
        return row

    return person_out(await around.backends.db.write(work))


@router.post("/switch-organization", operation_id="switchOrganization", summary="Act in another organisation")
async def switch(request: Request, around: Surroundings, person: Person, body: SwitchIn) -> Me:
    """From now on this session acts there; other sessions stay where they are."""
    await around.backends.db.write(lambda session: logins.switch(session, person, body.organization_id))
    token = request.cookies.get(logins.COOKIE, "")
    now = await logins.find(around.backends.db, around.backends.secret_key, token)
    return await _me(around.backends, now or person)


@router.get("/sessions", operation_id="listSessions", summary="Where am I signed in")
async def sessions(around: Surroundings, person: Person) -> SessionList:
    """Every browser, newest first."""
    rows = await around.backends.db.read(lambda session: logins.list_logins(session, person.user_id))
    return SessionList(data=[session_out(row, person.login_id) for row in rows], next_cursor=None, has_more=False)


@router.delete("/sessions", status_code=204, operation_id="endOtherSessions", summary="Sign out everywhere else")
async def end_others(around: Surroundings, person: Person) -> None:
    """Ends all sessions but this one."""
    await around.backends.db.write(lambda session: logins.end_all(session, person.user_id, but=person.login_id))


@router.delete("/sessions/{session_id}", status_code=204, operation_id="endSession", summary="End one session")
async def end_one(around: Surroundings, person: Person, session_id: SessionId) -> None:
    """The browser there is signed out."""
    await around.backends.db.write(lambda session: logins.end(session, person.user_id, session_id))


async def welcome(request: Request, response: Response, token: str) -> Me:
    """Give the browser its cookie and say who it is signed in as."""
    backends: Backends = request.app.state.backends
    set_cookie(request, response, token)
    signed_in = await logins.find(backends.db, backends.secret_key, token)
    if signed_in is None:  # ended again in the moment between
        raise Unauthenticated
    return await _me(backends, signed_in)


def set_cookie(request: Request, response: Response, token: str) -> None:
    """The session's cookie: out of reach of scripts, and not sent along from other sites' forms."""
    response.headers.update(SHOWN_ONCE)
    response.set_cookie(
        logins.COOKIE,
        token,
        max_age=int(logins.ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_encrypted(request),
    )


def is_encrypted(request: Request) -> bool:
    """Whether the browser came by https, as far as the operator's setting or the request says."""
    return request.app.state.entrance.is_encrypted or request.url.scheme == "https"


async def _me(backends: Backends, person: SignedIn) -> Me:
    def look(session: ReadSession) -> tuple[User, Organization | None]:
        user = session.get(User, person.user_id)
        if user is None:
            raise NotFound
        return user, session.get(Organization, person.principal.organization_id)

    user, organization = await backends.db.read(look)
    role = person.principal.role
    return Me(
        user=person_out(user),
        organization=None if organization is None else OrganizationOut(**organization_fields(organization, role)),
        session_id=person.login_id,
        csrf_token=person.csrf_token,
    )
