"""Leads in the database: listing, one of them, changing, erasing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, update

from aivastark.conversations.erase import erase_conversations, redact_events
from aivastark.conversations.models import Conversation
from aivastark.conversations.say import hold_conversation
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.metadata import merged_metadata
from aivastark.leads.capture import dated, first_with, free_duplicates, key_of
from aivastark.leads.models import Lead


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadFilters:
    """What a list of leads is narrowed by; None = not at all."""

    stage: str | None = None
    trigger: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


def list_leads(
    session: ReadSession, project_id: str, *, filters: LeadFilters, limit: int, after: str | None = None
) -> list[Lead]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query: Select[Lead] = select(Lead).where(Lead.project_id == project_id)
    if filters.stage is not None:
        query = query.where(Lead.stage == filters.stage)
    if filters.trigger is not None:
        query = query.where(Lead.trigger == filters.trigger)
    if filters.since is not None:
        query = query.where(Lead.created_at >= filters.since)
    if filters.until is not None:
        query = query.where(Lead.created_at < filters.until)
    if filters.q is not None:
        columns = (Lead.name, Lead.email, Lead.phone)
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    if after is not None:
        query = query.where(Lead.id < after)
    return list(session.scalars(query.order_by(Lead.id.desc()).limit(limit + 1)))


def find_lead(session: ReadSession, project_id: str, lead_id: str) -> Lead:
    """One lead. Raises `NotFound`."""
    lead = session.get(Lead, (project_id, lead_id))
    if lead is None:
        raise NotFound
    return lead


def change_lead(session: WriteSession, project_id: str, lead_id: str, changes: Mapping[str, Any]) -> Lead:
    """Merge patch: only what is named changes. Another e-mail is compared anew. Raises `NotFound`, `InvalidRequest`."""
    lead = find_lead(session, project_id, lead_id)
    for name, value in changes.items():
        if name == "fields":
            lead.fields = {} if value is None else _merged(lead.fields, value)
        elif name == "consent":
            lead.consent = dated(value)
        elif name != "email":
            setattr(lead, name, value)
    if "email" in changes:
        _readdress(session, lead, changes["email"])
    if lead.email is None and lead.phone is None:
        raise InvalidRequest(
            "A lead has an e-mail or a phone number.", param="email" if "email" in changes else "phone"
        )
    lead.updated_at = utc_now()
    return lead


def erase_lead(session: WriteSession, project_id: str, lead_id: str) -> None:
    """The lead goes, with what conversations and events have of it. Raises `NotFound`."""
    lead = find_lead(session, project_id, lead_id)
    redact_events(session, project_id, "id", [lead_id], since=lead.created_at)
    session.execute(
        update(Conversation)
        .where(Conversation.project_id == project_id, Conversation.lead_id == lead_id)
        .values(lead_id=None)
        .execution_options(synchronize_session=False)
    )
    session.delete(lead)
    session.flush()
    free_duplicates(session, project_id, lead_id)


def erase_conversation_and_link(session: WriteSession, project_id: str, conversation_id: str) -> None:
    """The conversation goes; a lead that came from it stays, and no longer says where from. Raises `NotFound`."""
    hold_conversation(session, project_id, conversation_id)
    erase_conversations_and_links(session, project_id, [conversation_id])


def erase_conversations_and_links(session: WriteSession, project_id: str, conversation_ids: Sequence[str]) -> None:
    """As `erase_conversation_and_link`, for many; what is gone already is passed over."""
    erase_conversations(session, project_id, conversation_ids)
    session.execute(
        update(Lead)
        .where(Lead.project_id == project_id, Lead.conversation_id.in_(conversation_ids))
        .values(conversation_id=None)
        .execution_options(synchronize_session=False)
    )


def _readdress(session: WriteSession, lead: Lead, email: str | None) -> None:
    key = key_of(email)
    if key != lead.email_key:
        lead.email_key, lead.duplicate_of = key, first_with(session, lead.project_id, key, but=lead.id)
        session.flush()
        free_duplicates(session, lead.project_id, lead.id)
    lead.email = email


def _merged(fields: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    try:
        return merged_metadata(fields, patch)
    except ValueError as error:
        raise InvalidRequest(f"fields {error}", param="fields") from error
