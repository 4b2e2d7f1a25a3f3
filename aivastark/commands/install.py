"""The first organisation, project and keys of an install."""

from typing import Any

from aivastark.accounts.directory import create_organization, first_organization
from aivastark.accounts.keys import create_key
from aivastark.database import Database, WriteSession
from aivastark.projects.store import create_project, first_project

ORGANIZATION = "My organisation"
PROJECT = "My project"


async def install(db: Database, *, plan: str, organization: str | None, project: str | None) -> dict[str, Any]:
    """Make what is missing; what is there stays. Secrets are in the answer only when made by this call.

    `widget_id`, `embed_key` and `sign_in_url` are null until widgets and the dashboard exist.
    """

    def work(session: WriteSession) -> dict[str, Any]:
        owner = first_organization(session)
        organization_key = api_key = None
        if owner is None:
            owner = create_organization(session, name=organization or ORGANIZATION, plan=plan)
            _, organization_key = create_key(
                session, organization_id=owner.id, project_id=None, name="organisation key of the install"
            )
        bot = first_project(session, owner.id)
        if bot is None:
            bot = create_project(session, organization_id=owner.id, name=project or PROJECT)
            _, api_key = create_key(session, organization_id=owner.id, project_id=bot.id, name="key of the install")
        return {
            "organization_id": owner.id,
            "project_id": bot.id,
            "api_key": api_key,
            "organization_key": organization_key,
            "widget_id": None,
            "embed_key": None,
            "dashboard_url": None,
            "sign_in_url": None,
        }

    return await db.write(work)
