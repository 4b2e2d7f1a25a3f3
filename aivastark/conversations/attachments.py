"""Files in conversations: each is a message of its own, and its bytes lie sealed in the blob store.

Sealed, no two are the same bytes: so each has a blob to itself, and it can go without a look at who else might have
sent the same picture. They go by a job, in the transaction of whatever erases their message.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.backends.blobs.base import BlobNotFound, BlobsFailed
from aivastark.conversations.models import Conversation, Message
from aivastark.conversations.say import say
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.jobs import Job
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.seal import Unsealable, seal_bytes, unseal_bytes

FORGET_FILES = "forget_files"
_PURPOSE = "attachments"

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A file whose bytes are in the blob store, before any message names it."""

    id: str
    media_type: str
    size: int
    blob: str


async def store_file(backends: Backends, project_id: str, *, content: bytes, media_type: str) -> Stored:
    """Seal the bytes and put them where no other file shares them."""
    id_ = new_id("att")
    blob = await backends.blobs.put(project_id, seal_bytes(backends.secret_key, _PURPOSE, id_, content))
    return Stored(id=id_, media_type=media_type, size=len(content), blob=blob)


def drop_file(backends: Backends, project_id: str, stored: Stored) -> None:
    """Take out bytes that no message came to name; nothing else has them. Who asks may be cancelled meanwhile."""

    async def delete() -> None:
        try:
            await backends.blobs.delete(project_id, stored.blob)
        except BlobsFailed as failed:
            log.warning("file_left", project_id=project_id, blob=stored.blob, code=failed.why)

    task = asyncio.create_task(delete())
    backends.tasks.add(task)
    task.add_done_callback(backends.tasks.discard)


def send_file(session: WriteSession, conversation: Conversation, stored: Stored, *, name: str) -> Message:
    """The visitor's message that this file is, in a conversation that is held. A closed one is open again."""
    message = say(session, conversation, role="user", content=name, now=utc_now())
    message.attachments = [
        {"id": stored.id, "name": name, "media_type": stored.media_type, "size": stored.size, "blob": stored.blob}
    ]
    if conversation.status == "closed":
        conversation.status, conversation.closed_at, conversation.resolution = "open", None, None
    return message


def files_in(session: ReadSession, project_id: str, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What was sent in these conversations, as it stands in the rows."""
    rows = session.scalars(
        select(Message.attachments).where(
            Message.project_id == project_id,
            Message.conversation_id.in_(conversation_ids),
            Message.attachments.is_not(None),
        )
    )
    return [one for attachments in rows for one in attachments or ()]


def find_file(session: ReadSession, project_id: str, conversation_id: str, attachment_id: str) -> dict[str, Any]:
    """One of the conversation's own. Raises `NotFound`."""
    for one in files_in(session, project_id, [conversation_id]):
        if one["id"] == attachment_id:
            return one
    raise NotFound


async def read_file(backends: Backends, project_id: str, attachment: dict[str, Any]) -> bytes:
    """Its bytes as they were sent. Raises `NotFound` for what was erased meanwhile, `Conflict` under another key."""
    try:
        sealed = await backends.blobs.get(project_id, attachment["blob"])
        return unseal_bytes(backends.secret_key, _PURPOSE, attachment["id"], sealed)
    except BlobNotFound as error:
        raise NotFound from error
    except Unsealable as error:
        raise Conflict("This file cannot be read: AIVASTARK_SECRET_KEY was changed.") from error


def forget_files_of(session: WriteSession, project_id: str, conversation_ids: Sequence[str]) -> None:
    """Call it in the transaction that erases the conversations, before it does."""
    blobs = [one["blob"] for one in files_in(session, project_id, conversation_ids)]
    if blobs:
        jobs.enqueue_new(
            session, project_id, FORGET_FILES, f"{FORGET_FILES}:{new_id('job')}", arguments={"blobs": blobs}
        )


async def forget_files(backends: Backends, job: Job) -> None:
    """Take the bytes out. May be repeated after a crash."""
    blobs: Iterable[str] = job.arguments["blobs"]
    for blob in blobs:
        await backends.blobs.delete(job.project_id, blob)
    await backends.db.write(lambda session: jobs.finish(session, job))
