"""`key create | list | revoke`."""

from typing import Annotated, Any

import typer

from aivastark.accounts import audit
from aivastark.accounts.directory import first_organization
from aivastark.accounts.keys import SCOPES, create_key, list_keys, revoke_key
from aivastark.accounts.models import Organization
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
from aivastark.kit.clock import to_wire
from aivastark.projects.store import find_project, first_project

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    project: Annotated[str | None, typer.Option(help="Project id. [default: the first project]")] = None,
    whole_organization: Annotated[bool, typer.Option(help="A key for all projects of the organisation.")] = False,
    scope: Annotated[list[str] | None, typer.Option(help="May be given again. [default: everything]")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secret is shown once."""
    settings = read_settings(data_dir=data_dir)
    scopes = tuple(scope or ("*",))
    unknown = [one for one in scopes if one != "*" and one.removesuffix(":read") not in SCOPES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]}: the scopes are {', '.join(SCOPES)}, each also with :read, and *")

    def work(session: WriteSession) -> dict[str, Any]:
        owner = _owner(session)
        project_id = project
        if not whole_organization and project_id is None:
            first = first_project(session, owner.id)
            project_id = first.id if first else None
        elif not whole_organization and find_project(session, owner.id, str(project)) is None:
            raise CommandFailed(f"There is no project {project}.")
        row, secret = create_key(
            session,
            organization_id=owner.id,
            project_id=None if whole_organization else project_id,
            name=name,
            scopes=scopes,
            created_by=audit.COMMAND_LINE,
        )
        told = {"name": row.name, "project_id": row.project_id, "scopes": row.scopes}
        audit.record(session, owner.id, audit.COMMAND_LINE, "api_key.created", row.id, told)
        return {"id": row.id, "api_key": secret, "project_id": row.project_id, "scopes": row.scopes}

    made = run(with_backends(settings, lambda backends: backends.db.write(work)))
    if as_json:
        print_json(made)
    else:
        console.print(f"{made['id']}\n{made['api_key']}   [dim](shown once: keep it)[/dim]")


@app.command("list")
def list_(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """All keys, newest first, without their secrets."""
    settings = read_settings(data_dir=data_dir)

    def work(session: ReadSession) -> list[dict[str, Any]]:
        return [
            {
                "id": row.id,
                "name": row.name,
                "key": f"{row.prefix}…{row.last4}",
                "project_id": row.project_id,
                "scopes": row.scopes,
                "revoked": row.revoked_at is not None,
                "last_used_at": None if row.last_used_at is None else to_wire(row.last_used_at),
            }
            for row in list_keys(session, _owner(session).id)
        ]

    rows = run(with_backends(settings, lambda backends: backends.db.read(work)))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "[red]revoked[/red]" if row["revoked"] else "[green]open[/green]"
        console.print(f"{row['id']}  {row['key']}  {state}  {row['name']}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, key_….", show_default=False)], data_dir: DataDir = None
) -> None:
    """Close a key for good. A running server stops taking it within seconds."""
    settings = read_settings(data_dir=data_dir)

    def work(session: WriteSession) -> None:
        try:
            owner = _owner(session)
            revoke_key(session, owner.id, key_id)
            audit.record(session, owner.id, audit.COMMAND_LINE, "api_key.revoked", key_id)
        except NotFound as error:
            raise CommandFailed(f"There is no key {key_id}.") from error

    run(with_backends(settings, lambda backends: backends.db.write(work)))
    console.print(f"{key_id} is revoked.")


def _owner(session: ReadSession) -> Organization:
    owner = first_organization(session)
    if owner is None:
        raise CommandFailed("This install is empty: run `aivastark init` first.")
    return owner
