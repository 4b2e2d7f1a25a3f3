"""Where Google is, and who this install is to it: values of the settings, handed to whoever calls Drive."""

from dataclasses import dataclass, field

DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Google:
    """The addresses of Google's services and this install's OAuth client, without which no account is connected."""

    api_url: str = "https://www.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"
    authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    scope: str = DRIVE_FILE
    """What connected accounts are asked for."""
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
