"""`@aivastark/widget` and `@aivastark/react` as npm gets them: promises, types, and a server that renders them."""

import json
import re
from pathlib import Path

import pytest

from tests.architecture.code import ROOT
from tests.web.chromium import WEB, packages
from tests.web.packed import PACKAGES, REACTS, program, project, run, tarballs

PLACE = '<div style="block-size:36rem"></div>'


@pytest.mark.parametrize("name", PACKAGES)
def test_publint_and_attw_find_nothing(name: str, tmp_path: Path) -> None:
    [tarball] = [path for path in tarballs() if path.name.startswith(f"aivastark-{name}-")]

    linted = run(tmp_path, program("publint/src/cli.js"), "run", str(tarball), "--strict")
    resolved = json.loads(
        run(tmp_path, program("@arethetypeswrong/cli/dist/index.js"), str(tarball), "--format", "json")
    )

    assert "All good!" in linted
    assert resolved["analysis"]["problems"] == []
    assert len(resolved["analysis"]["entrypoints"]["."]["resolutions"]) == 4


@pytest.mark.parametrize("react", REACTS)
def test_a_server_renders_their_place_and_nothing_else(react: str, tmp_path: Path) -> None:
    folder = project(tmp_path, react)
    props = json.dumps({"embedKey": "akv_pub_x", "host": "https://chat.example.com", "chat": {}})

    rendered = {run(folder, f"render.{kind}", props) for kind in ("mjs", "cjs")}

    assert rendered == {f"<output>waiting closed 0</output>{PLACE}"}
    for kind in ("esm", "cjs"):
        code = (folder / "node_modules/@aivastark/react/dist" / kind / "index.js").read_text()
        assert code.startswith('"use client";\n'), "a server's bundler takes it for a component of its own"


@pytest.mark.parametrize("react", REACTS)
def test_their_types_hold_for_those_who_use_them(react: str, tmp_path: Path) -> None:
    folder = project(tmp_path, react)
    rules = ["--strict", "--noEmit", "--skipDefaultLibCheck", "--exactOptionalPropertyTypes", "--jsx", "react-jsx"]

    run(folder, program("typescript/bin/tsc"), *rules, "--module", "nodenext", "typed.tsx")


def test_what_they_promise_is_what_the_widget_tells() -> None:
    sources = "".join((ROOT / "web/widget/src" / file).read_text() for file in ("index.ts", "chat.ts"))
    told = {name for call in re.findall(r"_tell\((.*?)[,)]", sources) for name in re.findall(r'"(\w+)"', call)}
    promised = re.search(r"EVENTS = \[(.*?)\]", (ROOT / "web/widget/package/page.ts").read_text(), re.S)

    assert promised is not None
    assert told == set(re.findall(r'"(\w+)"', promised[1]))
    rules = [
        "--strict",
        "--noEmit",
        "--skipDefaultLibCheck",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--target",
        "es2022",
    ]
    run(packages().parent, program("typescript/bin/tsc"), *rules, str(ROOT / "tests/web/packages/agrees.ts"))


def test_both_have_one_version_and_the_second_asks_for_it() -> None:
    widget, react = (json.loads((WEB / name / "package.json").read_text()) for name in PACKAGES)

    assert widget["version"] == react["version"] == react["dependencies"]["@aivastark/widget"]
    assert react["peerDependencies"]["react"] == ">=18"
