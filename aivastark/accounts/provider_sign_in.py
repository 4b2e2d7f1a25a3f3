"""Which account somebody gets who was identified by the operator's OpenID provider."""

from sqlalchemy import select

from aivastark.accounts.entrance import Entrance
from aivastark.accounts.invitations import take_up
from aivastark.accounts.joining import found_for
from aivastark.accounts.oidc import Identity
from aivastark.accounts.people import create_user, find_by_email, normal_email, note_of_person
from aivastark.accounts.people_models import Invitation, OidcIdentity, User
from aivastark.accounts.sign_in import Browser, begin
from aivastark.database import WriteSession
from aivastark.errors import PermissionDenied, SignInFailed
from aivastark.kit.clock import utc_now

NAME_MAX_CHARS = 200


def sign_in_as(session: WriteSession, entrance: Entrance, browser: Browser, identity: Identity) -> str:
    """Gives the token of a session.

    The account that this identity came with before; else the one with its confirmed address; else a new one, for
    whoever was invited or where sign-up is open. Raises `SignInFailed` without a confirmed address and
    `PermissionDenied` for somebody who was not invited. The provider answers for its people: no second factor of ours.
    """
    known = session.get(OidcIdentity, (identity.issuer, identity.subject))
    user = None if known is None else session.get(User, known.user_id)
    if user is None:
        user = _meet(session, entrance, identity)
    return begin(session, user, browser, by="oidc")


def _meet(session: WriteSession, entrance: Entrance, identity: Identity) -> User:
    if identity.email is None:
        raise SignInFailed("The provider did not confirm an e-mail address for this account.")
    email = normal_email(identity.email)
    user = find_by_email(session, email)
    if user is None:
        user = _welcome(session, entrance, email, _name(identity, email))
    session.add(OidcIdentity(issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=utc_now()))
    note_of_person(session, user.id, "person.linked", {"issuer": identity.issuer})
    return user


def _welcome(session: WriteSession, entrance: Entrance, email: str, name: str) -> User:
    invitations = session.scalars(
        select(Invitation).where(Invitation.email == email, Invitation.expires_at > utc_now())
    ).all()
    if not invitations and entrance.sign_up != "open":
        raise PermissionDenied("Accounts are made by invitation here, and this address has none.")
    user = create_user(session, email=email, name=name, password_hash=None)
    for invitation in invitations:
        take_up(session, invitation, user)
    if not invitations:
        found_for(session, user, organization=email.rpartition("@")[2], plan=entrance.default_plan)
    return user


def _name(identity: Identity, email: str) -> str:
    printable = "".join(character for character in identity.name if character.isprintable())
    return printable.strip()[:NAME_MAX_CHARS] or email.partition("@")[0]
