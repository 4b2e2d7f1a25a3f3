"""Taking a lead in: which earlier one it repeats, which conversation it is from, and the event, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from aivastark import events
from aivastark.conversations.models import Conversation
from aivastark.conversations.say import hold_conversation
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, NotFound
from aivastark.kit.clock import to_wire, utc_now
from aivastark.kit.ids import new_id
from aivastark.leads.emails import email_key
from aivastark.leads.models import Lead
from aivastark.leads.schemas import lead_fields

TRIES_MAX = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """What somebody left."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, Any] | None = None
    """`{given, text, at, source}`; `at` is now where it is missing."""
    page_url: str | None = None


def capture_lead(
    session: WriteSession,
    project_id: str,
    contact: Contact,
    *,
    trigger: str,
    conversation_id: str | None = None,
    widget_id: str | None = None,
    stage: str = "new",
) -> Lead:
    """The new lead, marked as a duplicate if its e-mail is known, linked to its conversation, and published.

    Raises `InvalidRequest` for an e-mail that is none and for a conversation that is not there.
    """
    conversation = None if conversation_id is None else _conversation(session, project_id, conversation_id)
    now = utc_now()
    lead = Lead(
        project_id=project_id,
        id=new_id("lead"),
        conversation_id=conversation_id,
        widget_id=widget_id or (conversation.widget_id if conversation is not None else None),
        name=contact.name,
        email=contact.email,
        email_key=key_of(contact.email),
        phone=contact.phone,
        fields=dict(contact.fields),
        trigger=trigger,
        stage=stage,
        consent=dated(contact.consent),
        page_url=contact.page_url,
        duplicate_of=None,
        created_at=now,
        updated_at=now,
    )
    _add(session, lead)
    if conversation is not None:
        conversation.lead_id, conversation.updated_at = lead.id, now
    events.publish(session, project_id, "lead.captured", lead_fields(lead))
    return lead


def key_of(email: str | None) -> str | None:
    """What the e-mail is compared by. Raises `InvalidRequest` for one that is none."""
    try:
        return None if email is None else email_key(email)
    except ValueError as error:
        raise InvalidRequest(f"email {error}", param="email") from error


def first_with(session: ReadSession, project_id: str, key: str | None, *, but: str) -> str | None:
    """The id of the lead that had this e-mail first, other than `but`."""
    if key is None:
        return None
    return session.scalar(
        select(Lead.id).where(
            Lead.project_id == project_id, Lead.email_key == key, Lead.duplicate_of.is_(None), Lead.id != but
        )
    )


def free_duplicates(session: WriteSession, project_id: str, lead_id: str) -> None:
    """The lead is going, or has another e-mail now: the oldest of its duplicates takes its place."""
    duplicates = list(
        session.scalars(
            select(Lead.id).where(Lead.project_id == project_id, Lead.duplicate_of == lead_id).order_by(Lead.id)
        )
    )
    if not duplicates:
        return
    heir = duplicates[0]
    session.execute(
        update(Lead)
        .where(Lead.project_id == project_id, Lead.id == heir)
        .values(duplicate_of=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Lead)
        .where(Lead.project_id == project_id, Lead.duplicate_of == lead_id)
        .values(duplicate_of=heir)
        .execution_options(synchronize_session=False)
    )


def dated(consent: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Consent with the time it was given, which is now where none is named."""
    if consent is None:
        return None
    return {**{"text": None, "source": None}, **consent, "at": consent.get("at") or to_wire(utc_now())}


def _conversation(session: WriteSession, project_id: str, conversation_id: str) -> Conversation:
    try:
        return hold_conversation(session, project_id, conversation_id)
    except NotFound as error:
        raise InvalidRequest("There is no such conversation in this project.", param="conversation_id") from error


def _add(session: WriteSession, lead: Lead) -> None:
    """Where several writers are at work, another one may put the same e-mail first a moment earlier."""
    for tries_left in reversed(range(TRIES_MAX)):
        lead.duplicate_of = first_with(session, lead.project_id, lead.email_key, but=lead.id)
        try:
            with session.begin_nested():
                session.add(lead)
                session.flush()
        except IntegrityError:
            if not tries_left:
                raise
            continue
        return
