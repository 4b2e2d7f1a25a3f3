"""HTTP for what people do in conversations: change, reply, pass on, hand back, close, rate."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from aivastark.accounts.conditions import Changing
from aivastark.conversations import handoff
from aivastark.conversations.endpoints import state_of
from aivastark.conversations.feedback import rate
from aivastark.conversations.grade import grade
from aivastark.conversations.live import announce, announce_typing
from aivastark.conversations.models import Conversation
from aivastark.conversations.remarks import keep_remark, look_through, mask_remark
from aivastark.conversations.say import hold_conversation
from aivastark.conversations.schemas import (
    AgentReply,
    CloseIn,
    ConversationOut,
    ConversationPatch,
    EscalationIn,
    FeedbackIn,
    GradeIn,
    MessageOut,
    conversation_out,
    message_out,
)
from aivastark.conversations.store import know_conversation, with_citations
from aivastark.database import WriteSession
from aivastark.projects.business_hours import hours_of
from aivastark.projects.endpoints import Here, in_project
from aivastark.projects.schemas import handoff_of

router = APIRouter(prefix="/v1/projects/{project_id}/conversations", tags=["Conversations"])

# What is meant by no body at all.
NO_RESOLUTION = CloseIn()
BY_AN_AGENT = EscalationIn()

Acting = Annotated[Here, Depends(in_project("conversations", write=True))]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]
MessageId = Annotated[str, Path(description="The message's id, `msg_…`.", max_length=64)]


@router.patch("/{conversation_id}", operation_id="updateConversation", summary="Change a conversation")
async def update(
    here: Acting, conversation_id: ConversationId, body: ConversationPatch, conditions: Changing
) -> ConversationOut:
    """JSON merge patch of `status`, `assignee` and `tags`: what is absent stays.

    A status is set as the action for it does: `closed` as close, `waiting_human` as escalate.
    """
    by = here.principal.actor_id

    def change(session: WriteSession) -> Conversation:
        conditions.require(state_of(hold_conversation(session, here.project_id, conversation_id)))
        return handoff.change(session, here.project_id, conversation_id, body.changes(), by=by)

    conversation = await here.backends.db.write(change)
    conditions.tag(state_of(conversation))
    return _changed(here, conversation)


@router.post(
    "/{conversation_id}/messages", status_code=201, operation_id="replyToConversation", summary="Reply as a person"
)
async def reply(here: Acting, conversation_id: ConversationId, body: AgentReply) -> MessageOut:
    """A person's message to the visitor. It takes the conversation: the bot is silent until it is handed back."""
    by = here.principal.actor_id
    author = body.author_name or by
    conversation, message = await here.backends.db.write(
        lambda session: handoff.reply(
            session, here.project_id, conversation_id, content=body.content, author=author, by=by
        )
    )
    _changed(here, conversation)
    return message_out(message, [])


@router.post("/{conversation_id}/escalate", operation_id="escalateConversation", summary="Pass on to a person")
async def escalate(here: Acting, conversation_id: ConversationId, body: EscalationIn = BY_AN_AGENT) -> ConversationOut:
    """The bot falls silent, the visitor is told, and `conversation.escalated` goes out with a hand-off pack.

    Doing it again changes nothing until the conversation is handed back or closed.
    """
    by, hours = here.principal.actor_id, hours_of(handoff_of(here.project).business_hours)
    remark = look_through(here.backends, here.project, body.note)

    def work(session: WriteSession) -> Conversation:
        note = mask_remark(session, conversation_id, remark, "note")
        conversation, told = handoff.escalate(
            session, here.project_id, conversation_id, reason=body.reason, note=note.text, by=by, hours=hours
        )
        if told is not None:
            keep_remark(session, note, subject=conversation_id)
        return conversation

    return _changed(here, await here.backends.db.write(work))


@router.post("/{conversation_id}/handback", operation_id="handBackConversation", summary="Hand back to the bot")
async def hand_back(here: Acting, conversation_id: ConversationId) -> ConversationOut:
    """The bot answers again. Nothing changes where it does already."""
    by = here.principal.actor_id
    conversation = await here.backends.db.write(
        lambda session: handoff.hand_back(session, here.project_id, conversation_id, by=by)
    )
    return _changed(here, conversation)


@router.post("/{conversation_id}/close", operation_id="closeConversation", summary="Close a conversation")
async def close(here: Acting, conversation_id: ConversationId, body: CloseIn = NO_RESOLUTION) -> ConversationOut:
    """Nothing more is expected; the visitor's next message opens it again. Closing twice is no error."""
    by = here.principal.actor_id
    conversation = await here.backends.db.write(
        lambda session: handoff.close(session, here.project_id, conversation_id, by=by, resolution=body.resolution)
    )
    return _changed(here, conversation)


@router.post("/{conversation_id}/messages/{message_id}/feedback", operation_id="rateMessage", summary="Rate a message")
async def feedback(
    here: Acting, conversation_id: ConversationId, message_id: MessageId, body: FeedbackIn
) -> MessageOut:
    """Up or down, with a comment; a later rating takes the place of an earlier one."""
    remark = look_through(here.backends, here.project, body.comment or None)

    def work(session: WriteSession) -> MessageOut:
        comment = mask_remark(session, conversation_id, remark, "comment")
        message = rate(session, here.project_id, conversation_id, message_id, rating=body.rating, comment=comment.text)
        keep_remark(session, comment, subject=message_id)
        return message_out(*with_citations(session, here.project_id, [message])[0])

    message = await here.backends.db.write(work)
    announce(here.backends.broadcast, here.project_id, conversation_id)
    return message


@router.post("/{conversation_id}/messages/{message_id}/grade", operation_id="gradeMessage", summary="Grade an answer")
async def post_grade(here: Acting, conversation_id: ConversationId, message_id: MessageId, body: GradeIn) -> MessageOut:
    """Right or wrong, as a person of the team judges it. It counts above the visitor's rating; visitors never see it.

    A later grade takes the place of an earlier one.
    """
    by = here.principal.actor_id

    def work(session: WriteSession) -> MessageOut:
        message = grade(session, here.project_id, conversation_id, message_id, right=body.right, by=by)
        return message_out(*with_citations(session, here.project_id, [message])[0])

    return await here.backends.db.write(work)


@router.post(
    "/{conversation_id}/typing", status_code=204, operation_id="showTyping", summary="Show the visitor that you write"
)
async def typing(here: Acting, conversation_id: ConversationId) -> Response:
    """Told at once to those who watch the conversation on this server, and not stored."""
    await here.backends.db.read(lambda session: know_conversation(session, here.project_id, conversation_id))
    announce_typing(here.backends.broadcast, here.project_id, conversation_id, "agent")
    return Response(status_code=204)


def _changed(here: Here, conversation: Conversation) -> ConversationOut:
    announce(here.backends.broadcast, here.project_id, conversation.id)
    here.backends.work_waiting.set()  # there may be an event to deliver
    return conversation_out(conversation, with_pack=True)
