"""CSV and TSV as one table."""

import csv
from collections import Counter

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.tables import pipe_table

MAX_CELL_CHARACTERS = 1_000_000
SAMPLE_LINES = 30
DELIMITERS = ",;\t|"


def read_delimited(document: Document) -> Extracted:
    """The rows under their header row; a file of one column becomes a list."""
    text = clean(decode(document.content, media_type=document.media_type))
    delimiter = find_delimiter(text) or ","
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        rows = list(csv.reader(text.split("\n"), delimiter=delimiter))
    except csv.Error as error:
        message = "The table cannot be read: a quotation mark is never closed. Export it again as CSV."
        raise ExtractionFailed("corrupt", message) from error
    canonical = CanonicalText()
    if max((len(row) for row in rows), default=0) < 2:
        canonical.add("list", "\n".join(f"- {row[0]}" for row in rows if row and row[0].strip()))
    else:
        canonical.add("table", pipe_table(rows))
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return canonical.finish(title=None, media_type=media_type)


def find_delimiter(text: str) -> str | None:
    """The character that cuts most of the first lines into the same number of cells, at least two."""
    lines = text.split("\n", SAMPLE_LINES + 1)[:SAMPLE_LINES]
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
        if width < 2:
            continue
        score = (count / sum(widths.values()), width, delimiter)
        best = max(best, score) if best else score
    return best[2] if best and best[0] >= 0.6 else None
