"""A real S3-compatible store for tests: SeaweedFS, all of it in one process, with a bucket and one key.

`make s3-check` installs it. It listens on loopback alone, tells its makers nothing, and goes with the tests.
"""

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

WEED = Path(sys.executable).parent / "weed"
S3_INSTALLED = WEED.exists()
START_SECONDS = 60
BUCKET = "uploads"
KEY, SECRET = "tests", "a-secret-of-the-tests"
PORTS = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")
# Its standard input is a pipe from us: when we end, however that comes about, the server goes.
_UNTIL_WE_END = '"$@" & read -r line; kill -KILL $!; wait'


@dataclass
class S3Server:
    """May be killed and started again: it finds its objects."""

    folder: Path
    _ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, _free_ports(len(PORTS)), strict=True)))
    _process: subprocess.Popen[bytes] | None = None
    _has_bucket: bool = False

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    def settings(self, **others: Any) -> dict[str, Any]:
        """Settings of an install with its uploads there, apart from every other's."""
        return {
            "blobs_url": f"s3://{BUCKET}/{secrets.token_hex(6)}",
            "blobs_endpoint": self.endpoint,
            "blobs_access_key_id": SecretStr(KEY),
            "blobs_secret_access_key": SecretStr(SECRET),
            **others,
        }

    def start(self) -> None:
        """It answers, and has the bucket."""
        (self.folder / "data").mkdir(exist_ok=True)
        identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_WE_END, "sh", str(WEED), "server", *self._options()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self._wait()
        if not self._has_bucket:
            self._make_bucket()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Killed, until the block ends."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def kill(self) -> None:
        """At once, as when its machine fails."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _make_bucket(self) -> None:
        made = subprocess.run(
            [WEED, "shell", f"-master=127.0.0.1:{self._ports['master']}.{self._ports['master.grpc']}"],
            input=f"s3.bucket.create -name {BUCKET}\n".encode(),
            capture_output=True,
            timeout=START_SECONDS,
            cwd=self.folder,
        )
        assert made.returncode == 0, made.stderr
        self._has_bucket = True

    def _options(self) -> list[str]:
        ports = [f"-{name.replace('.', '.port.') if '.' in name else f'{name}.port'}" for name in PORTS]
        return [
            "-dir=data",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            *(f"{option}={port}" for option, port in zip(ports, self._ports.values(), strict=True)),
            "-master.telemetry=false",
            "-master.electionTimeout=1s",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=20",
            "-filer",
            f"-filer.localSocket={self.folder / 'filer.sock'}",
            "-s3",
            "-s3.config=s3.json",
            "-s3.autoCreateBucket=false",
            "-s3.iam=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.localSocket={self.folder / 's3.sock'}",
        ]

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(self.endpoint, timeout=1)
            except urllib.error.HTTPError:  # it is there, and wants a key
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]
