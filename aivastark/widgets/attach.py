"""A visitor's file: whether it is taken → its bytes, sealed → a message in the visitor's own conversation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aivastark.conversations.attachments import Stored, drop_file, files_in, send_file, store_file
from aivastark.conversations.live import announce
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.remarks import Remark, keep_remark, look_through, mask_remark
from aivastark.conversations.say import hold_conversation
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, PayloadTooLarge, PermissionDenied, QuotaExceeded, UnsupportedMedia
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.widgets.ask import CHANNEL
from aivastark.widgets.counts import LimitReached, Toll, passes_today, take, until_tomorrow_s
from aivastark.widgets.file_kinds import (
    FILE_MAX_BYTES,
    FILES_PER_CONVERSATION,
    FILES_PER_VISITOR_DAY,
    FILES_PER_WIDGET_DAY,
    TAKEN,
    clean_name,
    media_type_of,
)
from aivastark.widgets.public_calls import Call
from aivastark.widgets.visitors import Caller, current_conversation, own_conversation


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitorFile:
    """What a visitor sends, and where it belongs; without `conversation_id`, to the conversation under way."""

    name: str | None
    content: bytes
    conversation_id: str | None = None
    new_conversation: bool = False


def refuse_what_is_not_taken(call: Call, declared_bytes: int) -> None:
    """Before anything is read. Raises `PermissionDenied`, `PayloadTooLarge`."""
    if not call.configuration.attachments.enabled:
        raise PermissionDenied("This widget takes no files.")
    if declared_bytes > FILE_MAX_BYTES:
        raise PayloadTooLarge(f"A file may hold {FILE_MAX_BYTES // 1_000_000} MB at most.")


async def attach(call: Call, caller: Caller, sent: VisitorFile) -> tuple[Message, str]:
    """The message that the file has become, and its conversation's id; begun where there was none.

    Raises `PayloadTooLarge`, `UnsupportedMedia`, `NotFound` for a conversation that is not the visitor's own, and
    `InvalidRequest` or `QuotaExceeded` where there are enough files.
    """
    backends, project_id = call.backends, call.project_id
    refuse_what_is_not_taken(call, len(sent.content))
    if not sent.content:
        raise InvalidRequest("The file is empty.", param="file")
    media_type = media_type_of(sent.content)
    if media_type is None:
        raise UnsupportedMedia(f"Send {TAKEN}. What a file is called does not count, what is in it does.")
    name = _look_through(call, clean_name(sent.name))
    await backends.db.read(lambda session: _require_room(session, project_id, _known(session, call, caller, sent)))
    stored = await store_file(backends, project_id, content=sent.content, media_type=media_type)

    def keep(session: WriteSession) -> tuple[Message, str]:
        return _keep(session, call, caller, sent, stored, name)

    try:
        message, conversation_id = await backends.db.write(keep)
    except BaseException:  # also when the visitor goes: no row leads to it
        drop_file(backends, project_id, stored)
        raise
    announce(backends.broadcast, project_id, conversation_id)
    return message, conversation_id


def _look_through(call: Call, name: str) -> Remark:
    """The name, and what the project masks in it; an address right before the suffix is one too."""
    remark = look_through(call.backends, call.project, name)
    stem, _, suffix = name.rpartition(".")
    if remark.findings or not stem:
        return remark
    apart = look_through(call.backends, call.project, f"{stem} .{suffix}")
    return apart if apart.findings else remark


def _keep(
    session: WriteSession, call: Call, caller: Caller, sent: VisitorFile, stored: Stored, name: Remark
) -> tuple[Message, str]:
    now = utc_now()
    known = _known(session, call, caller, sent)
    if known is None:
        conversation = _begin(session, call, caller, now)
    else:
        conversation = hold_conversation(session, call.project_id, known.id)
        _require_room(session, call.project_id, conversation)
    for subject, allowed in ((f"files:{caller.owner}", FILES_PER_VISITOR_DAY), ("files", FILES_PER_WIDGET_DAY)):
        if not passes_today(session, call.project_id, caller.widget_id, subject, allowed=allowed, now=now):
            raise QuotaExceeded("That is enough for today; try again tomorrow.", retry_after=until_tomorrow_s(now))
    masked = mask_remark(session, conversation.id, name, "content")
    message = send_file(session, conversation, stored, name=masked.text or "")
    if conversation.subject is None:
        conversation.subject = message.content
    session.flush()
    keep_remark(session, masked, subject=message.id)
    return message, conversation.id


def _known(session: ReadSession, call: Call, caller: Caller, sent: VisitorFile) -> Conversation | None:
    if sent.conversation_id is not None:
        return own_conversation(session, call.project_id, caller, sent.conversation_id)
    return None if sent.new_conversation else current_conversation(session, call.project_id, caller)


def _require_room(session: ReadSession, project_id: str, conversation: Conversation | None) -> None:
    if conversation is not None and len(files_in(session, project_id, [conversation.id])) >= FILES_PER_CONVERSATION:
        raise InvalidRequest(f"A conversation holds {FILES_PER_CONVERSATION} files at most.", param="file")


def _begin(session: WriteSession, call: Call, caller: Caller, now: datetime) -> Conversation:
    """A conversation whose first words are a file. Counted as any other."""
    toll = Toll(
        limit="conversations_per_visitor_day",
        subject=f"visitor:{caller.owner}",
        allowed=call.configuration.limits.conversations_per_visitor_day,
        daily=True,
    )
    try:
        take(session, call.project_id, caller.widget_id, [toll], now=now)
    except LimitReached as reached:
        sentence = call.configuration.limits.sentences.conversations_per_visitor_day
        raise QuotaExceeded(sentence, retry_after=until_tomorrow_s(now)) from reached
    fields: dict[str, Any] = {"widget_id": caller.widget_id, "visitor_id": caller.owner, "visitor": caller.card}
    conversation = Conversation(
        project_id=call.project_id,
        id=new_id("conv"),
        session_id=new_id("sess"),
        channel=CHANNEL,
        status="open",
        tags=[],
        details={},
        message_count=0,
        created_at=now,
        updated_at=now,
        **fields,
    )
    session.add(conversation)
    session.flush()
    return conversation
