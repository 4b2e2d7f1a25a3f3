"""Markdown (CommonMark and tables) to blocks of plain words: no `#`, `**` or link targets, as a reader sees it."""

import re
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from aivastark.sources.extract.base import Document, Extracted
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.html_blocks import Recording, Sink, write_list
from aivastark.sources.extract.markdown_dialects import plain_commonmark
from aivastark.sources.extract.tables import pipe_table

_PARSER = MarkdownIt("commonmark", {"maxNesting": 60}).enable(["table", "strikethrough"])
_FRONT_MATTER = re.compile(r"\A(?:---[ \t]*\n(.*?)\n(?:---|\.\.\.)|\+\+\+[ \t]*\n(.*?)\n\+\+\+)[ \t]*(?:\n|\Z)", re.S)
_FIELD = re.compile(r"^(title|lang|language)[ \t]*[:=][ \t]*(.+?)[ \t]*$", re.M | re.I)
_ANCHOR = re.compile(r"\s*\{#[^}]*\}\s*$|\s+#+$")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.I)


def read_markdown(document: Document) -> Extracted:
    """The document; its title is the front matter's or the first heading."""
    text = clean(decode(document.content, media_type=document.media_type))
    fields: dict[str, str] = {}
    matter = _FRONT_MATTER.match(text)
    if matter:
        text = text[matter.end() :]
        found = _FIELD.findall(matter.group(1) or matter.group(2) or "")
        fields = {name.lower(): value.strip().strip("\"'") for name, value in found}
    canonical = CanonicalText()
    write_markdown(text, canonical)
    return canonical.finish(
        title=fields.get("title") or canonical.first_heading(),
        media_type="text/markdown",
        language=fields.get("lang") or fields.get("language"),
    )


def write_markdown(text: str, sink: Sink) -> None:
    """The blocks of a text that is clean and has no front matter."""
    _write(SyntaxTreeNode(_PARSER.parse(plain_commonmark(text))), sink)


def _write(parent: SyntaxTreeNode, sink: Sink) -> None:
    for node in parent.children:
        match node.type:
            case "heading":
                sink.heading(int(node.tag[1]), _ANCHOR.sub("", _inline(node)))
            case "paragraph":
                sink.add("paragraph", _inline(node))
            case "fence" | "code_block":
                sink.add("code", node.content)
            case "bullet_list" | "ordered_list":
                _list(node, sink)
            case "table":
                sink.add("table", _table(node))
            case "html_block":
                sink.add("paragraph", _words_of_html(node.content))
            case _:
                _write(node, sink)


def _list(node: SyntaxTreeNode, sink: Sink) -> None:
    number = int(node.attrs.get("start", 1))
    items: list[tuple[str, Recording]] = []
    for item in node.children:
        recording = Recording()
        _write(item, recording)
        items.append((f"{number}. " if node.type == "ordered_list" else "- ", recording))
        number += 1
    write_list(sink, items)


def _table(node: SyntaxTreeNode) -> str:
    rows = [row for part in node.children for row in part.children]
    return pipe_table([[_inline(cell).replace("\n", " ") for cell in row.children] for row in rows])


def _inline(node: SyntaxTreeNode) -> str:
    """The words of inline content: code spans and links by their text, images by their description."""
    pieces: list[str] = []
    for child in node.children:
        match child.type:
            case "text" | "code_inline":
                pieces.append(child.content)
            case "softbreak":
                pieces.append(" ")
            case "hardbreak":
                pieces.append("\n")
            case "html_inline":
                pieces.append("\n" if _BREAK_TAG.match(child.content) else "")
            case _:
                pieces.append(_inline(child))
    return "".join(pieces)


def _words_of_html(html: str) -> str:
    """HTML between Markdown is mostly wrappers and images: its words, a line per line."""
    first, *others = html.split("<!--")
    shown = first + "".join(other.partition("-->")[2] for other in others)  # a regex would be quadratic here
    return unescape(_TAG.sub(" ", _BREAK_TAG.sub("\n", shown)))
