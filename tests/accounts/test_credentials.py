"""A person's own password, address and second factor."""

import time

import httpx
import pyotp
import pytest

from aivastark.accounts.gate import Application
from aivastark.accounts.second_factor import STEP_S
from aivastark.backends.base import Backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Tenant, assert_error, calling, read
from tests.people import PASSWORD, Person, browsing, link_in, mails, make_person

NEW = "a quite different one"


@pytest.fixture
async def anna(backends: Backends, tenant: Tenant) -> Person:
    return await make_person(backends, tenant, "owner", address="anna@acme.example")


async def enters(http: httpx.AsyncClient, password: str, email: str = "anna@acme.example", **fields: str) -> int:
    body = {"email": email, "password": password, **fields}
    return (await http.post("/v1/auth/sign-in", json=body)).status_code


async def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(
    app: Application, settings: Settings, settle: Settle, anna: Person
) -> None:
    async with calling(app, None) as http, browsing(app, anna) as signed_in:
        asked = [await http.post("/v1/auth/password-reset", json={"email": "ANNA@acme.example"}) for _ in range(2)]
        await settle()
        sent = mails(settings, anna.email)
        (page, older), (_, newer) = (link_in(message) for message in sent)
        refused = [
            await http.post("/v1/auth/password-reset/confirm", json={"token": token, "password": password})
            for token, password in ((older, NEW), (newer, "aaaaaaaaaaaaa"), ("nonsense", NEW))
        ]
        done = await http.post("/v1/auth/password-reset/confirm", json={"token": newer, "password": NEW})
        again = await http.post("/v1/auth/password-reset/confirm", json={"token": newer, "password": PASSWORD})
        after = await signed_in.get("/v1/auth/me")
        await settle()

        assert [answer.status_code for answer in asked] == [202, 202]
        assert page == "reset-password"
        assert [read(answer)["error"]["param"] for answer in refused] == ["token", "password", "token"]
        assert done.status_code == 204
        assert_error(again, 400, "invalid_token", param="token")
        assert_error(after, 401, "unauthenticated")
        assert (await enters(http, PASSWORD), await enters(http, NEW)) == (401, 200)
    assert mails(settings, anna.email)[2]["Subject"] == "Your password was changed"


async def test_asking_for_a_reset_tells_nobody_who_has_an_account(
    app: Application, settings: Settings, settle: Settle, anna: Person
) -> None:
    async with calling(app, None) as http:
        known = await http.post("/v1/auth/password-reset", json={"email": anna.email})
        unknown = await http.post("/v1/auth/password-reset", json={"email": "nobody@acme.example"})
        await settle()

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [message["To"] for message in mails(settings)] == [anna.email]


