"""A project out and in over HTTP: who may, what is answered, and that it is the same project."""

import io

import httpx

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.make import Client, Tenant, assert_error, calling, make_key, make_tenant, read
from tests.moving.archives import inside, packed
from tests.people import browsing, make_person

KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
QUESTION = "How long does the workshop take to repair a kettle?"


async def posted(http: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await http.post("/v1/projects/import", files={"file": ("bot.tar.gz", content)})


async def test_a_project_goes_out_of_one_install_and_into_another(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    await api.patch("", {"name": "Kettles"})
    await api.add(text=KNOWLEDGE)
    await settle()
    other = await make_tenant(there.db, whole_organization=True)

    sent = await api.get("export")
    async with calling(create_app(there), other.key) as http:
        came = await posted(http, sent.content)
        twice = await posted(http, sent.content)
        moved = Tenant(organization_id=other.organization_id, project_id=api.tenant.project_id, key=other.key)
        left = inside(await packed(there, api.tenant.project_id))
        answer = await Client(http=http, tenant=moved).ask(QUESTION)
        log = read(await http.get(f"/v1/organizations/{other.organization_id}/audit-log"))["data"]

    assert sent.headers["content-type"] == "application/octet-stream"
    assert sent.headers["content-length"] == str(len(sent.content))
    assert f"{api.tenant.project_id}.tar.gz" in sent.headers["content-disposition"]
    assert inside(io.BytesIO(sent.content)) == left
    assert came.status_code == 201
    assert came.headers["location"] == f"/v1/projects/{api.tenant.project_id}"
    assert (read(came)["id"], read(came)["name"]) == (api.tenant.project_id, "Kettles")
    assert_error(twice, 409, "conflict")
    assert answer["answered"]
    assert [one["action"] for one in log][:1] == ["project.imported"]


async def test_whoever_may_change_a_project_may_export_it_and_who_runs_the_organisation_may_import(
    app: Application, backends: Backends, agency: Tenant, stranger: Client
) -> None:
    path = f"{agency.base}/export"
    _, narrow = await make_key(backends.db, agency, "conversations", "sources")
    _, whole = await make_key(backends.db, agency, "*")
    agent, admin = [await make_person(backends, agency, role) for role in ("agent", "admin")]
    async with calling(app, agency.key) as http:
        archive = (await http.get(path)).content
        log = read(await http.get(f"/v1/organizations/{agency.organization_id}/audit-log"))["data"]
    async with calling(app, narrow) as http:
        assert_error(await http.get(path), 403, "permission_denied")
        assert_error(await posted(http, archive), 403, "permission_denied")
    async with calling(app, whole) as http:
        assert (await http.get(path)).status_code == 200
        assert_error(await posted(http, archive), 403, "permission_denied")
    async with browsing(app, agent) as http:
        assert_error(await http.get(path), 403, "permission_denied")
        assert_error(await posted(http, archive), 403, "permission_denied")
    async with browsing(app, admin) as http:
        assert (await http.get(path)).status_code == 200
        assert_error(await posted(http, archive), 409, "conflict")
    assert_error(await stranger.http.get(path), 404, "not_found")
    assert (log[0]["action"], log[0]["target"]) == ("project.exported", agency.project_id)


async def test_what_is_no_archive_of_a_project_is_refused(app: Application, backends: Backends, agency: Tenant) -> None:
    everything = (await packed(backends)).getvalue()
    project = (await packed(backends, agency.project_id)).getvalue()
    async with calling(app, agency.key) as http:
        assert_error(await posted(http, b"nonsense"), 422, "invalid_archive")
        assert_error(await posted(http, b""), 422, "invalid_archive")
        assert_error(await posted(http, project[:-20]), 422, "invalid_archive")
        assert "aivastark import" in assert_error(await posted(http, everything), 422, "invalid_archive")
        as_json = await http.post("/v1/projects/import", json={})
    assert_error(as_json, 415, "unsupported_media_type")


async def test_an_install_that_is_being_moved_shows_everything_and_changes_nothing(
    backends: Backends, settle: Settle, api: Client
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    before = inside(await packed(backends))
    async with calling(create_app(backends, read_only=True), api.tenant.key) as http:
        client = Client(http=http, tenant=api.tenant)
        shown = await client.get("sources")
        refused = [
            await client.post("query", {"message": QUESTION}),
            await client.post("sources", {"type": "raw", "text": "More."}),
            await client.delete(f"sources/{shown.json()['data'][0]['id']}"),
        ]

    assert shown.status_code == 200
    for answer in refused:
        assert_error(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert inside(await packed(backends)) == before
