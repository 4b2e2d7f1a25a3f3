"""The form that asks visitors how to reach them: when it is due, and whether it was filled in as it asks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.say import HELD_BY_PEOPLE
from aivastark.database import WriteSession
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import utc_now
from aivastark.leads.capture import Contact
from aivastark.leads.triggers import ConversationState, TriggerType, due_trigger, lead_form
from aivastark.widgets.configuration import LeadCapture, LeadField
from aivastark.widgets.counts import happened, is_first

OWN_FIELDS = ("name", "email", "phone")
ASKED_ONCE: tuple[TriggerType, ...] = ("message_count", "keyword", "idle")


def due_form(
    session: WriteSession,
    project_id: str,
    lead_capture: LeadCapture,
    *,
    widget_id: str,
    conversation_id: str,
    message: str,
) -> dict[str, Any] | None:
    """The form for an answer's `lead_form`, if a trigger is due; each asks once in a conversation."""
    conversation = session.get(Conversation, (project_id, conversation_id))
    if conversation is None:
        return None
    subjects = {f"form:{conversation_id}:{trigger}": trigger for trigger in ASKED_ONCE}
    said = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(Message.project_id == project_id, Message.conversation_id == conversation_id, Message.role == "user")
    )
    state = ConversationState(
        visitor_messages=said or 0,
        has_lead=conversation.lead_id is not None,
        is_held=conversation.status in HELD_BY_PEOPLE,
        asked_before=frozenset(subjects[one] for one in happened(session, project_id, widget_id, subjects)),
    )
    config = lead_capture.model_dump(mode="json")
    due = due_trigger(config, state, message)
    if due is None or not is_first(session, project_id, widget_id, f"form:{conversation_id}:{due.type}", now=utc_now()):
        return None
    return lead_form(config, due)


def contact_from(
    lead_capture: LeadCapture, filled: Mapping[str, Any], *, consent: bool, widget_id: str, page_url: str | None
) -> Contact:
    """What somebody filled in: `name`, `email`, `phone`, and under `fields` the rest.

    Raises `InvalidRequest` for a field that is not asked for, is missing, or is not one of its options.
    """
    own = {name: filled[name] for name in OWN_FIELDS if filled.get(name) is not None}
    given = {**filled["fields"], **own}
    asked = {field.key: field for field in lead_capture.fields}
    for key in given:
        if key not in asked or (key in OWN_FIELDS and key not in own):
            raise InvalidRequest(f"{_param(key, own)} is not asked for", param=_param(key, own))
    for field in lead_capture.fields:
        _check(field, given.get(field.key))
    if "email" not in own and "phone" not in own:
        raise InvalidRequest("email or phone is required", param="email" if "email" in asked else "phone")
    if lead_capture.consent.required and not consent:
        raise InvalidRequest("consent is required", param="consent")
    return Contact(
        **own,
        fields={key: value for key, value in given.items() if key not in OWN_FIELDS},
        consent={"given": consent, "text": lead_capture.consent.text, "source": f"widget {widget_id}"},
        page_url=page_url,
    )


def _check(field: LeadField, value: str | None) -> None:
    param = field.key if field.key in OWN_FIELDS else f"fields.{field.key}"
    if field.required and not value:
        raise InvalidRequest(f"{param} is required", param=param)
    if value and field.type == "select" and value not in field.options:
        raise InvalidRequest(f"{param} is not one of its options", param=param)


def _param(key: str, own: Mapping[str, Any]) -> str:
    return key if key in own else f"fields.{key}"
