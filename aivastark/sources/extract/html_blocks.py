"""A tree of HTML elements → blocks: headings, paragraphs, nested lists, tables, verbatim code."""

import re
from collections.abc import Iterator
from typing import Protocol

from lxml import etree

from aivastark.sources.extract.base import BlockKind
from aivastark.sources.extract.html_tables import cell_line, is_data_table, own_rows, table_text
from aivastark.sources.extract.trees import text_of

MAX_DEPTH = 80  # nested deeper, an element is read as plain text: no word is lost, no stack overflows
MAX_DEFINITION_WORDS = 60  # a longer definition becomes paragraphs instead of a list line
MAX_BOLD_HEADING_WORDS = 40  # a question of a FAQ can be that long
MAX_TERM_WORDS = 25
MAX_ALT_CHARACTERS = 400  # of what a picture shows; more is keywords, or a text of its own in the wrong place
BOLD_LEVEL = 7  # below every real heading: a line in bold heads what follows it, up to the next heading of any level

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
SILENT = {
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video",
    "head", "title", "meta", "link", "select", "option", "datalist", "input", "textarea", "map", "area", "param",
    "track", "annotation", "annotation-xml", "rp", "frameset", "noframes",
}  # fmt: skip
INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "nobr", "output", "q", "ruby", "rb", "rt", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "button", "math", "mi", "mo", "mn",
    "mrow", "msup", "msub", "mfrac", "mtext", "semantics", "mstyle", "msqrt", "font-face", "picture",
    "source",  # without a content of its own; the parser puts what follows it, such as an <img>, inside
}  # fmt: skip
_BREAK = "\v"  # stands for <br> until white space is folded
_FOLD = re.compile(r"[^\S\v]+")
_DULL_ALT = re.compile(
    r"^(|icon|logo|image|photo|picture|img|avatar|spacer|bullet|\W+|\[\w+\]|.*\.(png|jpe?g|gif|svg|webp))$", re.I
)
_LINE_NUMBERS = re.compile(r"\b(linenos?|line-?numbers?(-rows)?|lineno|gutter|lnt?)\b", re.I)


class Sink(Protocol):
    """Where blocks go: the canonical text, or a recording of one list item or cell."""

    def heading(self, level: int, text: str) -> None: ...
    def add(self, kind: BlockKind, text: str) -> None: ...
    def leave_headings(self, level: int = 0) -> None: ...


class Recording:
    """Keeps blocks for the element around them to arrange; level 0 is no heading, an empty heading leaves its level."""

    def __init__(self) -> None:
        self.blocks: list[tuple[BlockKind, str, int]] = []

    def heading(self, level: int, text: str) -> None:
        self.blocks.append(("heading", text, level))

    def add(self, kind: BlockKind, text: str) -> None:
        self.blocks.append((kind, text, 0))

    def leave_headings(self, level: int = 0) -> None:
        if any(at >= level for _, _, at in self.blocks if at):
            self.blocks.append(("heading", "", level))

    def settle(self) -> None:
        """Bold lines with nothing below them head nothing: words of their own."""
        if all(level in (0, BOLD_LEVEL) for _, _, level in self.blocks) and not any(
            not level for _, _, level in self.blocks
        ):
            self.blocks = [("paragraph", text, 0) for _, text, _ in self.blocks if text]

    def replay(self, sink: Sink) -> None:
        for kind, text, level in self.blocks:
            if level and not text:
                sink.leave_headings(level)
            elif level:
                sink.heading(level, text)
            else:
                sink.add(kind, text)


