"""A Citus cluster for tests, where one is installed: a coordinator and two nodes for rows, all on this machine.

`AIVASTARK_TEST_CITUS_BIN` names the `bin` folder of a PostgreSQL that has Citus and pgvector, and that anybody may run.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from aivastark.postgresql import libpq_url
from tests.postgres import FAST, OWNER, own_server

CITUS_BIN = os.environ.get("AIVASTARK_TEST_CITUS_BIN")  # read before tests forget what is set outside
NODES = 2
DATABASE = "aivastark"
SETTINGS = {
    **FAST,
    "listen_addresses": "127.0.0.1",
    "shared_preload_libraries": "citus",
    "max_prepared_transactions": "100",
    "citus.enable_statistics_collection": "off",  # it would call its makers
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A running one, with a database whose tables nobody has made yet."""

    url: str
    """Of the coordinator, as whom the application comes."""
    above: str
    """As a superuser."""
    nodes: tuple[str, ...]
    """Where rows go, as a superuser."""


@contextmanager
def cluster() -> Iterator[Cluster]:
    """The servers go when the block ends."""
    assert CITUS_BIN is not None
    ports = _free_ports(1 + NODES)
    with ExitStack() as stack:
        urls = []
        for port in ports:
            settings = {**SETTINGS, "port": str(port)}
            stack.enter_context(own_server(settings, binaries=Path(CITUS_BIN)))
            urls.append(_prepared(port))
        with psycopg.connect(libpq_url(urls[0]), autocommit=True) as coordinator:
            coordinator.execute("SELECT citus_set_coordinator_host('127.0.0.1', %s)", [ports[0]])
            for port in ports[1:]:
                coordinator.execute("SELECT citus_add_node('127.0.0.1', %s)", [port])
        url = make_url(urls[0]).set(username=OWNER).render_as_string(hide_password=False)
        yield Cluster(url=url, above=urls[0], nodes=tuple(urls[1:]))


def _prepared(port: int) -> str:
    """The URL of a database on a server with what a superuser has to make there."""
    whole = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    with psycopg.connect(libpq_url(whole), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    url = whole.removesuffix("postgres") + DATABASE
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION citus")
        connection.execute("CREATE EXTENSION vector")
    return url


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
