"""`person list | unlock`: for the operator, when somebody cannot get in and mail does not help."""

from typing import Annotated, Any

import typer
from sqlalchemy import select

from aivastark.accounts import audit, logins, second_factor, tokens
from aivastark.accounts.credentials import RESET_PAGE
from aivastark.accounts.people import find_by_email, normal_email
from aivastark.accounts.people_models import Membership, User
from aivastark.commands.install import entrance_of
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
from aivastark.kit.clock import to_wire

app = typer.Typer(no_args_is_help=True, help="List people, and let somebody in again who is locked out.")


@app.command("list")
def list_(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Everybody with an account, and where they belong."""
    settings = read_settings(data_dir=data_dir)

    def work(session: ReadSession) -> list[dict[str, Any]]:
        places: dict[str, list[dict[str, str]]] = {}
        for place in session.scalars(select(Membership).order_by(Membership.organization_id)):
            here = {"organization_id": place.organization_id, "role": place.role}
            places.setdefault(place.user_id, []).append(here)
        return [
            {
                "id": user.id,
                "email": user.email,
                "second_factor": user.totp_since is not None,
                "organizations": places.get(user.id, []),
                "created_at": to_wire(user.created_at),
            }
            for user in session.scalars(select(User).order_by(User.id))
        ]

    rows = run(with_backends(settings, lambda backends: backends.db.read(work)))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        roles = ", ".join(f"{place['role']} of {place['organization_id']}" for place in row["organizations"])
        console.print(f"{row['id']}  {row['email']}  {roles or 'no organisation'}", soft_wrap=True)


@app.command()
def unlock(
    email: Annotated[str, typer.Argument(help="The person's e-mail address.", show_default=False)],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Turn the second factor off, end every session, and print a link to choose a new password with, for an hour."""
    settings = read_settings(data_dir=data_dir)
    entrance = entrance_of(settings)
    address = email.strip()

    def work(session: WriteSession) -> dict[str, Any]:
        user = find_by_email(session, normal_email(address))
        if user is None:
            raise CommandFailed(f"There is nobody with the address {address}.")
        second_factor.turn_off(user)
        logins.end_all(session, user.id)
        for organization_id in session.scalars(
            select(Membership.organization_id).where(Membership.user_id == user.id)
        ).all():
            audit.record(session, organization_id, audit.COMMAND_LINE, "person.unlocked", user.id)
        token = tokens.issue(session, "password_reset", user_id=user.id)
        return {"id": user.id, "email": user.email, "reset_url": entrance.link(RESET_PAGE, token)}

    made = run(with_backends(settings, lambda backends: backends.db.write(work)))
    if as_json:
        print_json(made)
    else:
        console.print(f"{made['id']}\n{made['reset_url']}   [dim](once, within an hour)[/dim]", soft_wrap=True)
