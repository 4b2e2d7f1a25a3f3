"""One project out of an install and into an organisation of another: with its ids, without anybody's secrets."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.errors import Conflict, InvalidArchive, PlanLimitReached
from aivastark.jobs import JobRow
from aivastark.moving.begin import Place
from aivastark.moving.manifest import MANIFEST
from aivastark.moving.tables import carried, columns_of
from aivastark.moving.tar import members
from tests.conftest import Settle
from tests.make import Client, Tenant, calling, make_settings, make_tenant, working
from tests.moving.archives import brought_in, inside, made_of, packed, signed
from tests.moving.test_install import fill_install
from tests.widgets.window import opened

QUESTION = "How long does the workshop take to repair a kettle?"
KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
NOT_SECRET = {
    ("visitors", "token_sha256"),  # a hash, which opens nothing elsewhere
    ("pinned_questions", "vector"),
    ("open_questions", "vector"),
}


def into(tenant: Tenant) -> Place:
    return Place(organization_id=tenant.organization_id, actor_id="command_line")


async def test_a_project_moves_to_an_organisation_of_another_install(
    app: Application, backends: Backends, settle: Settle, agency: Tenant, elsewhere: Path
) -> None:
    await fill_install(app, backends, settle, agency)
    first = await packed(backends, agency.project_id)
    # Another secret key: nothing in it is sealed.
    async with open_backends(make_settings(elsewhere, secret_key="another one, as long as it must be")) as there:
        other = await make_tenant(there.db, whole_organization=True)
        came = await brought_in(there, first, into(other))
        second = await packed(there, agency.project_id)
        async with calling(create_app(there), other.key) as http:
            client = Client(http=http, tenant=Tenant(**{**vars_of(other), "project_id": agency.project_id}))
            answer = await client.ask(QUESTION)
            [widget] = (await client.get("widgets")).json()["data"]
            log = (await http.get(f"/v1/organizations/{other.organization_id}/audit-log")).json()["data"]
        async with opened(create_app(there), widget["embed_key"]) as window:
            visited = await (await window.visit()).ask(QUESTION)

    assert came.project_id == agency.project_id
    assert inside(first) == inside(second)
    assert (answer["answered"], len(answer["citations"])) == (True, 1)
    assert visited["answered"]
    assert (log[0]["action"], log[0]["target"]) == ("project.imported", agency.project_id)


def vars_of(tenant: Tenant) -> dict[str, Any]:
    return {"organization_id": tenant.organization_id, "project_id": tenant.project_id, "key": tenant.key}


def test_no_column_of_a_projects_archive_can_hold_what_is_sealed() -> None:
    binary = {
        (table.name, column.name)
        for table in carried("project")
        for column in columns_of(table, "project")
        if isinstance(column.type, LargeBinary)
    }

    assert binary == NOT_SECRET | {("sources", "secrets")}, "secrets are emptied; is the new column one?"


async def test_sources_are_looked_at_again_where_the_project_came_to(
    app: Application, backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    ready = await api.add(text=KNOWLEDGE)
    await settle()
    waiting = await api.add(text="The shop opens at nine.")
    archive = await packed(backends, api.tenant.project_id)

    other = await make_tenant(there.db, whole_organization=True)
    await brought_in(there, archive, into(other))
    async with working(there) as worker:
        await worker.run_until_idle()
    async with calling(create_app(there), other.key) as http:
        sources = (await http.get(f"/v1/projects/{api.tenant.project_id}/sources")).json()["data"]

    assert {one["id"]: one["status"] for one in sources} == {ready["id"]: "ready", waiting["id"]: "ready"}


async def test_an_index_that_the_archive_has_not_whole_is_built_from_the_rows(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    await backends.search.remove(api.tenant.project_id)
    archive = await packed(backends, api.tenant.project_id)

    other = await make_tenant(there.db, whole_organization=True)
    came = await brought_in(there, archive, into(other))
    async with working(there) as worker:
        await worker.backends.db.write(worker._plan)
        await worker.run_until_idle()
    async with calling(create_app(there), other.key) as http:
        moved = Tenant(**{**vars_of(other), "project_id": api.tenant.project_id})
        answer = await Client(http=http, tenant=moved).ask(QUESTION)

    assert came.indexes_to_build == 1
    assert answer["answered"]


async def test_a_project_that_is_there_stays_as_it_is(backends: Backends, settle: Settle, api: Client) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    archive = await packed(backends, api.tenant.project_id)
    other = await make_tenant(backends.db)

    for place in (into(api.tenant), into(other)):
        with pytest.raises(Conflict, match="there already"):
            await brought_in(backends, archive, place)

    assert (await api.ask(QUESTION))["answered"]
    assert inside(await packed(backends, api.tenant.project_id))["tables/sources/000001.jsonl"]


async def test_a_deleted_project_comes_back_when_its_erasing_has_ended(
    app: Application, backends: Backends, settle: Settle, agency: Tenant
) -> None:
    async with calling(app, agency.key) as http:
        client = Client(http=http, tenant=agency)
        await client.add(text=KNOWLEDGE)
        await settle()
        archive = await packed(backends, agency.project_id)
        await client.delete("")
        with pytest.raises(Conflict, match="still being deleted"):
            await brought_in(backends, archive, into(agency))


async def test_a_plan_has_room_or_nothing_is_left(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await api.add(text="The shop opens at nine.")
    await settle()
    archive = await packed(backends, api.tenant.project_id)

    for bound in ("projects", "sources_per_project", "chunks_per_project"):
        bounds: dict[str, Any] = {bound: 1}
        poor = await make_tenant(there.db, **bounds)
        with pytest.raises(PlanLimitReached):
            await brought_in(there, archive, into(poor))
    left = inside(await packed(there))
    rich = await make_tenant(there.db)
    await brought_in(there, archive, into(rich))

    assert not any(name.startswith(("blobs/", "vectors/", "tables/sources/", "tables/jobs/")) for name in left)


async def test_a_row_of_another_project_refuses_the_whole(
    backends: Backends, settle: Settle, api: Client, stranger: Client, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    honest = dict(members(await packed(backends, api.tenant.project_id)))
    mine, theirs = api.tenant.project_id.encode(), stranger.tenant.project_id.encode()
    other = await make_tenant(there.db)
    for name in [name for name in honest if name.startswith("tables/")]:
        forged = honest[name].replace(b'"project_id":"' + mine, b'"project_id":"' + theirs)
        if name.startswith("tables/projects/"):
            forged = honest[name].replace(b'"id":"' + mine, b'"id":"' + theirs)
        assert forged != honest[name]
        with pytest.raises(InvalidArchive, match="another project"):
            await brought_in(there, made_of(signed({**honest, name: forged})), into(other))
    for name in [name for name in honest if name.startswith(("blobs/", "vectors/"))]:
        moved = {one.replace(mine.decode(), theirs.decode()) if one == name else one: honest[one] for one in honest}
        with pytest.raises(InvalidArchive, match="nobody's"):
            await brought_in(there, made_of(signed(moved)), into(other))
    assert not (await there.db.read(lambda session: session.scalars(select(JobRow)).all()))


async def test_an_embed_key_that_somebody_has_is_not_taken_over(
    app: Application, backends: Backends, settle: Settle, agency: Tenant, stranger: Client
) -> None:
    key = (await stranger.post("widgets", {"name": "Theirs"})).json()["embed_key"]
    async with calling(app, agency.key) as http:
        client = Client(http=http, tenant=agency)
        own = (await client.post("widgets", {"name": "Ours"})).json()["embed_key"]
        honest = dict(members(await packed(backends, agency.project_id)))
    fresh = "prj_01M82H4B1W678QBP6DP8XEEJB8"
    forged = {
        name.replace(agency.project_id, fresh): content.replace(agency.project_id.encode(), fresh.encode()).replace(
            own.encode(), key.encode()
        )
        for name, content in honest.items()
    }

    with pytest.raises(Conflict, match="embed_keys"):
        await brought_in(backends, made_of(signed(forged)), into(agency))

    assert (await stranger.get("widgets")).json()["data"][0]["embed_key"] == key
    assert not inside(await packed(backends, fresh))[MANIFEST]["tables"]["widgets"]["count"]
