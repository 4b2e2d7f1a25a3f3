"""What travels between the sandbox and its child: a length, then bytes; results as JSON, never as code."""

import json
import struct
from typing import Any, BinaryIO

from aivastark.sources.extract.base import (
    Block,
    Document,
    Extracted,
    ExtractionFailed,
    Recognition,
    RecognitionNeeded,
)

LENGTH = struct.Struct(">Q")
MAX_REPLY_BYTES = 256 * 1024 * 1024


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    stream.write(LENGTH.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    payload = stream.read(length)
    return payload if len(payload) == length else None


def pack_request(document: Document) -> bytes:
    recognition = [document.recognition.when, document.recognition.program, document.recognition.languages]
    facts = json.dumps([document.name, document.media_type, document.url, recognition]).encode()
    return LENGTH.pack(len(facts)) + facts + document.content


def unpack_request(payload: bytes) -> Document:
    (length,) = LENGTH.unpack_from(payload)
    start = LENGTH.size + length
    name, media_type, url, (when, program, languages) = json.loads(payload[LENGTH.size : start])
    recognition = Recognition(when=when, program=program, languages=tuple(languages))
    return Document(content=payload[start:], name=name, media_type=media_type, url=url, recognition=recognition)


def pack_reply(result: Extracted | ExtractionFailed | RecognitionNeeded) -> bytes:
    if isinstance(result, RecognitionNeeded):
        return json.dumps({"recognition_needed": True}).encode()
    if isinstance(result, ExtractionFailed):
        return json.dumps({"code": result.code, "message": result.message}).encode()
    blocks = [[b.kind, b.start, b.end, b.heading_path, b.page] for b in result.blocks]
    fields = [result.title, result.text, result.media_type, result.canonical_url, result.language]
    return json.dumps({"fields": fields, "blocks": blocks}, ensure_ascii=False).encode()


def unpack_reply(payload: bytes) -> Extracted:
    """The result, or its failure raised."""
    reply: dict[str, Any] = json.loads(payload)
    if "recognition_needed" in reply:
        raise RecognitionNeeded
    if "code" in reply:
        raise ExtractionFailed(reply["code"], reply["message"])
    title, text, media_type, canonical_url, language = reply["fields"]
    paths: dict[tuple[str, ...], tuple[str, ...]] = {}  # one tuple for all blocks under the same headings
    blocks = []
    for kind, start, end, headings, page in reply["blocks"]:
        path = tuple(headings)
        blocks.append(Block(kind=kind, start=start, end=end, heading_path=paths.setdefault(path, path), page=page))
    return Extracted(
        title=title,
        text=text,
        blocks=tuple(blocks),
        media_type=media_type,
        canonical_url=canonical_url,
        language=language,
    )
