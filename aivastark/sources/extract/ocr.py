"""Text recognition: pictures of pages → lines of text, by the program tesseract where it is installed.

Its output is TSV as https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html describes it: one row a word, with
the block, paragraph and line it stands in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from aivastark.sources.extract.base import Recognition
from aivastark.sources.extract.canonical import clean_line
from aivastark.sources.extract.pdf_lines import Line
from aivastark.sources.extract.recognition import choose_languages, run_tesseract

PAGE_SECONDS = 60.0  # for one page, by the clock; a page that takes longer is passed over
DOCUMENT_SECONDS = 480.0  # for all pages of a document: the sandbox ends what takes longer than its own limit
MAX_PIXELS = 50_000_000  # of one picture: A4 at 600 dpi has 35 million
MIN_LINE_CONFIDENCE = 30.0  # percent, the mean of a line's words: below it, it is noise or a drawing
USUAL_SIZE = 10.0  # points, given to lines of the usual height; what a scan's letters measure varies from line to line
LARGE_LINE = 1.45  # times the usual height: a heading. A line with descenders is up to 1.3 times as high as one without

_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_COLUMNS = 12
_WORD = "5"  # the level of rows that are words


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    place: tuple[int, ...]  # block, paragraph, line
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


def recognise(
    picture: bytes, recognition: Recognition, *, dpi: int | None = None, number: int | None = None
) -> list[Line]:
    """The lines of a picture in reading order; of a TIFF with several, of the one with that number, from 0.

    `picture` must be of a kind that `image_type` knows, or PNM: anything else tesseract takes for a list of files to
    read. Raises `extraction_timeout`, and `corrupt` where the program cannot read the picture.
    """
    languages = choose_languages(recognition)
    command = [recognition.program, "stdin", "stdout", "-l", "+".join(languages), "--psm", "3"]
    command += ["--dpi", str(dpi)] if dpi else []
    command += ["-c", f"tessedit_page_number={number}"] if number is not None else []
    output = run_tesseract([*command, "tsv"], picture, seconds=PAGE_SECONDS)
    return _lines(_words(output), points=72 / (dpi or 300))


def sized(pages: Sequence[list[Line]], *, usual: float = USUAL_SIZE) -> list[list[Line]]:
    """Heights made comparable over a document: `usual` for most lines, more only for what is much larger."""
    heights = [line.size for lines in pages for line in lines for _ in line.text]  # one for each letter
    middle = median(heights) if heights else 0.0
    return [[_sized(line, middle, usual) for line in lines] for lines in pages]


def _sized(line: Line, middle: float, usual: float) -> Line:
    ratio = line.size / middle if middle else 1.0
    size = usual * (round(ratio * 2) / 2 if ratio >= LARGE_LINE else 1.0)
    return Line(line.text, line.left, line.right, size, line.begins_paragraph, line.hyphenated)


def _words(output: bytes) -> list[_Word]:
    words = []
    for row in output.decode("utf-8", "replace").split("\n"):
        cells = row.rstrip("\r").split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS or cells[0] != _WORD or not (text := clean_line(cells[11])):
            continue
        try:
            _, _, *place, _, left, top, width, height = (int(cell) for cell in cells[:10])
            confidence = float(cells[10])
        except ValueError:
            continue
        words.append(_Word(text, tuple(place), left, top, left + width, top + height, confidence))
    return words


def _lines(words: list[_Word], *, points: float) -> list[Line]:
    """Words of one line put together; `points` is the size of a pixel."""
    lines: list[Line] = []
    before: tuple[int, ...] | None = None
    for place, group in groupby(words, key=lambda word: word.place):
        row = list(group)
        text = " ".join(word.text for word in row)
        is_noise = sum(word.confidence for word in row) / len(row) < MIN_LINE_CONFIDENCE
        if is_noise or not any(map(str.isalnum, text)):
            continue
        left, right = min(word.left for word in row) * points, max(word.right for word in row) * points
        height = (max(word.bottom for word in row) - min(word.top for word in row)) * points
        lines.append(Line(text, left, right, height, before != place[:2], bool(_HYPHEN.search(text))))
        before = place[:2]
    return lines
