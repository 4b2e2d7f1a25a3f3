"""A person's own password and address: changing them, and a way back in for those who forgot."""

from aivastark.accounts import logins, passwords, tokens
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.mails import queue_mail
from aivastark.accounts.people import find_by_email, note_of_person
from aivastark.accounts.people_models import User
from aivastark.accounts.sign_in import held
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.errors import Conflict, InvalidToken, WrongCredentials
from aivastark.kit.clock import utc_now

RESET_PAGE = "reset-password"
EMAIL_PAGE = "confirm-email"


async def ask_for_reset(backends: Backends, entrance: Entrance, *, email: str) -> None:
    """Mail a link to choose a new password with, if there is such an account. The caller does not learn whether."""

    def work(session: WriteSession) -> None:
        user = find_by_email(session, email)
        if user is None:
            return
        token = tokens.issue(session, "password_reset", user_id=user.id)
        lines = (
            "Somebody, perhaps you, asked for a new password for your Aivastark account.",
            f"To choose one, open this link within an hour:\n{entrance.link(RESET_PAGE, token)}",
            "If you did not ask for it, ignore this: your password stays.",
        )
        queue_mail(session, backends.secret_key, to=email, subject="Choose a new password", lines=lines)

    await backends.db.write(work)


async def reset(backends: Backends, *, token: str, password: str) -> None:
    """Set the password by a mailed token and end every session. Raises `InvalidToken`.

    A second factor stays on: the link stands in for the password alone.
    """
    password_hash = await passwords.hash_password(password)

    def work(session: WriteSession) -> None:
        used = tokens.redeem(session, "password_reset", token)
        user = _owner_of(session, used.user_id)
        passwords.check_strength(password, user.email)
        _set_password(session, backends.secret_key, user, password_hash, keep=None, how="password.reset")

    await backends.db.write(work)


async def change_password(backends: Backends, signed_in: logins.SignedIn, proved: User, *, password: str) -> None:
    """Set a new password and end all other sessions; `proved` is the person as the old one was checked.

    Raises `WrongCredentials` when it was changed in between.
    """
    passwords.check_strength(password, proved.email)
    password_hash = await passwords.hash_password(password)

    def work(session: WriteSession) -> None:
        row = held(session, signed_in.user_id)
        if row.password_hash != proved.password_hash:
            raise WrongCredentials
        keep = signed_in.login_id
        _set_password(session, backends.secret_key, row, password_hash, keep=keep, how="password.changed")

    await backends.db.write(work)


async def ask_to_change_email(backends: Backends, entrance: Entrance, *, user_id: str, email: str) -> None:
    """Mail the new address a link that confirms it. An address that is taken gets none, and nobody learns of it."""

    def work(session: WriteSession) -> None:
        if find_by_email(session, email) is not None:
            return
        token = tokens.issue(session, "email_change", user_id=user_id, arguments={"email": email})
        lines = (
            "This address is to become that of your Aivastark account.",
            f"To confirm it, open this link within a day:\n{entrance.link(EMAIL_PAGE, token)}",
            "If you did not ask for it, ignore this: nothing changes.",
        )
        queue_mail(session, backends.secret_key, to=email, subject="Confirm your new address", lines=lines)

    await backends.db.write(work)


def confirm_email(session: WriteSession, secret_key: bytes, *, token: str) -> None:
    """The confirmed address is the account's from now on. Raises `InvalidToken`, or `Conflict` when it was taken."""
    used = tokens.redeem(session, "email_change", token)
    user = _owner_of(session, used.user_id)
    old, new = user.email, str(used.arguments["email"])
    if find_by_email(session, new) is not None:
        raise Conflict("That address has an account of its own by now.")
    user.email, user.updated_at = new, utc_now()
    tokens.drop_tokens(session, user.id, "password_reset")
    note_of_person(session, user.id, "person.email_changed", {"from": old, "to": new})
    line = f"The address of your Aivastark account is {new} from now on. If that was not you, tell your administrator."
    queue_mail(session, secret_key, to=old, subject="Your address was changed", lines=(line,))


def tell(session: WriteSession, secret_key: bytes, user: User, *, subject: str, what: str) -> None:
    """Mail a person that something about the own account changed, in case it was somebody else."""
    line = f"{what} If that was not you, choose a new password at once and tell your administrator."
    queue_mail(session, secret_key, to=user.email, subject=subject, lines=(line,))


def _set_password(
    session: WriteSession, secret_key: bytes, user: User, password_hash: str, *, keep: str | None, how: str
) -> None:
    user.password_hash, user.updated_at = password_hash, utc_now()
    logins.end_all(session, user.id, but=keep)
    tokens.drop_tokens(session, user.id, "password_reset", "email_change")
    note_of_person(session, user.id, how)
    tell(session, secret_key, user, subject="Your password was changed", what="The password of your account is new.")


def _owner_of(session: WriteSession, user_id: str | None) -> User:
    if user_id is None:
        raise InvalidToken
    return held(session, user_id)
