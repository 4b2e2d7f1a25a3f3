"""One server for the programs of this folder."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.server import Server
from tests.openapi.served import Served, start
from tests.origins.drive import driving_in_background

QUICK = {
    "EMBEDDING_MODEL": "hashing",
    "RATE_LIMIT_PER_MINUTE": "0",
    "ALLOW_PRIVATE_NETWORKS": "true",
    "SIGN_UP": "open",
}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`aivastark serve` without a model to load and without limits."""
    with driving_in_background() as google:
        environment = {**QUICK, **google.environment}
        with Server(data_dir=tmp_path_factory.mktemp("openapi") / "data", environment=environment) as server:
            yield start(server)
            assert server.stop() in (0, -15)


@pytest.fixture(scope="session")
def written(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as it is served, in a file."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(httpx.get(f"{served.url}/openapi.json").raise_for_status().content)
    return file
