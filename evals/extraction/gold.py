"""A page's marks → what an extractor should give: its words, and the structure they are in.

Written apart from the extractors on purpose: nothing of `aivastark` is used to say what is right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from evals.extraction.marks import KINDS, Page

UNSEEN = ("script", "style", "noscript", "template", "svg", "head", "button", "select", "input", "textarea")
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
MIN_CODE_WORDS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Gold:
    text: str
    headings: tuple[str, ...]
    items: tuple[str, ...]
    """The beginning of each list item."""
    rows: tuple[tuple[str, ...], ...]
    """The cells of each row of tables that hold data."""
    code: tuple[str, ...]
    """Code blocks of two words or more."""


def gold_of(page: Page) -> Gold:
    """What the marks say of the page."""
    kind = KINDS[page.kind]
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = html.document_fromstring(page.markup, parser=parser)
    for element in [*root.iter(*UNSEEN), *_found(root, kind.but)]:
        if element.getparent() is not None and element.tag != "head":
            element.drop_tree()
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    parts = _found(root, kind.content)
    parts = [part for part in parts if not any(other in part.iterancestors() for other in parts)]
    code = [element for part in parts for element in _found(part, f".//{kind.code}")]
    return Gold(
        text="\n".join(_text(part) for part in parts),
        headings=tuple(
            text
            for part in parts
            for element in part.iter("h1", "h2", "h3", "h4", "h5", "h6")
            if (text := _line(element))
        ),
        items=tuple(text for part in parts for element in part.iter("li") if (text := _opening(element))),
        rows=tuple(row for part in parts for table in part.iter("table") for row in _rows(table)),
        code=tuple(text for element in code if len((text := _verbatim(element)).split()) >= MIN_CODE_WORDS),
    )


def _found(root: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    found = root.xpath(path)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, html.HtmlElement)]


def _text(element: html.HtmlElement) -> str:
    """All words; blocks are apart from each other."""
    return "".join(_pieces(element))


def _pieces(element: html.HtmlElement) -> Iterator[str]:
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            yield ("\n" if node.tag in BLOCKS else "") + (node.text or "")
        else:
            yield ("\n" if node.tag in BLOCKS else "") + (node.tail or "" if node is not element else "")


def _line(element: html.HtmlElement) -> str:
    return " ".join(_text(element).split())


def _opening(item: html.HtmlElement) -> str:
    """The words of an item up to the first block inside it."""
    words: list[str] = []
    for line in _text(item).split("\n"):
        if line.strip():
            words = line.split()
            break
    return " ".join(words)


def _rows(table: html.HtmlElement) -> Iterator[tuple[str, ...]]:
    """Of a table of data: two columns or more, no table or heading inside, no cell as long as a page."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    cells = [cell for row in rows for cell in row]
    inner = ("table", "pre", "h1", "h2", "h3", "h4", "div")
    if len(rows) < 2 or any(cell.find(f".//{tag}") is not None for cell in cells for tag in inner):
        return
    for row in rows:
        texts = tuple(_line(cell) for cell in row)
        if len(texts) >= 2 and sum(map(bool, texts)) >= 2:
            yield texts


def _verbatim(element: html.HtmlElement) -> str:
    """Code line by line, without blank lines."""
    return re.sub(r"\n{2,}", "\n", "\n".join(line.rstrip() for line in element.text_content().split("\n"))).strip("\n")
