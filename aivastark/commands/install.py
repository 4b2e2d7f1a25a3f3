"""The first organisation, project and keys of an install."""

from typing import Any

from aivastark.accounts.directory import create_organization, first_organization
from aivastark.accounts.keys import create_key
from aivastark.database import Database, WriteSession
from aivastark.projects.store import create_project, first_project
from aivastark.widgets.store import create_widget, first_widget

ORGANIZATION = "My organisation"
PROJECT = "My project"
WIDGET = "My widget"
INSTALLER = "installer"  # who made the widget's first version


async def install(db: Database, *, plan: str, organization: str | None, project: str | None) -> dict[str, Any]:
    """Make what is missing; what is there stays. Secrets are in the answer only when made by this call.

    `sign_in_url` is null until the dashboard exists. The embed key is public and shown every time.
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
        widget = first_widget(session, bot.id) or create_widget(session, bot.id, {"name": WIDGET}, by=INSTALLER)
        return {
            "organization_id": owner.id,
            "project_id": bot.id,
            "api_key": api_key,
            "organization_key": organization_key,
            "widget_id": widget.id,
            "embed_key": widget.embed_key,
            "dashboard_url": None,
            "sign_in_url": None,
        }

    return await db.write(work)