async def test_nobodys_mailbox_is_filled_by_asking_again_and_again(app: Application, anna: Person) -> None:
    async with calling(app, None) as http:
        answers = [await http.post("/v1/auth/password-reset", json={"email": anna.email}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]


async def test_links_in_mails_lead_where_the_operator_said_whatever_a_request_claims(
    app: Application, settings: Settings, settle: Settle, anna: Person
) -> None:
    async with calling(app, None) as http:
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        await http.post("/v1/auth/password-reset", json={"email": anna.email}, headers=headers)
    await settle()

    assert "evil" not in mails(settings, anna.email)[0].get_content()
    assert "http://127.0.0.1:8080/reset-password?token=" in mails(settings, anna.email)[0].get_content()


async def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(app: Application, anna: Person) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        await enters(phone, PASSWORD)
        wrong = await http.post("/v1/auth/password", json={"current_password": "a wrong one", "password": NEW})
        weak = await http.post("/v1/auth/password", json={"current_password": PASSWORD, "password": "aaaaaaaaaaaa"})
        done = await http.post("/v1/auth/password", json={"current_password": PASSWORD, "password": NEW})
        here, there = await http.get("/v1/auth/me"), await phone.get("/v1/auth/me")

        assert_error(wrong, 401, "invalid_credentials")
        assert_error(weak, 422, "invalid_request", param="password")
        assert done.status_code == 204
        assert here.status_code == 200
        assert_error(there, 401, "unauthenticated")
        assert (await enters(phone, PASSWORD), await enters(phone, NEW)) == (401, 200)


async def test_an_address_is_changed_once_the_new_one_is_confirmed(
    app: Application, backends: Backends, settings: Settings, settle: Settle, tenant: Tenant, anna: Person
) -> None:
    await make_person(backends, tenant, address="taken@acme.example")
    async with browsing(app, anna) as http, calling(app, None) as phone:
        wrong = await http.post("/v1/auth/email", json={"email": "a@b.example", "password": "a wrong one"})
        taken = await http.post("/v1/auth/email", json={"email": "taken@acme.example", "password": PASSWORD})
        asked = await http.post("/v1/auth/email", json={"email": "anna@new.example", "password": PASSWORD})
        await settle()
        before = read(await http.get("/v1/auth/me"))["user"]["email"]
        page, token = link_in(mails(settings, "anna@new.example")[0])
        confirmed = await phone.post("/v1/auth/email/confirm", json={"token": token})
        again = await phone.post("/v1/auth/email/confirm", json={"token": token})
        after = read(await http.get("/v1/auth/me"))["user"]["email"]
        await settle()

    assert_error(wrong, 401, "invalid_credentials")
    assert taken.content == asked.content
    assert mails(settings, "taken@acme.example") == []
    assert (before, page, confirmed.status_code, after) == (anna.email, "confirm-email", 204, "anna@new.example")
    assert_error(again, 400, "invalid_token", param="token")
    assert [message["Subject"] for message in mails(settings, anna.email)] == ["Your address was changed"]


async def with_second_factor(http: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    enrolled = read(await http.post("/v1/auth/totp/enrol", json={"password": PASSWORD}))
    app_on_phone = pyotp.parse_uri(enrolled["uri"])
    assert isinstance(app_on_phone, pyotp.TOTP)
    assert app_on_phone.secret == enrolled["secret"]
    early = app_on_phone.at(time.time() - STEP_S)  # the step before: the next one stays good for signing in
    confirmed = await http.post("/v1/auth/totp/confirm", json={"code": early})
    assert confirmed.status_code == 200, confirmed.text
    return app_on_phone, read(confirmed)["recovery_codes"]


async def test_with_a_second_factor_the_password_alone_opens_nothing(app: Application, anna: Person) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        codes, _ = await with_second_factor(http)
        none = await phone.post("/v1/auth/sign-in", json={"email": anna.email, "password": PASSWORD})
        wrong_password = await phone.post(
            "/v1/auth/sign-in", json={"email": anna.email, "password": "a wrong one", "code": codes.now()}
        )
        code = codes.now()
        right = await enters(phone, PASSWORD, code=f"{code[:3]} {code[3:]}")
        repeated = await phone.post("/v1/auth/sign-in", json={"email": anna.email, "password": PASSWORD, "code": code})
        wrong = await phone.post("/v1/auth/sign-in", json={"email": anna.email, "password": PASSWORD, "code": "000000"})
        me = read(await http.get("/v1/auth/me"))

    assert_error(none, 401, "second_factor_required", param="code")
    assert_error(wrong_password, 401, "invalid_credentials")
    assert right == 200
    assert_error(repeated, 401, "second_factor_required", param="code")
    assert_error(wrong, 401, "second_factor_required", param="code")
    assert me["user"]["second_factor"] is True


async def test_a_recovery_code_stands_in_once(app: Application, anna: Person) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        _, recovery = await with_second_factor(http)

        assert len(set(recovery)) == 10
        assert await enters(phone, PASSWORD, code=recovery[0].upper()) == 200
        assert await enters(phone, PASSWORD, code=recovery[0]) == 401
        assert await enters(phone, PASSWORD, code=recovery[1].replace("-", "")) == 200


async def test_a_second_factor_is_not_asked_for_before_it_is_confirmed(app: Application, anna: Person) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        early = await http.post("/v1/auth/totp/confirm", json={"code": "123456"})
        wrong_password = await http.post("/v1/auth/totp/enrol", json={"password": "a wrong one"})
        enrolled = await http.post("/v1/auth/totp/enrol", json={"password": PASSWORD})
        wrong_code = await http.post("/v1/auth/totp/confirm", json={"code": "000000"})

        assert_error(early, 409, "conflict")
        assert_error(wrong_password, 401, "invalid_credentials")
        assert enrolled.headers["cache-control"] == "no-store"
        assert_error(wrong_code, 422, "invalid_request", param="code")
        assert await enters(phone, PASSWORD) == 200


async def test_a_second_factor_is_turned_off_by_who_has_both(
    app: Application, settings: Settings, settle: Settle, anna: Person
) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        _, recovery = await with_second_factor(http)
        on = await http.post("/v1/auth/totp/enrol", json={"password": PASSWORD})
        without = await http.post("/v1/auth/totp/disable", json={"password": PASSWORD, "code": "000000"})
        off = await http.post("/v1/auth/totp/disable", json={"password": PASSWORD, "code": recovery[0]})
        await settle()

        assert_error(on, 409, "conflict")
        assert_error(without, 401, "second_factor_required", param="code")
        assert off.status_code == 204
        assert await enters(phone, PASSWORD) == 200
    assert [message["Subject"] for message in mails(settings, anna.email)] == ["Your second factor is off"]


async def test_a_reset_does_not_go_round_the_second_factor(
    app: Application, settings: Settings, settle: Settle, anna: Person
) -> None:
    async with browsing(app, anna) as http, calling(app, None) as phone:
        codes, _ = await with_second_factor(http)
        await phone.post("/v1/auth/password-reset", json={"email": anna.email})
        await settle()
        _, token = link_in(mails(settings, anna.email)[0])
        await phone.post("/v1/auth/password-reset/confirm", json={"token": token, "password": NEW})

        assert await enters(phone, NEW) == 401
        assert await enters(phone, NEW, code=codes.now()) == 200


async def test_what_people_do_with_their_accounts_is_in_the_log(app: Application, tenant: Tenant, anna: Person) -> None:
    async with browsing(app, anna) as http:
        await enters(http, PASSWORD)
        http.headers["X-CSRF-Token"] = read(await http.get("/v1/auth/me"))["csrf_token"]
        await with_second_factor(http)
        await http.post("/v1/auth/password", json={"current_password": PASSWORD, "password": NEW})
        log = read(await http.get(f"/v1/organizations/{tenant.organization_id}/audit-log"))["data"]

    assert [entry["action"] for entry in reversed(log)] == [
        "person.signed_in",
        "second_factor.enabled",
        "password.changed",
    ]
    assert log[-1]["details"] == {"address": "127.0.0.1", "by": "password"}
