"""Builds the canonical text of a document block by block, so that every offset is exact by construction."""

import re
import unicodedata

from aivastark.sources.extract.base import Block, BlockKind, Extracted, ExtractionFailed

MAX_TEXT_CHARACTERS = 5_000_000
MAX_TITLE_CHARACTERS = 500
MAX_FENCED_CHARACTERS = 1500  # longer code may be cut, and half a pair of fences is worse than none
MAX_HEADING_CHARACTERS = 300  # a longer "heading" is a paragraph somebody made large

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_BLANKS = re.compile("[ \t]+")


def clean(text: str) -> str:
    """NFC, `\\n` line ends, plain spaces; no controls, soft hyphens, zero-width spaces or lone surrogates."""
    text = _LINE_ENDS.sub("\n", text)
    if not text.isascii():
        text = _SPACES.sub(" ", text)
    text = _UNWANTED.sub("", text)
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """The same as one line without surrounding white space."""
    return " ".join(clean(text).split())


def clean_prose(text: str) -> str:
    """The same for running text: single spaces, line breaks kept, no empty lines."""
    lines = (_BLANKS.sub(" ", line).strip(" ") for line in clean(text).replace("\t", " ").split("\n"))
    return "\n".join(line for line in lines if line)


def clean_layout(text: str) -> str:
    """The same for code, lists and tables: indentation stays, trailing blanks and outer empty lines go."""
    lines = [line.rstrip() for line in clean(text).split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


class CanonicalText:
    """Collects blocks in reading order and keeps the headings they stand under."""

    def __init__(self) -> None:
        self.page: int | None = None
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0
        self._headings: list[tuple[int, str]] = []

    def heading(self, level: int, text: str) -> None:
        """A heading of `level` (1 is the outermost); what follows stands under it."""
        line = clean_line(text)
        if not line:
            return
        if len(line) > MAX_HEADING_CHARACTERS:
            self._append("paragraph", line)
            return
        self.leave_headings(level)
        self._headings.append((level, line))
        self._append("heading", line)

    def leave_headings(self, level: int = 0) -> None:
        """What follows no longer stands under headings of `level` or deeper."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    def add(self, kind: BlockKind, text: str) -> None:
        """A block of the given kind; text without words to keep is passed over."""
        cleaned = clean_prose(text) if kind == "paragraph" else clean_layout(text)
        if cleaned:
            short_code = kind == "code" and len(cleaned) <= MAX_FENCED_CHARACTERS
            self._append(kind, _fenced(cleaned) if short_code else cleaned)

    def first_heading(self) -> str | None:
        """The text of the first heading, if the document has one."""
        for part, block in zip(self._parts, self._blocks, strict=True):
            if block.kind == "heading":
                return part
        return None

    def is_empty(self) -> bool:
        return not any(character.isalnum() for part in self._parts for character in part)

    def finish(
        self,
        *,
        title: str | None,
        media_type: str,
        canonical_url: str | None = None,
        language: str | None = None,
    ) -> Extracted:
        """The finished document. Raises `no_text` when there is nothing a person could read."""
        if self.is_empty():
            raise ExtractionFailed("no_text", "The document holds no text to read. Check that it is the right one.")
        line = clean_line(title or "")[:MAX_TITLE_CHARACTERS].strip()
        return Extracted(
            title=line or None,
            text="\n\n".join(self._parts),
            blocks=tuple(self._blocks),
            media_type=media_type,
            canonical_url=canonical_url,
            language=primary_subtag(language),
        )

    def _append(self, kind: BlockKind, text: str) -> None:
        start = self._length + 2 if self._parts else 0
        self._length = start + len(text)
        if self._length > MAX_TEXT_CHARACTERS:
            message = f"The text is longer than {MAX_TEXT_CHARACTERS:,} characters. Split the document into parts."
            raise ExtractionFailed("too_large", message)
        path = tuple(heading for _, heading in self._headings)
        self._parts.append(text)
        self._blocks.append(Block(kind=kind, start=start, end=self._length, heading_path=path, page=self.page))


def _fenced(code: str) -> str:
    """Code between fences: whoever reads the text alone, a passage of it say, still knows where code begins."""
    fence = "````" if "```" in code else "```"
    return f"{fence}\n{code}\n{fence}"


def primary_subtag(language: str | None) -> str | None:
    """`de` of `de-CH` or `de_CH`; None for what is no language tag."""
    match = re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s*$)", language or "")
    return match.group(1).lower() if match else None
