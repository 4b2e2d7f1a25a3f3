"""What the roles of people reach, and who may run an organisation."""

from collections.abc import Mapping
from typing import Literal, get_args

from aivastark.accounts.keys import SCOPES, Principal
from aivastark.errors import PermissionDenied

Role = Literal["owner", "admin", "agent", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

_AGENT = ("query", "conversations", "leads", "sources:read", "widgets:read", "analytics:read", "webhooks:read")
SCOPES_OF: Mapping[str, frozenset[str]] = {
    "owner": frozenset({"*"}),
    "admin": frozenset({"*"}),
    "agent": frozenset(_AGENT),
    "viewer": frozenset(f"{scope}:read" for scope in SCOPES),
}


def belongs(principal: Principal) -> bool:
    """A person of the organisation, whatever the role, or a key to all of it."""
    return principal.role in ROLES or (principal.project_id is None and "*" in principal.scopes)


def administers(principal: Principal) -> bool:
    """An owner, an administrator, or a key to the whole organisation with every scope."""
    return principal.project_id is None and "*" in principal.scopes


def owns(principal: Principal) -> bool:
    """As `administers`, but no administrator: what concerns owners and the end of things is not theirs."""
    return administers(principal) and principal.role in (None, "owner")


def must_belong(principal: Principal) -> None:
    """Raises `PermissionDenied`."""
    if not belongs(principal):
        raise PermissionDenied("This takes a member of the organisation, or a key to all of it with the scope *.")


def must_administer(principal: Principal) -> None:
    """Raises `PermissionDenied`."""
    if not administers(principal):
        raise PermissionDenied("This takes an owner or admin, or a key to the whole organisation with the scope *.")


def must_own(principal: Principal) -> None:
    """Raises `PermissionDenied`."""
    if not owns(principal):
        raise PermissionDenied("This takes an owner, or a key to the whole organisation with the scope *.")
