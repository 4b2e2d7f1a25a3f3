"""Which files of Drive are read and which are left out, told from what Drive says of them, without a byte."""

from dataclasses import dataclass

from aivastark.sources.google.files import NATIVE, DriveFile

MAX_FILE_BYTES = 50_000_000
MARKDOWN = "text/markdown"
DOCUMENT = f"{NATIVE}document"

# Google's editors → the export that is asked for, then the one where that is too large; ending by media type.
EXPORTS = {
    DOCUMENT: (MARKDOWN, "text/plain"),  # pictures make Markdown large, and plain text has none
    f"{NATIVE}spreadsheet": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    f"{NATIVE}presentation": ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
}
ENDINGS = {MARKDOWN: ".md", "text/plain": ".txt"} | {
    f"application/vnd.openxmlformats-officedocument.{kind}": ending
    for kind, ending in (("spreadsheetml.sheet", ".xlsx"), ("presentationml.presentation", ".pptx"))
}
UNREAD_KINDS = ("image/", "video/", "audio/", "font/")
UNREAD_TYPES = frozenset(
    {
        "application/zip", "application/x-zip-compressed", "application/x-rar-compressed", "application/vnd.rar",
        "application/x-7z-compressed", "application/gzip", "application/x-gzip", "application/x-tar",
        "application/x-bzip2", "application/x-iso9660-image", "application/x-apple-diskimage",
        "application/x-msdownload", "application/x-dosexec", "application/x-executable", "application/java-archive",
        "application/vnd.android.package-archive", "application/x-sqlite3", "application/postscript",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a file is not read: on purpose, or (`is_failure`) because it cannot be."""

    code: str
    message: str
    is_failure: bool = False


def left_out(file: DriveFile) -> LeftOut | None:
    """None for a file that is read."""
    if file.is_native and file.media_type not in EXPORTS:
        kind = file.media_type.removeprefix(NATIVE)
        return LeftOut("unsupported_type", f"“{file.name}” is a {kind} of Google's, which has no text to export.")
    if file.media_type.startswith(UNREAD_KINDS) or file.media_type in UNREAD_TYPES:
        return LeftOut("unsupported_type", f"“{file.name}” is of the type {file.media_type}, which is not read.")
    if not file.is_native and file.size is not None and file.size > MAX_FILE_BYTES:
        sentence = f"“{file.name}” has {file.size / 1e6:,.0f} MB; at most {MAX_FILE_BYTES / 1e6:g} MB are read."
        return LeftOut("too_large", sentence, is_failure=True)
    return None
