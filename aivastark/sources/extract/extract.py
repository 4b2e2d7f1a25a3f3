"""Bytes in, canonical text with structure out: tells the format, then hands over to its reader."""

from collections.abc import Callable
from importlib import import_module

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.detect import Format, detect

# Readers are loaded when first needed, so that a process which only reads text does not carry the PDF library.
_READERS: dict[Format, str] = {
    "html": "html:read_html",
    "markdown": "markdown:read_markdown",
    "plain": "plain:read_plain",
    "pdf": "pdf:read_pdf",
    "docx": "docx:read_docx",
    "pptx": "pptx:read_pptx",
    "xlsx": "spreadsheet:read_spreadsheet",
    "csv": "delimited:read_delimited",
    "json": "json_text:read_json",
    "epub": "epub:read_epub",
    "rst": "rst:read_rst",
    "notebook": "notebook:read_notebook",
    "code": "code:read_code",
    "image": "image:read_image",
}


def extract(
    content: bytes, *, name: str | None = None, media_type: str | None = None, url: str | None = None
) -> Extracted:
    """Reads a document of any supported format, told by its content. Raises `ExtractionFailed`."""
    return extract_document(Document(content=content, name=name, media_type=media_type, url=url))


def extract_document(document: Document) -> Extracted:
    """The same; also raises `RecognitionNeeded` for pictures of text that are to be read later."""
    read = _reader(detect(document))
    try:
        return read(document)
    except (MemoryError, RecursionError) as error:
        message = "The document is too complex to read. Simplify it or split it into parts."
        raise ExtractionFailed("too_complex", message) from error


def _reader(kind: Format) -> Callable[[Document], Extracted]:
    module, _, function = _READERS[kind].partition(":")
    found: Callable[[Document], Extracted] = getattr(import_module(f"{__package__}.{module}"), function)
    return found
