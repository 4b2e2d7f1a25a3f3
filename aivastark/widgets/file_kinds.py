"""What a visitor's file is, told by its bytes; the name it may have, and how large and how many they may be."""

import unicodedata
from pathlib import PurePosixPath

FILE_MAX_BYTES = 10_000_000
FILES_PER_CONVERSATION = 20
FILES_PER_VISITOR_DAY = 40
FILES_PER_WIDGET_DAY = 1_000  # a stranger can always come as a new visitor: this bounds what can be stored in a day
NAME_MAX_CHARS = 120
SUFFIX_MAX_CHARS = 12
NAMELESS = "file"
PDF_HEADER_BYTES = 1_024  # a PDF may begin with so many bytes of something else
TEXT = "text/plain; charset=utf-8"
TAKEN = "a picture (PNG, JPEG, GIF, WebP), a PDF or plain text"

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_IN_TEXT = "\t\n\r\f"


def media_type_of(content: bytes) -> str | None:
    """The media type of a file that is taken; None of any other. What it is called or said to be counts for nothing."""
    for mark, media_type in _MARKS:
        if content.startswith(mark):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in content[:PDF_HEADER_BYTES]:
        return "application/pdf"
    return TEXT if _is_text(content) else None


def clean_name(name: str | None) -> str:
    """Without folders and without what is not seen, so that it reads as what it is; short, with its suffix kept."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    seen = "".join(" " if character.isspace() else character for character in last if _is_seen(character))
    plain = " ".join(seen.split()).strip(". ")
    if len(plain) > NAME_MAX_CHARS:
        suffix = PurePosixPath(plain).suffix[:SUFFIX_MAX_CHARS]
        plain = plain[: NAME_MAX_CHARS - len(suffix)] + suffix
    return plain or NAMELESS


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" and character not in _IN_TEXT for character in set(text))


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
