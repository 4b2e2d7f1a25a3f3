"""Who calls and in which project: what every endpoint below `/v1/projects/{project_id}` asks for first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Request

from aivastark import wall
from aivastark.accounts import audit
from aivastark.accounts.bounds import refuse_above
from aivastark.accounts.keys import Principal
from aivastark.accounts.media import must_be_readable
from aivastark.accounts.metering import questions_this_month
from aivastark.backends.base import Backends
from aivastark.database import WriteSession
from aivastark.errors import InvalidCursor, PermissionDenied
from aivastark.kit.clock import utc_now
from aivastark.kit.pages import make_cursor, read_cursor
from aivastark.projects.models import Project
from aivastark.projects.store import reach_project

PING_S = 10
SSE_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


ProjectId = Annotated[str, Path(description="The project's id, `prj_…`.", max_length=64)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """The call's surroundings: the open backends and the project, which this caller may act in."""

    backends: Backends
    project: Project
    principal: Principal
    request_id: str

    @property
    def project_id(self) -> str:
        """The id every query begins with."""
        return self.project.id

    def note(self, session: WriteSession, action: str, target: str, **details: object) -> None:
        """Record an administrative act of this caller, in its transaction (see `audit.note`); says in which project."""
        audit.note(session, self.principal, action, target, {"project_id": self.project_id, **details})


def in_project(scope: str, *, write: bool = False) -> Callable[[Request, str], Awaitable[Here]]:
    """A dependency: the project in the path, for a caller whose key has this scope.

    Raises `PermissionDenied` for a key without the scope, `UnsupportedMedia` for a body of a kind the route does not
    read, `NotFound` for a project out of its reach; in this order.
    """

    async def dependency(request: Request, project_id: ProjectId) -> Here:
        return await enter_project(request, project_id, scope, write=write)

    return dependency


async def enter_project(request: Request, project_id: str, scope: str, *, write: bool = False) -> Here:
    """`in_project` for a project that is named elsewhere than in the path; raises what that raises."""
    principal = caller_with(request, scope, write=write)
    backends: Backends = request.app.state.backends
    project = await backends.db.read(lambda session: reach_project(session, project_id, principal))
    wall.enter(project.id)
    return Here(backends=backends, project=project, principal=principal, request_id=request.state.request_id)


def caller_with(request: Request, scope: str, *, write: bool = False) -> Principal:
    """Who calls. Raises `PermissionDenied` for a key, or a person's role, without the scope.

    Then `UnsupportedMedia` for a body of a kind the route does not read.
    """
    principal: Principal = request.state.principal
    if not principal.may(scope, write=write):
        wanted = scope if write else f"{scope}:read"
        who = "This key" if principal.role is None else f"The role {principal.role}"
        raise PermissionDenied(f"{who} lacks the scope {wanted}.")
    must_be_readable(request)
    return principal


async def require_question(here: Here) -> None:
    """Raises `PlanLimitReached` before any work is done for a question that could not be recorded.

    It spares work and decides nothing: what counts exactly is the look in the transaction of the answer.
    """
    plan = here.principal.plan
    if plan.messages_per_month is None:
        return
    asked = questions_this_month(here.principal.organization_id, utc_now())
    count = await here.backends.db.read(lambda session: session.scalar(asked))
    refuse_above(plan, "messages_per_month", (count or 0) + 1)


def position_after(here: Here, scope: str, filters: dict[str, object], cursor: str | None) -> list[str] | None:
    """Where the next page begins; None for the first. Raises `InvalidCursor`."""
    if cursor is None:
        return None
    try:
        return read_cursor(here.backends.secret_key, f"{here.project_id}:{scope}", filters, cursor)
    except ValueError as error:
        raise InvalidCursor from error


def cursor_for(here: Here, scope: str, filters: dict[str, object], position: list[str]) -> str:
    """The cursor that continues after `position`."""
    return make_cursor(here.backends.secret_key, f"{here.project_id}:{scope}", filters, position)
