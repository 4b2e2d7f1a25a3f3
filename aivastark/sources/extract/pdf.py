"""PDF: text by page, put back together from lines; headings by their size, running heads and page numbers dropped.

Pages without text that show something are pictures of text: `pdf_pictures` has them recognised where that is possible.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from statistics import median

import pypdfium2
from pypdfium2 import raw

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText, clean_line
from aivastark.sources.extract.pdf_lines import LEADER, Line, Page, lines_of_page, paragraphs
from aivastark.sources.extract.pdf_pictures import with_pictures

MAX_PAGES = 2_000
MIN_REPEATS = 3  # pages at whose edge the same line stands: a running head; more in longer documents,
MAX_REPEATS = 10  # but never more than these
HEADING_SCALE = 1.15  # times the size of most text
MAX_HEADING_WORDS = 16
MAX_COVER_WORDS = 100
MIN_PAGES_WITH_COVER = 10
EDGE_LINES = 2  # first and last lines of a page that may be running heads


def read_pdf(document: Document) -> Extracted:
    """All pages with their numbers. Raises `encrypted`, `corrupt`, `too_large`, or `no_text` for unread scans."""
    pdf = _opened(document.content)
    try:
        pages = with_pictures(pdf, _pages(pdf), document.recognition)
        title = clean_line(pdf.get_metadata_value("Title") or "")
    finally:
        pdf.close()
    canonical = CanonicalText()
    write_pages(pages, canonical)
    return canonical.finish(title=_title(title, canonical), media_type="application/pdf")


def write_pages(pages: list[Page], canonical: CanonicalText) -> None:
    """Lines of pages as headings, paragraphs and lists."""
    _write(_without_contents(_without_running_heads(pages)), canonical)


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            message = "The PDF is protected by a password. Save it without one and retry."
            raise ExtractionFailed("encrypted", message) from error
        raise _corrupt() from error
    count = len(pdf)
    if count == 0 or count > MAX_PAGES:
        pdf.close()
        if count == 0:
            raise _corrupt()
        message = f"The PDF has {count:,} pages; at most {MAX_PAGES:,} can be read. Split it into parts."
        raise ExtractionFailed("too_large", message)
    return pdf


def _pages(pdf: pypdfium2.PdfDocument) -> list[Page]:
    """The lines of every page; a page that is damaged is passed over, unless all are."""
    pages: list[Page] = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
            text_page = page.get_textpage()
            pages.append(Page(index + 1, lines_of_page(text_page)))
            text_page.close()
            page.close()
        except pypdfium2.PdfiumError:
            continue
    if not pages:
        raise _corrupt()
    return pages


def _without_running_heads(pages: list[Page]) -> list[Page]:
    """Drops bare page numbers at the edges, and lines that stand there on many pages, all but the first."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_digitless(line.text) for line in _edges(page.lines)})
    often = max(MIN_REPEATS, min(len(pages) // 5, MAX_REPEATS))
    running = {text: text == "0" for text, count in counts.items() if count >= (3 if text == "0" else often)}
    kept = []
    for page in pages:
        edges = {id(line) for line in _edges(page.lines) if running.get(_digitless(line.text))}
        running |= {text: True for line in _edges(page.lines) if (text := _digitless(line.text)) in running}
        kept.append(Page(page.number, [line for line in page.lines if id(line) not in edges]))
    return kept


def _without_contents(pages: list[Page]) -> list[Page]:
    """Drops the entries of a table of contents: those whose words stand again in the text they lead to."""
    known = {_letters(line.text) for page in pages for line in page.lines if not LEADER.search(line.text)}
    return [
        Page(page.number, [line for line in page.lines if not _is_contents_entry(line.text, known)]) for page in pages
    ]


def _is_contents_entry(text: str, known: set[str]) -> bool:
    found = LEADER.search(text)
    return found is not None and _letters(text[: found.start()]) in known


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))


def _edges(lines: list[Line]) -> list[Line]:
    return [*lines[:EDGE_LINES], *lines[EDGE_LINES:][-EDGE_LINES:]]


def _digitless(text: str) -> str:
    return re.sub(r"\d+|\b[ivxlc]+\b", "0", text.casefold()).strip()


def _write(pages: list[Page], canonical: CanonicalText) -> None:
    sizes = Counter[float]()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    levels = _levels(pages, usual)
    for page in pages:
        if (
            page.number == 2
            and len(pages) >= MIN_PAGES_WITH_COVER
            and sum(len(line.text.split()) for line in pages[0].lines) < MAX_COVER_WORDS
        ):
            canonical.leave_headings()  # what stands large on a cover heads nothing
        canonical.page = page.number or None
        for heading, group in _runs(page.lines, levels):
            if heading:
                canonical.heading(heading, " ".join(line.text for line in group))
                continue
            for kind, parts in groupby(paragraphs(group), key=itemgetter(0)):
                for text in ["\n".join(item for _, item in parts)] if kind == "list" else [p for _, p in parts]:
                    canonical.add(kind, text)


def _levels(pages: list[Page], usual: float) -> dict[float, int]:
    """Heading level by size: the largest is 1. A size used for whole paragraphs is none."""
    words: dict[float, list[int]] = {}
    for page in pages:
        for line in page.lines:
            if usual and line.size >= usual * HEADING_SCALE:
                words.setdefault(line.size, []).append(len(line.text.split()))
    sizes = sorted((size for size, counts in words.items() if median(counts) <= MAX_HEADING_WORDS), reverse=True)
    return {size: min(level, 6) for level, size in enumerate(sizes, start=1)}


def _runs(lines: list[Line], levels: dict[float, int]) -> Iterator[tuple[int, list[Line]]]:
    """Lines that follow each other as one heading (its level) or as text (0)."""
    group: list[Line] = []
    current = 0
    for line in lines:
        level = levels.get(line.size, 0) if any(map(str.isalpha, line.text)) else 0
        if group and (level != current or (level and line.begins_paragraph)):
            yield current, group
            group = []
        current = level
        group.append(line)
    if group:
        yield current, group


def _title(declared: str, canonical: CanonicalText) -> str | None:
    """What the file declares, unless it is the name some program gave it."""
    is_name = re.search(r"\.(docx?|indd|pptx?|tex|pdf|dvi|qxd|xlsx?|odt)$|^untitled|^microsoft word", declared, re.I)
    return declared if declared and not is_name else canonical.first_heading()


def _corrupt() -> ExtractionFailed:
    return ExtractionFailed("corrupt", "The PDF is damaged and cannot be opened. Save or download it again and retry.")
