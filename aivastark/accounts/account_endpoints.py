"""HTTP for accounts: how one is made, and a person's own password, address and second factor."""

from fastapi import APIRouter, Request, Response

from aivastark.accounts import logins, second_factor
from aivastark.accounts.auth_endpoints import AtDoor, FromBrowser, Person, Surroundings, set_cookie, welcome
from aivastark.accounts.auth_schemas import (
    Accepted,
    AcceptIn,
    ClaimIn,
    ConfirmIn,
    DisableIn,
    EmailIn,
    EnrolIn,
    Enrolment,
    Mailed,
    Me,
    PasswordIn,
    RecoveryCodes,
    ResetConfirmIn,
    ResetIn,
    SignUpIn,
    TokenIn,
)
from aivastark.accounts.credentials import (
    ask_for_reset,
    ask_to_change_email,
    change_password,
    confirm_email,
    reset,
    tell,
)
from aivastark.accounts.endpoints import SHOWN_ONCE, Caller
from aivastark.accounts.joining import accept_invitation, ask_to_sign_up, claim, confirm_sign_up
from aivastark.accounts.logins import SignedIn
from aivastark.accounts.people import normal_email, note_of_person
from aivastark.accounts.people_models import User
from aivastark.accounts.sign_in import Browser, check_password, held
from aivastark.accounts.throttle import BY_ADDRESS, MAIL_TO_ONE, slow_down, slow_down_sign_in
from aivastark.database import WriteSession
from aivastark.errors import PermissionDenied, WrongCredentials

router = APIRouter(prefix="/v1/auth", tags=["People"])


@router.post("/claim", operation_id="claimInstall", summary="Take a fresh install over")
async def take_over(request: Request, response: Response, around: Surroundings, browser: AtDoor, body: ClaimIn) -> Me:
    """The token of the link that `aivastark serve` or `init` prints makes the first person its owner, once."""
    await slow_down(around.backends.db, "claim", browser.address, plan=BY_ADDRESS)
    token = await claim(
        around.backends, browser, token=body.token, email=body.email, name=body.name, password=body.password
    )
    return await welcome(request, response, token)


@router.post("/sign-up", status_code=202, operation_id="signUp", summary="Make an account")
async def sign_up(around: Surroundings, browser: AtDoor, body: SignUpIn) -> Mailed:
    """Where sign-up is open. Mails a link that confirms the address; says nothing of whether there is an account."""
    if around.entrance.sign_up != "open":
        raise PermissionDenied("Accounts are made by invitation here.")
    email = normal_email(body.email)
    await _slow_down_mail(around, browser, email)
    await ask_to_sign_up(
        around.backends,
        around.entrance,
        email=email,
        name=body.name,
        organization=body.organization,
        password=body.password,
    )
    around.backends.work_waiting.set()
    return Mailed()


@router.post("/sign-up/confirm", operation_id="confirmSignUp", summary="Confirm the address of a new account")
async def confirm_account(
    request: Request, response: Response, around: Surroundings, browser: AtDoor, body: TokenIn
) -> Me:
    """Makes the account with an organisation of its own, and signs in."""
    await slow_down(around.backends.db, "sign-up-confirm", browser.address, plan=BY_ADDRESS)
    token = await confirm_sign_up(around.backends, around.entrance, browser, token=body.token)
    return await welcome(request, response, token)


@router.post("/accept-invitation", operation_id="acceptInvitation", summary="Accept an invitation")
async def accept(
    request: Request, response: Response, around: Surroundings, browser: AtDoor, body: AcceptIn
) -> Accepted:
    """Joins with the account there is, or makes one and signs in."""
    await slow_down(around.backends.db, "accept", browser.address, plan=BY_ADDRESS)
    organization_id, token = await accept_invitation(
        around.backends, browser, token=body.token, name=body.name, password=body.password
    )
    csrf_token = None
    if token is not None:
        set_cookie(request, response, token)
        csrf_token = logins.csrf_token(around.backends.secret_key, token)
    return Accepted(organization_id=organization_id, signed_in=token is not None, csrf_token=csrf_token)


@router.post("/password-reset", status_code=202, operation_id="askForPasswordReset", summary="Forgot the password")
async def ask_reset(around: Surroundings, browser: AtDoor, body: ResetIn) -> Mailed:
    """Mails a link if there is such an account; the answer is the same if not."""
    email = normal_email(body.email)
    await _slow_down_mail(around, browser, email)
    await ask_for_reset(around.backends, around.entrance, email=email)
    around.backends.work_waiting.set()
    return Mailed()


