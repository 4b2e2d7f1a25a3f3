"""Tells what a document is by its bytes. Name and declared type decide only between kinds of text."""

import re
from typing import Literal

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.base import Document, ExtractionFailed
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.delimited import find_delimiter
from aivastark.sources.extract.image_size import image_type
from aivastark.sources.extract.json_text import is_notebook, parse_json, parse_json_lines

Format = Literal[
    "html",
    "markdown",
    "plain",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "csv",
    "json",
    "epub",
    "rst",
    "notebook",
    "code",
    "image",
]

HEAD_BYTES = 8192
PDF_HEADER_BYTES = 1024  # a PDF may begin with so many bytes of something else
READABLE = (
    "PDF, DOCX, PPTX, XLSX, HTML, Markdown, reStructuredText, Jupyter notebooks, CSV, JSON, EPUB, plain text, "
    "or a picture as PNG, JPEG, TIFF or WebP"
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_BINARY: dict[str, tuple[bytes, ...]] = {
    "an image": (b"GIF8", b"BM", b"\x00\x00\x01\x00"),
    "an image, sound or video": (b"RIFF", b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3"),
    "a program": (b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x00asm"),
    "a packed archive": (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd"),
    "a database": (b"SQLite format 3\x00",),
    "an RTF document": (b"{\\rtf",),
    "a PostScript file": (b"%!PS",),
}  # fmt: skip
_HTML_START = re.compile(r"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_HTML_TAG = re.compile(r"</(p|div|h[1-6]|ul|ol|table|section|article|body|a|span|main|li)\s*>", re.I)
_OTHER_XML = re.compile(r"\s*(<\?xml|<!DOCTYPE\s+(?!html))", re.I)
_MARKDOWN_SIGNS = (
    re.compile(r"^#{1,6} \S", re.M),
    re.compile(r"^(```|~~~)", re.M),
    re.compile(r"\[[^\]\[\n]{1,200}\]\([^)(\s]{1,500}\)"),
    re.compile(r"\*\*[^*\n]{1,200}\*\*"),
    re.compile(r"^\|?\s*:?-{3,}:?\s*\|", re.M),
    re.compile(r"^\s*[-*] \S", re.M),
)

_RST_SIGNS = (  # each of them is rare in any other text
    re.compile(r"^\.\. [a-z][\w:-]{1,60}::(\s|$)", re.M),
    re.compile(r"^\.\. _[^:\n]{1,200}:(\s|$)", re.M),
    re.compile(r"(?<![\w`]):[a-z][\w:+-]{0,40}:`[^`\n]{1,200}`"),
    re.compile(r"(?<!`)``[^`\n]{1,200}``(?!`)"),
    re.compile(r"`[^`<>\n]{1,200} <[^<>\n]{1,300}>`__?"),
    re.compile(r"^\S.{0,100}::\n\n[ \t]+\S", re.M),
)


def detect(document: Document) -> Format:
    """The format to read `document` as. Raises `empty`, `encrypted`, `zip_bomb` or `unsupported_format`."""
    content = document.content
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ExtractionFailed("empty", "The document is empty. Check the file or the address.")
    if b"%PDF-" in content[:PDF_HEADER_BYTES]:
        return "pdf"
    if content.startswith(b"PK"):
        return _container(content)
    if content.startswith(_OLE):
        raise _old_office(content)
    if image_type(content) is not None:
        return "image"
    _refuse_binary(content)
    return _text_format(document)


def _container(content: bytes) -> Format:
    archive = Archive(content)
    names = set(archive.names())
    mimetype = archive.read("mimetype") or b""
    if "word/document.xml" in names:
        return "docx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    if names & {"xl/workbook.xml", "xl/workbook.bin"} or b"opendocument.spreadsheet" in mimetype:
        return "xlsx"
    if mimetype.strip() == b"application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if "[Content_Types].xml" in names and (main := archive.read("[Content_Types].xml")):
        for kind, part in (("docx", b"wordprocessingml"), ("pptx", b"presentationml"), ("xlsx", b"spreadsheetml")):
            if part in main:
                return kind  # type: ignore[return-value]
    raise _unsupported("an archive")


def _old_office(content: bytes) -> ExtractionFailed:
    if _PROTECTED_STREAM in content:
        message = "The file is protected by a password. Save it without one and retry."
        return ExtractionFailed("encrypted", message)
    message = "The file is in an old Office format. Save it as DOCX, PPTX, XLSX or PDF and retry."
    return ExtractionFailed("unsupported_format", message)


def _refuse_binary(content: bytes) -> None:
    has_binary = not content[:512].isascii() or b"\x00" in content[:512]
    for kind, starts in _BINARY.items():
        for start in starts:
            if content.startswith(start) and (has_binary or len(start) > 4):
                raise _unsupported(kind)
    if content[4:8] == b"ftyp":
        raise _unsupported("a video or image")


def _text_format(document: Document) -> Format:
    declared = _declared(document)
    text = decode(document.content, media_type=document.media_type, markup=declared in {None, "html"})
    head = text[:HEAD_BYTES]
    if declared == "code":
        return "code"
    if _HTML_START.match(head):
        return "html"
    if declared not in {"markdown", "csv"} and _is_json(text):
        return "notebook" if is_notebook(parse_json(text)) else "json"
    if declared in {"markdown", "rst"}:
        return declared
    if declared != "plain" and head.lstrip().startswith("<"):
        if _HTML_TAG.search(head):
            return "html"
        if _OTHER_XML.match(head):
            raise _unsupported("an XML file")
    if declared == "html" and _HTML_TAG.search(text[: 16 * HEAD_BYTES]):
        return "html"
    if declared == "csv" and find_delimiter(text):
        return "csv"
    return _undeclared(text, declared)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    return parse_json(text) is not None or parse_json_lines(text) is not None


def _undeclared(text: str, declared: Format | None) -> Format:
    if declared in {None, "plain"} and sum(bool(sign.search(text[:50_000])) for sign in _RST_SIGNS) >= 2:
        return "rst"
    if declared is None and sum(bool(sign.search(text[:50_000])) for sign in _MARKDOWN_SIGNS) >= 2:
        return "markdown"
    if declared is None and _is_clearly_delimited(text):
        return "csv"
    return "plain"


def _is_clearly_delimited(text: str) -> bool:
    """Without a word about it, text is a table only if every line has the same cells and no prose."""
    lines = [line for line in text.split("\n")[:30] if line.strip()]
    delimiter = find_delimiter(text)
    if len(lines) < 3 or not delimiter or delimiter == "|":
        return False
    counts = {line.count(delimiter) for line in lines}
    return len(counts) == 1 and not any(f"{delimiter} " in line for line in lines)


def _declared(document: Document) -> Format | None:
    """What the declared type or the name's ending says, as far as it tells kinds of text apart."""
    media_type = (document.media_type or "").partition(";")[0].strip().lower()
    ending = (document.name or "").rpartition(".")[2].lower() if "." in (document.name or "") else ""
    by_ending: dict[str, Format] = {
        "md": "markdown", "markdown": "markdown", "mdx": "markdown", "mkd": "markdown", "csv": "csv", "tsv": "csv",
        "tab": "csv", "html": "html", "htm": "html", "xhtml": "html", "json": "json", "jsonl": "json",
        "ndjson": "json", "txt": "plain", "text": "plain", "log": "plain", "rst": "rst",
        "rest": "rst",
    }  # fmt: skip
    by_type: dict[str, Format] = {
        "text/markdown": "markdown", "text/x-markdown": "markdown", "text/csv": "csv",
        "text/tab-separated-values": "csv", "text/html": "html", "application/xhtml+xml": "html",
        "application/json": "json", "application/jsonl": "json", "application/x-ndjson": "json", "text/x-rst": "rst",
        "text/prs.fallenstein.rst": "rst", "text/x-source-code": "code",
    }  # fmt: skip
    return by_type.get(media_type) or by_ending.get(ending)


def _unsupported(kind: str) -> ExtractionFailed:
    return ExtractionFailed("unsupported_format", f"This is {kind}, which cannot be read. Use {READABLE}.")
