"""Deleting a project that has one of everything: nothing of it is left, and nothing else is touched."""

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from aivastark.accounts.gate import Application
from aivastark.accounts.models import ApiKey
from aivastark.answers.models import AnswerUnderWay
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import Took
from aivastark.database import Base, ReadSession
from aivastark.jobs import JobRow
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.projects.erase import ERASE_PROJECT
from aivastark.projects.spending import Reservation
from aivastark.projects.spending import settle as count_spent
from aivastark.settings import Settings
from aivastark.sources.account_models import ConnectedAccount
from aivastark.sources.embedding_models import Reembedding
from tests.conftest import Settle
from tests.loopback import page, serving
from tests.make import Client, Tenant, assert_error, blobs_in, calling, make_tenant, read
from tests.webhooks.hooks import subscribe
from tests.widgets.test_attachments import sent
from tests.widgets.window import make_widget, opened

KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
QUESTION = "How long does the workshop take to repair a kettle?"
NORWAY = "Do you ship to Norway?"

# What says that the project was there and holds nobody's words: what it used, its closed keys, what was done and by
# whom, the job that comes once more, and for some minutes how many requests were made.
LEFT = {"usage_counters", "api_keys", "audit_log", "jobs", "rate_windows"}


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, whole_organization=True)


def account_of(client: Client) -> ConnectedAccount:
    """What remains of a Google account that somebody connected."""
    now = utc_now()
    return ConnectedAccount(
        project_id=client.tenant.project_id,
        id=new_id("acc"),
        provider="google",
        subject="1",
        email="anna@acme.example",
        scope="drive.file",
        status="connected",
        picked=[],
        refresh_token=b"sealed",
        created_by="usr_anna",
        created_at=now,
        updated_at=now,
    )


def reembedding_of(client: Client) -> Reembedding:
    """What is there while its knowledge is embedded anew."""
    now = utc_now()
    return Reembedding(
        project_id=client.tenant.project_id,
        model_id="m-2",
        passages_total=1,
        passages_done=0,
        error=None,
        started_at=now,
        updated_at=now,
    )


async def fill(client: Client, app: Application, backends: Backends, settle: Settle, url: str, *, secret: str) -> None:
    """One of everything; a site with a page that cannot be had among it."""
    await client.add(text=KNOWLEDGE, title="Repairs")
    await client.upload(b"# Hours\n\nWe open at nine.", "hours.md")
    await client.add(url=f"{url}start", crawl={})
    await backends.db.write(lambda session: session.add(account_of(client)))
    await backends.db.write(lambda session: session.add(reembedding_of(client)))
    spent = Reservation(at=utc_now())
    await backends.db.write(lambda session: count_spent(session, client.tenant.project_id, spent, Took(cost=1)))
    left = AnswerUnderWay(
        project_id=client.tenant.project_id, message_id=new_id("msg"), is_unwanted=False, alive_at=utc_now()
    )
    await backends.db.write(lambda session: session.add(left))
    await subscribe(client, url)
    await client.patch("", {"privacy": {"mask": ["email"]}})
    widget = await make_widget(client, lead_capture={"enabled": True}, attachments={"enabled": True})
    await client.post("pinned-answers", {"questions": [NORWAY], "answer": "Yes, in four days."})
    await client.post("answer-tests", {"question": QUESTION, "must_say": ["ten days"]})
    await client.post("answer-tests/run")
    key = read(await client.post("api-keys", {"name": "for the client"}))["secret"]
    await settle()
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        for question in (QUESTION, NORWAY, f"Do you sell {secret}?", "I am anna@example.com."):
            await visitor.ask(question)
        await sent(visitor, f"It is about {secret}.".encode(), f"{secret}.txt")
        await visitor.post("escalate", note=f"About {secret}.")
        assert (await visitor.post("leads", email=f"{secret}@example.com")).status_code == 201
    for one in (key, client.tenant.key):
        assert (await ask_once(client, one, f"Is it about {secret}?")).status_code == 200
    await settle()


async def ask_once(client: Client, key: str, question: str) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"of-{key[-8:]}"}
    return await client.http.post(client.at("query"), json={"message": question}, headers=headers)


async def test_nothing_of_a_deleted_project_is_left(
    app: Application, backends: Backends, settings: Settings, settle: Settle, agency: Tenant, stranger: Client
) -> None:
    start = page(200, b'<p>See <a href="/broken">this</a>.</p>', {"Content-Type": "text/html"})
    pages = {"/": page(200, b"thank you"), "/start": start, "/broken": page(403)}
    async with serving(pages) as site, calling(app, agency.key) as http:
        client = Client(http=http, tenant=agency)
        await fill(client, app, backends, settle, site.url(), secret="marmalade")
        await fill(stranger, app, backends, settle, site.url(), secret="porcelain")
        await client.add(text="Never to be taken in: marmalade.")
        before = await rows_with(backends, agency.project_id)
        theirs = await rows_with(backends, stranger.tenant.project_id)
        deleted = await client.delete("")
        await settle()
        again = await ask_once(client, agency.key, "Is it about marmalade?")

    ours = {table.name for table in Base.metadata.sorted_tables if "project_id" in table.columns}
    assert ours | {"kept_answers"} <= before.keys() | {"projects"}
    assert deleted.status_code == 204
    assert (await rows_with(backends, agency.project_id)).keys() == LEFT
    assert await rows_with(backends, "marmalade") == {}
    assert await backends.db.read(lambda session: left_of(session, agency.project_id)) == ([ERASE_PROJECT], 0)
    assert {path.parent.name for path in blobs_in(settings)} == {stranger.tenant.project_id}
    assert not [path for path in settings.data_dir.rglob("*") if agency.project_id in path.name]
    assert_error(again, 409, "conflict", param="Idempotency-Key")

    counted = {"jobs", "sources", "documents", "chunks", "events", "webhook_deliveries", "webhook_attempts"}
    now = await rows_with(backends, stranger.tenant.project_id)
    assert {name: now[name] for name in theirs if name not in counted} == {
        name: rows for name, rows in theirs.items() if name not in counted
    }
    answer = await stranger.ask(QUESTION)
    assert (answer["answered"], len(answer["citations"])) == (True, 1)
    kept = await ask_once(stranger, stranger.tenant.key, "Is it about porcelain?")
    assert kept.headers["idempotent-replayed"] == "true"


async def rows_with(backends: Backends, words: str) -> dict[str, int]:
    """How many rows of each table there is, known to us or not, hold these words."""

    def work(session: ReadSession) -> dict[str, int]:
        connection = session.connection()
        quoted = connection.dialect.identifier_preparer.quote
        counted = {}
        for name in inspect(connection).get_table_names():
            rows = connection.execute(text(f"SELECT * FROM {quoted(name)}")).all()
            counted[name] = sum(words in str(row) for row in rows)
        return {name: count for name, count in counted.items() if count}

    return await backends.db.read(work)


def left_of(session: ReadSession, project_id: str) -> tuple[list[str], int]:
    """The names of the jobs that speak of the project, and how many of its keys are open."""
    jobs = [row.name for row in session.scalars(select(JobRow)) if project_id in f"{row.project_id} {row.subject}"]
    keys = session.scalars(select(ApiKey).where(ApiKey.project_id == project_id, ApiKey.revoked_at.is_(None))).all()
    return jobs, len(keys)
