"""Reads documents in processes of their own, so that none can exhaust, stop or crash the server."""

import asyncio
from dataclasses import replace

from aivastark.sources.extract.base import NO_RECOGNITION, Document, Extracted, Recognition, RecognitionNeeded
from aivastark.sources.extract.extract import extract
from aivastark.sources.extract.image_size import image_type
from aivastark.sources.extract.reader import Reader

MAX_SECONDS = 120.0  # for one document, by the clock
MAX_RECOGNITION_SECONDS = 600.0  # for one whose text must be recognised; `ocr` stops by itself before
IDLE_SECONDS = 60.0  # then a child is stopped, and its memory freed
MAX_TEXT_BYTES_HERE = 32 * 1024  # text and markup of at most this size are read in a thread of this process


class ExtractionSandbox:
    """Runs `extract` in child processes: one for all documents, one for those whose text must be recognised.

    The second kind takes minutes; nobody waits for it but the next of its kind.
    """

    def __init__(
        self,
        *,
        recognition: Recognition = NO_RECOGNITION,
        max_seconds: float = MAX_SECONDS,
        max_recognition_seconds: float = MAX_RECOGNITION_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._recognition = recognition
        self._reader = Reader(max_seconds=max_seconds, idle_seconds=idle_seconds)
        self._recogniser = Reader(max_seconds=max_recognition_seconds, idle_seconds=idle_seconds)

    async def extract(
        self, content: bytes, *, name: str | None = None, media_type: str | None = None, url: str | None = None
    ) -> Extracted:
        """As `extract`; also raises `extraction_timeout`, `extraction_crashed` and `too_complex`."""
        if _is_small_text(content):
            return await asyncio.to_thread(extract, content, name=name, media_type=media_type, url=url)
        document = Document(content=content, name=name, media_type=media_type, url=url, recognition=self._recognition)
        try:
            return await self._reader.read(document)
        except RecognitionNeeded:
            now = replace(self._recognition, when="now")
        return await self._recogniser.read(replace(document, recognition=now))

    async def close(self) -> None:
        """Stops the children, whatever they do."""
        await self._reader.close()
        await self._recogniser.close()


def _is_small_text(content: bytes) -> bool:
    """At this size even the worst text is read within a second or two, quadratic or not."""
    if len(content) > MAX_TEXT_BYTES_HERE or b"\x00" in content or content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return False
    return b"%PDF-" not in content[:1024] and image_type(content) is None
