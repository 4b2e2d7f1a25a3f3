"""Connected accounts on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from aivastark.kit.clock import to_wire
from aivastark.sources.account_models import ConnectedAccount


class NewConnection(BaseModel):
    """Body of `POST …/connected-accounts`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"provider": "google"}]})

    provider: Literal["google"] = "google"


class Connection(BaseModel):
    """Where to send a person's browser, and until when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth?client_id=…",
                    "state": "AY1l…",
                    "expires_at": "2026-11-25T10:10:00.000Z",
                }
            ]
        }
    )

    authorize_url: str
    state: str
    expires_at: str


class ConnectedAccountOut(BaseModel):
    """An account, without what opens it."""

    id: str
    project_id: str
    provider: Literal["google"]
    email: str
    scope: str
    status: Literal["connected", "rejected"]
    picked_file_ids: list[str]
    created_by: str
    created_at: str
    updated_at: str


class ConnectedAccountList(BaseModel):
    """One page of accounts, newest first."""

    data: list[ConnectedAccountOut]
    next_cursor: str | None
    has_more: bool


def account_out(account: ConnectedAccount) -> ConnectedAccountOut:
    """The row as it goes out."""
    return ConnectedAccountOut.model_validate(
        {
            **{name: getattr(account, name) for name in _SAME},
            "picked_file_ids": account.picked,
            "created_at": to_wire(account.created_at),
            "updated_at": to_wire(account.updated_at),
        }
    )


_SAME = ("id", "project_id", "provider", "email", "scope", "status", "created_by")
