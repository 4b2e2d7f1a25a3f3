"""How people come in: the first one by a printed link, others by invitation, or by themselves where that is open."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from aivastark.accounts.entrance import Entrance
from aivastark.accounts.gate import Application
from aivastark.accounts.people_models import Invitation, OneTimeToken
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.commands.install import sign_in_url
from aivastark.database import Base, ReadSession
from aivastark.kit.clock import utc_now
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Tenant, assert_error, calling, make_tenant, read
from tests.people import PASSWORD, browsing, link_in, mails, make_person

ANNA = {"name": "Anna", "password": PASSWORD}


@pytest.fixture
async def agency(backends: Backends) -> Tenant:
    return await make_tenant(backends.db, whole_organization=True)


async def claim_link(backends: Backends, email: str | None = None) -> str:
    url = await sign_in_url(backends.db, Entrance(), email=email)
    assert url is not None
    assert url.startswith("http://127.0.0.1:8080/sign-in?token=")
    return url.partition("token=")[2]


async def invited(http: httpx.AsyncClient, tenant: Tenant, email: str, role: str = "agent") -> None:
    made = await http.post(
        f"/v1/organizations/{tenant.organization_id}/invitations", json={"email": email, "role": role}
    )
    assert made.status_code == 201, made.text


async def test_the_first_person_takes_the_install_over_once(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    first, second = await claim_link(backends), await claim_link(backends)
    async with calling(app, None) as http:
        claimed = await http.post("/v1/auth/claim", json={"token": first, "email": "anna@acme.example", **ANNA})
        me = await http.get("/v1/auth/me")
    async with calling(app, None) as http:
        for token in (first, second, "nonsense"):
            late = await http.post("/v1/auth/claim", json={"token": token, "email": "eve@acme.example", **ANNA})
            assert_error(late, 400, "invalid_token", param="token")

    assert read(claimed) == read(me)
    assert (read(me)["organization"]["id"], read(me)["organization"]["role"]) == (agency.organization_id, "owner")
    assert await sign_in_url(backends.db, Entrance()) is None


async def test_a_link_made_for_an_address_is_good_for_that_one(
    app: Application, backends: Backends, agency: Tenant
) -> None:
    token = await claim_link(backends, "Anna@Acme.example")
    async with calling(app, None) as http:
        other = await http.post("/v1/auth/claim", json={"token": token, "email": "eve@acme.example", **ANNA})
        own = await http.post("/v1/auth/claim", json={"token": token, **ANNA})

    assert_error(other, 422, "invalid_request", param="email")
    assert read(own)["user"]["email"] == "anna@acme.example"


@pytest.mark.parametrize(
    ("password", "status"),
    [("short", 422), ("aaaaaaaaaaaa", 422), ("ANNA@acme.example", 422), ("x" * 257, 422), ("long enough", 200)],
)
async def test_a_password_is_not_one_that_anybody_would_try(
    app: Application, backends: Backends, agency: Tenant, password: str, status: int
) -> None:
    token = await claim_link(backends)
    async with calling(app, None) as http:
        body = {"token": token, "email": "anna@acme.example", "name": "Anna", "password": password}
        answer = await http.post("/v1/auth/claim", json=body)

    assert answer.status_code == status
    if status == 422:
        assert_error(answer, 422, "invalid_request", param="password")


async def test_somebody_new_joins_by_the_link_in_a_mail(
    app: Application, settings: Settings, settle: Settle, agency: Tenant
) -> None:
    async with calling(app, agency.key) as key:
        await invited(key, agency, "ben@acme.example")
        await settle()
        page, token = link_in(mails(settings, "ben@acme.example")[0])
        async with calling(app, None) as http:
            lacking = [
                await http.post("/v1/auth/accept-invitation", json={"token": token, **fields})
                for fields in ({}, {"name": "Ben"}, {"name": "Ben", "password": "short"})
            ]
            joined = await http.post(
                "/v1/auth/accept-invitation", json={"token": token, "name": "Ben", "password": PASSWORD}
            )
            me = read(await http.get("/v1/auth/me"))
            again = await http.post(
                "/v1/auth/accept-invitation", json={"token": token, "name": "Ben", "password": PASSWORD}
            )
        still_open = read(await key.get(f"/v1/organizations/{agency.organization_id}/invitations"))["data"]

    assert page == "accept-invitation"
    assert [read(answer)["error"]["param"] for answer in lacking] == ["name", "password", "password"]
    assert read(joined) == {
        "organization_id": agency.organization_id,
        "signed_in": True,
        "csrf_token": me["csrf_token"],
    }
    assert (me["user"]["email"], me["organization"]["role"]) == ("ben@acme.example", "agent")
    assert_error(again, 400, "invalid_token", param="token")
    assert still_open == []


async def test_somebody_with_an_account_joins_with_it_and_is_not_signed_in_by_a_link(
    app: Application, backends: Backends, settings: Settings, settle: Settle, agency: Tenant, tenant: Tenant
) -> None:
    ben = await make_person(backends, tenant, "owner", address="ben@acme.example")
    async with calling(app, agency.key) as http:
        await invited(http, agency, "ben@acme.example", "viewer")
    await settle()
    _, token = link_in(mails(settings, "ben@acme.example")[0])

    async with calling(app, None) as http:
        joined = await http.post("/v1/auth/accept-invitation", json={"token": token})
    async with browsing(app, ben) as http:
        listed = read(await http.get("/v1/organizations"))["data"]

    assert read(joined) == {"organization_id": agency.organization_id, "signed_in": False, "csrf_token": None}
    assert "set-cookie" not in joined.headers
    assert {(row["id"], row["role"]) for row in listed} == {
        (agency.organization_id, "viewer"),
        (tenant.organization_id, "owner"),
    }


async def test_a_revoked_or_expired_invitation_opens_nothing(
    app: Application, backends: Backends, settings: Settings, settle: Settle, agency: Tenant
) -> None:
    async with calling(app, agency.key) as http:
        await invited(http, agency, "ben@acme.example")
        await settle()
        path = f"/v1/organizations/{agency.organization_id}/invitations"
        await http.delete(f"{path}/{read(await http.get(path))['data'][0]['id']}")
        await invited(http, agency, "cleo@acme.example")
        await settle()
        past = update(Invitation).where(Invitation.email == "cleo@acme.example")
        past = past.values(expires_at=utc_now() - timedelta(seconds=1))
        await backends.db.write(lambda session: session.execute(past))
        for address in ("ben@acme.example", "cleo@acme.example"):
            _, token = link_in(mails(settings, address)[0])
            answer = await http.post("/v1/auth/accept-invitation", json={"token": token, **ANNA})
            assert_error(answer, 400, "invalid_token", param="token")
        assert read(await http.get(path))["data"] == []


async def test_the_link_of_an_invitation_is_in_the_mail_and_nowhere_else(
    app: Application, backends: Backends, settings: Settings, agency: Tenant, settle: Settle
) -> None:
    async with calling(app, agency.key) as http:
        await invited(http, agency, "ben@acme.example")

    def everything(session: ReadSession) -> str:
        return str([session.execute(select(table)).all() for table in Base.metadata.sorted_tables])

    stored = await backends.db.read(everything)
    await settle()
    message = mails(settings, "ben@acme.example")[0]
    _, token = link_in(message)

    assert "ben@acme.example" in stored
    assert token not in stored
    assert message["From"] == "aivastark@localhost"
    assert message["Subject"] == "You are invited to A customer"
    assert [path.stat().st_mode & 0o777 for path in (settings.data_dir / "outbox").iterdir()] == [0o600]


async def test_accounts_are_made_by_invitation_unless_sign_up_is_open(app: Application) -> None:
    body = {"email": "anna@acme.example", "organization": "Acme", **ANNA}
    async with calling(app, None) as http:
        assert_error(await http.post("/v1/auth/sign-up", json=body), 403, "permission_denied")


async def test_where_sign_up_is_open_an_account_is_made_once_the_address_is_confirmed(
    backends: Backends, settings: Settings, settle: Settle
) -> None:
    app = create_app(backends, entrance=Entrance(sign_up="open", default_plan="starter"))
    body = {"email": "Anna@acme.example", "organization": "Acme", **ANNA}
    async with calling(app, None) as http:
        asked = await http.post("/v1/auth/sign-up", json=body)
        await settle()
        before = await http.post("/v1/auth/sign-in", json={"email": body["email"], "password": PASSWORD})
        page, token = link_in(mails(settings, "anna@acme.example")[0])
        confirmed = await http.post("/v1/auth/sign-up/confirm", json={"token": token})
        again = await http.post("/v1/auth/sign-up/confirm", json={"token": token})
        known = await http.post("/v1/auth/sign-up", json=body)
        await settle()
        project = await http.post(
            "/v1/projects", json={"name": "Bot"}, headers={"X-CSRF-Token": read(confirmed)["csrf_token"]}
        )

    assert (asked.status_code, page) == (202, "confirm-sign-up")
    assert_error(before, 401, "invalid_credentials")
    organization = read(confirmed)["organization"]
    assert (organization["name"], organization["role"], organization["plan"]) == ("Acme", "owner", "starter")
    assert_error(again, 400, "invalid_token", param="token")
    assert project.status_code == 201
    assert (known.status_code, known.content) == (202, asked.content)
    assert "already" in str(mails(settings, "anna@acme.example")[1]["Subject"])


async def test_a_token_is_kept_as_a_hash_and_ends_in_time(app: Application, backends: Backends, agency: Tenant) -> None:
    token = await claim_link(backends)
    row = await backends.db.read(lambda session: session.scalar(select(OneTimeToken)))
    past = update(OneTimeToken).values(expires_at=utc_now() - timedelta(seconds=1))
    await backends.db.write(lambda session: session.execute(past))
    async with calling(app, None) as http:
        late = await http.post("/v1/auth/claim", json={"token": token, "email": "anna@acme.example", **ANNA})

    assert row is not None
    assert token not in str({column.key: getattr(row, column.key) for column in OneTimeToken.__table__.columns})
    assert_error(late, 400, "invalid_token", param="token")
