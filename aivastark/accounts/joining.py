"""How somebody becomes a person here: claiming a fresh install, signing up where that is open, an invitation."""

from sqlalchemy import select

from aivastark.accounts import audit, passwords, tokens
from aivastark.accounts.directory import create_organization, first_organization
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.invitations import open_invitation, take_up
from aivastark.accounts.mails import queue_mail
from aivastark.accounts.organizations import add_member
from aivastark.accounts.people import create_user, find_by_email, normal_email
from aivastark.accounts.people_models import Invitation, Membership, User
from aivastark.accounts.sign_in import Browser, begin
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, InvalidRequest, InvalidToken

CLAIM_PAGE = "sign-in"
CONFIRM_PAGE = "confirm-sign-up"


def claim_token(session: WriteSession, email: str | None) -> str | None:
    """A one-time token that makes its holder the owner of the install; None when it has one.

    With an address (normalised), it is good for that one alone.
    """
    if _is_owned(session):
        return None
    return tokens.issue(session, "claim", arguments={} if email is None else {"email": email})


async def claim(
    backends: Backends, browser: Browser, *, token: str, email: str | None, name: str, password: str
) -> str:
    """The first person takes the install over, as owner of its organisation; gives the token of a session.

    Raises `InvalidToken` once there is an owner.
    """
    password_hash = await passwords.hash_password(password)

    def work(session: WriteSession) -> str:
        used = tokens.redeem(session, "claim", token)
        organization = first_organization(session)
        if organization is None or _is_owned(session):
            raise InvalidToken
        address = normal_email(used.arguments.get("email") or email or "")
        if email is not None and normal_email(email) != address:
            raise InvalidRequest("email is not the one this link was made for", param="email")
        passwords.check_strength(password, address)
        if find_by_email(session, address) is not None:
            raise Conflict("There is an account with that address already.")
        user = create_user(session, email=address, name=name, password_hash=password_hash)
        add_member(session, organization.id, user.id, "owner")
        audit.record(session, organization.id, user.id, "install.claimed", organization.id)
        session.flush()
        return begin(session, user, browser, by="claim")

    return await backends.db.write(work)


async def ask_to_sign_up(
    backends: Backends, entrance: Entrance, *, email: str, name: str, organization: str, password: str
) -> None:
    """Mail a link that makes the account; whoever has one is told so by mail. The caller learns neither."""
    passwords.check_strength(password, email)
    password_hash = await passwords.hash_password(password)

    def work(session: WriteSession) -> None:
        if find_by_email(session, email) is not None:
            told = (
                "Somebody, perhaps you, tried to make an Aivastark account with this address.",
                f"There is one already. Sign in, or choose a new password, at\n{entrance.public_url}",
            )
            queue_mail(session, backends.secret_key, to=email, subject="You have an account already", lines=told)
            return
        arguments = {"email": email, "name": name, "organization": organization, "password_hash": password_hash}
        token = tokens.issue(session, "sign_up", arguments=arguments)
        lines = (
            "Welcome to Aivastark.",
            f"To make your account, open this link within a day:\n{entrance.link(CONFIRM_PAGE, token)}",
            "If you did not ask for it, ignore this: nothing happens.",
        )
        queue_mail(session, backends.secret_key, to=email, subject="Confirm your address", lines=lines)

    await backends.db.write(work)


async def confirm_sign_up(backends: Backends, entrance: Entrance, browser: Browser, *, token: str) -> str:
    """Make the account and its organisation; gives the token of a session. Raises `InvalidToken`."""

    def work(session: WriteSession) -> str:
        asked = tokens.redeem(session, "sign_up", token).arguments
        if find_by_email(session, asked["email"]) is not None:
            raise InvalidToken
        user = create_user(session, email=asked["email"], name=asked["name"], password_hash=asked["password_hash"])
        found_for(session, user, organization=asked["organization"], plan=entrance.default_plan)
        return begin(session, user, browser, by="sign-up")

    return await backends.db.write(work)


def found_for(session: WriteSession, user: User, *, organization: str, plan: str) -> None:
    """An organisation of a new person's own."""
    made = create_organization(session, name=organization, plan=plan)
    session.flush()
    add_member(session, made.id, user.id, "owner")
    audit.record(session, made.id, user.id, "organization.created", made.id, {"name": made.name})
    session.flush()


async def accept_invitation(
    backends: Backends, browser: Browser, *, token: str, name: str | None, password: str | None
) -> tuple[str, str | None]:
    """The organisation joined, and the token of a session for somebody new.

    Whoever has an account joins with it and signs in as always: the link shows that they read that mailbox, and
    stands in for no password. Raises `InvalidToken`, or `InvalidRequest` when somebody new sends no name or password.
    """
    invitation, user = await backends.db.read(lambda session: _invited(session, token))
    password_hash = None
    if user is None:
        if name is None or password is None:
            missing = "name" if name is None else "password"
            raise InvalidRequest(f"{missing} is required to make an account", param=missing)
        passwords.check_strength(password, invitation.email)
        password_hash = await passwords.hash_password(password)

    def work(session: WriteSession) -> tuple[str, str | None]:
        row = open_invitation(session, token)
        person, organization_id = find_by_email(session, row.email), row.organization_id
        is_new = person is None
        if person is None:
            if password_hash is None:
                raise InvalidToken
            person = create_user(session, email=row.email, name=name or "", password_hash=password_hash)
        take_up(session, row, person)
        return organization_id, begin(session, person, browser, by="invitation") if is_new else None

    return await backends.db.write(work)


def _invited(session: ReadSession, token: str) -> tuple[Invitation, User | None]:
    row = open_invitation(session, token)
    return row, find_by_email(session, row.email)


def _is_owned(session: ReadSession) -> bool:
    organization = first_organization(session)
    if organization is None:
        return False
    owner = select(Membership.user_id).where(Membership.organization_id == organization.id, Membership.role == "owner")
    return session.scalar(owner.limit(1)) is not None
