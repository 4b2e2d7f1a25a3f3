"""PPTX, read from its XML: slides in order, each under its title, with text, tables and speaker notes."""

from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText
from aivastark.sources.extract.office import core_title, is_fallback, local_name, relations, value
from aivastark.sources.extract.tables import pipe_table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MAIN_PART = "ppt/presentation.xml"

_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"dt", "ftr", "sldNum", "hdr", "sldImg"}


def read_pptx(document: Document) -> Extracted:
    """All visible slides; `page` is the slide's number."""
    archive = Archive(document.content)
    canonical = CanonicalText()
    first_title: str | None = None
    for number, part in enumerate(_slides(archive), start=1):
        slide = archive.xml(part)
        if slide is None or slide.get("show") == "0":
            continue
        canonical.page = number
        canonical.leave_headings()
        shapes = list(_shapes(slide))
        title = " ".join(" ".join(_lines(shape)) for shape in shapes if _placeholder(shape) in _TITLES).strip()
        first_title = first_title or title or None
        canonical.heading(1, title)
        for shape in shapes:
            _write(shape, canonical)
        _notes(archive, part, canonical)
    return canonical.finish(title=core_title(archive) or first_title, media_type=MEDIA_TYPE)


def _slides(archive: Archive) -> list[str]:
    root = archive.xml(MAIN_PART)
    if root is None:
        raise ExtractionFailed("corrupt", "The PPTX holds no presentation. Save it again and retry.")
    parts = relations(archive, MAIN_PART)
    ids = [_relation_id(slide) for slide in root.iter("{*}sldId")]
    return [parts[name][1] for name in ids if name in parts]


def _relation_id(slide: etree._Element) -> str:
    """`r:id`, beside which stands a plain `id`."""
    return next((str(text) for key, text in slide.attrib.items() if str(key).endswith("}id")), "")


def _shapes(slide: etree._Element) -> Iterator[etree._Element]:
    for element in slide.iter("{*}sp", "{*}graphicFrame"):
        if not is_fallback(element):
            yield element


def _write(shape: etree._Element, canonical: CanonicalText) -> None:
    kind = _placeholder(shape)
    if kind in _TITLES or kind in _FURNITURE:
        return
    for table in shape.iter("{*}tbl"):
        rows = [[" ".join(_lines(cell)) for cell in row.iterchildren("{*}tc")] for row in table.iterchildren("{*}tr")]
        canonical.add("table", pipe_table(rows))
    if local_name(shape) != "sp":
        return
    lines = list(_indented(shape))
    is_list = kind in {"body", "obj", ""} and len(lines) > 1
    if is_list:
        canonical.add("list", "\n".join("  " * level + "- " + line for level, line in lines))
    else:
        canonical.add("paragraph", "\n".join(line for _, line in lines))


def _notes(archive: Archive, part: str, canonical: CanonicalText) -> None:
    for kind, target in relations(archive, part).values():
        notes = archive.xml(target) if kind == "notesSlide" else None
        if notes is not None:
            for shape in _shapes(notes):
                if _placeholder(shape) == "body":
                    canonical.add("paragraph", "\n".join(_lines(shape)))


def _placeholder(shape: etree._Element) -> str | None:
    """The role of the shape on its slide; "" for a content placeholder of no kind, None for a free shape."""
    found = next(shape.iter("{*}ph"), None)
    return None if found is None else value(found, "type") or ""


def _lines(element: etree._Element) -> list[str]:
    return [line for _, line in _indented(element)]


def _indented(element: etree._Element) -> Iterator[tuple[int, str]]:
    """Paragraphs that hold words, with their level from 0."""
    for paragraph in element.iter("{*}p"):
        pieces = []
        for node in paragraph.iter("{*}t", "{*}br", "{*}tab"):
            pieces.append((node.text or "") if local_name(node) == "t" else " ")
        text = " ".join("".join(pieces).split())
        properties = paragraph.find("{*}pPr")
        level = value(properties, "lvl") if properties is not None else None
        if text:
            yield (min(int(level), 8) if level and level.isdigit() else 0), text
