"""Pictures of text: a photo of a page, a screenshot, a fax of many pages."""

import time

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText
from aivastark.sources.extract.image_size import image_sizes, image_type
from aivastark.sources.extract.ocr import DOCUMENT_SECONDS, MAX_PIXELS, recognise, sized
from aivastark.sources.extract.pdf import write_pages
from aivastark.sources.extract.pdf_lines import Page
from aivastark.sources.extract.pdf_pictures import MAX_PICTURE_PAGES
from aivastark.sources.extract.recognition import refuse_pictures


def read_image(document: Document) -> Extracted:
    """Its text by recognition. Raises `no_text`, `too_large`, `corrupt`, `extraction_timeout`, `RecognitionNeeded`."""
    sizes = image_sizes(document.content)
    if any(width * height > MAX_PIXELS for width, height in sizes):
        message = f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels. Save it at a lower resolution."
        raise ExtractionFailed("too_large", message)
    if len(sizes) > MAX_PICTURE_PAGES:
        message = f"The file holds {len(sizes):,} pages; at most {MAX_PICTURE_PAGES} can be recognised. Split it."
        raise ExtractionFailed("too_large", message)
    refuse_pictures(document.recognition, what="This is a picture.")
    until = time.monotonic() + DOCUMENT_SECONDS
    pages = []
    for number in range(len(sizes)):
        if time.monotonic() > until:
            message = "Recognising the text of all pages takes too long. Split the file into parts."
            raise ExtractionFailed("extraction_timeout", message)
        pages.append(recognise(document.content, document.recognition, number=number))
    canonical = CanonicalText()
    first = 1 if len(pages) > 1 else 0
    write_pages([Page(number, lines) for number, lines in enumerate(sized(pages), start=first)], canonical)
    if canonical.is_empty():
        message = "No text was recognised in the picture. Save it larger or sharper, or upload its text."
        raise ExtractionFailed("no_text", message)
    return canonical.finish(title=canonical.first_heading(), media_type=image_type(document.content) or "")
