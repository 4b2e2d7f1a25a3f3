"""A real server for a measurement: `aivastark serve` as its own process, on a free port, in a fresh data directory."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 15.0
LOOK_EVERY_S = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A running server, and what `aivastark init --json` said of it."""

    host: str
    port: int
    pid: int
    data_dir: Path
    project_id: str
    api_key: str
    organization_key: str
    ready_after_s: float
    """From starting the process to the first 200 of `/v1/health/ready`."""

    @property
    def project_url(self) -> str:
        """Where the project's endpoints are."""
        return f"http://{self.host}:{self.port}/v1/projects/{self.project_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Install:
    """A data directory that `aivastark init` has set up."""

    data_dir: Path
    project_id: str
    api_key: str
    organization_key: str


@contextlib.contextmanager
def fresh_install(settings: Mapping[str, str] | None = None) -> Iterator[Install]:
    """An install in a temporary directory, which goes when the block ends; `settings` as those of `running`."""
    with tempfile.TemporaryDirectory(prefix="aivastark-measured-") as folder:
        data_dir = Path(folder)
        said = subprocess.run(
            [*_aivastark(), "init", "--json", "--data-dir", folder],
            env=_environment(settings),
            capture_output=True,
            check=True,
        )
        made = json.loads(said.stdout)
        yield Install(
            data_dir=data_dir,
            project_id=made["project_id"],
            api_key=made["api_key"],
            organization_key=made["organization_key"],
        )


@contextlib.contextmanager
def running(install: Install, *options: str, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The server and its worker on this install, ready; stopped when the block ends.

    `options` are those of `serve`, `settings` environment variables without `AIVASTARK_`.
    """
    port = _free_port()
    with (install.data_dir / "server.log").open("ab") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*_aivastark(), "serve", "--port", str(port), "--data-dir", str(install.data_dir), *options],
            env=_environment(settings),
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(process, port, install.data_dir)
        yield Server(
            host="127.0.0.1",
            port=port,
            pid=process.pid,
            data_dir=install.data_dir,
            project_id=install.project_id,
            api_key=install.api_key,
            organization_key=install.organization_key,
            ready_after_s=time.perf_counter() - started,
        )
    finally:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, data_dir: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health/ready", timeout=READY_WITHIN_S),
        ):
            return
        time.sleep(LOOK_EVERY_S)
    said = (data_dir / "server.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the server did not become ready:\n{said}")


def _aivastark() -> list[str]:
    return [sys.executable, "-m", "aivastark"]


def _environment(settings: Mapping[str, str] | None) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AIVASTARK_")}
    ours = {"RATE_LIMIT_PER_MINUTE": "0", "LOG_LEVEL": "warning", **(settings or {})}
    return {**own, **{f"AIVASTARK_{name}": value for name, value in ours.items()}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
