"""Jupyter notebooks (nbformat 3 and 4): text cells as Markdown, code cells as code, and what they printed.

Pictures and other rich results are passed over; where a result has its words beside them, those are taken.
"""

import re

import orjson

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText, clean
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.markdown import write_markdown

MAX_OUTPUT_CHARS = 2_000  # of a cell: what it shows first says what it shows
MAX_CELLS = 5_000

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_notebook(document: Document) -> Extracted:
    """The cells in order; the title is the notebook's own or its first heading."""
    value = orjson.loads(decode(document.content, media_type=document.media_type).lstrip("\ufeff").encode())
    canonical = CanonicalText()
    for cell in _cells(value):
        _write(cell, canonical)
    metadata = value.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return canonical.finish(
        title=title if isinstance(title, str) and title.strip() else canonical.first_heading(),
        media_type="application/x-ipynb+json",
    )


def _cells(notebook: dict[str, object]) -> list[dict[str, object]]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # nbformat 3
        sheets = notebook.get("worksheets")
        cells = [
            cell
            for sheet in (sheets if isinstance(sheets, list) else [])
            if isinstance(sheet, dict)
            for cell in (sheet["cells"] if isinstance(sheet.get("cells"), list) else [])
        ]
    if len(cells) > MAX_CELLS:
        raise ExtractionFailed("too_large", f"The notebook has more than {MAX_CELLS:,} cells. Split it into parts.")
    return [cell for cell in cells if isinstance(cell, dict)]


def _write(cell: dict[str, object], canonical: CanonicalText) -> None:
    source = _text(cell.get("source", cell.get("input")))
    match cell.get("cell_type"):
        case "markdown":
            write_markdown(clean(source), canonical)
        case "heading":  # nbformat 3
            level = cell.get("level")
            canonical.heading(level if isinstance(level, int) and 1 <= level <= 6 else 1, source)
        case "code":
            canonical.add("code", source)
            canonical.add("code", _outputs(cell.get("outputs")))
        case "raw":
            canonical.add("paragraph", source)


def _outputs(outputs: object) -> str:
    """What a cell printed or gave, as far as it is text; an error's name and message without its traceback."""
    shown: list[str] = []
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        rich = output.get("data")
        if output.get("output_type") in ("error", "pyerr"):
            shown.append(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}")
        elif isinstance(rich, dict):
            shown.append(_text(rich.get("text/plain")))
        else:
            shown.append(_text(output.get("text")))
        if sum(map(len, shown)) > MAX_OUTPUT_CHARS:
            break
    text = _ESCAPE_SEQUENCE.sub("", "\n".join(part.rstrip() for part in shown if part.strip()))
    if len(text) <= MAX_OUTPUT_CHARS:
        return text
    return text[:MAX_OUTPUT_CHARS].rpartition("\n")[0] or text[:MAX_OUTPUT_CHARS]


def _text(value: object) -> str:
    """A multi-line string of the format: one string, or a list of its lines."""
    if isinstance(value, str):
        return value
    return "".join(line for line in value if isinstance(line, str)) if isinstance(value, list) else ""
