"""HTTP for plan and usage. A plan is changed by the operator (`aivastark plan set`), never over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from aivastark import wall
from aivastark.accounts.bounds import plan_in
from aivastark.accounts.keys import Principal
from aivastark.accounts.models import Organization
from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.errors import NotFound, PermissionDenied
from aivastark.kit.clock import utc_now
from aivastark.kit.moments import SentDay
from aivastark.projects.endpoints import Here, in_project
from aivastark.projects.spending import effective_budget, spent_on
from aivastark.projects.store import find_project
from aivastark.usage.report import period, usage_of
from aivastark.usage.schemas import PlanOut, UsageOut, budget_out, plan_out, usage_out

router = APIRouter(prefix="/v1", tags=["Plan and usage"])

OrganizationId = Annotated[str, Path(description="The organisation's id, `org_…`.", max_length=64)]
First = Annotated[SentDay | None, Query(alias="from", description="First UTC day. [default: the first of the month]")]
Last = Annotated[SentDay | None, Query(alias="to", description="Last UTC day, included. [default: today]")]
OneProject = Annotated[str | None, Query(max_length=64, description="Only this project.")]


async def _in_organization(request: Request, organization_id: OrganizationId) -> Principal:
    """A person of the organisation or a key to all of it, allowed to read analytics.

    Raises `NotFound` for another organisation, `PermissionDenied` for a key to one project.
    """
    principal: Principal = request.state.principal
    if principal.organization_id != organization_id:
        raise NotFound
    if principal.project_id is not None:
        raise PermissionDenied("This key opens one project. Ask with a key to the whole organisation.")
    if not principal.may("analytics", write=False):
        raise PermissionDenied("This key lacks the scope analytics:read.")
    return principal


Asking = Annotated[Principal, Depends(_in_organization)]


@router.get("/organizations/{organization_id}/plan", operation_id="getPlan", summary="Look at the plan")
async def show_plan(request: Request, principal: Asking) -> PlanOut:
    """What the organisation may have, and how often it may ask. The operator of the install changes it."""
    backends: Backends = request.app.state.backends
    organization = await backends.db.read(lambda session: session.get(Organization, principal.organization_id))
    if organization is None:
        raise NotFound
    return plan_out(organization)


@router.get(
    "/organizations/{organization_id}/usage",
    operation_id="getOrganizationUsage",
    summary="Look at an organisation's usage",
)
async def organization_usage(
    request: Request, principal: Asking, since: First = None, until: Last = None, project_id: OneProject = None
) -> UsageOut:
    """Questions, refusals and tokens by day, and what is held now; for all projects, or for one of them."""
    backends: Backends = request.app.state.backends
    organization_id = principal.organization_id

    def look(session: ReadSession) -> None:
        if project_id is not None and find_project(session, organization_id, project_id) is None:
            raise NotFound

    await backends.db.read(look)
    with wall.everything() if project_id is None else wall.only(project_id):
        return await _usage(backends, organization_id, project_id, since, until)


@router.get("/projects/{project_id}/usage", operation_id="getProjectUsage", summary="Look at a project's usage")
async def project_usage(
    here: Annotated[Here, Depends(in_project("analytics"))], since: First = None, until: Last = None
) -> UsageOut:
    """Questions, refusals and tokens by day, and what the project holds now."""
    return await _usage(here.backends, here.project.organization_id, here.project_id, since, until)


async def _usage(
    backends: Backends, organization_id: str, project_id: str | None, since: date | None, until: date | None
) -> UsageOut:
    now = utc_now()
    days = period(since, until, now=now)

    def look(session: ReadSession) -> UsageOut:
        report = usage_of(session, organization_id, days, now=now, project_id=project_id)
        plan, budget = plan_in(session, organization_id), None
        if project_id is not None and (project := find_project(session, organization_id, project_id)) is not None:
            allowed = effective_budget(project, plan, backends.llm_budget)
            budget = budget_out(spent_on(session, project_id, now.date()), allowed)
        return usage_out(report, days, plan, organization_id, project_id, budget)

    return await backends.db.read(look)
