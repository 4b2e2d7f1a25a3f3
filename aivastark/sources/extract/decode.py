"""Bytes to text: byte order mark, then what the document declares, then UTF-8, then detection."""

import codecs
import re

from charset_normalizer import from_bytes

from aivastark.sources.extract.base import ExtractionFailed

MAX_REPLACED_SHARE = 0.01  # of the characters; with more damage the declared encoding is not believed
MAX_CONTROL_SHARE = 0.02  # of the characters; beyond it the bytes are no text
DETECTION_SAMPLE_BYTES = 64 * 1024
DECLARATION_BYTES = 4096

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# As browsers read them (https://encoding.spec.whatwg.org/#names-and-labels): the label names the smaller set.
_WIDER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874",
}  # fmt: skip
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_IN_MARKUP = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.-]+)|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]+)",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decode(content: bytes, *, media_type: str | None = None, markup: bool = False) -> str:
    """The text of `content`; a few bad bytes become U+FFFD. Raises `unsupported_format` for what is no text."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _checked(content[len(mark) :].decode(encoding, "replace"))
    wide = _utf16_without_mark(content)
    if wide:
        return _checked(content.decode(wide, "replace"))
    declared = _declared(content, media_type, markup=markup)
    if declared and declared != "utf-8":
        text = content.decode(declared, "replace")
        if text.count("\ufffd") <= len(text) * MAX_REPLACED_SHARE:
            return _checked(text)
    return _checked(_utf8_or_detected(content))


def _utf8_or_detected(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if damaged == 0 or (damaged <= len(text) * MAX_REPLACED_SHARE and _has_valid_multibyte(text)):
        return text
    best = from_bytes(_sample(content)).best()
    if best is not None:
        guessed = content.decode(_WIDER.get(_normal(best.encoding) or "", best.encoding), "replace")
        if guessed.count("\ufffd") <= damaged:
            return guessed
    return text if damaged <= len(text) * MAX_REPLACED_SHARE else content.decode("cp1252", "replace")


def _has_valid_multibyte(text: str) -> bool:
    """Whether the text is UTF-8 with a few bad bytes, rather than a one-byte encoding with few accents."""
    return any(ord(character) > 127 and character != "\ufffd" for character in text)


def _sample(content: bytes) -> bytes:
    """The part that says most about the encoding: around the first byte beyond ASCII."""
    match = re.search(rb"[\x80-\xff]", content)
    start = max(0, (match.start() if match else 0) - 1024)
    return content[start : start + DETECTION_SAMPLE_BYTES]


def _declared(content: bytes, media_type: str | None, *, markup: bool) -> str | None:
    header = _IN_HEADER.search(media_type or "")
    if header:
        return _normal(header.group(1))
    found = _IN_MARKUP.search(content[:DECLARATION_BYTES]) if markup else None
    if not found:
        return None
    name = _normal((found.group(1) or found.group(2)).decode("ascii", "replace"))
    return "utf-8" if name and name.startswith(("utf-16", "utf-32")) else name  # it was readable as ASCII


def _normal(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # refuses codecs that are no text encodings, such as rot13 or hex
    except LookupError:
        return None
    return _WIDER.get(found.name, found.name)


def _utf16_without_mark(content: bytes) -> str | None:
    head = content[:2000]
    pairs = len(head) // 2
    if pairs < 4 or b"\x00" not in head:
        return None
    if head[1::2].count(0) > pairs * 0.7 and head[::2].count(0) < pairs * 0.05:
        return "utf-16-le"
    if head[::2].count(0) > pairs * 0.7 and head[1::2].count(0) < pairs * 0.05:
        return "utf-16-be"
    return None


def _checked(text: str) -> str:
    controls = len(_CONTROLS.findall(text))
    broken = text.count("\ufffd")
    if controls > max(4, len(text) * MAX_CONTROL_SHARE) or broken > max(10, len(text) * 0.2):
        raise ExtractionFailed(
            "unsupported_format",
            "The file is neither a document we can read nor text. "
            "Use PDF, DOCX, PPTX, XLSX, HTML, Markdown, CSV, JSON, EPUB or plain text.",
        )
    return text
