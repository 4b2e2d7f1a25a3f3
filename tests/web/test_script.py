"""`/widget.js`, the words beside it and the demo page, as HTTP."""

import gzip
import re
from pathlib import Path

import pytest

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.commands.install import install
from tests.architecture.code import ROOT
from tests.make import assert_error, calling
from tests.web.chromium import node, packages

SIZE_MAX_BYTES = 12 * 1024
FILES_MAX_BYTES = 2_304
BUILT = ROOT / "aivastark" / "web"
SOURCES = sorted((ROOT / "web" / "widget" / "src").glob("*.ts"))


async def test_any_page_may_load_it_and_a_copy_is_kept(app: Application) -> None:
    async with calling(app, None) as http:
        first = await http.get("/widget.js", headers={"Accept-Encoding": "identity"})
        packed = await http.get("/widget.js", headers={"Accept-Encoding": "gzip, br"})
        again = await http.get(
            "/widget.js", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
        )

    assert first.status_code == packed.status_code == 200
    assert first.content == packed.content == (BUILT / "widget.js").read_bytes()
    assert packed.headers["content-encoding"] == "gzip"
    assert first.headers["etag"] != packed.headers["etag"]
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.headers["cache-control"].startswith("public, max-age=300")
    assert "set-cookie" not in first.headers
    assert (again.status_code, again.content) == (304, b"")


async def test_words_of_a_version_never_change(app: Application) -> None:
    async with calling(app, None) as http:
        plain = await http.get("/widget/strings/de.json")
        versioned = await http.get("/widget/strings/de.json", params={"v": "1"})
        assert_error(await http.get("/widget/strings/xx.json"), 404, "not_found")
        assert_error(await http.get("/widget/strings/..%2Fdemo.json"), 404, "not_found")

    assert plain.json()["send"]
    assert "immutable" not in plain.headers["cache-control"]
    assert versioned.headers["cache-control"].endswith("immutable")


async def test_the_part_for_files_is_had_by_the_version_that_its_window_names(app: Application) -> None:
    named = re.search(r"/widget/files\.js\?v=(\w+)", (BUILT / "widget.js").read_text())
    assert named is not None
    async with calling(app, None) as http:
        part = await http.get("/widget/files.js", params={"v": named[1]})
        assert_error(await http.get("/widget/files.js", params={"v": "00000000"}), 404, "not_found")

    assert part.content == (BUILT / "files.js").read_bytes()
    assert part.headers["content-type"] == "text/javascript; charset=utf-8"
    assert part.headers["access-control-allow-origin"] == "*"
    assert part.headers["cache-control"].endswith("immutable")


async def test_the_demo_page_names_the_installs_widget_and_forbids_everything_else(
    app: Application, backends: Backends
) -> None:
    made = await install(backends.db, plan="enterprise", organization=None, project=None)
    async with calling(app, None) as http:
        page = await http.get("/demo")
        other = await http.get("/demo")

    assert f"data-key=&quot;{made['embed_key']}" in page.text or f'data-key="{made["embed_key"]}"' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert nonce[1] in page.text
    assert nonce[1] not in other.text


def test_it_is_as_small_as_it_is_meant_to_be() -> None:
    """Of what is comparable, the smallest weighs 109 KB."""
    assert packed_bytes() <= SIZE_MAX_BYTES


def test_so_is_what_only_a_window_that_takes_files_loads() -> None:
    assert packed_bytes("files.js") <= FILES_MAX_BYTES


def packed_bytes(name: str = "widget.js") -> int:
    return len(gzip.compress((BUILT / name).read_bytes(), 9, mtime=0))


def test_what_is_committed_is_what_the_sources_give(tmp_path: Path) -> None:
    node("widget/build.mjs", str(tmp_path))

    built = {str(file.relative_to(tmp_path)): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert built == {name: (BUILT / name).read_bytes() for name in built}
    assert {file.name for file in (BUILT / "strings").iterdir()} == {
        file.name for file in (tmp_path / "strings").iterdir()
    }


def test_its_types_hold() -> None:
    node(str(packages() / "typescript" / "bin" / "tsc"), "--noEmit", "-p", "widget")


WAYS = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "DOMParser",
    "eval(",
    "new Function",
    "setHTML",
)


@pytest.mark.parametrize("way", [*WAYS, "createContextualFragment", ".cookie", "srcdoc"])
def test_nothing_parses_markup_or_runs_text(way: str) -> None:
    assert [file.name for file in SOURCES if way in file.read_text()] == []
    for built in ("widget.js", "files.js"):
        assert way not in (BUILT / built).read_text()


def test_no_registry_is_named_in_the_lock() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text()

    assert [found for found in re.findall(r'"resolved": "([^"]*)"', lock) if ":" in found] == []
