"""Keys over HTTP: made, listed, renamed, rotated with an overlap, revoked; for a project and for an organisation."""

from datetime import timedelta

import pytest

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.kit.clock import to_wire, utc_now
from tests.make import Client, Tenant, assert_conditional, assert_error, calling, make_key, make_tenant, read
from tests.people import browsing, make_person


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, whole_organization=True)


def keys_of(tenant: Tenant, kind: str) -> str:
    return f"{tenant.base}/api-keys" if kind == "project" else f"/v1/organizations/{tenant.organization_id}/api-keys"


@pytest.mark.parametrize("kind", ["project", "organization"])
async def test_a_key_is_made_shown_once_and_opens_what_it_says(app: Application, agency: Tenant, kind: str) -> None:
    async with calling(app, agency.key) as http:
        made = await http.post(keys_of(agency, kind), json={"name": " web site ", "scopes": ["sources:read"]})
        key = read(made)
        listed = read(await http.get(keys_of(agency, kind)))["data"][0]
        looked = read(await http.get(f"{keys_of(agency, kind)}/{key['id']}"))
    async with calling(app, key["secret"]) as http:
        reading = await http.get(f"{agency.base}/sources")
        writing = await http.post(f"{agency.base}/sources", json={"type": "raw", "text": "Hello."})

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert (key["name"], key["scopes"]) == ("web site", ["sources:read"])
    assert key["project_id"] == (agency.project_id if kind == "project" else None)
    assert "secret" not in listed
    assert {**looked, "secret": key["secret"]} == key
    assert listed == looked
    assert reading.status_code == 200
    assert_error(writing, 403, "permission_denied")


@pytest.mark.parametrize("kind", ["project", "organization"])
async def test_a_rotated_key_works_until_the_overlap_is_over(app: Application, agency: Tenant, kind: str) -> None:
    async with calling(app, agency.key) as http:
        old = read(await http.post(keys_of(agency, kind), json={"name": "web site", "scopes": ["sources"]}))
        async with calling(app, old["secret"]) as user:
            assert (await user.get(f"{agency.base}/sources")).status_code == 200
            new = read(await http.post(f"{keys_of(agency, kind)}/{old['id']}/rotate", json={"overlap_seconds": 60}))
            during = await user.get(f"{agency.base}/sources")
            last = await http.post(f"{keys_of(agency, kind)}/{old['id']}/rotate", json={"overlap_seconds": 0})
            after = await user.get(f"{agency.base}/sources")
        gone = await http.post(f"{keys_of(agency, kind)}/{old['id']}/rotate")
    async with calling(app, new["secret"]) as user:
        successor = await user.get(f"{agency.base}/sources")

    assert (new["replaces"], new["name"], new["scopes"]) == (old["id"], "web site", ["sources"])
    assert during.status_code == 200
    assert last.status_code == 201
    assert last.headers["cache-control"] == "no-store"
    assert_error(after, 401, "unauthenticated")
    assert_error(gone, 409, "conflict")
    assert successor.status_code == 200


async def test_the_overlap_is_a_day_unless_said_and_never_lengthens_a_key(app: Application, agency: Tenant) -> None:
    path = keys_of(agency, "project")
    end = to_wire(utc_now() + timedelta(hours=1))
    async with calling(app, agency.key) as http:
        endless = read(await http.post(path, json={"name": "endless"}))
        ending = read(await http.post(path, json={"name": "ending", "expires_at": end}))
        await http.post(f"{path}/{endless['id']}/rotate")
        successor = read(await http.post(f"{path}/{ending['id']}/rotate"))
        rows = {row["id"]: row for row in read(await http.get(path))["data"]}

    day = to_wire(utc_now() + timedelta(days=1))
    assert rows[endless["id"]]["expires_at"][:15] == day[:15]
    assert rows[ending["id"]]["expires_at"] == end
    assert successor["expires_at"] == end


@pytest.mark.parametrize("kind", ["project", "organization"])
async def test_a_revoked_key_opens_nothing_at_once(app: Application, agency: Tenant, kind: str) -> None:
    async with calling(app, agency.key) as http:
        key = read(await http.post(keys_of(agency, kind), json={"name": "short-lived"}))
        async with calling(app, key["secret"]) as user:
            before = await user.get(f"{agency.base}/sources")
            revoked = [await http.delete(f"{keys_of(agency, kind)}/{key['id']}") for _ in range(2)]
            after = await user.get(f"{agency.base}/sources")
        row = read(await http.get(f"{keys_of(agency, kind)}/{key['id']}"))

    assert before.status_code == 200
    assert [answer.status_code for answer in revoked] == [204, 204]
    assert_error(after, 401, "unauthenticated")
    assert row["revoked_at"] is not None
    assert row["last_used_at"] is not None


