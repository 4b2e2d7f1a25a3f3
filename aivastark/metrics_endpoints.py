"""`/metrics`: what this install counts, for Prometheus and whoever reads its format."""

import asyncio
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import case, func, select

from aivastark import __version__, wall
from aivastark.backends.base import Backends
from aivastark.database import Database, ReadSession
from aivastark.errors import NoMetricsToken, PermissionDenied
from aivastark.jobs import JobRow
from aivastark.kit.clock import utc_now
from aivastark.telemetry.metrics import CONTENT_TYPE, is_shared, written
from aivastark.webhooks.models import Delivery

LOOKED_UP_EVERY_S = 10.0  # however often and by however many it is read
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
LOCAL_CLIENTS = frozenset({"127.0.0.1", "::1"})
BY_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

router = APIRouter(prefix="/metrics", tags=["Health"], include_in_schema=False)


@dataclass(slots=True)
class Waiting:
    """What waits in the database, as it was looked up last; one for each app."""

    families: tuple[Metric, ...] = ()
    looked_up_at: float = -LOOKED_UP_EVERY_S


def may_read(request: Request) -> None:
    """With a token set, whoever holds it. Without one this machine alone, and nobody through a proxy on it.

    Not the public: how many questions a company gets, and how its models fail, is its own business.
    """
    token: str | None = request.app.state.metrics_token
    if token is not None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
            raise NoMetricsToken
        return
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    is_local = request.client is not None and request.client.host in LOCAL_CLIENTS and name in LOCAL_HOSTS
    if not is_local or any(header in request.headers for header in BY_PROXIES):
        raise PermissionDenied("Numbers are told to this machine alone, unless AIVASTARK_METRICS_TOKEN is set.")


@router.get("", operation_id="metrics", summary="Numbers for Prometheus", dependencies=[Depends(may_read)])
async def metrics(request: Request) -> Response:
    """Everything counted, in Prometheus' text format."""
    backends: Backends = request.app.state.backends
    waiting: Waiting = request.app.state.waiting
    if time.monotonic() - waiting.looked_up_at >= LOOKED_UP_EVERY_S:
        waiting.looked_up_at = time.monotonic()
        with wall.everything():
            waiting.families = await backends.db.read(_look)
    families = [*waiting.families, *_of_this_process(backends.db)]
    return Response(await asyncio.to_thread(written, families), media_type=CONTENT_TYPE)


def _look(session: ReadSession) -> tuple[Metric, ...]:
    return (*_jobs(session), *_deliveries(session))


def _jobs(session: ReadSession) -> tuple[Metric, ...]:
    now = utc_now()
    is_running = JobRow.leased_until > now
    state = case(
        (is_running, "running"), (JobRow.run_at > now, "later"), (JobRow.attempts > 0, "failing"), else_="waiting"
    )
    rows = session.execute(
        select(JobRow.name, state.label("state"), func.count(), func.min(JobRow.run_at)).group_by(JobRow.name, state)
    ).all()
    counts: dict[tuple[str, str], int] = {}
    oldest: dict[str, float] = {}
    for name, its_state, count, run_at in rows:
        name = name.partition(":")[0]  # behind it, a model's: there may be many
        counts[name, its_state] = counts.get((name, its_state), 0) + count
        if its_state in ("waiting", "failing"):
            oldest[name] = max(oldest.get(name, 0.0), (now - run_at).total_seconds())
    jobs = GaugeMetricFamily(
        "aivastark_jobs",
        "Jobs: due and waiting for a worker, due after a failure, running, and due later.",
        labels=("kind", "state"),
    )
    for (name, its_state), count in counts.items():
        jobs.add_metric((name, its_state), count)
    age = GaugeMetricFamily(
        "aivastark_jobs_oldest_due_seconds", "How long the first of those that are due waits.", labels=("kind",)
    )
    for name in {name for name, _ in counts}:
        age.add_metric((name,), oldest.get(name, 0.0))
    return jobs, age


def _deliveries(session: ReadSession) -> tuple[Metric, ...]:
    now = utc_now()
    count, oldest = session.execute(
        select(func.count(), func.min(Delivery.next_attempt_at)).where(Delivery.next_attempt_at.is_not(None))
    ).one()
    waiting = GaugeMetricFamily("aivastark_webhook_deliveries_waiting", "Deliveries that have not arrived yet.", count)
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return waiting, GaugeMetricFamily(
        "aivastark_webhook_oldest_due_seconds", "How long the first of those that are due waits.", age
    )


def _of_this_process(db: Database) -> tuple[Metric, ...]:
    state: Mapping[str, tuple[int, int]] = db.connections()
    used = GaugeMetricFamily("aivastark_database_connections_used", "Connections in use.", labels=("door",))
    most = GaugeMetricFamily("aivastark_database_connections_max", "Connections there may be.", labels=("door",))
    for door, (now, at_most) in state.items():
        used.add_metric((door,), now)
        most.add_metric((door,), at_most)
    waiting = GaugeMetricFamily("aivastark_database_work_waiting", "Transactions that wait for a thread.", db.waiting())
    return used, most, waiting, _build()


def _build() -> Metric:
    family = GaugeMetricFamily(
        "aivastark_build", "What runs here; `shared`: for several processes.", labels=("version", "shared")
    )
    family.add_metric((__version__, str(is_shared()).lower()), 1)
    return family
