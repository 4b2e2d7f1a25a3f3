"""Organisations and their projects: making them, and finding the one a caller may reach."""

from sqlalchemy import select

from aivastark.accounts.keys import Principal
from aivastark.accounts.models import Organization
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id


def create_organization(session: WriteSession, *, name: str, plan: str) -> Organization:
    """A new customer of the install."""
    row = Organization(id=new_id("org"), name=name, plan=plan, created_at=utc_now())
    session.add(row)
    return row


def first_organization(session: ReadSession) -> Organization | None:
    """The organisation a fresh install was made with."""
    return session.scalar(select(Organization).order_by(Organization.id).limit(1))


def bucket_of(principal: Principal) -> str:
    """What a caller's requests are counted under: its project, so that more keys do not mean more calls."""
    return principal.project_id or principal.organization_id
