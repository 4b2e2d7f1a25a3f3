"""`deploy/Dockerfile` read, and done on a machine without Docker: `python -m tests.deploy.dockerfile`.

Every RUN, COPY and ENV is done in one fresh folder that stands for the root; what only an image can have (users,
packages of the system) is named and left out. Then its CMD is started, asked whether it is ready, and stopped.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
# Of these the whole step is left out: they change a system, and the machine under test is somebody's.
OF_A_SYSTEM = re.compile(r"\b(apt-get|groupadd|useradd)\b")
ABSOLUTE = re.compile(r"(?<![\w./-])/(opt|src|data)\b")
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 30.0
HEALTH_TRIES = 3  # as Docker counts


@dataclass(kw_only=True)
class Step:
    """One instruction: its word, and what follows on one line."""

    word: str
    rest: str

    @property
    def listed(self) -> list[str]:
        """What follows, where it is a JSON list."""
        found: list[str] = orjson.loads(self.rest)
        return found


@dataclass(kw_only=True)
class Image:
    """What the image is when it is built: the environment and what is started."""

    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    """The instructions in order; comments are none, and lines that go on are one."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    whole = re.sub(r"\\\n\s*", " ", lines)
    parts = (line.strip().partition(" ") for line in whole.splitlines() if line.strip())
    return [Step(word=word.upper(), rest=rest.strip()) for word, _, rest in parts]


def image_of(text: str) -> Image:
    """What is left of the last stage."""
    image, entry, command = Image(), list[str](), list[str]()
    for step in steps(text):
        match step.word:
            case "FROM":
                image, entry, command = Image(), [], []
            case "ENV":
                image.environment |= _pairs(step.rest)
            case "ENTRYPOINT":
                entry = step.listed
            case "CMD":
                command = step.listed
            case "HEALTHCHECK":
                image.health = orjson.loads(step.rest.partition(" CMD ")[2])
    image.command = [*entry, *command]
    return image


def build(root: Path) -> None:
    """Everything that builds it, in `root`."""
    folder = root
    venv.create(root / "python", with_pip=True)
    environment = {"PATH": f"{root / 'python' / 'bin'}:{os.environ['PATH']}", "HOME": os.environ["HOME"]}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    environment.pop("UV_PROJECT_ENVIRONMENT", None)
    for step in steps(DOCKERFILE.read_text()):
        match step.word:
            case "ENV":
                environment |= {name: _in(root, value) for name, value in _pairs(step.rest).items() if name != "PATH"}
            case "WORKDIR":
                folder = Path(_in(root, step.rest))
                folder.mkdir(parents=True, exist_ok=True)
            case "RUN" if OF_A_SYSTEM.search(step.rest):
                _say(f"left out: {step.rest}")
            case "RUN":
                _say(f"RUN {step.rest}")
                subprocess.run(["sh", "-euc", _in(root, step.rest)], cwd=folder, env=environment, check=True)
            case "COPY" if step.rest.startswith("--from="):
                assert Path(_in(root, step.rest.split()[1])).exists(), step.rest
            case "COPY":
                *names, target = step.rest.split()
                _copy(names, folder / target)


def serve_and_stop(root: Path, *, path: str, also: Mapping[str, str] | None = None) -> float:
    """Start what the image starts, wait until it is ready, ask its health as it would, stop it; the seconds it took."""
    image = image_of(DOCKERFILE.read_text())
    port = _free_port()
    command = [part.replace("8080", str(port)).replace("0.0.0.0", "127.0.0.1") for part in image.command]
    environment = {name: _in(root, value) for name, value in image.environment.items()}
    environment |= {"PATH": path, "HOME": str(root), **(also or {})}
    began = time.monotonic()
    with (root / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=said, stderr=said)
    try:
        _wait_until_ready(process, port, root / "said")
        took = time.monotonic() - began
        health = [part.replace("8080", str(port)) for part in image.health]
        asked = (subprocess.run(health, env=environment, timeout=ENDS_WITHIN_S) for _ in range(HEALTH_TRIES))
        assert any(done.returncode == 0 for done in asked), "its HEALTHCHECK fails"
        process.send_signal(signal.SIGTERM)
        status = process.wait(ENDS_WITHIN_S)
        assert status in (0, -signal.SIGTERM), f"it ended with {status}: {(root / 'said').read_text()}"
    finally:
        process.kill()
        process.wait()
    return took


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    give_up = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health/ready", timeout=4) as answer:
                assert orjson.loads(answer.read())["status"] == "ok"
                return
        except OSError:  # not there yet, or busy
            time.sleep(0.05)
    raise AssertionError(f"it was not ready: {said.read_text()}")


def _pairs(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in shlex.split(text))


def _in(root: Path, text: str) -> str:
    """The same with `root` for the root of the image."""
    return ABSOLUTE.sub(lambda found: f"{root}/{found[1]}", text)


def _copy(names: Sequence[str], target: Path) -> None:
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """All of it, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build(root)
        took = serve_and_stop(root, path=f"{root / 'opt' / 'aivastark' / 'bin'}:/usr/bin:/bin")
        size = sum(
            file.stat().st_size for file in (root / "opt").rglob("*") if file.is_file() and not file.is_symlink()
        )
        _say(f"ready after {took:.1f} s, stopped in good order; /opt/aivastark has {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
