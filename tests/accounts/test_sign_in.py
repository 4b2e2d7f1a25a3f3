"""Signing in and out: cookies, sessions, forged requests, guessing, and what roles reach."""

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from aivastark.accounts import logins, tokens
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.gate import Application
from aivastark.accounts.people import normal_email
from aivastark.accounts.people_models import Login
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.errors import InvalidRequest
from aivastark.kit.clock import utc_now
from tests.make import BASE_URL, Client, Tenant, assert_error, calling, make_tenant, read
from tests.people import PASSWORD, Person, browsing, make_person


@pytest.fixture
async def anna(backends: Backends, tenant: Tenant) -> Person:
    return await make_person(backends, tenant, "owner", address="anna@acme.example")


async def enter(http: httpx.AsyncClient, email: str, password: str = PASSWORD, **fields: Any) -> httpx.Response:
    return await http.post("/v1/auth/sign-in", json={"email": email, "password": password, **fields})


def cookie_of(answer: httpx.Response) -> Any:
    jar: SimpleCookie = SimpleCookie()
    jar.load(answer.headers["set-cookie"])
    return jar[logins.COOKIE]


async def test_somebody_signs_in_works_and_signs_out(app: Application, tenant: Tenant, anna: Person) -> None:
    async with calling(app, None) as http:
        entered = await enter(http, " Anna@ACME.example ")
        me = read(entered)
        http.headers["X-CSRF-Token"] = me["csrf_token"]
        same = read(await http.get("/v1/auth/me"))
        made = await http.post(f"{tenant.base}/sources", json={"type": "raw", "text": "Hello."})
        left = await http.post("/v1/auth/sign-out")
        http.cookies.set(logins.COOKIE, cookie_of(entered).value, domain="aivastark.test")
        after = await http.get("/v1/auth/me")

    assert entered.status_code == 200
    assert me == same
    assert (me["user"]["email"], me["organization"]["role"]) == ("anna@acme.example", "owner")
    assert me["organization"]["id"] == tenant.organization_id
    assert made.status_code == 202
    assert left.status_code == 204
    assert cookie_of(left)["max-age"] == "0"
    assert_error(after, 401, "unauthenticated")


async def test_the_cookie_is_out_of_reach_of_scripts_and_insists_on_tls_where_there_is_some(
    app: Application, backends: Backends, anna: Person
) -> None:
    behind_tls = create_app(backends, entrance=Entrance(public_url="https://support.example.com"))
    async with calling(app, None) as http:
        plain = await enter(http, anna.email)
    async with calling(behind_tls, None) as http:
        encrypted = await enter(http, anna.email)

    for answer, secure in ((plain, ""), (encrypted, True)):
        cookie = cookie_of(answer)
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", secure)
        assert int(cookie["max-age"]) == logins.ABSOLUTE.total_seconds()
        assert answer.headers["cache-control"] == "no-store"


async def test_only_the_hash_of_a_session_is_kept(app: Application, backends: Backends, anna: Person) -> None:
    row = (await backends.db.read(lambda session: logins.list_logins(session, anna.id)))[0]

    kept = " ".join(str(getattr(row, column.key)) for column in Login.__table__.columns)
    assert anna.cookie not in kept
    assert anna.csrf not in kept


async def test_nothing_tells_an_unknown_address_from_a_wrong_password(app: Application, anna: Person) -> None:
    async with calling(app, None) as http:
        wrong = await enter(http, anna.email, "not the password")
        unknown = await enter(http, "nobody@acme.example", "not the password")

    assert assert_error(wrong, 401, "invalid_credentials") == assert_error(unknown, 401, "invalid_credentials")
    assert "set-cookie" not in wrong.headers


async def test_guessing_is_slowed_down_by_address_and_account(app: Application, anna: Person) -> None:
    async with calling(app, None) as http:
        answers = [await enter(http, anna.email, f"guess number {number}") for number in range(11)]
        right = await enter(http, anna.email)
        other = await enter(http, "somebody-else@acme.example")

    assert {answer.status_code for answer in answers[:10]} == {401}
    assert_error(answers[10], 429, "rate_limited")
    assert int(answers[10].headers["retry-after"]) > 0
    assert_error(right, 429, "rate_limited")
    assert other.status_code == 401


@pytest.mark.parametrize("field", ["last_seen_at", "expires_at"])
async def test_a_session_ends_when_idle_and_in_any_case(
    app: Application, backends: Backends, anna: Person, field: str
) -> None:
    then = utc_now() - (logins.IDLE if field == "last_seen_at" else timedelta(0))
    async with browsing(app, anna) as http:
        before = await http.get("/v1/auth/me")
        age = update(Login).where(Login.user_id == anna.id).values({field: then})
        await backends.db.write(lambda session: session.execute(age))
        after = await http.get("/v1/auth/me")

    assert before.status_code == 200
    assert_error(after, 401, "unauthenticated")