async def test_a_key_is_renamed_and_nothing_else_of_it_changes(api: Client) -> None:
    key = read(await api.post("api-keys", {"name": "old", "scopes": ["query"]}))

    renamed = await api.patch(f"api-keys/{key['id']}", {"name": "new"})

    assert read(renamed) == {**{name: key[name] for name in key if name != "secret"}, "name": "new"}
    assert_error(
        await api.patch(f"api-keys/{key['id']}", {"name": "new", "scopes": ["*"]}),
        422,
        "invalid_request",
        param="scopes",
    )


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["everything"]}, "scopes.0"),
        ({"name": "a", "scopes": ["*:read"]}, "scopes.0"),
        ({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({"name": "a", "expires_at": "2100-01-01T00:00:00"}, "expires_at"),
        ({"name": "a", "secret": "akv_live_mine"}, "secret"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(api: Client, body: dict[str, object], param: str) -> None:
    assert_error(await api.post("api-keys", body), 422, "invalid_request", param=param)


async def test_an_overlap_is_between_nothing_and_a_week(api: Client) -> None:
    key = read(await api.post("api-keys", {"name": "a"}))

    for seconds in (-1, 604_801):
        answer = await api.post(f"api-keys/{key['id']}/rotate", {"overlap_seconds": seconds})
        assert_error(answer, 422, "invalid_request", param="overlap_seconds")


async def test_a_narrow_key_makes_no_keys(app: Application, backends: Backends, tenant: Tenant) -> None:
    _, narrow = await make_key(backends.db, tenant, "query", "sources", "conversations")

    async with calling(app, narrow) as http:
        made = await http.post(f"{tenant.base}/api-keys", json={"name": "more", "scopes": ["*"]})
        listed = await http.get(f"{tenant.base}/api-keys")

    assert_error(made, 403, "permission_denied")
    assert_error(listed, 403, "permission_denied")


async def test_the_key_of_a_project_makes_none_for_the_organisation(api: Client) -> None:
    path = f"/v1/organizations/{api.tenant.organization_id}/api-keys"

    assert_error(await api.post(path, {"name": "more"}), 403, "permission_denied")
    assert_error(await api.get(path), 403, "permission_denied")


async def test_keys_of_strangers_are_not_there_byte_for_byte(
    app: Application, agency: Tenant, stranger: Client
) -> None:
    theirs = read(await stranger.post("api-keys", {"name": "theirs"}))
    path = keys_of(agency, "project")
    async with calling(app, agency.key) as http:
        answers = [
            await http.request(method, f"{path}/{key_id}{rest}", json=body)
            for key_id in (theirs["id"], "key_01ARZ3NDEKTSV4RRFFQ69G5FAV")
            for method, rest, body in (
                ("GET", "", None),
                ("PATCH", "", {"name": "mine"}),
                ("POST", "/rotate", {}),
                ("DELETE", "", None),
            )
        ]
        elsewhere = await http.get(stranger.at("api-keys"))

    for answer in [*answers, elsewhere]:
        assert_error(answer, 404, "not_found")
        assert answer.content.replace(answer.headers["x-request-id"].encode(), b"") == elsewhere.content.replace(
            elsewhere.headers["x-request-id"].encode(), b""
        )


async def test_keys_are_listed_page_by_page_newest_first(api: Client) -> None:
    made = [read(await api.post("api-keys", {"name": f"key {number}"}))["id"] for number in range(5)]

    first = read(await api.get("api-keys", limit=3))
    second = read(await api.get("api-keys", limit=3, cursor=first["next_cursor"]))

    seen = [row["id"] for row in first["data"] + second["data"]]
    assert seen[:5] == made[::-1]
    assert len(seen) == 6
    assert (first["has_more"], second["has_more"], second["next_cursor"]) == (True, False, None)


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("agent", False), ("viewer", False)])
async def test_people_who_run_the_organisation_run_its_keys(
    app: Application, backends: Backends, tenant: Tenant, role: str, may: bool
) -> None:
    person = await make_person(backends, tenant, role)

    async with browsing(app, person) as http:
        made = [await http.post(keys_of(tenant, kind), json={"name": "mine"}) for kind in ("project", "organization")]

    if may:
        assert [answer.status_code for answer in made] == [201, 201]
        assert read(made[0])["created_by"] == person.id
    else:
        for answer in made:
            assert_error(answer, 403, "permission_denied")


@pytest.mark.parametrize("kind", ["project", "organization"])
async def test_a_key_is_not_fetched_twice_or_overwritten_unseen_however_much_it_is_used(
    app: Application, agency: Tenant, kind: str
) -> None:
    async with calling(app, agency.key) as http:
        client = Client(http=http, tenant=agency)
        key = read(await client.post(keys_of(agency, kind), {"name": "web site"}))
        path = f"{keys_of(agency, kind)}/{key['id']}"
        await assert_conditional(client, path, {"name": "First"}, {"name": "Second"})

        before = (await client.get(path)).headers["etag"]
        async with calling(app, key["secret"]) as user:
            assert (await user.get(agency.base)).status_code == 200
        used = await client.get(path)

    assert used.headers["etag"] == before
