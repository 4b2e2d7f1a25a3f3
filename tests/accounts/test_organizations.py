"""Organisations over HTTP: who makes them, who sees what, members and their roles, the log of it all."""

from typing import Any

import pytest

from aivastark.accounts.entrance import Entrance
from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Client, Tenant, assert_conditional, assert_error, calling, make_tenant, read
from tests.people import PASSWORD, Person, browsing, link_in, mails, make_person

NOBODY = "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
async def operator(backends: Backends) -> Tenant:
    """The first organisation of the install."""
    return await make_tenant(backends.db, whole_organization=True)


@pytest.fixture
async def agency(operator: Tenant, backends: Backends) -> Tenant:
    """Another one."""
    return await make_tenant(backends.db, whole_organization=True)


def at(tenant: Tenant, rest: str = "") -> str:
    return f"/v1/organizations/{tenant.organization_id}{rest}"


async def test_the_operator_makes_a_customer_with_a_key_and_an_invited_owner(
    app: Application, operator: Tenant, settings: Settings, settle: Settle
) -> None:
    async with calling(app, operator.key) as http:
        made = await http.post("/v1/organizations", json={"name": "Acme", "owner_email": "Anna@Acme.Example"})
    acme = read(made)
    await settle()
    async with calling(app, acme["secret"]) as http:
        seen = read(await http.get(made.headers["location"]))
        project = await http.post("/v1/projects", json={"name": "Acme support"})
        invited = read(await http.get(f"/v1/organizations/{acme['id']}/invitations"))["data"]

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert seen == {name: acme[name] for name in acme if name != "secret"}
    assert project.status_code == 201
    assert [(one["email"], one["role"]) for one in invited] == [("anna@acme.example", "owner")]
    assert link_in(mails(settings, "anna@acme.example")[0])[0] == "accept-invitation"


