"""Deliveries to one webhook: one round of those that are due, then the job waits for the next.

There is one job for each webhook, so that a slow receiver holds one place of the lane however much waits for it;
its round is bounded in time, after which others have their turn. One whose last attempt failed goes on in a lane
apart, so that even many that hang delay nobody who answers. Order is not promised.
"""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aivastark import jobs
from aivastark.backends.base import Backends
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.fetch_failures import FetchFailed
from aivastark.fetching import Fetcher, Posted
from aivastark.jobs import Job, LeaseLost
from aivastark.kit.clock import utc_now
from aivastark.kit.headers import retry_after
from aivastark.telemetry.metrics import WEBHOOK_ATTEMPTS, WEBHOOK_SECONDS
from aivastark.telemetry.tracing import span, trace_headers
from aivastark.webhooks.models import Attempt, Delivery, Webhook
from aivastark.webhooks.secrets import SecretUnreadable, signing_secrets
from aivastark.webhooks.sign import signed_headers
from aivastark.webhooks.store import disable, due_deliveries, job_name, next_attempt_at

DEADLINE_S = 10.0
RESPONSE_MAX_BYTES = 16_384
AT_ONCE = 4  # deliveries to one webhook
ROUND_MAX = 50
ROUND_MAX_S = 10.0  # after which no further one is begun
# Seconds from a failure to the next attempt; after the last one the delivery is given up.
RETRY_AFTER_S = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
JITTER = 0.1  # so that those who failed together do not come back together
DISABLED_AFTER = timedelta(days=5)  # of nothing but failures
LATER_S = 60.0

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one attempt went: a status, or an error when there was none."""

    started_at: datetime
    latency_ms: int
    status: int | None = None
    error: str | None = None
    message: str | None = None
    response: str | None = None
    retry_after_s: float | None = None

    @property
    def arrived(self) -> bool:
        """Only a 2xx says so; a redirect is not followed."""
        return self.status is not None and 200 <= self.status < 300


async def deliver(backends: Backends, job: Job) -> None:
    """Send what is due for the webhook the job names; the job then waits for what is due next."""
    project_id, webhook_id = job.project_id, str(job.arguments["webhook_id"])

    def look(session: ReadSession) -> tuple[Webhook | None, list[Delivery]]:
        webhook = session.get(Webhook, (project_id, webhook_id))
        return webhook, due_deliveries(session, project_id, webhook_id, limit=ROUND_MAX)

    webhook, due = await backends.db.read(look)
    if webhook is not None and webhook.enabled:
        await _round(backends, job, webhook, deque(due))
    await backends.db.write(lambda session: _wait_for_the_next(session, job, webhook_id))


async def deliver_later(db: Database, job: Job, _given_up: bool) -> None:
    """A mistake of ours, or a worker that died again and again: what waits is not given up with the job."""
    later = utc_now() + timedelta(seconds=LATER_S)
    await db.write(lambda session: jobs.finish(session, job, next_run_at=later))


async def send(fetcher: Fetcher, webhook: Webhook, delivery: Delivery, *, secret_key: bytes) -> Outcome:
    """One attempt, signed for this moment. Raises nothing that the receiver could cause."""
    started_at, began = utc_now(), time.perf_counter()
    body = delivery.body.encode()
    try:
        headers = signed_headers(
            body,
            delivery_id=delivery.id,
            event_type=delivery.event_type,
            at=started_at,
            keys=signing_secrets(webhook, secret_key=secret_key, at=started_at),
        )
        headers |= trace_headers()
        answer = await fetcher.post(
            webhook.url, body=body, headers=headers, deadline_seconds=DEADLINE_S, keep_bytes=RESPONSE_MAX_BYTES
        )
    except (FetchFailed, SecretUnreadable) as failure:
        latency_ms = _since(began)
        return Outcome(started_at=started_at, latency_ms=latency_ms, error=failure.code, message=failure.message)
    return _outcome(answer, started_at=started_at, latency_ms=_since(began))


def note(delivery: Delivery, outcome: Outcome) -> Attempt:
    """The attempt for the log; what follows from it is written onto the delivery."""
    now = utc_now()
    delivery.attempts += 1
    attempt = Attempt(
        project_id=delivery.project_id,
        delivery_id=delivery.id,
        number=delivery.attempts,
        started_at=outcome.started_at,
        latency_ms=outcome.latency_ms,
        status=outcome.status,
        error=outcome.error,
        message=outcome.message,
        response=outcome.response,
    )
    delivery.response_status, delivery.error, delivery.updated_at = outcome.status, outcome.error, now
    if outcome.arrived:
        delivery.status, delivery.failures, delivery.next_attempt_at = "delivered", 0, None
        return attempt
    delivery.failures += 1
    wait_s = None if delivery.is_test or outcome.status == 410 else _wait_s(delivery.failures, outcome)
    delivery.status = "failed" if wait_s is None else "pending"
    delivery.next_attempt_at = None if wait_s is None else now + timedelta(seconds=wait_s)
    return attempt


async def _round(backends: Backends, job: Job, webhook: Webhook, due: deque[Delivery]) -> None:
    ends_at = time.monotonic() + ROUND_MAX_S

    async def one_after_the_other() -> None:
        while due and time.monotonic() < ends_at:
            if not await _attempt(backends, job, webhook, due.popleft()):
                due.clear()

    ended = await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)), return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure


async def _attempt(backends: Backends, job: Job, webhook: Webhook, delivery: Delivery) -> bool:
    """Says whether the webhook still wants more."""
    if await backends.db.read(lambda session: session.get(Delivery, (job.project_id, delivery.id))) is None:
        return True  # erased since the round began, with the conversation it speaks of: nothing of it goes out
    with span("webhook", {"aivastark.event_type": delivery.event_type}, kind="CLIENT"):
        outcome = await send(backends.fetcher, webhook, delivery, secret_key=backends.secret_key)
    WEBHOOK_ATTEMPTS.labels("delivered" if outcome.arrived else outcome.error or "http_error").inc()
    WEBHOOK_SECONDS.observe(outcome.latency_ms / 1000)
    return await backends.db.write(lambda session: _note_here(session, job, webhook.id, delivery.id, outcome))


def _note_here(session: WriteSession, job: Job, webhook_id: str, delivery_id: str, outcome: Outcome) -> bool:
    jobs.hold(session, job)
    webhook = session.get(Webhook, (job.project_id, webhook_id))
    delivery = session.get(Delivery, (job.project_id, delivery_id))
    if webhook is None:
        raise LeaseLost(job.subject)
    if delivery is None:  # erased while it was on its way
        return webhook.enabled
    session.add(note(delivery, outcome))
    _judge(webhook, outcome)
    return webhook.enabled


def _judge(webhook: Webhook, outcome: Outcome) -> None:
    """What the attempt says of the webhook: its clock of failures, and its end."""
    if outcome.arrived:
        webhook.failing_since = None
        return
    webhook.failing_since = webhook.failing_since or outcome.started_at
    gone = outcome.status == 410
    if webhook.enabled and (gone or utc_now() - webhook.failing_since >= DISABLED_AFTER):
        disable(webhook, "gone" if gone else "failing")
        log.warning("webhook disabled", webhook=webhook.id, project=webhook.project_id, reason=webhook.disabled_reason)


def _wait_for_the_next(session: WriteSession, job: Job, webhook_id: str) -> None:
    webhook = session.get(Webhook, (job.project_id, webhook_id))
    if webhook is None or not webhook.enabled:
        jobs.finish(session, job)
        return
    due = next_attempt_at(session, job.project_id, webhook_id)
    jobs.finish(session, job, next_run_at=due, next_name=job_name(webhook))


def _outcome(answer: Posted, *, started_at: datetime, latency_ms: int) -> Outcome:
    ok = 200 <= answer.status < 300
    return Outcome(
        started_at=started_at,
        latency_ms=latency_ms,
        status=answer.status,
        error=None if ok else "redirect" if 300 <= answer.status < 400 else "http_error",
        message=None if ok else f"The receiver answered with HTTP {answer.status}.",
        # PostgreSQL keeps no NUL in a text.
        response=answer.body.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        retry_after_s=retry_after(answer.headers.get("retry-after", "")),
    )


def _wait_s(failures: int, outcome: Outcome) -> float | None:
    """Seconds to the next attempt, later where the receiver asks for it; None when it was the last one."""
    if failures > len(RETRY_AFTER_S):
        return None
    planned = RETRY_AFTER_S[failures - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return max(planned, outcome.retry_after_s or 0.0)


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
