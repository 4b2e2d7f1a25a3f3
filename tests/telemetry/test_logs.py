"""What goes into the log: JSON with the request's id, nothing that opens a door, nothing that somebody wrote."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.commands.shell import set_up_logs
from aivastark.settings import Settings
from tests.answers.priced import KNOWN, QUESTION
from tests.conftest import Settle
from tests.make import SECRET_KEY, Tenant, calling, make_settings
from tests.telemetry.day import LLM_KEY, METRICS_TOKEN, a_day, scraped

Said = Callable[[], list[dict[str, Any]]]

PASSWORD = "correct horse battery staple"


@pytest.fixture
def said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """Turns the log on as `serve` does, at its most talkative; gives its lines so far."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    set_up_logs(make_settings(settings.data_dir, log_format="json", log_level="debug"))
    yield lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before


async def test_no_secret_is_logged_all_day(
    said: Said, backends: Backends, tenant: Tenant, settle: Settle, settings: Settings
) -> None:
    async with a_day(backends, tenant, settle, settings) as day:
        await scraped(day.api.http)
        await day.api.get("/v1/auth/me")
        for door in ("sign-in", "sign-up", "claim", "password-reset/confirm"):
            body = {"email": "someone@example.com", "password": PASSWORD, "token": "akv_inv_0123456789"}
            await day.api.post(f"/v1/auth/{door}", body)
        await day.api.post(f"/v1/widget/{tenant.key}/session", {})
        rotated = (await day.api.post(f"webhooks/{day.webhook['id']}/rotate-secret", {})).json()

    lines = said()
    told = orjson.dumps(lines).decode()
    assert {"request", "model_failed"} <= {line["event"] for line in lines}
    assert all(line["request_id"].startswith("req_") for line in lines if line["event"] == "request")
    secrets = (tenant.key, LLM_KEY, METRICS_TOKEN, SECRET_KEY, PASSWORD, day.webhook["secret"], "akv_inv_0123456789")
    for secret in (*secrets, rotated.get("secret", tenant.key), QUESTION, KNOWN, "gift card", "someone@example.com"):
        assert secret not in told


async def test_an_error_of_the_database_tells_no_values(said: Said, backends: Backends) -> None:
    statement = text("INSERT INTO nothing_of_ours VALUES (:word)")
    try:
        await backends.db.write(lambda session: session.execute(statement, {"word": PASSWORD}))
    except SQLAlchemyError:
        structlog.get_logger().exception("request failed")

    (line,) = said()
    assert "nothing_of_ours" in line["exception"]
    assert PASSWORD not in line["exception"]


async def test_libraries_lines_are_json_too(said: Said, tenant: Tenant, backends: Backends) -> None:
    async with calling(create_app(backends), tenant.key) as http:
        await http.get("/v1/health/live")
    logging.getLogger("a.library").warning("it is %s", "late")

    *_, line = said()

    assert (line["event"], line["logger"], line["level"]) == ("it is late", "a.library", "warning")
    assert "timestamp" in line
