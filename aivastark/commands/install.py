"""The first organisation, project and keys of an install."""

from typing import Any

from aivastark.accounts import audit
from aivastark.accounts.directory import create_organization, first_organization
from aivastark.accounts.entrance import DEFAULT_PUBLIC_URL, Entrance, OidcClient
from aivastark.accounts.joining import CLAIM_PAGE, claim_token
from aivastark.accounts.keys import create_key
from aivastark.accounts.people import normal_email
from aivastark.database import Database, WriteSession
from aivastark.projects.store import create_project, first_project
from aivastark.settings import Settings
from aivastark.widgets.store import create_widget, first_widget

ORGANIZATION = "My organisation"
PROJECT = "My project"
WIDGET = "My widget"
INSTALLER = "installer"  # who made the widget's first version


async def install(db: Database, *, plan: str, organization: str | None, project: str | None) -> dict[str, Any]:
    """Make what is missing; what is there stays. Secrets are in the answer only when made by this call.

    `dashboard_url` and `sign_in_url` are null: who knows where people come in fills them in. The embed key is
    public and shown every time.
    """

    def work(session: WriteSession) -> dict[str, Any]:
        owner = first_organization(session)
        organization_key = api_key = None
        if owner is None:
            owner = create_organization(session, name=organization or ORGANIZATION, plan=plan)
            session.flush()
            audit.record(session, owner.id, audit.COMMAND_LINE, "organization.created", owner.id, {"name": owner.name})
            _, organization_key = create_key(
                session,
                organization_id=owner.id,
                project_id=None,
                name="organisation key of the install",
                created_by=audit.COMMAND_LINE,
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


async def sign_in_url(db: Database, entrance: Entrance, *, email: str | None = None) -> str | None:
    """A link that makes the first person the owner of the install, once; None when it has an owner.

    With `email`, only that person. Raises `InvalidRequest` for what is no address.
    """
    address = None if email is None else normal_email(email)
    token = await db.write(lambda session: claim_token(session, address))
    return None if token is None else entrance.link(CLAIM_PAGE, token)


def entrance_of(settings: Settings, *, address: str = DEFAULT_PUBLIC_URL) -> Entrance:
    """How people come in; `address` is where the install listens, for an operator who set no other."""
    oidc = None
    if settings.oidc_issuer is not None and settings.oidc_client_id is not None:
        secret = settings.oidc_client_secret
        oidc = OidcClient(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
        )
    return Entrance(
        public_url=(settings.public_url or address).rstrip("/"),
        sign_up=settings.sign_up,
        default_plan=settings.default_plan,
        oidc=oidc,
    )
