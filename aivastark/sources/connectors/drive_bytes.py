"""How the bytes of a file in Drive are had: as they are, or exported by Google.

Exports, chosen for what extraction makes of them:

- Docs as Markdown: headings, lists, tables, code and links are written out as such, nothing has to be told from
  decoration as in the HTML export, and the same document gives the same bytes, which the content hash needs. A DOCX
  export would keep as much and is a new archive each time. Pictures, which come as base64, are cut out.
- Sheets as XLSX: the CSV export has the first sheet only.
- Slides as PPTX: each slide keeps its number and its title, which plain text runs together.
"""

import re
from dataclasses import dataclass

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.connectors.drive_kinds import ENDINGS, EXPORTS, MARKDOWN, MAX_FILE_BYTES
from aivastark.sources.google.drive_api import DriveApi
from aivastark.sources.google.files import FOLDER, SHORTCUT, DriveFile

_PICTURE_BYTES = re.compile(rb"^\[image\d+\]: <data:[^>\n]*>[ \t]*$", re.M)
_PICTURE = re.compile(rb"!\[([^\]\n]{0,2000})\]\[image\d+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A file's bytes, and what they are."""

    content: bytes
    name: str
    media_type: str | None


async def read_file(drive: DriveApi, file: DriveFile) -> Read:
    """Raises FetchFailed."""
    if file.media_type not in EXPORTS:
        assert file.media_type not in (FOLDER, SHORTCUT)
        content = await drive.download(file, max_bytes=MAX_FILE_BYTES)
        return Read(content=content, name=file.name, media_type=file.media_type or None)
    first, *others = EXPORTS[file.media_type]
    media_type = first
    try:
        content = await drive.export(file, first, max_bytes=MAX_FILE_BYTES)
    except FetchFailed as failure:
        if failure.code != "too_large" or not others:
            raise
        media_type = others[0]
        content = await drive.export(file, media_type, max_bytes=MAX_FILE_BYTES)
    if media_type == MARKDOWN:
        content = _PICTURE.sub(rb"\1", _PICTURE_BYTES.sub(b"", content))
    return Read(content=content, name=f"{file.name}{ENDINGS[media_type]}", media_type=media_type)
