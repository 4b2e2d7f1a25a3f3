"""Cells of a CSV file that a spreadsheet program shows and never runs."""

from typing import Any

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> str:
    """The value as text; what a spreadsheet would take for a formula gets an apostrophe before it.

    See OWASP, CSV Injection. Numbers, negative ones included, stay as they are; None is empty, booleans are lower case.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return "'" + text if text.startswith(_RUNS) or text.lstrip().startswith(_RUNS) else text