@router.post(
    "/password-reset/confirm", status_code=204, operation_id="resetPassword", summary="Choose a new password by link"
)
async def confirm_reset(around: Surroundings, browser: AtDoor, body: ResetConfirmIn) -> None:
    """Ends every session. Sign in with the new password afterwards; a second factor stays on."""
    await slow_down(around.backends.db, "reset-confirm", browser.address, plan=BY_ADDRESS)
    await reset(around.backends, token=body.token, password=body.password)
    around.backends.work_waiting.set()


@router.post("/password", status_code=204, operation_id="changePassword", summary="Change my password")
async def new_password(around: Surroundings, browser: FromBrowser, person: Person, body: PasswordIn) -> None:
    """Ends all other sessions and tells the person by mail."""
    user = await _prove(around, browser, person, body.current_password)
    await change_password(around.backends, person, user, password=body.password)
    around.backends.work_waiting.set()


@router.post("/email", status_code=202, operation_id="changeEmail", summary="Change my address")
async def new_email(around: Surroundings, browser: FromBrowser, person: Person, body: EmailIn) -> Mailed:
    """Mails the new address a link; until it is opened, nothing changes."""
    email = normal_email(body.email)
    await _prove(around, browser, person, body.password)
    await _slow_down_mail(around, browser, email)
    await ask_to_change_email(around.backends, around.entrance, user_id=person.user_id, email=email)
    around.backends.work_waiting.set()
    return Mailed()


@router.post("/email/confirm", status_code=204, operation_id="confirmEmail", summary="Confirm my new address")
async def confirm_new_email(around: Surroundings, browser: AtDoor, body: TokenIn) -> None:
    """The old address is told."""
    await slow_down(around.backends.db, "email-confirm", browser.address, plan=BY_ADDRESS)
    await around.backends.db.write(lambda session: confirm_email(session, around.backends.secret_key, token=body.token))
    around.backends.work_waiting.set()


@router.post("/totp/enrol", operation_id="enrolSecondFactor", summary="Set up a second factor")
async def enrol(
    response: Response, around: Surroundings, browser: FromBrowser, person: Person, body: EnrolIn
) -> Enrolment:
    """A secret for an authenticator app. It is asked for only once it is confirmed."""
    await _prove(around, browser, person, body.password)

    def work(session: WriteSession) -> tuple[str, str]:
        return second_factor.enrol(held(session, person.user_id), around.backends.secret_key)

    secret, uri = await around.backends.db.write(work)
    response.headers.update(SHOWN_ONCE)
    return Enrolment(secret=secret, uri=uri)


@router.post("/totp/confirm", operation_id="confirmSecondFactor", summary="Turn the second factor on")
async def confirm_factor(
    response: Response, around: Surroundings, browser: FromBrowser, person: Person, body: ConfirmIn
) -> RecoveryCodes:
    """With a code the app shows. Other sessions end; the recovery codes are told here and never again."""
    await slow_down(around.backends.db, "totp", person.user_id, plan=BY_ADDRESS)

    def work(session: WriteSession) -> list[str]:
        codes = second_factor.confirm(held(session, person.user_id), around.backends.secret_key, body.code)
        logins.end_all(session, person.user_id, but=person.login_id)
        note_of_person(session, person.user_id, "second_factor.enabled")
        return codes

    codes = await around.backends.db.write(work)
    response.headers.update(SHOWN_ONCE)
    return RecoveryCodes(recovery_codes=codes)


@router.post("/totp/disable", status_code=204, operation_id="disableSecondFactor", summary="Turn the second factor off")
async def disable(around: Surroundings, browser: FromBrowser, person: Person, body: DisableIn) -> None:
    """Takes the password and a code, or a recovery code."""
    await _prove(around, browser, person, body.password)

    def work(session: WriteSession) -> None:
        user = held(session, person.user_id)
        second_factor.check(user, around.backends.secret_key, body.code)
        second_factor.turn_off(user)
        note_of_person(session, user.id, "second_factor.disabled")
        what = "The second factor of your account was turned off."
        tell(session, around.backends.secret_key, user, subject="Your second factor is off", what=what)

    await around.backends.db.write(work)
    around.backends.work_waiting.set()


async def _prove(around: Caller, browser: Browser, person: SignedIn, password: str) -> User:
    """The signed-in person, who knows the own password: an unlocked screen is not enough for this.

    Raises `WrongCredentials` and `RateLimited`.
    """
    user = await around.backends.db.read(lambda session: session.get(User, person.user_id))
    if user is None:
        raise WrongCredentials
    await slow_down_sign_in(around.backends.db, address=browser.address, email=user.email)
    return await check_password(around.backends, user.email, password)


async def _slow_down_mail(around: Caller, browser: Browser, email: str) -> None:
    """Nobody's mailbox is filled by asking again and again."""
    await slow_down(around.backends.db, "mail-from", browser.address, plan=BY_ADDRESS)
    await slow_down(around.backends.db, "mail-to", email, plan=MAIL_TO_ONE)
