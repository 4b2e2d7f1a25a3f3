"""A setting, route, command, event type or error code without a line in the docs does not exist for a user."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from aivastark import errors, events, fetch_failures
from aivastark.__main__ import app as command_line
from aivastark.settings import Settings
from aivastark.sources.extract import base as extract
from tests.architecture.code import ROOT, files

WRITTEN = "\n".join(
    file.read_text() for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if file.exists()
)
_ROUTE = re.compile(r"@router\.(get|post|patch|put|delete)\(\s*\"([^\"]*)\"")
_PREFIX = re.compile(r"APIRouter\(prefix=\"([^\"]*)\"")


def refusals(root: type[errors.Refused] = errors.Refused) -> Iterator[type[errors.Refused]]:
    yield root
    for child in root.__subclasses__():
        yield from refusals(child)


def routes() -> list[str]:
    """`POST /v1/projects/{project_id}/query`, of every router."""
    found = []
    for file in files():
        prefix = _PREFIX.search(file.read_text())
        if prefix:
            found += [f"{method.upper()} {prefix[1]}{path}" for method, path in _ROUTE.findall(file.read_text())]
    return found


def is_told(route: str) -> bool:
    """Whether the docs have a route, written out or from `…/` on, with ids of any name."""
    method, path = route.split(" ")
    short = path.removeprefix("/v1/projects/{project_id}")
    forms = [re.sub(r"\\{\w+\\}", r"[{<$][^/`]*?[}>]?", re.escape(form)) for form in (path, short) if form]
    return any(re.search(rf"{method}[ `|]+[^\s`]*?{form}(?![\w/{{])", WRITTEN) for form in forms)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_told(name: str) -> None:
    assert str(Settings.model_fields[name].validation_alias or f"AIVASTARK_{name.upper()}") in WRITTEN
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("route", routes())
def test_every_route_is_told(route: str) -> None:
    assert is_told(route)


@pytest.mark.parametrize("kind", get_args(events.EventType))
def test_every_event_type_is_told(kind: str) -> None:
    assert f"`{kind}`" in WRITTEN


@pytest.mark.parametrize("code", sorted({refused.code for refused in refusals()} | {"internal_error"}))
def test_every_error_code_is_told(code: str) -> None:
    assert f"`{code}`" in WRITTEN


@pytest.mark.parametrize("code", sorted({*get_args(fetch_failures.FailureCode), *get_args(extract.FailureCode)}))
def test_every_code_of_a_failed_source_is_told(code: str) -> None:
    assert f"`{code}`" in WRITTEN


@pytest.mark.parametrize(
    "command",
    [command.name or command.callback.__name__ for command in command_line.registered_commands if command.callback],
)
def test_every_command_is_told(command: str) -> None:
    assert f"aivastark {command}" in WRITTEN


def test_the_rule_finds_what_it_looks_for() -> None:
    assert len(routes()) >= 17
    assert not is_told("GET /v1/projects/{project_id}/nonsense")
    assert not is_told("DELETE /v1/projects/{project_id}/query")
