"""Program text, verbatim: nothing in it is a heading or a list."""

from aivastark.sources.extract.base import Document, Extracted
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode


def read_code(document: Document) -> Extracted:
    """The whole text as one block; its title is its name."""
    canonical = CanonicalText()
    canonical.add("code", clean(decode(document.content, media_type=document.media_type)))
    return canonical.finish(title=document.name, media_type="text/x-source-code")
