"""A whole install from SQLite to PostgreSQL and back: nothing is lost, and it answers as before."""

import re
from pathlib import Path
from typing import Any

import pytest

from aivastark.accounts.gate import Application
from aivastark.accounts.people_models import Invitation, OidcIdentity, OneTimeToken
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.database import WriteSession
from aivastark.errors import Conflict, InvalidArchive
from aivastark.jobs import INSTALL, claim, enqueue_new
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.migrations.tables import metadata
from aivastark.moving.manifest import MANIFEST
from aivastark.moving.tables import STAY, STAY_WITH_A_PROJECT, carried
from tests.architecture.code import ROOT
from tests.conftest import Settle
from tests.loopback import page, serving
from tests.make import Client, Tenant, calling, make_settings, make_tenant
from tests.moving.archives import brought_in, inside, packed
from tests.people import make_person
from tests.postgres import Postgres
from tests.projects.test_erasing import fill

QUESTIONS = 60  # two hundred: python -m evals.moved
LONG = {"api", "widgets"}  # more of the same
SAME_TO = 1e-6  # two engines add float32 in two orders
OPENINGS = ("What does it say about {}?", "How is it with {}?", "{}?", "Tell me about {}.")


async def test_everything_of_an_install_goes_to_postgresql_and_back(
    app: Application,
    backends: Backends,
    settle: Settle,
    agency: Tenant,
    postgres: Postgres,
    there: Backends,
    tmp_path: Path,
) -> None:
    await fill_install(app, backends, settle, agency)
    first = await packed(backends)
    with postgres.database() as url:
        async with open_backends(make_settings(tmp_path / "between", database_url=url)) as between:
            came = await brought_in(between, first)
            second = await packed(between)
    await brought_in(there, second)
    third = await packed(there)

    assert came.indexes_to_build == 0
    assert inside(first) == inside(second) == inside(third)
    counts = {name: said["count"] for name, said in inside(first)[MANIFEST]["tables"].items()}
    assert counts.keys() == metadata().tables.keys() - STAY.keys()
    assert {name for name, count in counts.items() if not count} == set(), "fill the table, or say why it stays"
    assert came.rows == sum(counts.values())


def test_every_table_that_stays_is_one_and_has_its_reason() -> None:
    assert STAY.keys() | STAY_WITH_A_PROJECT.keys() <= metadata().tables.keys()
    assert not STAY.keys() & STAY_WITH_A_PROJECT.keys()
    assert all(reason for reason in (*STAY.values(), *STAY_WITH_A_PROJECT.values()))
    assert all("project_id" in table.columns or table.name == "projects" for table in carried("project"))


async def test_questions_are_answered_alike_on_both_databases(
    app: Application, backends: Backends, settle: Settle, agency: Tenant, postgres: Postgres, tmp_path: Path
) -> None:
    texts = {path.stem: path.read_text() for path in sorted((ROOT / "docs").glob("*.md")) if path.stem not in LONG}
    questions = questions_about(texts)
    async with calling(app, agency.key) as http:
        for title, text in texts.items():
            await Client(http=http, tenant=agency).add(text=text, title=title)
        await settle()
        archive = await packed(backends)
        before = [await answer_to(Client(http=http, tenant=agency), one) for one in questions]
    with postgres.database() as url:
        async with open_backends(make_settings(tmp_path / "two", database_url=url)) as there:
            await brought_in(there, archive)
            async with calling(create_app(there), agency.key) as http:
                after = [await answer_to(Client(http=http, tenant=agency), one) for one in questions]

    assert len(questions) == QUESTIONS
    assert sum(one["answered"] for one in before) > QUESTIONS / 4
    for one, other in zip(before, after, strict=True):
        assert one.pop("confidence") == pytest.approx(other.pop("confidence"), abs=SAME_TO)
        assert one == other


async def answer_to(client: Client, question: str) -> dict[str, Any]:
    said = await client.ask(question)
    cited = [(one["source_id"], one["document_id"], one["quote"]) for one in said["citations"]]
    return {"answered": said["answered"], "answer": said["answer"], "cited": cited, "confidence": said["confidence"]}


def questions_about(texts: dict[str, str], count: int = QUESTIONS) -> list[str]:
    """Of words that stand together somewhere, evenly from everywhere."""
    runs = [" ".join(words) for text in texts.values() for line in text.splitlines() for words in runs_of(line)]
    step = len(runs) / count
    return [OPENINGS[place % len(OPENINGS)].format(runs[int(place * step)]) for place in range(count)]


def runs_of(line: str) -> list[list[str]]:
    words = re.findall(r"[A-Za-z]{3,}", line)
    return [words[start : start + 5] for start in range(0, len(words) - 4, 5)]


async def fill_install(app: Application, backends: Backends, settle: Settle, agency: Tenant) -> None:
    """At least a row in every table that travels."""
    start = page(200, b'<p>See <a href="/broken">this</a>.</p>', {"Content-Type": "text/html"})
    pages = {"/": page(200, b"thank you"), "/start": start, "/broken": page(403)}
    async with serving(pages) as site, calling(app, agency.key) as http:
        await fill(Client(http=http, tenant=agency), app, backends, settle, site.url(), secret="marmalade")
    anna = await make_person(backends, agency)
    await backends.db.write(lambda session: add_the_rest(session, agency, anna.id))


def add_the_rest(session: WriteSession, agency: Tenant, user_id: str) -> None:
    now = utc_now()
    session.add(
        Invitation(
            id=new_id("inv"),
            organization_id=agency.organization_id,
            email="ben@acme.example",
            role="agent",
            token_sha256=b"\0" * 32,
            invited_by=user_id,
            created_at=now,
            expires_at=now,
        )
    )
    session.add(OidcIdentity(issuer="https://id.example.com", subject="1", user_id=user_id, created_at=now))
    session.add(OneTimeToken(token_sha256=b"\1" * 32, purpose="reset", arguments={}, created_at=now, expires_at=now))
    enqueue_new(session, INSTALL, "send_mail", "mail:1", arguments={"sealed": "…"})


async def test_a_job_that_somebody_works_at_travels_without_its_lease(backends: Backends, there: Backends) -> None:
    await backends.db.write(lambda session: enqueue_new(session, INSTALL, "send_mail", "mail:1"))
    await backends.db.write(claim)
    archive = await packed(backends)

    await brought_in(there, archive)
    claimed = await there.db.write(claim)

    assert claimed is not None
    assert claimed.subject == "mail:1"


async def test_an_install_goes_into_an_empty_one_alone(backends: Backends, agency: Tenant, there: Backends) -> None:
    archive = await packed(backends)

    await make_tenant(there.db)
    before = inside(await packed(there))
    with pytest.raises(Conflict, match="not empty"):
        await brought_in(there, archive)
    assert inside(await packed(there)) == before


async def test_what_is_sealed_wants_the_key_it_was_sealed_with(
    backends: Backends, agency: Tenant, elsewhere: Path
) -> None:
    archive = await packed(backends)

    async with open_backends(make_settings(elsewhere, secret_key="another one, as long as it must be")) as there:
        with pytest.raises(InvalidArchive, match=r"secret\.key"):
            await brought_in(there, archive)