async def test_nobody_else_makes_organisations_unless_sign_up_is_open(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    person = await make_person(backends, agency, "viewer")
    open_app = create_app(backends, entrance=Entrance(sign_up="open"))
    body = {"name": "Mine"}

    async with calling(app, agency.key) as http:
        assert_error(await http.post("/v1/organizations", json=body), 403, "permission_denied")
    async with browsing(app, person) as http:
        assert_error(await http.post("/v1/organizations", json=body), 403, "permission_denied")
    async with calling(open_app, agency.key) as http:
        assert_error(await http.post("/v1/organizations", json=body), 403, "permission_denied")
    async with browsing(open_app, person) as http:
        made = read(await http.post("/v1/organizations", json=body))
        listed = read(await http.get("/v1/organizations"))["data"]

    assert (made["role"], made["secret"]) == ("owner", None)
    assert [(row["name"], row["role"]) for row in listed] == [("Mine", "owner"), ("A customer", "viewer")]


async def test_an_organisation_of_strangers_is_not_there(app: Application, operator: Tenant, agency: Tenant) -> None:
    async with calling(app, agency.key) as http:
        for method, rest, body in (
            ("GET", "", None),
            ("PATCH", "", {"name": "Mine"}),
            ("DELETE", "", None),
            ("GET", "/members", None),
            ("GET", "/invitations", None),
            ("POST", "/invitations", {"email": "a@b.example"}),
            ("GET", "/audit-log", None),
            ("GET", "/api-keys", None),
            ("POST", "/api-keys", {"name": "mine"}),
        ):
            theirs = await http.request(method, at(operator, rest), json=body)
            nobodys = await http.request(method, f"/v1/organizations/org_01ARZ3NDEKTSV4RRFFQ69G5FAV{rest}", json=body)
            assert_error(theirs, 404, "not_found")
            assert_error(nobodys, 404, "not_found")


async def test_the_key_of_a_project_says_nothing_of_its_organisation(api: Client) -> None:
    for rest in ("", "/members", "/invitations", "/audit-log"):
        assert_error(await api.get(at(api.tenant, rest)), 403, "permission_denied")
    assert_error(await api.get("/v1/organizations"), 403, "permission_denied")


async def test_an_organisation_is_renamed_by_those_who_run_it(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    async with calling(app, agency.key) as http:
        assert read(await http.patch(at(agency), json={"name": "Renamed"}))["name"] == "Renamed"
    for role, status in (("owner", 200), ("admin", 200), ("agent", 403), ("viewer", 403)):
        async with browsing(app, await make_person(backends, agency, role)) as http:
            assert (await http.patch(at(agency), json={"name": f"By {role}"})).status_code == status
            assert (await http.get(at(agency))).status_code == 200


async def test_members_are_listed_for_all_of_them(app: Application, backends: Backends, agency: Tenant) -> None:
    people = [await make_person(backends, agency, role) for role in ("owner", "admin", "agent", "viewer")]

    for person in people:
        async with browsing(app, person) as http:
            first = read(await http.get(at(agency, "/members"), params={"limit": 3}))
            rest = read(await http.get(at(agency, "/members"), params={"limit": 3, "cursor": first["next_cursor"]}))
            one = read(await http.get(at(agency, f"/members/{people[0].id}")))
        seen = first["data"] + rest["data"]
        assert [row["user_id"] for row in seen] == [other.id for other in reversed(people)]
        assert one == seen[-1]
    assert seen[0] == {
        "user_id": people[3].id,
        "email": people[3].email,
        "name": "Anna",
        "role": "viewer",
        "second_factor": False,
        "created_at": seen[0]["created_at"],
    }


@pytest.mark.parametrize(
    ("actor", "target", "role", "status"),
    [
        ("owner", "admin", "owner", 200),
        ("owner", "owner", "viewer", 200),
        ("admin", "agent", "viewer", 200),
        ("admin", "viewer", "admin", 200),
        ("admin", "viewer", "owner", 403),
        ("admin", "owner", "viewer", 403),
        ("agent", "viewer", "agent", 403),
        ("viewer", "viewer", "owner", 403),
    ],
)
async def test_roles_are_given_by_those_above(
    app: Application, backends: Backends, agency: Tenant, actor: str, target: str, role: str, status: int
) -> None:
    await make_person(backends, agency, "owner")
    other, person = await make_person(backends, agency, target), await make_person(backends, agency, actor)

    async with browsing(app, person) as http:
        answer = await http.patch(at(agency, f"/members/{other.id}"), json={"role": role})

    assert answer.status_code == status
    if status == 200:
        assert read(answer)["role"] == role


async def test_the_last_owner_stays(app: Application, backends: Backends, agency: Tenant) -> None:
    owner = await make_person(backends, agency, "owner")
    async with browsing(app, owner) as http, calling(app, agency.key) as key:
        for caller in (http, key):
            path = at(agency, f"/members/{owner.id}")
            assert_error(await caller.patch(path, json={"role": "admin"}), 409, "conflict")
            assert_error(await caller.delete(path), 409, "conflict")
        second = await make_person(backends, agency, "owner")
        left = await http.delete(at(agency, f"/members/{owner.id}"))
        after = await http.get(at(agency))

    assert left.status_code == 204
    assert_error(after, 404, "not_found")
    async with browsing(app, second) as http:
        assert (await http.get(at(agency))).status_code == 200


async def test_a_removed_member_reaches_nothing_at_once(app: Application, backends: Backends, agency: Tenant) -> None:
    await make_person(backends, agency, "owner")
    agent = await make_person(backends, agency, "agent")
    async with browsing(app, agent) as http, calling(app, agency.key) as key:
        before = await http.get(f"{agency.base}/conversations")
        await key.delete(at(agency, f"/members/{agent.id}"))
        after = await http.get(f"{agency.base}/conversations")

    assert before.status_code == 200
    assert_error(after, 403, "permission_denied")


async def test_anybody_may_leave_and_nobody_of_low_rank_throws_others_out(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    owner, admin, viewer = [await make_person(backends, agency, role) for role in ("owner", "admin", "viewer")]

    async with browsing(app, viewer) as http:
        assert_error(await http.delete(at(agency, f"/members/{admin.id}")), 403, "permission_denied")
        assert_error(await http.delete(at(agency, f"/members/{NOBODY}")), 403, "permission_denied")
        assert (await http.delete(at(agency, f"/members/{viewer.id}"))).status_code == 204
    async with browsing(app, admin) as http:
        assert_error(await http.delete(at(agency, f"/members/{owner.id}")), 403, "permission_denied")
        assert_error(await http.delete(at(agency, f"/members/{NOBODY}")), 404, "not_found")


async def test_an_invitation_replaces_an_earlier_one_and_is_revoked(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    path = at(agency, "/invitations")
    async with calling(app, agency.key) as http:
        first = read(await http.post(path, json={"email": "ben@acme.example", "role": "viewer"}))
        second = read(await http.post(path, json={"email": "BEN@ACME.example", "role": "admin"}))
        listed = read(await http.get(path))["data"]
        revoked = await http.delete(f"{path}/{second['id']}")
        gone = [await http.delete(f"{path}/{one['id']}") for one in (first, second)]

    assert listed == [second]
    assert revoked.status_code == 204
    for answer in gone:
        assert_error(answer, 404, "not_found")


async def test_invitations_are_for_those_who_run_the_organisation_and_owners_invite_owners(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    member = await make_person(backends, agency, "owner")
    path = at(agency, "/invitations")
    for role, asked, status in (
        ("owner", "owner", 201),
        ("admin", "owner", 403),
        ("admin", "admin", 201),
        ("agent", "viewer", 403),
        ("viewer", "viewer", 403),
    ):
        async with browsing(app, await make_person(backends, agency, role)) as http:
            answer = await http.post(path, json={"email": "new@acme.example", "role": asked})
            assert answer.status_code == status, (role, asked)
    async with calling(app, agency.key) as http:
        assert_error(await http.post(path, json={"email": member.email}), 409, "conflict")
        for wrong in ("nobody", "a@@b", "a b@c.example", "a@b\r\nBcc: c@d.example", "<a@b.example>"):
            refused = await http.post(path, json={"email": wrong})
            assert_error(refused, 422, "invalid_request", param="email")


async def test_every_administrative_act_is_in_the_log_of_the_organisation_alone(
    app: Application, backends: Backends, agency: Tenant, operator: Tenant
) -> None:
    owner, other = await make_person(backends, agency, "owner"), await make_person(backends, agency, "viewer")
    async with browsing(app, owner) as http:
        await http.patch(at(agency), json={"name": "Renamed"})
        project = read(await http.post("/v1/projects", json={"name": "A bot"}))
        key = read(await http.post(f"/v1/projects/{project['id']}/api-keys", json={"name": "key"}))
        await http.post(f"/v1/projects/{project['id']}/api-keys/{key['id']}/rotate")
        await http.delete(f"/v1/projects/{project['id']}/api-keys/{key['id']}")
        await http.patch(f"/v1/projects/{project['id']}", json={"tone": "dry"})
        await http.delete(f"/v1/projects/{project['id']}")
        invitation = read(await http.post(at(agency, "/invitations"), json={"email": "ben@acme.example"}))
        await http.delete(at(agency, f"/invitations/{invitation['id']}"))
        await http.patch(at(agency, f"/members/{other.id}"), json={"role": "agent"})
        await http.delete(at(agency, f"/members/{other.id}"))
        log = read(await http.get(at(agency, "/audit-log"), params={"limit": 100}))["data"]
        await http.patch(at(agency), json={"nonsense": "refused acts are not noted"})
        keys_only = read(await http.get(at(agency, "/audit-log"), params={"action": "api_key.created"}))["data"]
        first = read(await http.get(at(agency, "/audit-log"), params={"limit": 2}))
        second = read(await http.get(at(agency, "/audit-log"), params={"limit": 2, "cursor": first["next_cursor"]}))
        later = read(await http.get(at(agency, "/audit-log"), params={"from": "2999-01-01T00:00:00Z"}))["data"]
        nobodys = read(await http.get(at(agency, "/audit-log"), params={"actor": NOBODY}))["data"]
    async with calling(app, operator.key) as http:
        theirs = read(await http.get(at(operator, "/audit-log")))["data"]

    assert [entry["action"] for entry in reversed(log)] == [
        "organization.updated",
        "project.created",
        "api_key.created",
        "api_key.rotated",
        "api_key.revoked",
        "project.updated",
        "project.deleted",
        "invitation.created",
        "invitation.revoked",
        "member.role_changed",
        "member.removed",
    ]
    assert {entry["actor_id"] for entry in log} == {owner.id}
    assert [entry["target"] for entry in keys_only] == [key["id"]]
    assert key["secret"] not in str(log)
    assert first["data"] + second["data"] == log[:4]
    assert later == nobodys == theirs == []


async def test_the_log_is_for_those_who_run_the_organisation(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    for role, status in (("owner", 200), ("admin", 200), ("agent", 403), ("viewer", 403)):
        async with browsing(app, await make_person(backends, agency, role)) as http:
            assert (await http.get(at(agency, "/audit-log"))).status_code == status


async def test_a_deleted_organisation_takes_everything_along(
    app: Application, backends: Backends, settle: Settle, agency: Tenant, operator: Tenant
) -> None:
    owner = await make_person(backends, agency, "owner")
    async with calling(app, agency.key) as http, browsing(app, owner) as browser:
        deleted = await http.delete(at(agency))
        await settle()
        closed = await http.get(agency.base)
        orphaned = await browser.get(agency.base)
        listed = read(await browser.get("/v1/organizations"))["data"]
    async with calling(app, operator.key) as http:
        own = await http.delete(at(operator))

    assert deleted.status_code == 204
    assert_error(closed, 401, "unauthenticated")
    assert_error(orphaned, 404, "not_found")
    assert listed == []
    assert_error(own, 409, "conflict")


@pytest.mark.parametrize(("role", "status"), [("owner", 204), ("admin", 403), ("agent", 403), ("viewer", 403)])
async def test_of_people_only_owners_delete_an_organisation(
    app: Application, backends: Backends, agency: Tenant, role: str, status: int
) -> None:
    person: Person = await make_person(backends, agency, role)

    async with browsing(app, person) as http:
        answer: Any = await http.delete(at(agency))

    assert answer.status_code == status


async def test_a_plan_holds_so_many_members(
    app: Application, backends: Backends, settings: Settings, settle: Settle
) -> None:
    small = await make_tenant(backends.db, plan="starter")
    owner = await make_person(backends, small)
    await make_person(backends, small, "agent")
    async with browsing(app, owner) as http, calling(app, None) as ben:
        path = at(small, "/invitations")
        waiting = [await http.post(path, json={"email": f"{name}@acme.example"}) for name in ("ben", "cleo")]
        await settle()
        joined = []
        for name in ("ben", "cleo"):
            body = {"token": link_in(mails(settings, f"{name}@acme.example")[0])[1], "name": name}
            joined.append(await ben.post("/v1/auth/accept-invitation", json={**body, "password": PASSWORD}))
        full = await http.post(path, json={"email": "dan@acme.example"})

    assert [answer.status_code for answer in waiting] == [201, 201]
    assert joined[0].status_code == 200
    assert_error(joined[1], 403, "plan_limit_reached")
    assert_error(full, 403, "plan_limit_reached")


async def test_an_organisation_is_not_fetched_twice_or_overwritten_unseen(app: Application, agency: Tenant) -> None:
    async with calling(app, agency.key) as http:
        client = Client(http=http, tenant=agency)
        await assert_conditional(client, at(agency), {"name": "First"}, {"name": "Second"})
