"""Signing in with an OpenID provider: one that lies, and a real one by other people in a process of its own."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from aivastark.accounts import logins
from aivastark.accounts.entrance import Entrance, OidcClient
from aivastark.accounts.gate import Application
from aivastark.accounts.oidc_endpoints import NEXT_MAX_CHARS
from aivastark.app import create_app
from aivastark.backends.base import Backends
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.make import BASE_URL, Tenant, assert_error, calling, make_tenant, read
from tests.people import PASSWORD, make_person

ANNA = {"sub": "anna-at-the-provider", "email": "anna@acme.example", "email_verified": True, "name": "Anna"}
START_MAX_S = 20.0


def app_with(backends: Backends, issuer: str, *, secret: str | None = CLIENT_SECRET, **fields: Any) -> Application:
    oidc = OidcClient(issuer=issuer, client_id=fields.pop("client_id", CLIENT_ID), client_secret=secret)
    return create_app(backends, entrance=Entrance(public_url=BASE_URL, oidc=oidc, **fields))


async def come_back(
    http: httpx.AsyncClient, provider: Provider, *, next_path: str | None = None, **changed: str
) -> httpx.Response:
    """There and back again, with the query changed on the way."""
    left = await http.get("/v1/auth/oidc/start", params={} if next_path is None else {"next": next_path})
    assert left.status_code == 303, left.text
    query = provider.authorize(left.headers["location"])
    return await http.get("/v1/auth/oidc/callback", params={**query, **changed})


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, whole_organization=True)


async def invite(app: Application, agency: Tenant, email: str) -> None:
    async with calling(app, agency.key) as http:
        path = f"/v1/organizations/{agency.organization_id}/invitations"
        assert (await http.post(path, json={"email": email, "role": "admin"})).status_code == 201


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
async def test_somebody_who_was_invited_gets_an_account_and_the_same_one_next_time(
    backends: Backends, agency: Tenant, way: str
) -> None:
    async with providing(claims=ANNA, ways=(way,)) as provider:
        app = app_with(backends, provider.issuer, secret=None if way == "none" else CLIENT_SECRET)
        await invite(app, agency, "Anna@acme.example")
        async with calling(app, None) as http:
            back = await come_back(http, provider)
            me = read(await http.get("/v1/auth/me"))
        provider.claims = {"sub": ANNA["sub"]}  # known by now: no address is needed
        async with calling(app, None) as http:
            await come_back(http, provider)
            again = read(await http.get("/v1/auth/me"))

    assert (back.status_code, back.headers["location"]) == (303, f"{BASE_URL}/")
    cookies = back.headers.get_list("set-cookie")
    assert any(re.match(rf"{logins.COOKIE}=.*HttpOnly.*SameSite=lax", cookie) for cookie in cookies)
    assert any(re.match(r"aivastark_oidc=\"\".*Max-Age=0", cookie) for cookie in cookies)
    assert (me["user"]["email"], me["user"]["name"], me["user"]["has_password"]) == ("anna@acme.example", "Anna", False)
    assert (me["organization"]["id"], me["organization"]["role"]) == (agency.organization_id, "admin")
    assert again["user"] == me["user"]


async def test_they_come_to_where_they_wanted_to_go(backends: Backends, tenant: Tenant) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    wanted = "/projects/proj_1/inbox?view=mine&q=%22a%20parcel%22"
    async with providing(claims=ANNA) as provider, calling(app_with(backends, provider.issuer), None) as http:
        back = await come_back(http, provider, next_path=wanted)
        far = await come_back(http, provider, next_path="/" + "x" * (NEXT_MAX_CHARS - 1))

    assert (back.status_code, back.headers["location"]) == (303, BASE_URL + wanted)
    assert far.status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "@evil.example/",
        ".evil.example/",
        "projects",
        "/a b",
        '/"',
        "/é",
        "",
        "/" + "x" * NEXT_MAX_CHARS,
    ],
)
async def test_nobody_is_led_out_of_the_house(backends: Backends, elsewhere: str) -> None:
    async with (
        providing(claims=ANNA) as provider,
        calling(app_with(backends, provider.issuer), None) as http,
    ):
        refused = await http.get("/v1/auth/oidc/start", params={"next": elsewhere})

    assert_error(refused, 422, "invalid_request", param="next")
    assert "set-cookie" not in refused.headers


async def test_somebody_with_an_account_gets_that_one_and_keeps_the_password(
    backends: Backends, tenant: Tenant
) -> None:
    anna = await make_person(backends, tenant, "viewer", address="anna@acme.example")
    async with providing(claims=ANNA) as provider:
        app = app_with(backends, provider.issuer)
        async with calling(app, None) as http:
            await come_back(http, provider)
            me = read(await http.get("/v1/auth/me"))
            body = {"email": anna.email, "password": PASSWORD}
            by_password = await http.post("/v1/auth/sign-in", json=body)

    assert me["user"]["id"] == anna.id
    assert by_password.status_code == 200


async def test_somebody_who_was_not_invited_stays_outside_unless_sign_up_is_open(backends: Backends) -> None:
    async with providing(claims=ANNA) as provider:
        async with calling(app_with(backends, provider.issuer), None) as http:
            refused = await come_back(http, provider)
        async with calling(app_with(backends, provider.issuer, sign_up="open"), None) as http:
            await come_back(http, provider)
            me = read(await http.get("/v1/auth/me"))

    assert_error(refused, 403, "permission_denied")
    assert (me["organization"]["name"], me["organization"]["role"]) == ("acme.example", "owner")


@pytest.mark.parametrize("verified", [None, False, "false", 0, "yes"])
async def test_an_address_that_the_provider_did_not_confirm_opens_no_account(
    backends: Backends, tenant: Tenant, verified: object
) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    async with (
        providing(claims=ANNA, lies={"email_verified": verified}) as provider,
        calling(app_with(backends, provider.issuer), None) as http,
    ):
        assert_error(await come_back(http, provider), 400, "sign_in_failed")
        assert_error(await http.get("/v1/auth/me"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": ["somebody-else"]},
        {"aud": [CLIENT_ID, "somebody-else"], "azp": "somebody-else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(time.time()) + 3_600},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    backends: Backends, tenant: Tenant, lies: dict[str, Any]
) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    async with (
        providing(claims=ANNA, lies=lies) as provider,
        calling(app_with(backends, provider.issuer), None) as http,
    ):
        assert_error(await come_back(http, provider), 400, "sign_in_failed")


async def test_a_token_that_the_provider_did_not_sign_opens_nothing(backends: Backends, tenant: Tenant) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    published = KeySet([RSAKey.generate_key(2048, {"kid": "one"})])
    shared = OctKey.import_key(CLIENT_SECRET.ljust(32, "."), {"kid": "one"})
    for forged in (
        {"published": published},
        {"published": published, "key": shared, "algorithm": "HS256"},
        {"published": published, "key": ECKey.generate_key("P-256", {"kid": "one"}), "algorithm": "ES256"},
        {"published": KeySet([shared]), "key": shared, "algorithm": "HS256"},
    ):
        async with (
            providing(claims=ANNA, **forged) as provider,
            calling(app_with(backends, provider.issuer), None) as http,
        ):
            assert_error(await come_back(http, provider), 400, "sign_in_failed")


async def test_other_kinds_of_keys_are_understood(backends: Backends, tenant: Tenant) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    key = ECKey.generate_key("P-256", {"kid": "one"})
    async with (
        providing(claims=ANNA, key=key, algorithm="ES256") as provider,
        calling(app_with(backends, provider.issuer), None) as http,
    ):
        assert (await come_back(http, provider)).status_code == 303


async def test_an_address_may_come_from_userinfo_when_it_is_of_the_same_person(
    backends: Backends, tenant: Tenant
) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    async with (
        providing(claims={"sub": ANNA["sub"]}, userinfo=ANNA) as provider,
        calling(app_with(backends, provider.issuer), None) as http,
    ):
        same = await come_back(http, provider)
        provider.userinfo = {**ANNA, "sub": "eve"}
        other = await come_back(http, provider)

    assert same.status_code == 303
    assert_error(other, 400, "sign_in_failed")


async def test_a_sign_in_that_this_browser_did_not_begin_is_refused(backends: Backends, tenant: Tenant) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    async with providing(claims=ANNA) as provider:
        app = app_with(backends, provider.issuer)
        async with calling(app, None) as victim, calling(app, None) as attacker:
            query = provider.authorize((await attacker.get("/v1/auth/oidc/start")).headers["location"])
            fixed = await victim.get("/v1/auth/oidc/callback", params=query)
            await victim.get("/v1/auth/oidc/start")
            swapped = await victim.get("/v1/auth/oidc/callback", params=query)
            for wrong in ({"state": "another"}, {"state": ""}, {"state": "é"}, {"iss": "https://evil.example"}):
                assert_error(await come_back(victim, provider, **wrong), 400, "sign_in_failed")
            victim.cookies.clear()
            for cookie in ("nonsense", "AQ", "=", "é"):
                headers = {b"cookie": f"aivastark_oidc={cookie}".encode()}
                forged = await victim.get("/v1/auth/oidc/callback", params=query, headers=headers)
                assert_error(forged, 400, "sign_in_failed")
            assert_error(await victim.get("/v1/auth/me"), 401, "unauthenticated")

    assert_error(fixed, 400, "sign_in_failed")
    assert_error(swapped, 400, "sign_in_failed")


async def test_a_code_works_once_and_a_no_is_a_no(backends: Backends, tenant: Tenant) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    async with providing(claims=ANNA) as provider, calling(app_with(backends, provider.issuer), None) as http:
        assert_error(await come_back(http, provider, code="made-up"), 400, "sign_in_failed")
        left = await http.get("/v1/auth/oidc/start")
        state = dict(parse_qsl(urlsplit(left.headers["location"]).query))["state"]
        denied = await http.get("/v1/auth/oidc/callback", params={"error": "access_denied", "state": state})

    assert "access_denied" in assert_error(denied, 400, "sign_in_failed")


async def test_a_provider_that_is_away_or_another_one_is_a_503(backends: Backends) -> None:
    async with providing(claims=ANNA, says_issuer="https://evil.example") as provider:
        async with calling(app_with(backends, provider.issuer), None) as http:
            other = await http.get("/v1/auth/oidc/start")
        issuer = provider.issuer
    async with calling(app_with(backends, issuer), None) as http:
        away = await http.get("/v1/auth/oidc/start")

    assert_error(other, 503, "unavailable")
    assert_error(away, 503, "unavailable")


async def test_without_a_provider_there_is_no_such_door(app: Application) -> None:
    async with calling(app, None) as http:
        for path in ("start", "callback"):
            assert_error(await http.get(f"/v1/auth/oidc/{path}"), 404, "not_found")


@pytest.fixture(scope="module")
def somebody_elses_provider() -> Iterator[str]:
    """`oidc-provider-mock`: a provider on Authlib, over real HTTP; its issuer."""
    run = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0", "--require-registration", "true"]
    with subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        give_up_at, issuer = time.monotonic() + START_MAX_S, None
        while issuer is None and time.monotonic() < give_up_at:
            said = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
            issuer = said[0] if said else None
        assert issuer, "it did not start"
        yield issuer
        process.terminate()


async def test_a_provider_by_others_is_understood(
    backends: Backends, tenant: Tenant, somebody_elses_provider: str
) -> None:
    await make_person(backends, tenant, address="anna@acme.example")
    issuer = somebody_elses_provider
    async with httpx.AsyncClient(base_url=issuer) as provider:
        registered = read(
            await provider.post("/oauth2/clients", json={"redirect_uris": [f"{BASE_URL}/v1/auth/oidc/callback"]})
        )
        await provider.put("/users/anna", json={"email": "anna@acme.example", "email_verified": True})
        app = app_with(backends, issuer, client_id=registered["client_id"], secret=registered["client_secret"])
        async with calling(app, None) as http:
            left = await http.get("/v1/auth/oidc/start")
            agreed = await provider.post(left.headers["location"], data={"sub": "anna"})
            assert agreed.status_code == 302, agreed.text
            back = await http.get(agreed.headers["location"])
            assert back.status_code == 303, back.text
            me = read(await http.get("/v1/auth/me"))

    assert me["user"]["email"] == "anna@acme.example"
