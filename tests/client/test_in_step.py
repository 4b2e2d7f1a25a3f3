"""The two clients are one, with and without `await`: what is changed in one is changed in the other."""

import ast
import re

from tests.architecture.code import PACKAGE

WITHOUT_WAITING = [
    (r"asyncio\.to_thread\(([\w.]+), ", r"\1("),
    (r"asyncio\.sleep", "time.sleep"),
    (r"import asyncio", "import time"),
    (r"AsyncGenerator", "Generator"),
    (r"\b(async|await) ", ""),
    (r"\bAsync", ""),
    (r"\.Async", "."),
    (r"__a(enter|exit)__", r"__\1__"),
    (r"\ba(close|read|iter_bytes)\b", r"\1"),
]


def without_waiting(source: str) -> str:
    """`asynchronous.py` as `blocking.py` should be; format it afterwards."""
    for pattern, replacement in WITHOUT_WAITING:
        source = re.sub(pattern, replacement, source)
    return source


def shape_of(source: str) -> str:
    """All but the module's docstring, and the order imports stand in."""
    _, *statements = ast.parse(source).body
    imports = sorted(ast.unparse(statement) for statement in statements if isinstance(statement, ast.Import))
    others = [ast.unparse(statement) for statement in statements if not isinstance(statement, ast.Import)]
    return "\n".join([*imports, *others])


def test_the_clients_are_in_step() -> None:
    awaiting, blocking = ((PACKAGE / "client" / f"{name}.py").read_text() for name in ("asynchronous", "blocking"))

    assert shape_of(without_waiting(awaiting)) == shape_of(blocking)