class BlockWriter:
    """Walks elements in document order; inline text gathers until a block begins or ends."""

    def __init__(self, sink: Sink, depth: int = 0) -> None:
        self._sink = sink
        self._depth = depth
        self._inline: list[str] = []
        self._bold = 0  # how many <b> or <strong> the place stands in
        self._plain = False  # whether any of what was gathered is not bold

    def walk(self, element: etree._Element) -> None:
        """Everything inside `element`, then what was gathered is written."""
        self._inside(element)
        self.flush()

    def flush(self) -> None:
        text = fold("".join(self._inline))
        heads = not self._plain and _heads(text)
        self._inline.clear()
        self._plain = False
        if text and heads:
            self._sink.heading(BOLD_LEVEL, text)
        elif text:
            self._sink.add("paragraph", text)

    def _gather(self, text: str | None) -> None:
        if text:
            self._inline.append(text)
            self._plain = self._plain or (not self._bold and not text.isspace())

    def _inside(self, element: etree._Element) -> None:
        if self._depth >= MAX_DEPTH:
            self._gather(" ".join(_texts(element)))
            return
        self._depth += 1
        self._gather(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._element(child, child.tag.lower())
            self._gather(child.tail)
        self._depth -= 1

    def _element(self, element: etree._Element, tag: str) -> None:
        if tag in SILENT:
            return
        if tag == "br":
            self._inline.append(_BREAK)
        elif tag in {"b", "strong"}:
            self._bold += 1
            self._inside(element)
            self._bold -= 1
        elif tag == "img":
            self._image(element)
        elif tag in INLINE:
            self._inside(element)
        else:
            self.flush()
            self._block(element, tag)
            self.flush()

    def _block(self, element: etree._Element, tag: str) -> None:
        if tag in HEADINGS:
            self._heading(element, HEADINGS[tag])
        elif tag in {"pre", "listing", "xmp"} or "fragment" in (element.get("class") or "").split():
            self._sink.add("code", verbatim(element))
        elif tag == "table":
            self._table(element)
        elif tag in {"ul", "ol", "menu", "dir"}:
            self._list(element, ordered=tag == "ol")
        elif tag == "dl":
            self._definitions(element)
        else:
            self._inside(element)

    def _image(self, element: etree._Element) -> None:
        """What a picture shows, unless it only decorates, or its caption says the same."""
        alt = " ".join((element.get("alt") or "").split())
        is_decoration = (element.get("role") or "").lower() in {"presentation", "none"}
        if is_decoration or _DULL_ALT.match(alt) or alt == _caption(element):
            return
        self._gather(
            f" {alt if len(alt) <= MAX_ALT_CHARACTERS else alt[:MAX_ALT_CHARACTERS].rpartition(' ')[0] + '…'} "
        )

    def _heading(self, element: etree._Element, level: int) -> None:
        blocks = self._record(element).blocks
        plain = all(kind in {"paragraph", "heading"} for kind, _, _ in blocks)
        self._sink.heading(level, " ".join(text for kind, text, _ in blocks if plain or kind != "code"))
        for kind, text, _ in blocks:
            if not plain and kind == "code":
                self._sink.add(kind, text)

    def _record(self, element: etree._Element) -> Recording:
        recording = Recording()
        BlockWriter(recording, self._depth + 1).walk(element)
        recording.settle()
        return recording

    def _list(self, element: etree._Element, *, ordered: bool) -> None:
        number = _integer(element.get("start"), 1)
        items: list[tuple[str, Recording]] = []
        for child in element:
            if not isinstance(child.tag, str) or child.tag.lower() in SILENT:
                continue
            recording = self._record(child) if child.tag.lower() == "li" else self._record_alone(child)
            if child.tag.lower() == "li":
                number = _integer(child.get("value"), number)
                items.append((f"{number}. " if ordered else "- ", recording))
                number += 1
            else:
                items.append(("", recording))
        write_list(self._sink, items)
        self._sink.leave_headings(BOLD_LEVEL)

    def _record_alone(self, element: etree._Element) -> Recording:
        """An element that stands in a list without being an item, such as a list nested the wrong way."""
        recording = Recording()
        writer = BlockWriter(recording, self._depth + 1)
        writer._element(element, element.tag.lower())
        writer.flush()
        return recording

    def _definitions(self, element: etree._Element) -> None:
        pairs = [(name, self._record(child)) for name, child in _terms(element)]
        if all(_is_short(recording) for _, recording in pairs):
            self._sink.add("list", "\n".join(_definition_lines(pairs)))
            return
        for name, recording in pairs:
            term = " ".join(text for _, text, _ in recording.blocks)
            if name == "dt" and len(term.split()) <= MAX_TERM_WORDS:
                self._sink.heading(BOLD_LEVEL, term)
            else:
                recording.replay(self._sink)
        self._sink.leave_headings(BOLD_LEVEL)

    def _table(self, element: etree._Element) -> None:
        rows = own_rows(element)
        if self._depth < MAX_DEPTH - 10 and is_data_table(element, rows):
            caption = element.find("caption")
            if caption is not None:
                self._record(caption).replay(self._sink)
            text = table_text(rows, lambda cell: cell_line(self._record(cell).blocks))
            self._sink.add("table", text)
            return
        for child in element:
            if isinstance(child.tag, str) and child.tag.lower() == "caption":
                self._record(child).replay(self._sink)
        for row in rows:
            for cell in row.cells:
                if not _LINE_NUMBERS.search(cell.get("class") or ""):
                    self._inside(cell)
                    self.flush()


def _caption(image: etree._Element) -> str | None:
    figure = next(image.iterancestors("figure"), None)
    caption = figure.find(".//figcaption") if figure is not None else None
    return None if caption is None else " ".join(text_of(caption).split())


def write_list(sink: Sink, items: list[tuple[str, Recording]]) -> None:
    """Items as one list block; code, tables and headings in an item stay blocks of their own, in order."""
    lines: list[str] = []

    def write_lines() -> None:
        sink.add("list", "\n".join(lines))
        lines.clear()

    for marker, recording in items:
        if any(level for _, _, level in recording.blocks):  # a part of the page drawn as a list item
            write_lines()
            recording.replay(sink)
            continue
        pending = marker
        for kind, text, _ in recording.blocks:
            if kind in {"code", "table"}:
                write_lines()
                sink.add(kind, text)
                continue
            inner = text.split("\n")
            if pending and kind == "paragraph":
                lines.append(pending + inner.pop(0))
                pending = ""
            pad = "" if pending or not marker else "  " if kind == "list" else " " * len(marker)
            lines.extend(pad + line for line in inner)
    write_lines()


def fold(text: str) -> str:
    """White space as a browser shows it: runs are one space, <br> is a line break."""
    lines = (line.strip() for line in _FOLD.sub(" ", text).split(_BREAK))
    return "\n".join(line for line in lines if line)


def _heads(text: str) -> bool:
    """Whether a line in bold is a heading by its looks: one line, not long, no sentence."""
    short = "\n" not in text and len(text.split()) <= MAX_BOLD_HEADING_WORDS
    return short and text[-1:] not in (".", ":", ",", ";", "：", "。") and any(map(str.isalpha, text))


def verbatim(element: etree._Element) -> str:
    """Preformatted text as it stands; elements that are drawn as lines end with a line break."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        tag = node.tag.lower() if isinstance(node.tag, str) else ""
        if event == "start" and tag and not _is_skipped_in_code(node, element):
            pieces.append("\n" if tag == "br" else node.text or "")
        if event == "start" or node is element:
            continue
        is_line = tag in {"div", "li", "p", "tr"} and not (node.tail or "").lstrip(" ").startswith("\n")
        if is_line and pieces and not "".join(pieces[-2:]).endswith("\n"):
            pieces.append("\n")
        if not _is_skipped_in_code(node.getparent(), element):
            pieces.append(node.tail or "")
    return "".join(pieces)


def _is_skipped_in_code(node: etree._Element | None, root: etree._Element) -> bool:
    while node is not None and node is not root:
        if node.tag in {"button", "script", "style", "svg"} or _LINE_NUMBERS.fullmatch(node.get("class") or ""):
            return True
        node = node.getparent()
    return False


def _terms(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for child in element:
        tag = child.tag.lower() if isinstance(child.tag, str) else ""
        if tag == "div" and child.find("dt") is not None:
            yield from _terms(child)
        elif tag and tag not in SILENT:
            yield tag, child


def _is_short(recording: Recording) -> bool:
    return len(recording.blocks) <= 1 and all(
        kind == "paragraph" and "\n" not in text and len(text.split()) <= MAX_DEFINITION_WORDS
        for kind, text, _ in recording.blocks
    )


def _definition_lines(pairs: list[tuple[str, Recording]]) -> Iterator[str]:
    """`- term: definition`; a second definition follows the first, terms side by side share one."""
    line = ""
    before = ""
    for tag, recording in pairs:
        text = " ".join(text for _, text, _ in recording.blocks)
        if tag == "dt" and before != "dt":
            if line:
                yield line
            line = f"- {text}"
        elif tag == "dt":
            line += f", {text}"
        else:
            line += text if not line else f" {text}" if before != "dt" or line.endswith(":") else f": {text}"
        before = tag
    if line:
        yield line


def _texts(element: etree._Element) -> Iterator[str]:
    for node in element.iter():
        if isinstance(node.tag, str) and node.tag not in SILENT and node.text:
            yield node.text
        if node is not element and node.tail:
            yield node.tail


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
