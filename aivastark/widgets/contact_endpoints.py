"""HTTP for visitors who leave their address, ask for a person, or rate what they were told."""

from fastapi import APIRouter

from aivastark.conversations.feedback import rate
from aivastark.conversations.handoff import VISITOR, escalate
from aivastark.conversations.live import announce
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.remarks import keep_remark, look_through, mask_remark
from aivastark.conversations.schemas import message_out
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, NotFound, PermissionDenied, QuotaExceeded
from aivastark.kit.clock import to_wire, utc_now
from aivastark.leads.capture import capture_lead
from aivastark.leads.models import Lead
from aivastark.projects.business_hours import hours_of
from aivastark.widgets.contact_schemas import (
    VisitorEscalationIn,
    VisitorEscalationOut,
    VisitorFeedbackIn,
    VisitorFeedbackOut,
    VisitorLeadIn,
    VisitorLeadOut,
)
from aivastark.widgets.counts import passes_today, until_tomorrow_s
from aivastark.widgets.lead_form import contact_from
from aivastark.widgets.public_calls import Call
from aivastark.widgets.public_endpoints import Visiting
from aivastark.widgets.public_schemas import ConversationBrief, visitor_message
from aivastark.widgets.visitors import Caller, current_conversation, own_conversation

LEADS_PER_VISITOR_DAY = 20
WITHOUT_A_NOTE = VisitorEscalationIn()  # what is meant by no body at all

router = APIRouter(prefix="/v1/widget/{embed_key}", tags=["Widget"])


@router.post("/leads", status_code=201, operation_id="leaveAddress", summary="Leave one's address")
async def leads(visiting: Visiting, body: VisitorLeadIn) -> VisitorLeadOut:
    """The form of `lead_capture`, filled in; linked to the conversation under way, if there is one."""
    call, caller = visiting
    form = call.configuration.lead_capture
    if not form.enabled:
        raise PermissionDenied("This widget does not ask for addresses.")
    contact = contact_from(
        form,
        body.model_dump(),
        consent=body.consent,
        widget_id=call.widget.id,
        page_url=body.page.url if body.page else None,
    )

    def keep(session: WriteSession) -> Lead:
        conversation = _conversation(session, call, caller, body.conversation_id)
        now = utc_now()
        subject = f"leads:{caller.owner}"
        if not passes_today(session, call.project_id, call.widget.id, subject, allowed=LEADS_PER_VISITOR_DAY, now=now):
            raise QuotaExceeded("That is enough for today; try again tomorrow.", retry_after=until_tomorrow_s(now))
        return capture_lead(
            session,
            call.project_id,
            contact,
            trigger=body.trigger,
            conversation_id=None if conversation is None else conversation.id,
            widget_id=call.widget.id,
        )

    lead = await call.backends.db.write(keep)
    call.backends.work_waiting.set()  # there is an event to deliver
    if lead.conversation_id is not None:
        announce(call.backends.broadcast, call.project_id, lead.conversation_id)
    return VisitorLeadOut(id=lead.id, created_at=to_wire(lead.created_at))


@router.post("/escalate", operation_id="askForPerson", summary="Ask for a person")
async def pass_on(visiting: Visiting, body: VisitorEscalationIn = WITHOUT_A_NOTE) -> VisitorEscalationOut:
    """The bot falls silent and people are told. Asking again changes nothing while they have the conversation."""
    call, caller = visiting
    handoff = call.configuration.handoff
    if not handoff.enabled:
        raise PermissionDenied("This widget does not pass conversations on to people.")
    remark = look_through(call.backends, call.project, body.note)

    def work(session: WriteSession) -> tuple[Conversation, Message | None]:
        conversation = _conversation(session, call, caller, body.conversation_id)
        if conversation is None:
            raise InvalidRequest("Ask something first: there is no conversation to pass on.", param="conversation_id")
        note = mask_remark(session, conversation.id, remark, "note")
        conversation, told = escalate(
            session,
            call.project_id,
            conversation.id,
            reason="requested_by_visitor",
            by=VISITOR,
            note=note.text,
            hours=hours_of(handoff.business_hours),
        )
        if told is not None:
            keep_remark(session, note, subject=conversation.id)
        return conversation, told

    conversation, told = await call.backends.db.write(work)
    announce(call.backends.broadcast, call.project_id, conversation.id)
    call.backends.work_waiting.set()  # there may be an event to deliver
    escalation = conversation.escalation or {}
    return VisitorEscalationOut(
        conversation=ConversationBrief.model_validate(conversation, from_attributes=True),
        message=None if told is None else visitor_message(message_out(told, []), position=told.position),
        within_business_hours=escalation.get("within_business_hours", True),
        opens_at=escalation.get("opens_at"),
    )


@router.post("/feedback", operation_id="rateAnswer", summary="Rate an answer")
async def feedback(visiting: Visiting, body: VisitorFeedbackIn) -> VisitorFeedbackOut:
    """Up or down, with a comment; a later rating takes the place of an earlier one."""
    call, caller = visiting
    if not call.configuration.behavior.feedback:
        raise PermissionDenied("This widget does not take ratings.")
    remark = look_through(call.backends, call.project, body.comment or None)

    def work(session: WriteSession) -> Message:
        message = session.get(Message, (call.project_id, body.message_id))
        if message is None:
            raise NotFound
        conversation = own_conversation(session, call.project_id, caller, message.conversation_id)
        comment = mask_remark(session, conversation.id, remark, "comment")
        keep_remark(session, comment, subject=message.id)
        return rate(session, call.project_id, conversation.id, message.id, rating=body.rating, comment=comment.text)

    message = await call.backends.db.write(work)
    announce(call.backends.broadcast, call.project_id, message.conversation_id)
    return VisitorFeedbackOut(
        message_id=message.id, rating=body.rating, comment=(message.feedback or {}).get("comment")
    )


def _conversation(session: ReadSession, call: Call, caller: Caller, conversation_id: str | None) -> Conversation | None:
    """The one named, which must be the visitor's own, or the one under way."""
    if conversation_id is None:
        return current_conversation(session, call.project_id, caller)
    return own_conversation(session, call.project_id, caller, conversation_id)
