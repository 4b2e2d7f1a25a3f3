"""The whole application on a temporary data directory; nothing of ours is mocked, nothing leaves the machine."""

import gc
import logging
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import make_url

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.migrations.migrate import migrate
from aivastark.settings import Settings
from tests.certificate import self_signed
from tests.compiled import compile_once
from tests.journeys.server import Server
from tests.make import Client, Tenant, calling, listening, make_settings, make_tenant, working
from tests.pooler import PGBOUNCER, pooling
from tests.postgres import OTHER_SERVER, Postgres, serving
from tests.s3_server import S3_INSTALLED, S3Server

Settle = Callable[[], Awaitable[None]]
DATABASES = ("sqlite", "postgresql")
POOLED = "pooled"  # PostgreSQL behind PgBouncer
# What runs there as well with `--database both`: requests, jobs, live views and search of every kind.
POOLED_FILES = ("test_jobs.py", "projects/test_projects.py", "conversations/test_live.py", "answers/test_query.py")
FOLDER = Path(__file__).parent
# Files of half a minute and more, the longest first: one that began late would keep one worker busy while the
# others have nothing left to do.
LONG_FILES = (
    "openapi/test_fuzzing.py",
    "journeys/test_kill.py",
    "journeys/test_crawl.py",
    "journeys/test_webhooks_kill.py",
    "journeys/test_crawl_kill.py",
    "accounts/test_limits_exact.py",
    "web/dashboard/test_looks.py",
    "journeys/test_drive_kill.py",
    "journeys/test_two_by_two.py",
    "journeys/test_processes.py",
    "journeys/test_rolling_restart.py",
    "journeys/test_two_processes.py",
    "journeys/test_bad_input.py",
    "backends/llm/test_many_streams.py",
    "journeys/test_github_kill.py",
    "journeys/test_many_answers.py",
    "answers/test_attacks.py",
    "answers/test_model_properties.py",
    "journeys/test_reembedding_kill.py",
    "journeys/test_budget_after_a_kill.py",
    "journeys/test_guard.py",
    "sources/extract/test_ocr.py",
    "kit/personal/test_find.py",
    "web/test_journeys.py",
    "web/dashboard/test_settings.py",
    "web/test_vectors.py",
    "openapi/test_linting.py",
    "web/test_states.py",
    "web/test_packages.py",
    "web/test_guest.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=[*DATABASES, POOLED, "both"],
        default="sqlite",
        help="where the application under test keeps its records; both runs its tests twice",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    named = any("database" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    # Of a browser's two walks over the same pages the second finds nothing that those through HTTP do not.
    in_browser = metafunc.module.__name__.startswith("tests.web")
    both = metafunc.config.getoption("--database") == "both" and not in_browser
    if "database" in metafunc.fixturenames and not named and both:
        pooled = Path(metafunc.module.__file__ or "").relative_to(FOLDER).as_posix() in POOLED_FILES
        metafunc.parametrize("database", [*DATABASES, *([POOLED] if pooled else [])], indirect=True)


def pytest_configure() -> None:
    """Until all tests are found nothing is thrown away, and looking for it takes a quarter of that time."""
    gc.disable()
    compile_once()


def pytest_collection_finish() -> None:
    """What was found stays to the end: it is not looked through again while tests run."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, the others as they were found."""
    places = {FOLDER / name: place for place, name in enumerate(LONG_FILES)}
    assert all(path.is_file() for path in places), "LONG_FILES names one that is gone"
    items.sort(key=lambda item: places.get(item.path, len(places)))


def _refuse_the_internet(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: sees every connection of this process, in whatever library it is made."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        try:
            is_local = ip_address(arguments[1][0]).is_loopback
        except ValueError:
            is_local = arguments[1][0] == "localhost"
        if not is_local:
            raise RuntimeError(f"a test called {arguments[1]}: only loopback may be called")


@pytest.fixture(scope="session", autouse=True)
def _no_internet() -> None:
    sys.addaudithook(_refuse_the_internet)


@pytest.fixture(autouse=True)
def _short_logs() -> None:
    """What is logged is short and quickly written: the default paints every local variable."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
    )


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AIVASTARK_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at head; copying it is quicker than migrating one for every test."""
    database = tmp_path_factory.mktemp("migrated") / "aivastark.db"
    migrate(f"sqlite:///{database}")
    return database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL, started when the first test asks for it."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3-compatible store, where its server is installed."""
    if not S3_INSTALLED:
        pytest.skip("`make s3-check` installs an S3-compatible server")
    server = S3Server(folder=tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database the application of this test keeps its records in."""
    chosen: str = getattr(request, "param", request.config.getoption("--database"))
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that several processes can share."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url
    else:
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "shared.db")
        yield f"sqlite:///{tmp_path / 'shared.db'}"


@pytest.fixture(scope="session")
def pooler(postgres: Postgres) -> Iterator[str]:
    """PgBouncer before it, where that is installed."""
    if PGBOUNCER is None or OTHER_SERVER:
        pytest.skip("PgBouncer is not installed (Debian: apt install pgbouncer)")
    with pooling(postgres.url) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if database == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.database() as url:
            yield make_settings(data_dir, database_url=url)
    elif database == POOLED:
        pooler: str = request.getfixturevalue("pooler")
        server = request.getfixturevalue("postgres")
        with server.database() as url:
            pooled = make_url(pooler).set(database=make_url(url).database).render_as_string(hide_password=False)
            yield make_settings(data_dir, database_url=pooled, database_direct_url=url)
    else:
        shutil.copy(request.getfixturevalue("migrated"), data_dir)
        yield make_settings(data_dir)


@pytest.fixture
async def backends(settings: Settings) -> AsyncIterator[Backends]:
    async with open_backends(settings) as opened:
        yield opened


@pytest.fixture
def app(backends: Backends) -> Application:
    return create_app(backends)


@pytest.fixture
async def address(app: Application) -> AsyncIterator[str]:
    """Where the app listens, for clients that bring their own HTTP."""
    async with listening(app) as url:
        yield url


@pytest.fixture
async def tenant(backends: Backends) -> Tenant:
    return await make_tenant(backends.db)


@pytest.fixture
async def api(app: Application, tenant: Tenant) -> AsyncIterator[Client]:
    async with calling(app, tenant.key) as http:
        yield Client(http=http, tenant=tenant)


@pytest.fixture
async def stranger(app: Application, backends: Backends) -> AsyncIterator[Client]:
    """Another tenant of the same install."""
    other = await make_tenant(backends.db)
    async with calling(app, other.key) as http:
        yield Client(http=http, tenant=other)


@pytest.fixture
async def settle(backends: Backends) -> AsyncIterator[Settle]:
    """Work off every job that is due."""
    async with working(backends) as worker:
        yield worker.run_until_idle


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For servers on 127.0.0.1, with its key in the same file."""
    return self_signed(tmp_path_factory.mktemp("certificate") / "server.pem")


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server of a test speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str]]:
    """`aivastark serve` with the real model in a process of its own; its project and a key."""
    server = Server(data_dir=tmp_path_factory.mktemp("served") / "data", environment={"ALLOW_PRIVATE_NETWORKS": "true"})
    install = server.init()
    server.start()
    yield server, install["project_id"], install["api_key"]
    assert server.stop() in (0, -15)
