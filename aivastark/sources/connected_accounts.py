"""Connected accounts: kept with their sealed refresh token, opened for a sync, marked when Google takes them back."""

from dataclasses import dataclass, field

from sqlalchemy import delete, func, select

from aivastark.backends.google import Google
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.fetch_failures import FetchFailed
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.seal import Unsealable, seal, unseal
from aivastark.sources.account_models import ConnectedAccount
from aivastark.sources.credentials import CredentialsUnreadable
from aivastark.sources.google.consent import PICKED_MAX, Consent, Flow

GOOGLE = "google"
ACCOUNTS_MAX = 50  # of one project
CONNECTED, REJECTED = "connected", "rejected"
_PURPOSE = "connected account"


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAccount:
    """An account as a sync uses it."""

    email: str
    refresh_token: str = field(repr=False)
    sealed: bytes = field(repr=False)
    """What it was opened from: tells whether it was connected anew meanwhile."""


def require_client(google: Google) -> None:
    """Raises `Conflict` where the operator set up no OAuth client."""
    if google.client_id is None or google.client_secret is None:
        raise Conflict(
            "This install has no OAuth client at Google. Set AIVASTARK_GOOGLE_CLIENT_ID and "
            "AIVASTARK_GOOGLE_CLIENT_SECRET, or send a service account's credentials with the source."
        )


def require_account_room(session: ReadSession, project_id: str) -> None:
    """Raises `Conflict` when the project has as many accounts as there may be."""
    count = session.scalar(select(func.count()).where(ConnectedAccount.project_id == project_id)) or 0
    if count >= ACCOUNTS_MAX:
        raise Conflict(f"A project has at most {ACCOUNTS_MAX} connected accounts. Disconnect one that is not needed.")


def keep_account(
    session: WriteSession, flow: Flow, consent: Consent, *, picked: list[str], secret_key: bytes
) -> ConnectedAccount:
    """The account, new or connected again: then the same row, so that the sources that use it go on.

    Raises `Conflict` when there is no room for a new one.
    """
    now = utc_now()
    account: ConnectedAccount | None = session.scalar(
        select(ConnectedAccount).where(
            ConnectedAccount.project_id == flow.project_id,
            ConnectedAccount.provider == GOOGLE,
            ConnectedAccount.subject == consent.subject,
        )
    )
    if account is None:
        require_account_room(session, flow.project_id)
        account = ConnectedAccount(
            project_id=flow.project_id,
            id=new_id("acc"),
            provider=GOOGLE,
            subject=consent.subject,
            picked=[],
            created_by=flow.actor_id,
            created_at=now,
        )
        session.add(account)
    account.email, account.scope, account.status = consent.email, consent.scope, CONNECTED
    account.picked = list(dict.fromkeys([*picked, *account.picked]))[:PICKED_MAX]
    account.refresh_token = seal(secret_key, _PURPOSE, _owner(account), consent.refresh_token)
    account.updated_at = now
    return account


def find_account(session: ReadSession, project_id: str, account_id: str) -> ConnectedAccount:
    """Raises `NotFound`, for another project's account as well."""
    account = session.get(ConnectedAccount, (project_id, account_id))
    if account is None:
        raise NotFound
    return account


def list_accounts(
    session: ReadSession, project_id: str, *, limit: int, after: str | None = None
) -> list[ConnectedAccount]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(ConnectedAccount).where(ConnectedAccount.project_id == project_id)
    if after is not None:
        query = query.where(ConnectedAccount.id < after)
    return list(session.scalars(query.order_by(ConnectedAccount.id.desc()).limit(limit + 1)))


def take_account(session: WriteSession, project_id: str, account_id: str) -> ConnectedAccount:
    """The account, deleted: sources that use it fail from now on. Raises `NotFound`."""
    account = find_account(session, project_id, account_id)
    session.execute(
        delete(ConnectedAccount).where(ConnectedAccount.project_id == project_id, ConnectedAccount.id == account_id)
    )
    return account


def refresh_token_of(account: ConnectedAccount, *, secret_key: bytes) -> str:
    """Raises `CredentialsUnreadable`."""
    try:
        return unseal(secret_key, _PURPOSE, _owner(account), account.refresh_token)
    except Unsealable as error:
        raise CredentialsUnreadable from error


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountBook:
    """The accounts, for connectors, which have no database of their own."""

    db: Database
    secret_key: bytes = field(repr=False)

    async def open(self, project_id: str, account_id: str) -> OpenAccount:
        """Raises FetchFailed for one that is gone or that Google no longer honours, and `CredentialsUnreadable`."""
        account = await self.db.read(lambda session: session.get(ConnectedAccount, (project_id, account_id)))
        if account is None:
            raise FetchFailed(
                "account_disconnected",
                "The Google account this source was read with was disconnected. Post the source with another one.",
            )
        if account.status == REJECTED:
            raise reconnect(account.email)
        token = refresh_token_of(account, secret_key=self.secret_key)
        return OpenAccount(email=account.email, refresh_token=token, sealed=account.refresh_token)

    async def reject(self, project_id: str, account_id: str, opened: OpenAccount) -> None:
        """Google took its permission back: say so on the account, unless it was connected anew meanwhile."""

        def mark(session: WriteSession) -> None:
            account = session.get(ConnectedAccount, (project_id, account_id))
            if account is not None and account.refresh_token == opened.sealed:
                account.status, account.updated_at = REJECTED, utc_now()

        await self.db.write(mark)


def reconnect(email: str) -> FetchFailed:
    """For an account whose permission is gone."""
    sentence = f"Google no longer lets this install read with the account {email}. Connect it again, then sync."
    return FetchFailed("credentials_rejected", sentence)


def _owner(account: ConnectedAccount) -> str:
    return f"{account.project_id}/{account.id}"
