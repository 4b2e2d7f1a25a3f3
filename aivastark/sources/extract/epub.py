"""EPUB books: the chapters in reading order."""

import posixpath
from urllib.parse import unquote

from lxml import etree

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.html import write_fragment
from aivastark.sources.extract.trees import elements, strings

MEDIA_TYPE = "application/epub+zip"
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(document: Document) -> Extracted:
    """The whole book without its navigation page. Raises `encrypted` for books under copy protection."""
    archive = Archive(document.content)
    _refuse_protected(archive)
    container = archive.xml("META-INF/container.xml")
    paths = [] if container is None else strings(container, "//*[local-name()='rootfile']/@full-path")
    package = archive.xml(paths[0]) if paths else None
    if package is None:
        raise ExtractionFailed("corrupt", "The book has no table of its files. Export it again as EPUB and retry.")
    folder = posixpath.dirname(paths[0])
    canonical = CanonicalText()
    for name in _chapters(package):
        content = archive.read(posixpath.normpath(posixpath.join(folder, unquote(name))))
        if content:
            write_fragment(decode(content, markup=True), canonical)
    return canonical.finish(
        title=_first(package, "title") or canonical.first_heading(),
        media_type=MEDIA_TYPE,
        language=_first(package, "language"),
    )


def _chapters(package: etree._Element) -> list[str]:
    items: dict[str | None, str] = {}
    for item in elements(package, "//*[local-name()='manifest']/*[local-name()='item']"):
        is_text = "html" in (item.get("media-type") or "") and "nav" not in (item.get("properties") or "").split()
        if is_text and item.get("href"):
            items[item.get("id")] = str(item.get("href"))
    references = strings(package, "//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    return [items[reference] for reference in references if reference in items]


def _first(package: etree._Element, name: str) -> str | None:
    found = strings(package, f"//*[local-name()='metadata']/*[local-name()='{name}']/text()")
    return found[0] if found else None


def _refuse_protected(archive: Archive) -> None:
    """Fonts may be obfuscated in a free book; anything else encrypted means copy protection."""
    encryption = archive.xml("META-INF/encryption.xml")
    path = "//*[local-name()='EncryptionMethod']/@Algorithm"
    methods = [] if encryption is None else strings(encryption, path)
    if any(method not in _FONT_METHODS for method in methods):
        raise ExtractionFailed("encrypted", "The book is copy-protected (DRM). Upload an unprotected edition.")
