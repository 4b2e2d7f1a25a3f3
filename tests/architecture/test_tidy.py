"""Sizes, names and who may import what: rules that hold because a test reads the code."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.code import PACKAGE, ROOT, files, functions, imported, name

FILE_MAX_LINES = 400
FUNCTION_MAX_LINES = 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "service", "services", "common", "misc", "manager"}

MODEL_SDKS = {"onnxruntime", "tokenizers"}
HTTP_CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2", "requests", "aiohttp", "urllib3"}
WEB_FRAMEWORK = {"fastapi", "starlette", "sse_starlette"}
EDGES = {"app.py", "dashboard_pages.py", "health.py", "openapi.py", "commands/processes.py", "commands/serving.py"}
EDGES |= {"answers/stream.py", "answers/under_way.py", "answers/take_up.py", "answers/openai_api.py", "answers/mcp.py"}
EDGES |= {"accounts/conditions.py", "accounts/media.py"}


def all_python() -> list[Path]:
    return [*files(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "evals").rglob("*.py"))]


def test_no_file_is_too_long_to_keep_in_mind() -> None:
    long = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in all_python()}

    assert {file: lines for file, lines in long.items() if lines > FILE_MAX_LINES and "/versions/" not in file} == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    long = [
        f"{name(file)}: {function.name}, {function.end_lineno - function.lineno + 1} lines"
        for file in files()
        if "versions" not in file.parts
        for function in functions(file)
        if function.end_lineno and function.end_lineno - function.lineno + 1 > FUNCTION_MAX_LINES
    ]

    assert long == []


def test_no_file_or_folder_is_named_after_a_role() -> None:
    named = [name(path) for path in PACKAGE.rglob("*") if path.stem in BANNED_NAMES]

    assert named == []


def test_catching_everything_says_why_on_its_line() -> None:
    silent = [
        f"{name(file)}:{number}"
        for file in files()
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if re.search(r"except\s+(Base)?Exception\b|except\s*:", line)
        and not re.search(r"#\s*\w+ \w+", line)
        # Undoing and raising again hides nothing.
        and not _raises_again(file, number)
    ]

    assert silent == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name(file) for file in files() if not file.read_text().startswith(('"""', "#!", "# ", 'r"""'))] == []


@pytest.mark.parametrize(
    ("what", "where"),
    [(MODEL_SDKS, ("backends/",)), (HTTP_CLIENTS, ("backends/", "fetching.py", "fetching_guard.py", "client/"))],
)
def test_only_backends_and_the_one_door_know_vendors(what: set[str], where: tuple[str, ...]) -> None:
    assert _importing(what, but=lambda file: file.startswith(where)) == []


def test_only_the_edges_know_the_web_framework() -> None:
    assert _importing(WEB_FRAMEWORK, but=lambda file: file in EDGES or file.endswith("endpoints.py")) == []


def test_only_the_command_line_and_the_composition_root_read_settings() -> None:
    reading = [name(file) for file in files() if "aivastark.settings" in set(imported(file))]

    assert [file for file in reading if file != "bootstrap.py" and not file.startswith("commands/")] == []


def _importing(what: set[str], *, but: Callable[[str], bool]) -> list[str]:
    return [
        f"{name(file)} imports {module}"
        for file in files()
        if not but(name(file))
        for module in imported(file)
        if module.partition(".")[0] in what
    ]


def _raises_again(file: Path, number: int) -> bool:
    lines = file.read_text().splitlines()
    indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    for line in lines[number:]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return False
        if line.strip() == "raise":
            return True
    return False
