"""Connecting an account: sending somebody to Google's consent screen, and what comes back (RFC 6749, with PKCE).

`state` is sealed: it says which project and whose act it was, and holds the PKCE verifier, so nothing is kept until
Google has agreed. A code works once, at Google; an old or foreign `state` opens nothing.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import orjson

from aivastark.backends.google import DRIVE_FILE, Google
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher
from aivastark.kit.seal import Unsealable, seal, unseal
from aivastark.sources.google.drive_api import DriveApi
from aivastark.sources.google.files import is_file_id
from aivastark.sources.google.tokens import DEADLINE_SECONDS, FORM, AccessTokens, GrantRefused, Token, ask_for_token

FLOW_SECONDS = 600  # from asking for the address to coming back
SUBJECT_MAX_CHARS = 64
EMAIL_MAX_CHARS = 320
PICKED_MAX = 100
REVOKED_KEEP_BYTES = 1_000
_PURPOSE = "google consent"


class ConsentFailed(Exception):
    """Somebody came back without what it takes; the message is for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """What is known again when somebody comes back."""

    project_id: str
    organization_id: str
    actor_id: str
    user_id: str | None
    """Of the signed-in person who began; nobody else may finish. None where a key began."""
    verifier: str
    began: int
    """Unix seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """What Google agreed to, and whose account it is."""

    subject: str
    """Google's own id of the account, which a new address does not change."""
    email: str
    scope: str
    refresh_token: str


def begin(project_id: str, *, organization_id: str, actor_id: str, user_id: str | None) -> Flow:
    """A flow that begins now."""
    return Flow(
        project_id=project_id,
        organization_id=organization_id,
        actor_id=actor_id,
        user_id=user_id,
        verifier=secrets.token_urlsafe(48),
        began=int(time.time()),
    )


def address_of(google: Google, flow: Flow, *, state: str, redirect_uri: str) -> str:
    """Where to send the browser.

    With `drive.file` alone Google shows its file picker after the consent: the scope reaches what is chosen there.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": google.client_id or "",
        "redirect_uri": redirect_uri,
        "scope": google.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",  # a refresh token, which is given again only with
        "prompt": "consent",
        "include_granted_scopes": "false",
    }
    if google.scope == DRIVE_FILE:
        asked |= {"trigger_onepick": "true", "allow_multiple": "true", "allow_folder_selection": "true"}
    return f"{google.authorize_url}{'&' if '?' in google.authorize_url else '?'}{urlencode(asked)}"


def sealed(secret_key: bytes, flow: Flow) -> str:
    """The flow as a `state` that nobody can read or change."""
    hidden = seal(secret_key, _PURPOSE, "", orjson.dumps(asdict(flow)).decode())
    return base64.urlsafe_b64encode(hidden).decode().rstrip("=")


def opened(secret_key: bytes, state: str | None, *, user_id: str | None) -> Flow:
    """The flow that `state` is of. Raises `ConsentFailed` for what is none of ours, too old, or another person's."""
    try:
        hidden = base64.urlsafe_b64decode((state or "") + "=" * (-len(state or "") % 4))
        flow = Flow(**orjson.loads(unseal(secret_key, _PURPOSE, "", hidden)))
    except (Unsealable, ValueError) as error:
        raise ConsentFailed("This is not the end of a connection that was begun here. Begin again.") from error
    if time.time() - flow.began > FLOW_SECONDS:
        raise ConsentFailed("That took longer than ten minutes. Begin again.")
    if flow.user_id is not None and flow.user_id != user_id:
        raise ConsentFailed("Somebody else began this connection. Sign in as the same person and begin again.")
    return flow


async def exchange(fetcher: Fetcher, google: Google, flow: Flow, *, code: str, redirect_uri: str) -> Consent:
    """What the code stands for. Raises `ConsentFailed`, or FetchFailed when Google is away."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": flow.verifier,
        **_client(google),
    }
    try:
        token = await ask_for_token(fetcher, google.token_url, fields)
    except GrantRefused as refused:
        raise ConsentFailed(f"Google did not accept what came back ({refused.error}). Begin again.") from refused
    if token.refresh_token is None:
        raise ConsentFailed(
            "Google gave no lasting permission. Remove this app at myaccount.google.com/connections and begin again."
        )
    if not set(google.scope.split()) <= set(token.scope.split()):
        await revoke(fetcher, google, token.refresh_token)
        raise ConsentFailed("Google Drive was not ticked on the consent screen. Begin again and allow it.")
    try:
        return await _identified(fetcher, google, token, token.refresh_token)
    except (ConsentFailed, FetchFailed):
        await revoke(fetcher, google, token.refresh_token)  # it is kept nowhere
        raise


async def refresh(fetcher: Fetcher, google: Google, refresh_token: str) -> Token:
    """An access token of a connected account. Raises `GrantRefused` and FetchFailed."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, **_client(google)}
    return await ask_for_token(fetcher, google.token_url, fields)


async def revoke(fetcher: Fetcher, google: Google, refresh_token: str) -> bool:
    """Ask Google to forget it (RFC 7009); says whether it did. Never raises: what is deleted here is deleted."""
    try:
        posted = await fetcher.post(
            google.revoke_url,
            body=urlencode({"token": refresh_token}).encode(),
            headers=FORM,
            deadline_seconds=DEADLINE_SECONDS,
            keep_bytes=REVOKED_KEEP_BYTES,
        )
    except FetchFailed:
        return False
    return posted.status == 200


def picked(told: str | None) -> list[str]:
    """The ids of the files that were chosen, as Google's picker appends them to the address."""
    return [id_ for id_ in (told or "").split(",") if is_file_id(id_)][:PICKED_MAX]


async def _identified(fetcher: Fetcher, google: Google, token: Token, refresh_token: str) -> Consent:
    """Drive itself says whose it is: no further scope has to be asked for."""

    async def at_hand() -> Token:
        return token

    told = await DriveApi(fetcher, google, AccessTokens(at_hand), who="this install").user()
    subject, email = told.get("permissionId"), told.get("emailAddress")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX_CHARS or not subject.isprintable():
        raise ConsentFailed("Google did not say whose account this is. Begin again.")
    shown = email if isinstance(email, str) and email.isprintable() else ""
    return Consent(
        subject=subject, email=shown[:EMAIL_MAX_CHARS], scope=token.scope[:1_000], refresh_token=refresh_token
    )


def _client(google: Google) -> dict[str, str]:
    return {"client_id": google.client_id or "", "client_secret": google.client_secret or ""}
