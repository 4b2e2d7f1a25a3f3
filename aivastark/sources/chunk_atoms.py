"""The smallest pieces a passage is made of: sentences, list items, table rows; and their size in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aivastark.sources.extract.base import Block, BlockKind, Extracted

TARGET_WORDS = 110  # of technical text, up to 256 word pieces, which is what the embedding model reads
FOREIGN_TARGET_WORDS = 180  # where the model does not know the language: words find it, and like company
TARGET_UNSPACED_CHARACTERS = 220  # the same for Chinese, Japanese, Thai and others that do not part words
MAX_WHOLE_WORDS = 400  # a table or a piece of code stays whole up to here
MAX_PARAGRAPH_WORDS = 120  # a longer one may be cut at the end of a sentence
MAX_HEADING_WORDS = 60  # a longer heading is treated as a paragraph
LONG_WORD_CHARACTERS = 12  # a longer "word" (an address, a hash, a compound) counts as several

# Thai, Lao, Myanmar, Khmer, kana, CJK ideographs and their extensions. Hangul parts words with spaces.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(r"[^\s|]+")
_SENTENCE_END = re.compile(
    r"""(?:(?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s++["'“‘«(\[¿¡]*+[^\sa-z])|[。！？]+[」』”’）]*|[।؟۔።]+(?=\s))\s*|\n""",
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|vs|etc|e\.g|i\.e|bzw|ca|Abb|Fig|z\.\s?B|d\.\s?h|u\.\s?a|p\.\s?ex)\.)\s*$"
)
_ITEM = re.compile(r"^(?:[-*+•‣▪●◦–]|\d{1,4}[.)])\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is never cut: `text[start:end]` of the canonical text."""

    start: int
    end: int
    words: float
    kind: BlockKind
    heading_path: tuple[str, ...]
    page: int | None
    header: str = ""
    """For a row of a table that may be cut: the header row, unless this piece holds it."""
    introduces: bool = False
    """Says what comes next ("The plans are:"), so the two should stay together."""


def size_in_words(text: str) -> float:
    """How much of the model's window the text takes, in words of a language that parts them."""
    unspaced = 0
    if not text.isascii():
        unspaced = len(_UNSPACED_CHARACTER.findall(text))
        if unspaced:
            text = _UNSPACED_CHARACTER.sub(" ", text)
    words = sum(1 + (len(word) - 1) // LONG_WORD_CHARACTERS for word in _WORD.findall(text))
    return words + unspaced * TARGET_WORDS / TARGET_UNSPACED_CHARACTERS


def atoms_of(extracted: Extracted) -> Iterator[Atom]:
    """The pieces of a document in order; between two of them there is only white space."""
    for block in extracted.blocks:
        text = extracted.text[block.start : block.end]
        words = size_in_words(text)
        if block.kind == "heading" and words <= MAX_HEADING_WORDS:
            yield _atom(block, block.start, block.end, words)
        elif block.kind in {"table", "code"}:
            yield from _rows(block, text, words)
        elif words <= (TARGET_WORDS if block.kind == "list" else MAX_PARAGRAPH_WORDS):
            introduces = block.kind == "paragraph" and _introduces(text, words)
            yield _atom(block, block.start, block.end, words, introduces=introduces)
        else:
            yield from _pieces(block, text, 0, _ITEM if block.kind == "list" else None)


def _atom(block: Block, start: int, end: int, words: float, *, header: str = "", introduces: bool = False) -> Atom:
    kind: BlockKind = "paragraph" if block.kind == "heading" and words > MAX_HEADING_WORDS else block.kind
    return Atom(start, end, words, kind, block.heading_path, block.page, header, introduces)


def _rows(block: Block, text: str, words: float) -> Iterator[Atom]:
    """A table or code as one piece, or line by line when it is too long for one passage."""
    if words <= MAX_WHOLE_WORDS:
        yield _atom(block, block.start, block.end, words)
        return
    header = ""
    offset = 0
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            for start, end in _halved(line, offset, TARGET_WORDS):
                piece = _trimmed(block, text, start, end, header=header)
                if piece:
                    yield piece
        if number == 0 and block.kind == "table" and any(map(str.isalnum, line)):
            header = line
        offset += len(line) + 1


def _pieces(block: Block, text: str, offset: int, item: re.Pattern[str] | None) -> Iterator[Atom]:
    """Items of a list, or sentences; what is still longer than a passage is cut between words."""
    ends = [match.start() for match in item.finditer(text) if match.start()] if item else _sentence_ends(text)
    start = 0
    for end in [*ends, len(text)]:
        part = text[start:end]
        if item and size_in_words(part) > TARGET_WORDS:
            yield from _pieces(block, part, offset + start, None)
        else:
            for low, high in _halved(part, offset + start, TARGET_WORDS):
                piece = _trimmed(block, text, low - offset, high - offset, base=offset)
                if piece:
                    yield piece
        start = end


def _sentence_ends(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if match.group() == "\n" or not _ABBREVIATION.search(text, max(0, match.start() - 12), match.end())
    ]


def _halved(text: str, offset: int, limit: float) -> Iterator[tuple[int, int]]:
    """Ranges of at most `limit` words, cut at white space near the middle, or anywhere if there is none."""
    waiting = [(0, len(text))]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2 or size_in_words(text[start:end]) <= limit:
            yield offset + start, offset + end
            continue
        middle = _cut(text, start, end)
        waiting += [(middle, end), (start, middle)]


def _cut(text: str, start: int, end: int) -> int:
    middle = (start + end) // 2
    reach = (end - start) // 4
    for distance in range(reach):
        for place in (middle + distance, middle - distance):
            if text[place].isspace():
                return place
    return middle


def _trimmed(block: Block, text: str, start: int, end: int, *, base: int = 0, header: str = "") -> Atom | None:
    """The range without white space around it, as an atom; None if nothing is left."""
    part = text[start:end]
    stripped = part.strip() if block.kind != "code" else part.rstrip()
    if not stripped.strip():
        return None
    begin = start + part.index(stripped)
    where = block.start + base + begin
    return _atom(block, where, where + len(stripped), size_in_words(stripped), header=header)


def _introduces(text: str, words: float) -> bool:
    """A sentence that ends in a colon, a question, or a short line without an end, such as a term."""
    if words > MAX_HEADING_WORDS:
        return False
    return text.endswith((":", "：", "?", "？")) or (words <= 12 and text[-1:].isalnum())
