"""Ours and the others, each run as its documentation recommends for keeping text with structure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree, html

from aivastark.sources.extract import ExtractionFailed, extract
from aivastark.sources.extract.trees import text_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What an extractor gave; structure it does not tell is empty."""

    text: str
    headings: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    code: tuple[str, ...] = ()


def aivastark(markup: bytes) -> Output:
    try:
        page = extract(markup, media_type="text/html")
    except ExtractionFailed:
        return Output(text="")
    blocks = [(block.kind, page.text[block.start : block.end]) for block in page.blocks]
    lines = [line for kind, text in blocks if kind == "list" for line in text.split("\n")]
    return Output(
        text="\n".join(_without_marks(kind, text) for kind, text in blocks),
        headings=tuple(text for kind, text in blocks if kind == "heading"),
        items=tuple(match[1] for line in lines if (match := _ITEM.match(line))),
        rows=tuple(line for kind, text in blocks if kind == "table" for line in text.split("\n")),
        code=tuple(_unfenced(text) for kind, text in blocks if kind == "code"),
    )


def trafilatura(markup: bytes) -> Output:
    """Its Markdown with tables, at its usual balance of precision and recall."""
    from trafilatura import extract as run

    written = run(
        markup, output_format="markdown", include_tables=True, include_comments=False, include_formatting=True
    )
    return _of_markdown(written or "")


def resiliparse(markup: bytes) -> Output:
    """Its main content as minimal HTML, the form in which it tells structure."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    text = bytes_to_str(markup, detect_encoding(markup) or "utf-8")
    written = extract_plain_text(
        text, main_content=True, preserve_formatting="minimal_html", alt_texts=True, links=False
    )
    return _of_html(str(written))


def justext(markup: bytes) -> Output:
    """Its good paragraphs; it tells headings and nothing else."""
    from justext import get_stoplist
    from justext import justext as run

    good = [paragraph for paragraph in run(markup, get_stoplist("English")) if not paragraph.is_boilerplate]
    return Output(
        text="\n".join(paragraph.text for paragraph in good),
        headings=tuple(paragraph.text for paragraph in good if paragraph.is_heading),
    )


EXTRACTORS: dict[str, Callable[[bytes], Output]] = {
    "aivastark": aivastark,
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "jusText": justext,
}

_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(.*)")
_FENCE = re.compile(r"^\s*```")


def _without_marks(kind: str, text: str) -> str:
    """The words alone: what the form adds (fences, pipes, markers) is nobody's content."""
    if kind == "code":
        return _unfenced(text)
    if kind == "list":
        return "\n".join(match[1] if (match := _ITEM.match(line)) else line for line in text.split("\n"))
    return re.sub(r"^\|[ |:-]+\|$", "", text, flags=re.M) if kind == "table" else text


def _unfenced(text: str) -> str:
    return re.sub(r"\A`{3,}\n|\n`{3,}\Z", "", text)


def _of_markdown(text: str) -> Output:
    plain: list[str] = []
    headings: list[str] = []
    items: list[str] = []
    rows: list[str] = []
    code: list[str] = []
    open_code: list[str] | None = None
    for line in text.split("\n"):
        if _FENCE.match(line):
            if open_code is not None:
                code.append("\n".join(open_code))
            open_code = [] if open_code is None else None
            continue
        if open_code is not None:
            open_code.append(line)
        elif re.match(r"#{1,6} ", line):
            headings.append(line.lstrip("# "))
        elif line.startswith("|"):
            rows.append(line)
        elif match := _ITEM.match(line):
            items.append(match[1])
            line = match[1]
        plain.append("" if re.fullmatch(r"[\s|:-]+", line) else line.lstrip("# "))
    words = re.sub(r"\*\*|`|(?<!\w)[*_]|[*_](?!\w)", "", "\n".join(plain))
    return Output(text=words, headings=tuple(headings), items=tuple(items), rows=tuple(rows), code=tuple(code))


def _of_html(text: str) -> Output:
    if not text.strip():
        return Output(text="")
    root = html.fromstring(f"<div>{text}</div>")
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return Output(
        text=text_of(root),
        headings=_lines(root, "h1", "h2", "h3", "h4", "h5", "h6"),
        items=_lines(root, "li"),
        rows=_lines(root, "tr"),
        code=tuple(text_of(node) for node in root.iter("pre")),
    )


def _lines(root: etree._Element, *tags: str) -> tuple[str, ...]:
    return tuple(" ".join(text_of(node).split()) for node in root.iter(*tags))
