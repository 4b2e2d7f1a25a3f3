"""Pages of a PDF that are pictures of text, drawn and handed to text recognition."""

import math
import time
from collections import Counter

import pypdfium2
from pypdfium2 import raw

from aivastark.sources.extract.base import ExtractionFailed, Recognition
from aivastark.sources.extract.ocr import DOCUMENT_SECONDS, MAX_PIXELS, USUAL_SIZE, recognise, sized
from aivastark.sources.extract.pdf_lines import Line, Page
from aivastark.sources.extract.recognition import choose_languages, refuse_pictures

DPI = 300  # what tesseract is made for; less where the page is so large that it would have too many pixels
MAX_PICTURE_PAGES = 200  # in a document; at one to three seconds each


def with_pictures(pdf: pypdfium2.PdfDocument, pages: list[Page], recognition: Recognition) -> list[Page]:
    """The pages with the text of those that are pictures, as far as it can be had.

    A document that has text besides stays readable without: its pictures may be only that. One that has none raises
    `no_text`, `too_large` or `extraction_timeout`. Raises `RecognitionNeeded` where another process is to do it.
    """
    pictures = [page for page in pages if not _has_text(page.lines) and _shows_something(pdf, page.number)]
    has_text = any(_has_text(page.lines) for page in pages)
    if not pictures:
        if not has_text:
            raise ExtractionFailed("no_text", "The pages of the PDF are empty. Check that it is the right file.")
        return pages
    if has_text and (recognition.when in ("off", "missing") or len(pictures) > MAX_PICTURE_PAGES):
        return pages
    if len(pictures) > MAX_PICTURE_PAGES:
        message = f"The PDF holds {len(pictures):,} pictures of pages; at most {MAX_PICTURE_PAGES} can be recognised."
        raise ExtractionFailed("too_large", f"{message} Split it into parts.")
    refuse_pictures(recognition, what="This PDF holds pictures of text.")
    read = _recognised(pdf, pictures, recognition, give_up=not has_text)
    if not has_text and not any(_has_text(lines) for lines in read.values()):
        message = "No text was recognised in the pictures of this PDF. Scan it anew, larger or sharper."
        raise ExtractionFailed("no_text", message)
    sizes = dict(zip(read, sized(list(read.values()), usual=_usual_size(pages)), strict=True))
    return [Page(page.number, sizes.get(page.number, page.lines)) for page in pages]


def _recognised(
    pdf: pypdfium2.PdfDocument, pictures: list[Page], recognition: Recognition, *, give_up: bool
) -> dict[int, list[Line]]:
    """Lines by page number. Pages that cannot be drawn or read are passed over."""
    choose_languages(recognition)  # fails as a whole where nothing can be read
    until = time.monotonic() + DOCUMENT_SECONDS
    read: dict[int, list[Line]] = {}
    for page in pictures:
        if time.monotonic() > until:
            if not give_up:
                break
            message = "Recognising the text of all pages takes too long. Split the PDF into parts."
            raise ExtractionFailed("extraction_timeout", message)
        try:
            picture, dpi = _drawn(pdf, page.number)
            read[page.number] = recognise(picture, recognition, dpi=dpi)
        except (ExtractionFailed, pypdfium2.PdfiumError):
            continue
    return read


def _drawn(pdf: pypdfium2.PdfDocument, number: int) -> tuple[bytes, int]:
    """The page in grey as PNM, the simplest of formats, and at how many dots an inch."""
    page = pdf[number - 1]
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, math.sqrt(MAX_PIXELS / max(1.0, width * height)))
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        head = f"P5\n{bitmap.width} {bitmap.height}\n255\n".encode()
        content = bytes(bitmap.buffer)
        starts = range(0, bitmap.stride * bitmap.height, bitmap.stride)  # rows are padded
        packed = b"".join(content[start : start + bitmap.width] for start in starts)
        bitmap.close()
    finally:
        page.close()
    return head + packed, max(70, round(scale * 72))


def _shows_something(pdf: pypdfium2.PdfDocument, number: int) -> bool:
    """Whether anything is drawn on the page."""
    try:
        page = pdf[number - 1]
        count: int = raw.FPDFPage_CountObjects(page)
        page.close()
    except pypdfium2.PdfiumError:
        return False
    return count > 0


def _usual_size(pages: list[Page]) -> float:
    """The size of most text of the pages that have some, so that recognised text is none of their headings."""
    sizes = Counter[float]()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else USUAL_SIZE


def _has_text(lines: list[Line]) -> bool:
    return any(any(map(str.isalnum, line.text)) for line in lines)
