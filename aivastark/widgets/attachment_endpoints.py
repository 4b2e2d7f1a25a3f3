"""HTTP for visitors who send a file, or have one again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from aivastark.conversations.attachment_endpoints import DOWNLOAD, download
from aivastark.conversations.attachments import find_file, read_file
from aivastark.conversations.schemas import message_out
from aivastark.database import ReadSession
from aivastark.errors import InvalidRequest
from aivastark.widgets.attach import VisitorFile, attach, refuse_what_is_not_taken
from aivastark.widgets.file_kinds import FILE_MAX_BYTES
from aivastark.widgets.public_endpoints import ConversationId, Visiting
from aivastark.widgets.public_schemas import FileSent, visitor_message
from aivastark.widgets.visitors import own_conversation

FORM_MAX_BYTES = 10_000  # what stands around a file
FIELDS_MAX = 2
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "conversation_id": {"type": "string", "maxLength": 64},
                        "new_conversation": {"type": "string", "enum": ["true", "false"]},
                    },
                    "examples": [{"file": "(the bytes of receipt.pdf)", "new_conversation": "false"}],
                }
            }
        },
    }
}

router = APIRouter(prefix="/v1/widget/{embed_key}", tags=["Widget"])

AttachmentId = Annotated[str, Path(description="The file's id, `att_…`.", max_length=64)]


@router.post("/attachments", status_code=201, operation_id="sendFile", summary="Send a file", openapi_extra=FILE_BODY)
async def send(request: Request, visiting: Visiting) -> FileSent:
    """A picture, a PDF or plain text, as a message of its own in the visitor's conversation; the bot reads none."""
    call, caller = visiting
    declared = request.headers.get("content-length", "")
    refuse_what_is_not_taken(call, max(0, int(declared) - FORM_MAX_BYTES) if declared.isdigit() else 0)
    async with request.form(max_files=1, max_fields=FIELDS_MAX) as form:
        sent = await _sent(form)
    message, conversation_id = await attach(call, caller, sent)
    return FileSent(
        conversation_id=conversation_id,
        message=visitor_message(message_out(message, []), position=message.position),
    )


@router.get(
    "/conversations/{conversation_id}/attachments/{attachment_id}",
    operation_id="getVisitorFile",
    summary="Have a file again",
    response_class=Response,
    responses={200: DOWNLOAD},
)
async def file(visiting: Visiting, conversation_id: ConversationId, attachment_id: AttachmentId) -> Response:
    """As a download and nothing else. Anybody else's is a 404."""
    call, caller = visiting

    def look(session: ReadSession) -> dict[str, Any]:
        row = own_conversation(session, call.project_id, caller, conversation_id)
        return find_file(session, call.project_id, row.id, attachment_id)

    attachment = await call.backends.db.read(look)
    return download(attachment, await read_file(call.backends, call.project_id, attachment))


async def _sent(form: FormData) -> VisitorFile:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise InvalidRequest("Send the file as the field file.", param="file")
    named, fresh = form.get("conversation_id"), form.get("new_conversation")
    return VisitorFile(
        name=upload.filename,
        content=await upload.read(FILE_MAX_BYTES + 1),
        conversation_id=named[:64] if isinstance(named, str) and named else None,
        new_conversation=fresh == "true",
    )