async def test_using_a_session_keeps_it_alive(app: Application, backends: Backends, anna: Person) -> None:
    age = update(Login).where(Login.user_id == anna.id).values(last_seen_at=utc_now() - timedelta(days=6))
    await backends.db.write(lambda session: session.execute(age))

    async with browsing(app, anna) as http:
        await http.get("/v1/auth/me")
    row = (await backends.db.read(lambda session: logins.list_logins(session, anna.id)))[0]

    assert utc_now() - row.last_seen_at < timedelta(minutes=1)


async def test_sessions_are_listed_and_ended_one_by_one_and_all_others_at_once(
    app: Application, backends: Backends, tenant: Tenant, anna: Person
) -> None:
    stranger = await make_person(backends, tenant)
    async with calling(app, None) as phone, browsing(app, anna) as http, browsing(app, stranger) as other:
        await enter(phone, anna.email)
        await enter(phone, anna.email)
        listed = read(await http.get("/v1/auth/sessions"))["data"]
        theirs = await other.delete(f"/v1/auth/sessions/{listed[0]['id']}")
        ended = await http.delete(f"/v1/auth/sessions/{listed[0]['id']}")
        signed_out = await phone.get("/v1/auth/me")
        again = await http.delete(f"/v1/auth/sessions/{listed[0]['id']}")
        await http.delete("/v1/auth/sessions")
        left = read(await http.get("/v1/auth/sessions"))["data"]

    assert [row["current"] for row in listed] == [False, False, True]
    assert_error(theirs, 404, "not_found")
    assert ended.status_code == 204
    assert_error(signed_out, 401, "unauthenticated")
    assert_error(again, 404, "not_found")
    assert [row["current"] for row in left] == [True]


async def test_a_request_without_the_sessions_token_changes_nothing(
    app: Application, backends: Backends, tenant: Tenant, anna: Person
) -> None:
    other = await make_person(backends, tenant)
    async with browsing(app, anna) as http:
        for token in (None, "", "nonsense", other.csrf, anna.csrf[:-1], "é"):
            headers = {} if token is None else {b"x-csrf-token": token.encode()}
            if token is None:
                del http.headers["X-CSRF-Token"]
            for method, path in (("POST", f"{tenant.base}/sources"), ("DELETE", tenant.base), ("PATCH", tenant.base)):
                answer = await http.request(method, path, json={"name": "forged"}, headers=headers)
                assert_error(answer, 403, "permission_denied", param="X-CSRF-Token")
        assert (await http.get(tenant.base)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        (BASE_URL, True),
        ("https://aivastark.test", True),  # a proxy took TLS off
        ("http://127.0.0.1:8080", True),  # the operator's own setting
        ("http://evil.example", False),
        ("http://aivastark.test.evil.example", False),
        ("http://aivastark.test:8081", False),
        ("http://aivastark.test@evil.example", False),
        ("http://aivastark.test:99999999", False),
        ("null", False),
    ],
)
async def test_a_page_of_another_site_is_refused(
    app: Application, tenant: Tenant, anna: Person, origin: str, passes: bool
) -> None:
    async with browsing(app, anna) as http:
        changed = await http.patch(tenant.base, json={"name": "By a page"}, headers={"Origin": origin})
        entered = await http.post(
            "/v1/auth/sign-in", json={"email": anna.email, "password": PASSWORD}, headers={"Origin": origin}
        )

    for answer in (changed, entered):
        if passes:
            assert answer.status_code == 200
        else:
            assert_error(answer, 403, "permission_denied", param="Origin")


async def test_a_key_needs_no_token_and_counts_alone(app: Application, tenant: Tenant, anna: Person) -> None:
    async with browsing(app, anna) as http:
        del http.headers["X-CSRF-Token"]
        by_key = await http.patch(
            tenant.base,
            json={"name": "By key"},
            headers={"Authorization": f"Bearer {tenant.key}", "Origin": "http://x.example"},
        )
        wrong = await http.get(tenant.base, headers={"Authorization": "Bearer akv_live_nonsense"})
        own = await http.get("/v1/auth/me", headers={"Authorization": f"Bearer {tenant.key}"})

    assert by_key.status_code == 200
    assert_error(wrong, 401, "unauthenticated")
    assert_error(own, 403, "permission_denied")


@pytest.mark.parametrize(
    ("role", "asks", "reads", "writes"),
    [("owner", 200, 200, 202), ("admin", 200, 200, 202), ("agent", 200, 200, 403), ("viewer", 403, 200, 403)],
)
async def test_roles_reach_what_they_are_for(
    app: Application, backends: Backends, tenant: Tenant, role: str, asks: int, reads: int, writes: int
) -> None:
    async with browsing(app, await make_person(backends, tenant, role)) as http:
        asked = await http.post(f"{tenant.base}/query", json={"message": "Hello?"})
        read_ = [await http.get(f"{tenant.base}/{what}") for what in ("sources", "conversations")]
        written = await http.post(f"{tenant.base}/sources", json={"type": "raw", "text": "Hello."})

    assert asked.status_code == asks
    assert {answer.status_code for answer in read_} == {reads}
    assert written.status_code == writes


