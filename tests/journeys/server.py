"""A real `aivastark serve` in a process of its own, that can be stopped as a power cut would stop it."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

START_MAX_S = 60.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(kw_only=True)
class Server:
    """One data directory, and the process that serves it while it runs."""

    data_dir: Path
    environment: dict[str, str] = field(default_factory=dict)
    log_suffix: str = ".log"
    options: tuple[str, ...] = ()
    url: str = ""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def init(self) -> dict[str, Any]:
        """`aivastark init --json`."""
        made: dict[str, Any] = orjson.loads(self.command("init", "--json"))
        return made

    def command(self, *arguments: str) -> bytes:
        """The output of another command on the same data directory."""
        run = [sys.executable, "-m", "aivastark", *arguments, "--data-dir", str(self.data_dir)]
        return subprocess.run(run, env=self._environment(), check=True, stdout=subprocess.PIPE).stdout

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it serves."""
        log = self.data_dir.with_suffix(self.log_suffix)
        run = [sys.executable, "-m", "aivastark", "serve", "--port", "0", "--data-dir", str(self.data_dir)]
        run.extend(self.options)
        with log.open("wb") as out:
            self._process = subprocess.Popen(run, env=self._environment(), stdout=out, stderr=subprocess.STDOUT)
        give_up_at = time.monotonic() + START_MAX_S
        while time.monotonic() < give_up_at:
            if self._process.poll() is not None:
                break
            said = _ADDRESS.search(log.read_text())
            if said is not None:
                self.url = said.group(0)
                try:
                    httpx.get(f"{self.url}/v1/health/ready", timeout=5)
                except httpx.TransportError:
                    pass
                else:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server did not start: {log.read_text()}")

    def children(self) -> list[int]:
        """Of the running process: those that answer, where there are several."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in found if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]

    def kill(self) -> None:
        """As a power cut or the kernel's out-of-memory killer would: no farewell of any kind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """As an operator would; gives the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=30)

    def client(self, key: str) -> httpx.AsyncClient:
        """HTTP to it with a key."""
        return httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIVASTARK_")}
        return {**inherited, **{f"AIVASTARK_{name}": value for name, value in self.environment.items()}}
