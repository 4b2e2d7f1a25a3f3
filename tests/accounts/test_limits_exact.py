"""Several processes, one limit: exactly as many requests pass as the plan says, and every answer tells the truth."""

import itertools
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.journeys.server import Server
from tests.make import assert_limit_headers

PROCESSES = 8
TAKE_MAX_S = 120


@pytest.fixture
def database_url(tmp_path: Path, migrated: Path) -> str:
    """A database that several processes can share."""
    shutil.copy(migrated, tmp_path / "shared.db")
    return f"sqlite:///{tmp_path / 'shared.db'}"


def take_in_processes(url: str, *, tries: int, window_s: int) -> tuple[dict[int, list[int]], int]:
    """Per window (by its end) what was remaining after each admitted request, and how many were refused."""
    run = [sys.executable, "-m", "tests.accounts.limit_taker", url, str(tries // PROCESSES), str(window_s)]
    takers = [subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    for taker in takers:
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(PROCESSES) as threads:
        told = list(threads.map(lambda taker: taker.communicate("go\n", timeout=TAKE_MAX_S)[0], takers))
    assert [taker.returncode for taker in takers] == [0] * PROCESSES
    windows: dict[int, list[int]] = defaultdict(list)
    refused = 0
    for one in map(orjson.loads, told):
        refused += one["refused"]
        for resets_at, remaining in one["admitted"]:
            windows[resets_at].append(remaining)
    return windows, refused


def test_of_20_000_requests_of_eight_processes_exactly_sixty_pass_in_a_minute(database_url: str) -> None:
    windows, refused = take_in_processes(database_url, tries=20_000, window_s=60)

    assert [sorted(remaining) for remaining in windows.values()] == [list(range(60))]
    assert refused == 20_000 - 60


def test_exactly_sixty_pass_in_each_window_that_follows_another(database_url: str) -> None:
    windows, refused = take_in_processes(database_url, tries=4_000, window_s=1)

    *whole, _last = [windows[ends_at] for ends_at in sorted(windows)]
    assert len(whole) >= 2
    assert all(sorted(remaining) == list(range(60)) for remaining in whole)
    assert refused == 4_000 - sum(len(remaining) for remaining in windows.values())
    ends = sorted(windows)
    assert all(second - first >= 1_000_000 for first, second in itertools.pairwise(ends))


@pytest.fixture
def two_servers(tmp_path: Path) -> Iterator[tuple[list[Server], dict[str, Any]]]:
    """Two `aivastark serve` on one data directory."""
    environment = {"EMBEDDING_MODEL": "hashing", "DEFAULT_PLAN": "growth"}
    servers = [
        Server(data_dir=tmp_path / "data", environment=environment, log_suffix=suffix)
        for suffix in (".1.log", ".2.log")
    ]
    install = servers[0].init()
    for server in servers:
        server.start()
    yield servers, install
    for server in servers:
        server.stop()


def test_two_servers_on_one_data_directory_share_the_limit(
    two_servers: tuple[list[Server], dict[str, Any]],
) -> None:
    servers, install = two_servers
    path = f"/v1/projects/{install['project_id']}/sources"
    key = {"Authorization": f"Bearer {install['api_key']}"}

    def ask(server: Server) -> list[httpx.Response]:
        with httpx.Client(base_url=server.url, headers=key, timeout=30) as http:
            return [http.get(path) for _ in range(50)]

    with ThreadPoolExecutor(4) as threads:
        answers = [answer for some in threads.map(ask, servers * 2) for answer in some]

    for answer in answers:
        assert_limit_headers(answer)
    passed = sorted(int(answer.headers["x-ratelimit-remaining"]) for answer in answers if answer.status_code == 200)
    assert passed == list(range(60))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 140
    assert {answer.headers["x-ratelimit-remaining"] for answer in refused} == {"0"}