async def test_a_person_reaches_no_other_tenant(app: Application, anna: Person, stranger: Client) -> None:
    async with browsing(app, anna) as http:
        for path in ("", "/sources", "/conversations", "/api-keys"):
            assert_error(await http.get(f"{stranger.tenant.base}{path}"), 404, "not_found")


async def test_people_are_let_in_whatever_the_plan_of_the_api(app: Application, backends: Backends) -> None:
    tenant = await make_tenant(backends.db, plan="starter")
    person = await make_person(backends, tenant)

    async with browsing(app, person) as http:
        by_person = await http.get(f"{tenant.base}/sources")
    async with calling(app, tenant.key) as http:
        by_key = await http.get(f"{tenant.base}/sources")

    assert by_person.status_code == 200
    assert_error(by_key, 403, "api_access_required")


async def test_a_session_acts_in_one_organisation_and_switches(
    app: Application, backends: Backends, tenant: Tenant, anna: Person, stranger: Client
) -> None:
    other = await make_tenant(backends.db)
    await backends.db.write(lambda session: _join(session, other.organization_id, anna.id))
    async with browsing(app, anna) as http:
        before = await http.get(other.base)
        switched = read(
            await http.post("/v1/auth/switch-organization", json={"organization_id": other.organization_id})
        )
        after = await http.get(other.base)
        old = await http.get(tenant.base)
        foreign = await http.post(
            "/v1/auth/switch-organization", json={"organization_id": stranger.tenant.organization_id}
        )

    assert_error(before, 404, "not_found")
    assert (switched["organization"]["id"], switched["organization"]["role"]) == (other.organization_id, "viewer")
    assert after.status_code == 200
    assert_error(old, 404, "not_found")
    assert_error(foreign, 404, "not_found")


async def test_somebody_who_belongs_nowhere_reaches_the_own_account_alone(
    app: Application, backends: Backends, tenant: Tenant
) -> None:
    async with browsing(app, await make_person(backends, None)) as http:
        me = read(await http.get("/v1/auth/me"))
        listed = read(await http.get("/v1/organizations"))
        projects = read(await http.get("/v1/projects"))
        for path in (f"{tenant.base}/sources", f"{tenant.base}/api-keys"):
            assert_error(await http.get(path), 403, "permission_denied")
        assert_error(await http.get(f"/v1/organizations/{tenant.organization_id}"), 404, "not_found")
        assert_error(await http.post("/v1/projects", json={"name": "Mine"}), 403, "permission_denied")

    assert me["organization"] is None
    assert listed["data"] == projects["data"] == []


async def test_a_name_is_changed_by_its_bearer(app: Application, anna: Person) -> None:
    async with browsing(app, anna) as http:
        renamed = read(await http.patch("/v1/auth/me", json={"name": "Anna B."}))
        refused = await http.patch("/v1/auth/me", json={"name": "Anna\nB."})

    assert renamed["name"] == "Anna B."
    assert_error(refused, 422, "invalid_request", param="name")


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 5_000, "é", "a=b"])
async def test_a_cookie_that_is_none_of_ours_opens_nothing(app: Application, cookie: str) -> None:
    async with calling(app, None) as http:
        answer = await http.get("/v1/auth/me", headers={b"cookie": f"{logins.COOKIE}={cookie}".encode()})

    assert_error(answer, 401, "unauthenticated")


@given(st.text(max_size=60))
def test_a_session_token_and_its_csrf_token_have_nothing_in_common(other: str) -> None:
    token = tokens.new_token()

    csrf = logins.csrf_token(b"k" * 32, token)

    assert len({token, tokens.new_token(), csrf, logins.csrf_token(b"l" * 32, token)}) == 4
    assert (logins.csrf_token(b"k" * 32, other) == csrf) == (other == token)


@given(st.text(max_size=80))
def test_normalising_an_address_twice_changes_nothing(given_: str) -> None:
    try:
        once = normal_email(given_)
    except InvalidRequest:
        return

    assert normal_email(once) == once
    assert once == once.lower()
    assert not any(character.isspace() or character in '<>,;:"' for character in once)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Anna.B+shop@ACME.Example", "anna.b+shop@acme.example"),
        (" anna@bücher.example. ", "anna@xn--bcher-kva.example"),
        ("ａnna@acme.example", "anna@acme.example"),
    ],
)
def test_an_address_has_one_spelling(written: str, normal: str) -> None:
    assert normal_email(written) == normal


def _join(session: Any, organization_id: str, user_id: str) -> None:
    from aivastark.accounts.organizations import add_member

    add_member(session, organization_id, user_id, "viewer")
