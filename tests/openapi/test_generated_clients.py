"""Clients that generators make of the document compile, and page through conversations on a real server."""

import compileall
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.javascript.node import HERE, node, packages, tool
from tests.openapi.served import Served
from tests.routes.table import operations

WORD = "lighthouse"
CONVERSATIONS = 8
PAGES = 3  # of three
GENERATE_MAX_S = 120
STRICT = ["--strict", "--target", "es2022", "--module", "nodenext", "--exactOptionalPropertyTypes"]


@pytest.fixture(scope="session")
def spoken(served: Served) -> list[str]:
    """The conversations in which the word is said, last spoken in first."""
    with httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {served.key}"}, timeout=30) as http:
        asked = [
            http.post(f"/v1/projects/{served.project_id}/query", json={"message": f"Where is {WORD} {number}?"})
            for number in range(CONVERSATIONS)
        ]
    return [answer.json()["conversation_id"] for answer in reversed(asked)]


def test_a_generated_typescript_client_pages(served: Served, spoken: list[str], written: Path, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(packages())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "paging.ts").write_text((HERE / "paging.ts").read_text())

    generated = tool("openapi-typescript", str(written), "--output", str(tmp_path / "client.d.ts"))
    assert generated.returncode == 0, generated.stderr
    compiled = tool("tsc", *STRICT, "paging.ts", cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stdout
    said = node("paging.js", served.url, served.key, served.project_id, WORD, cwd=tmp_path)

    assert said.returncode == 0, said.stderr
    assert orjson.loads(said.stdout) == {"pages": PAGES, "ids": spoken, "refused": "not_found"}


def test_a_generated_python_client_pages(
    served: Served, spoken: list[str], written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(written, tmp_path)
    assert compileall.compile_dir(tmp_path / "generated", quiet=1)
    monkeypatch.syspath_prepend(tmp_path)
    broken = {operation for operation in api(tmp_path) if not imports(operation)}
    generated: Any = importlib.import_module("generated")
    index: Any = importlib.import_module("generated.api.conversations.list_conversations")
    status: Any = importlib.import_module("generated.models").ListConversationsStatus

    found: list[str] = []
    pages = 0
    cursor: Any = importlib.import_module("generated.types").UNSET
    with generated.AuthenticatedClient(base_url=served.url, token=served.key) as client:
        while cursor is not None:
            page = index.sync(
                served.project_id, client=client, q=WORD, channel="api", status=status.OPEN, limit=3, cursor=cursor
            )
            found += [conversation.id for conversation in page.data]
            pages += 1
            cursor = page.next_cursor

    assert (pages, found) == (PAGES, spoken)
    assert broken <= with_several_bodies()


def generate(document: Path, where: Path) -> None:
    """openapi-python-client's package in a folder; what it could not make fails."""
    config = where / "config.json"
    config.write_text('{"project_name_override": "generated", "package_name_override": "generated", "post_hooks": []}')
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", f"--path={document}"]
    options = ["--meta=none", f"--output-path={where / 'generated'}", f"--config={config}", "--fail-on-warning"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=GENERATE_MAX_S)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "may be missing" not in done.stdout + done.stderr


def api(where: Path) -> list[str]:
    """The modules of the generated operations."""
    folder = where / "generated" / "api"
    return [f"{file.parent.name}.{file.stem}" for file in sorted(folder.glob("*/*.py")) if file.stem != "__init__"]


def imports(operation: str) -> bool:
    try:
        importlib.import_module(f"generated.api.{operation}")
    except NameError as error:
        if error.name != "Unset":
            raise
        return False
    return True


def with_several_bodies() -> set[str]:
    """Those whose code the generator leaves without an import where no parameter may be left out: its own mistake."""
    return {
        f"{operation.described['tags'][0].lower()}.{snake(operation.id)}"
        for operation in operations()
        if len(operation.described.get("requestBody", {}).get("content", {})) > 1
    }


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
