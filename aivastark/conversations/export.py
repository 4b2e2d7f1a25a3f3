"""All conversations as lines of JSON or CSV, a few rows in memory at a time and no session open while they are sent."""

import csv
import io
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Literal

import orjson

from aivastark.conversations.models import Conversation
from aivastark.conversations.schemas import MessageOut, conversation_fields, message_out
from aivastark.conversations.store import Filters, Said, conversations_to_export, messages_after
from aivastark.database import Database
from aivastark.kit.cells import safe_cell

Format = Literal["jsonl", "csv"]

CONVERSATIONS_A_BATCH = 50
MESSAGES_A_BATCH = 200
COLUMNS = (
    "conversation_id",
    "session_id",
    "channel",
    "status",
    "subject",
    "language",
    "tags",
    "assignee",
    "resolution",
    "message_id",
    "role",
    "author",
    "content",
    "answered",
    "confidence",
    "cited_urls",
    "rating",
    "comment",
    "created_at",
)


async def export_conversations(
    db: Database, project_id: str, *, filters: Filters, format_: Format
) -> AsyncIterator[bytes]:
    """JSONL has a conversation a line, with all its messages; CSV a message a row, after a row of names."""
    if format_ == "csv":
        yield _rows([COLUMNS])
    after: str | None = None
    while True:
        look = partial(
            conversations_to_export, project_id=project_id, filters=filters, limit=CONVERSATIONS_A_BATCH, after=after
        )
        batch = await db.read(look)
        for conversation in batch:
            parts = _as_line(db, conversation) if format_ == "jsonl" else _as_rows(db, conversation)
            async for part in parts:
                yield part
        if len(batch) < CONVERSATIONS_A_BATCH:
            return
        after = batch[-1].id


async def _as_line(db: Database, conversation: Conversation) -> AsyncIterator[bytes]:
    yield orjson.dumps(conversation_fields(conversation, with_pack=True))[:-1] + b',"messages":['
    is_first = True
    async for said in _batches(db, conversation):
        messages = b",".join(message_out(message, citations).model_dump_json().encode() for message, citations in said)
        yield messages if is_first else b"," + messages
        is_first = False
    yield b"]}\n"


async def _as_rows(db: Database, conversation: Conversation) -> AsyncIterator[bytes]:
    async for said in _batches(db, conversation):
        yield _rows([_cells(conversation, message_out(message, citations)) for message, citations in said])


async def _batches(db: Database, conversation: Conversation) -> AsyncIterator[list[Said]]:
    position = -1
    while True:
        look = partial(
            messages_after,
            project_id=conversation.project_id,
            conversation_id=conversation.id,
            position=position,
            limit=MESSAGES_A_BATCH,
        )
        said = await db.read(look)
        if said:
            yield said
        if len(said) < MESSAGES_A_BATCH:
            return
        position = said[-1][0].position


def _cells(conversation: Conversation, message: MessageOut) -> list[Any]:
    feedback = message.feedback
    return [
        conversation.id,
        conversation.session_id,
        conversation.channel,
        conversation.status,
        conversation.subject,
        conversation.language,
        ", ".join(conversation.tags),
        conversation.assignee,
        conversation.resolution,
        message.id,
        message.role,
        message.author,
        message.content,
        message.answered,
        message.confidence,
        " ".join(dict.fromkeys(citation.url for citation in message.citations if citation.url)),
        None if feedback is None else feedback.rating,
        None if feedback is None else feedback.comment,
        message.created_at,
    ]


def _rows(rows: list[Any]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue().encode()
