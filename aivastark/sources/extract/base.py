"""What every reader takes and gives: a document in bytes, its canonical text with structure, and the one failure."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]

FailureCode = Literal[
    "empty", "no_text", "too_large", "too_complex", "corrupt", "encrypted", "zip_bomb", "unsupported_format",
    "javascript_only", "login_required", "extraction_timeout", "extraction_crashed",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One piece of structure: `text[start:end]` of the canonical text, in characters, end exclusive."""

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...]
    """The headings above it, outermost first; a heading's own path ends with itself."""
    page: int | None
    """1-based page, slide or sheet, where the format has one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Extracted:
    """A document as it will be stored, searched and quoted. `text` is NFC with `\\n` line ends, free of controls."""

    title: str | None
    text: str
    blocks: tuple[Block, ...]
    """In order, not overlapping; between two blocks there is only white space."""
    media_type: str
    """What the content turned out to be, whatever its name said."""
    canonical_url: str | None = None
    language: str | None = None
    """What the document itself declares: a primary language subtag in lower case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognition:
    """Whether pictures of text can be read here, and by what."""

    when: Literal["now", "later", "off", "missing"]
    """`later`: not in this process, which raises `RecognitionNeeded`; `off`: by setting; `missing`: no program."""
    program: str = ""
    """Where tesseract is, for `now` and `later`."""
    languages: tuple[str, ...] = ()
    """What it should know, as tesseract calls them; empty: what is installed."""


NO_RECOGNITION = Recognition(when="missing")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The bytes to read and what was said about them; the name and the type only break ties."""

    content: bytes
    name: str | None = None
    media_type: str | None = None
    url: str | None = None
    recognition: Recognition = NO_RECOGNITION


class ExtractionFailed(Exception):
    """The document cannot be read. `code` is stable; `message` tells a person why, and the way out."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(code, message)
        self.code: FailureCode = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class RecognitionNeeded(Exception):
    """The document holds pictures of text, which are read in another process with more time."""
