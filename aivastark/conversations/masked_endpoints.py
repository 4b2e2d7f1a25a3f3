"""HTTP for what visitors wrote where it is masked, for those who may act in conversations; each look is noted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select, tuple_

from aivastark.conversations.masking import Field as Place
from aivastark.conversations.masking import Original, open_hidden
from aivastark.conversations.models import MaskedValue
from aivastark.conversations.store import know_conversation
from aivastark.database import WriteSession
from aivastark.errors import Conflict
from aivastark.kit.pages import CURSOR_MAX_CHARS, LIMIT_DEFAULT, LIMIT_MAX
from aivastark.kit.personal.found import Kind
from aivastark.kit.seal import Unsealable
from aivastark.projects.endpoints import Here, cursor_for, in_project, position_after

router = APIRouter(prefix="/v1/projects/{project_id}/conversations", tags=["Conversations"])

# To look is an act here, though nothing changes: who may only read conversations sees placeholders.
Looking = Annotated[Here, Depends(in_project("conversations", write=True))]
ConversationId = Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)]


class MaskedPart(BaseModel):
    """A placeholder and what the visitor wrote there."""

    placeholder: str
    kind: Kind
    value: str


class MaskedText(BaseModel):
    """What was written in one place, with the values that placeholders stand for there."""

    message_id: str | None = Field(description="The message it is, or (`comment`) is about; null for the rest.")
    field: Place = Field(description="Of the message `content` or `comment`; else of the conversation.")
    original: Any = Field(description="Exactly as it came: a text; of `metadata` and `page` the object.")
    values: list[MaskedPart]


class MaskedValueList(BaseModel):
    """A page of what was masked in a conversation, in the order of its messages."""

    data: list[MaskedText]
    next_cursor: str | None
    has_more: bool


@router.get("/{conversation_id}/masked-values", operation_id="unmaskConversation", summary="Read what was masked")
async def unmask(
    here: Looking,
    conversation_id: ConversationId,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows on a page.")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX_CHARS)] = None,
) -> MaskedValueList:
    """What the visitor wrote where placeholders stand now. Needs the scope `conversations`; audited as
    `conversation.unmasked`.
    """
    scope = f"masked-values:{conversation_id}"
    after = position_after(here, scope, {}, cursor)

    def look(session: WriteSession) -> list[MaskedValue]:
        know_conversation(session, here.project_id, conversation_id)
        here.note(session, "conversation.unmasked", conversation_id)
        rows = select(MaskedValue).where(
            MaskedValue.project_id == here.project_id, MaskedValue.conversation_id == conversation_id
        )
        if after is not None:
            rows = rows.where(tuple_(MaskedValue.subject, MaskedValue.field) > tuple(after))
        return list(session.scalars(rows.order_by(MaskedValue.subject, MaskedValue.field).limit(limit + 1)))

    rows = await here.backends.db.write(look)
    more, rows = len(rows) > limit, rows[:limit]
    return MaskedValueList(
        data=[_shown(here, row) for row in rows],
        next_cursor=cursor_for(here, scope, {}, [rows[-1].subject, rows[-1].field]) if more else None,
        has_more=more,
    )


def _shown(here: Here, row: MaskedValue) -> MaskedText:
    try:
        original: Original = open_hidden(row, secret_key=here.backends.secret_key)
    except Unsealable as error:
        raise Conflict("What was masked cannot be read: AIVASTARK_SECRET_KEY was changed.") from error
    return MaskedText(
        message_id=None if row.subject == row.conversation_id else row.subject,
        field=original.field,
        original=original.content,
        values=[
            MaskedPart(placeholder=value.placeholder, kind=value.kind, value=value.value) for value in original.values
        ],
    )
