"""JSON and JSON Lines as lines a person can read: `path: value`, and tables for lists of flat objects."""

import orjson

from aivastark.sources.extract.base import Document, Extracted, ExtractionFailed
from aivastark.sources.extract.canonical import CanonicalText, clean_line
from aivastark.sources.extract.decode import decode
from aivastark.sources.extract.tables import pipe_table

MAX_DEPTH = 60
MAX_CELL_WORDS = 40  # with longer values a list of objects is written as records, not as a table
MAX_COLUMNS = 12

_TITLE_KEYS = ("title", "name", "subject")


def read_json(document: Document) -> Extracted:
    """The values with the path to each. Raises `corrupt` for what is no JSON."""
    text = decode(document.content, media_type=document.media_type)
    value = parse_json(text)
    media_type = "application/json"
    if value is None:
        value = parse_json_lines(text)
        media_type = "application/jsonl"
    if value is None:
        raise ExtractionFailed("corrupt", "The file is not valid JSON. Check it with a JSON validator and retry.")
    canonical = CanonicalText()
    _write(value, "", canonical, 0)
    title = None
    if isinstance(value, dict):
        title = next((value[key] for key in _TITLE_KEYS if isinstance(value.get(key), str)), None)
    return canonical.finish(title=title, media_type=media_type)


def parse_json(text: str) -> object | None:
    try:
        value: object = orjson.loads(text.lstrip("\ufeff").encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return None
    return value


def parse_json_lines(text: str) -> list[object] | None:
    """The values of all lines, or None if one is no object or list."""
    values: list[object] = []
    for line in text.split("\n"):
        if line.strip():
            value = parse_json(line)
            if not isinstance(value, dict | list):
                return None
            values.append(value)
    return values or None


def is_notebook(value: object) -> bool:
    """Whether the value is a Jupyter notebook (nbformat 3 or 4)."""
    if not isinstance(value, dict) or not isinstance(value.get("nbformat"), int):
        return False
    return isinstance(value.get("cells"), list) or isinstance(value.get("worksheets"), list)


def _write(value: object, path: str, canonical: CanonicalText, depth: int) -> None:
    if depth > MAX_DEPTH:
        canonical.add("paragraph", f"{path}: {orjson.dumps(value).decode()}")
    elif isinstance(value, dict):
        _object(value, path, canonical, depth)
    elif isinstance(value, list):
        _array(value, path, canonical, depth)
    else:
        canonical.add("paragraph", f"{path}: {_shown(value)}" if path else _shown(value))


def _object(value: dict[str, object], path: str, canonical: CanonicalText, depth: int) -> None:
    """Plain values together in one paragraph, then what is nested, in order."""
    flat = [(key, item) for key, item in value.items() if not isinstance(item, dict | list)]
    canonical.add("paragraph", "\n".join(f"{_joined(path, key)}: {_shown(item)}" for key, item in flat if _shown(item)))
    for key, item in value.items():
        if isinstance(item, dict | list):
            _write(item, _joined(path, key), canonical, depth + 1)


def _array(values: list[object], path: str, canonical: CanonicalText, depth: int) -> None:
    if not any(isinstance(item, dict | list) for item in values):
        canonical.add("paragraph", f"{path}:" if path else "")
        canonical.add("list", "\n".join(f"- {_shown(item)}" for item in values))
        return
    objects = [item for item in values if isinstance(item, dict)]
    if len(objects) == len(values) > 1 and _is_table(objects):
        columns = list(dict.fromkeys(key for item in objects for key in item))
        canonical.add("paragraph", f"{path}:" if path else "")
        rows = [[_shown(item.get(key)) for key in columns] for item in objects]
        canonical.add("table", pipe_table([columns, *rows]))
        return
    for number, item in enumerate(values, start=1):
        _write(item, path if not path else f"{path} {number}", canonical, depth + 1)


def _is_table(objects: list[dict[str, object]]) -> bool:
    columns = {key for item in objects for key in item}
    return len(columns) <= MAX_COLUMNS and all(
        not isinstance(value, dict | list) and len(_shown(value).split()) <= MAX_CELL_WORDS
        for item in objects
        for value in item.values()
    )


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean_line(str(value))


def _joined(path: str, key: str) -> str:
    return f"{path}.{clean_line(key)}" if path else clean_line(key)
