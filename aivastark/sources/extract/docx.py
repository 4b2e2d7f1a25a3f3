"""DOCX, read from its XML: headings by style or outline level, lists by numbering, tables, notes, text boxes."""

import re
from collections.abc import Iterator

from lxml import etree

from aivastark.sources.extract.archive import Archive
from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText
from aivastark.sources.extract.docx_styles import Styles
from aivastark.sources.extract.office import core_title, is_fallback, local_name, value
from aivastark.sources.extract.tables import pipe_table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_DEPTH = 50  # of tables and boxes within each other

_NOTES = {"word/footnotes.xml": "footnote", "word/endnotes.xml": "endnote"}
_WRAPPERS = {"sdt", "sdtContent", "body", "ins", "moveTo", "smartTag", "customXml", "txbxContent"}
_LIST_INDENT = "  "


def read_docx(document: Document) -> Extracted:
    """The text of the document and its notes; headers, footers, comments and deleted text are left out."""
    archive = Archive(document.content)
    root = archive.xml("word/document.xml")
    if root is None:
        raise ExtractionFailed("corrupt", "The DOCX holds no document. Save it again and retry.")
    canonical = CanonicalText()
    writer = _Writer(Styles(archive), canonical)
    writer.write(root)
    for name, tag in _NOTES.items():
        notes = archive.xml(name)
        for note in [] if notes is None else notes:
            if local_name(note) == tag and value(note, "type") in {None, "normal"}:
                canonical.leave_headings()
                canonical.add("paragraph", " ".join(paragraph_text(p) for p in note.iter("{*}p")))
    title = core_title(archive) or writer.title or canonical.first_heading()
    return canonical.finish(title=title, media_type=MEDIA_TYPE)


class _Writer:
    """Walks the body; paragraphs of one list gather until something else comes."""

    def __init__(self, styles: Styles, canonical: CanonicalText) -> None:
        self.title: str | None = None
        self._styles = styles
        self._canonical = canonical
        self._items: list[str] = []
        self._code: list[str] = []
        self._numbers: dict[tuple[str, int], int] = {}

    def write(self, root: etree._Element) -> None:
        self._walk(root, 0)
        self._flush()

    def _walk(self, element: etree._Element, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for child in element:
            name = local_name(child)
            if name == "p":
                self._paragraph(child, depth)
            elif name == "tbl":
                self._flush()
                self._table(child, depth)
            elif name in _WRAPPERS:
                self._walk(child, depth + 1)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> None:
        text = paragraph_text(paragraph)
        style = self._styles.of(paragraph)
        if text.strip() and not style.is_contents:
            self._text(paragraph, text)
        for box in paragraph.iter("{*}txbxContent"):
            if not is_fallback(box):
                self._flush()
                self._walk(box, depth + 1)

    def _text(self, paragraph: etree._Element, text: str) -> None:
        style = self._styles.of(paragraph)
        if style.is_code:
            self._flush_items()
            self._code.append(text)
            return
        numbering = None if style.heading or style.is_title else self._styles.numbering(paragraph)
        if numbering is not None:
            self._flush_code()
            number_id, level, ordered = numbering
            self._items.append(_LIST_INDENT * level + self._marker(number_id, level, ordered=ordered) + text.strip())
            return
        self._flush()
        if style.is_title and self.title is None:
            self.title = text
            self._canonical.heading(1, text)
        elif style.heading:
            self._canonical.heading(style.heading + bool(self.title), text)
        else:
            self._canonical.add("paragraph", text)

    def _marker(self, number_id: str, level: int, *, ordered: bool) -> str:
        if not ordered:
            return "- "
        for key in [key for key in self._numbers if key[0] == number_id and key[1] > level]:
            del self._numbers[key]
        number = self._numbers.get((number_id, level), 0) + 1
        self._numbers[(number_id, level)] = number
        return f"{number}. "

    def _table(self, table: etree._Element, depth: int) -> None:
        rows = [list(_cells(row)) for row in table.iterchildren("{*}tr")]
        if len(rows) == 1 or max(map(len, rows), default=0) < 2:  # a frame around text
            for row in table.iterchildren("{*}tr"):
                for cell in row.iterchildren("{*}tc"):
                    self._walk(cell, depth + 1)
                    self._flush()
            return
        self._canonical.add("table", pipe_table(_filled_down(rows)))

    def _flush(self) -> None:
        self._flush_items()
        self._flush_code()

    def _flush_items(self) -> None:
        self._canonical.add("list", "\n".join(self._items))
        self._items.clear()

    def _flush_code(self) -> None:
        self._canonical.add("code", "\n".join(self._code))
        self._code.clear()


def paragraph_text(paragraph: etree._Element) -> str:
    """The words of a paragraph, without deleted ones, field codes and text boxes."""
    return "".join(_pieces(paragraph))


def _pieces(element: etree._Element) -> Iterator[str]:
    for child in element:
        match local_name(child):
            case "t":
                yield child.text or ""
            case "tab" | "ptab":
                yield "\t"
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "pPr" | "rPr" | "del" | "moveFrom" | "instrText" | "delText" | "drawing" | "pict" | "Fallback":
                continue
            case _:
                yield from _pieces(child)


def _cells(row: etree._Element) -> Iterator[str | None]:
    """The cells' words; a cell that goes on from the row above is None, one over several columns fills them."""
    for cell in row.iter("{*}tc"):
        if next(cell.iterancestors("{*}tr"), None) is not row:
            continue
        merge = cell.find("{*}tcPr/{*}vMerge")
        goes_on = merge is not None and value(merge, "val") != "restart"
        yield None if goes_on else re.sub(r"\s+", " ", " ".join(paragraph_text(p) for p in cell.iter("{*}p")))
        span = cell.find("{*}tcPr/{*}gridSpan")
        width = value(span, "val") if span is not None else None
        yield from [""] * (min(int(width), 100) - 1 if width and width.isdigit() else 0)


def _filled_down(rows: list[list[str | None]]) -> list[list[str]]:
    filled: list[list[str]] = []
    for row in rows:
        above = filled[-1] if filled else []
        filled.append(
            [cell if cell is not None else (above[i] if i < len(above) else "") for i, cell in enumerate(row)]
        )
    return filled
