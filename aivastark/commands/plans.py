"""`plan show | set`: what an organisation may have. Only here: over HTTP a plan can be read, not changed."""

from typing import Annotated, Any

import typer

from aivastark.accounts import audit
from aivastark.accounts.bounds import RESET, set_plan
from aivastark.accounts.directory import first_organization
from aivastark.accounts.models import Organization
from aivastark.accounts.plans import PLANS
from aivastark.commands.shell import (
    AsJson,
    CommandFailed,
    DataDir,
    console,
    print_json,
    read_settings,
    run,
    with_backends,
)
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import NotFound
from aivastark.usage.schemas import plan_out

app = typer.Typer(no_args_is_help=True, help="Look at an organisation's plan, and change it.")

FREE = (
    *("per_day", "projects", "sources_per_project", "chunks_per_project", "members", "messages_per_month"),
    "tokens_per_project_day",
)

Number = Annotated[str | None, typer.Option(help="A number, `none` for no bound, or `plan` for what the plan says.")]


@app.command()
def show(
    organization: Annotated[str | None, typer.Argument(help="org_… [default: the first]", show_default=False)] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """The plan of an organisation, with what was agreed on otherwise."""

    def look(session: ReadSession) -> Organization:
        row = first_organization(session) if organization is None else session.get(Organization, organization)
        if row is None:
            raise CommandFailed(f"There is no organisation {organization or ''}".rstrip() + ".")
        return row

    settings = read_settings(data_dir=data_dir)
    _tell(run(with_backends(settings, lambda backends: backends.db.read(look))), as_json=as_json)


@app.command("set")
def set_(
    organization: Annotated[str, typer.Argument(help="The organisation's id, org_….", show_default=False)],
    plan: Annotated[str | None, typer.Option(help="starter, growth or enterprise.")] = None,
    api_access: Annotated[bool | None, typer.Option(help="Grant or withhold the API whatever the plan.")] = None,
    per_minute: Annotated[str | None, typer.Option(help="Requests a minute, or `plan`.")] = None,
    per_day: Number = None,
    projects: Number = None,
    sources_per_project: Number = None,
    chunks_per_project: Number = None,
    members: Number = None,
    messages_per_month: Number = None,
    tokens_per_project_day: Number = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Move an organisation to another plan, or agree on other bounds. A running server knows within 20 seconds."""
    if plan is not None and plan not in PLANS:
        raise typer.BadParameter(f"{plan}: the plans are {', '.join(PLANS)}")
    given = {
        "per_minute": per_minute,
        "per_day": per_day,
        "projects": projects,
        "sources_per_project": sources_per_project,
        "chunks_per_project": chunks_per_project,
        "members": members,
        "messages_per_month": messages_per_month,
        "tokens_per_project_day": tokens_per_project_day,
    }
    overrides = {name: _bound(name, value) for name, value in given.items() if value is not None}
    if api_access is not None:
        overrides["api_access"] = api_access

    def work(session: WriteSession) -> Organization:
        try:
            row = set_plan(session, organization, plan=plan, overrides=overrides)
        except NotFound as error:
            raise CommandFailed(f"There is no organisation {organization}.") from error
        agreed = {"plan": row.plan, "overrides": row.plan_overrides}
        audit.record(session, row.id, audit.COMMAND_LINE, "plan.changed", row.id, agreed)
        return row

    settings = read_settings(data_dir=data_dir)
    _tell(run(with_backends(settings, lambda backends: backends.db.write(work))), as_json=as_json)


def _bound(name: str, value: str) -> Any:
    if value == "plan":
        return RESET
    if value == "none" and name in FREE:
        return None
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) < 2**31:
        also = ", `none` for no bound" if name in FREE else ""
        option = name.replace("_", "-")
        raise typer.BadParameter(f"--{option} {value}: a number from 1 on{also}, or `plan` for what the plan says")
    return int(value)


def _tell(organization: Organization, *, as_json: bool) -> None:
    told = plan_out(organization)
    if as_json:
        print_json(told.model_dump())
        return
    console.print(f"{told.organization_id}  [bold]{told.plan}[/bold]  API {'yes' if told.api_access else 'no'}")
    for name, allowed in told.limits.model_dump().items():
        mark = "  [dim](agreed on)[/dim]" if name in told.overridden else ""
        console.print(f"{name:20} {'none' if allowed is None else format(allowed, ',')}{mark}")
