"""HTTP for the files of conversations: only ever a download, and nothing in it may run, whoever opens it."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from aivastark.conversations.attachments import find_file, read_file
from aivastark.projects.endpoints import Here, in_project

DOWNLOAD: dict[str, Any] = {
    "description": "The file.",
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain")
    },
}

router = APIRouter(prefix="/v1/projects/{project_id}/conversations", tags=["Conversations"])

Reading = Annotated[Here, Depends(in_project("conversations"))]


@router.get(
    "/{conversation_id}/attachments/{attachment_id}",
    operation_id="getConversationFile",
    summary="Have a visitor's file",
    response_class=Response,
    responses={200: DOWNLOAD},
)
async def file(
    here: Reading,
    conversation_id: Annotated[str, Path(description="The conversation's id, `conv_…`.", max_length=64)],
    attachment_id: Annotated[str, Path(description="The file's id, `att_…`.", max_length=64)],
) -> Response:
    """As a download and nothing else. It comes from a stranger: what is in it was not looked at."""
    attachment = await here.backends.db.read(
        lambda session: find_file(session, here.project_id, conversation_id, attachment_id)
    )
    return download(attachment, await read_file(here.backends, here.project_id, attachment))


def download(attachment: dict[str, Any], content: bytes) -> Response:
    """The bytes with headers that let no browser show them; that none guesses at them, every answer here says."""
    name = quote(attachment["name"], safe="")
    return Response(
        content,
        media_type=attachment["media_type"],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )
