"""Connecting a Google account in a browser, reading with it, losing it and connecting it again."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from aivastark.accounts.gate import Application
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.settings import Settings
from aivastark.sources.account_models import ConnectedAccount
from aivastark.sources.google import consent
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, calling, make_key, make_tenant, read
from tests.origins.drive import Drive
from tests.origins.google_json import error
from tests.origins.google_oauth import refused
from tests.people import make_person
from tests.sources.drive.test_posting import ID, add, documents_of

ANNA = "anna@acme.example"
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"


async def consented(address: str) -> str:
    """Where Google sends the browser after the consent screen: path and query here."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


async def connect(api: Client) -> httpx.Response:
    """All the way: the page that the person sees in the end."""
    begun = read(await api.post("connected-accounts"))
    return await api.http.get(await consented(begun["authorize_url"]), headers={"Authorization": ""})


async def accounts_of(api: Client) -> list[Body]:
    return list(read(await api.get("connected-accounts"))["data"])


@pytest.fixture
def shared(drive: Drive) -> str:
    """A folder of Anna's, with one document."""
    folder = drive.folder("Anna's", shared_with={ANNA})
    drive.file("Returns.md", b"# Returns\n\nThirty days.", folder)
    return folder


async def test_the_way_to_google_asks_for_little_and_proves_that_it_was_begun_here(api: Client, drive: Drive) -> None:
    begun = await api.post("connected-accounts", {"provider": "google"})

    asked = {name: values[0] for name, values in parse_qs(urlsplit(read(begun)["authorize_url"]).query).items()}
    assert asked["scope"] == DRIVE_FILE
    assert asked["redirect_uri"].endswith("/v1/connected-accounts/google/callback")
    assert (asked["code_challenge_method"], asked["access_type"], asked["prompt"]) == ("S256", "offline", "consent")
    assert asked["trigger_onepick"] == "true"
    assert asked["state"] == read(begun)["state"]
    assert begun.headers["cache-control"] == "no-store"


async def test_a_connected_account_is_listed_and_what_opens_it_is_sealed(
    api: Client, backends: Backends, drive: Drive, shared: str
) -> None:
    drive.oauth.picks = (shared,)

    page = await connect(api)
    [account] = await accounts_of(api)
    [row] = await backends.db.read(
        lambda session: session.scalars(
            select(ConnectedAccount).where(ConnectedAccount.project_id == api.tenant.project_id)
        ).all()
    )

    assert page.status_code == 200
    assert f"{ANNA} is connected" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (account["email"], account["status"], account["scope"]) == (ANNA, "connected", DRIVE_FILE)
    assert account["picked_file_ids"] == [shared]
    [refresh_token] = drive.oauth.refresh
    assert refresh_token.encode() not in row.refresh_token
    assert "refresh" not in str(account)


async def test_a_source_is_read_with_a_connected_account(
    api: Client, settle: Settle, drive: Drive, shared: str
) -> None:
    await connect(api)
    [account] = await accounts_of(api)

    source = await add(api, folder_id=shared, account_id=account["id"])
    await settle()
    drive.oauth.let_access_run_out()
    await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert (await api.source(source["id"]))["status"] == "ready"
    assert "Thirty days" in str(await documents_of(api, source))


async def test_a_revoked_permission_fails_the_source_until_the_account_is_connected_again(
    api: Client, settle: Settle, drive: Drive, shared: str
) -> None:
    await connect(api)
    [account] = await accounts_of(api)
    source = await add(api, folder_id=shared, account_id=account["id"])
    await settle()
    drive.oauth.refresh.clear()
    drive.oauth.let_access_run_out()

    await api.post(f"sources/{source['id']}/sync")
    await settle()
    failed, [rejected] = await api.source(source["id"]), await accounts_of(api)
    still_there = await documents_of(api, source)
    await connect(api)
    [connected] = await accounts_of(api)
    await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert (failed["status"], failed["error"]["code"]) == ("failed", "credentials_rejected")
    assert failed["error"]["retryable"] is False
    assert "Connect it again" in failed["error"]["message"]
    assert ANNA in failed["error"]["message"]
    assert still_there
    assert rejected["status"] == "rejected"
    assert (connected["id"], connected["status"]) == (account["id"], "connected")
    assert (await api.source(source["id"]))["status"] == "ready"


async def test_a_disconnected_account_is_revoked_and_its_sources_say_so(
    api: Client, settle: Settle, drive: Drive, shared: str
) -> None:
    await connect(api)
    [account] = await accounts_of(api)
    source = await add(api, folder_id=shared, account_id=account["id"])
    await settle()

    deleted = await api.delete(f"connected-accounts/{account['id']}")
    await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert deleted.status_code == 204
    assert await accounts_of(api) == []
    assert len(drive.oauth.revoked) == 1
    failed = await api.source(source["id"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "account_disconnected")
    assert_error(await api.delete(f"connected-accounts/{account['id']}"), 404, "not_found")


async def test_an_account_is_disconnected_though_google_is_away(api: Client, drive: Drive) -> None:
    await connect(api)
    [account] = await accounts_of(api)
    drive.trouble("/revoke", (500, {}, b""))

    deleted = await api.delete(f"connected-accounts/{account['id']}")

    assert deleted.status_code == 204
    assert await accounts_of(api) == []


async def test_another_tenants_account_is_as_if_it_were_not_there(api: Client, stranger: Client, drive: Drive) -> None:
    await connect(stranger)
    [theirs] = await accounts_of(stranger)

    for account_id in (theirs["id"], "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        posted = await api.post("sources", {"type": "drive", "file_id": ID, "account_id": account_id})
        assert_error(posted, 404, "not_found")
        assert_error(await api.delete(f"connected-accounts/{account_id}"), 404, "not_found")
    assert await accounts_of(api) == []
    assert len(await accounts_of(stranger)) == 1


async def test_both_ways_at_once_are_refused(api: Client, credentials: dict[str, object]) -> None:
    body = {"type": "drive", "file_id": ID, "account_id": "acc_A", "credentials": credentials}

    assert_error(await api.post("sources", body), 422, "invalid_request", param="account_id")


async def test_whoever_comes_back_otherwise_is_told_so_on_a_page(
    api: Client, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = read(await api.post("connected-accounts"))
    back = await consented(begun["authorize_url"])
    path, _, query = back.partition("?")
    code = parse_qs(query)["code"][0]

    async def page(**asked: Any) -> httpx.Response:
        return await api.http.get(path, params=asked, headers={"Authorization": ""})

    nothing = await page()
    forged = await page(code=code, state="A" * 200)
    declined = await page(state=begun["state"], error="<script>access_denied</script>")
    with monkeypatch.context() as later:
        later.setattr(consent, "FLOW_SECONDS", -1)
        late = await page(code=code, state=begun["state"])
    wrong = await page(code="4/nonsense", state=begun["state"])
    rightly = await page(code=code, state=begun["state"])
    twice = await page(code=code, state=begun["state"])

    for answer, words in (
        (nothing, "begun here"),
        (forged, "begun here"),
        (declined, "&lt;script&gt;"),
        (late, "ten minutes"),
        (wrong, "invalid_grant"),
        (twice, "invalid_grant"),
    ):
        assert answer.status_code == 400
        assert words in answer.text
        assert "<script>" not in answer.text
    assert rightly.status_code == 200
    assert len(await accounts_of(api)) == 1


async def test_a_permission_without_drive_is_given_back(api: Client, drive: Drive) -> None:
    drive.oauth.unticked = True

    page = await connect(api)

    assert page.status_code == 400
    assert "not ticked" in page.text
    assert len(drive.oauth.revoked) == 1
    assert await accounts_of(api) == []


async def test_google_being_away_is_told_as_such(api: Client, drive: Drive) -> None:
    drive.trouble("/token", (503, {}, b""))

    page = await connect(api)

    assert page.status_code == 503
    assert "Begin again in a while" in page.text


async def test_an_api_that_the_operator_did_not_enable_is_told(api: Client, drive: Drive) -> None:
    drive.trouble("/about", error(403, "accessNotConfigured", "Google Drive API has not been used in project 1."))

    page = await connect(api)

    assert page.status_code == 400
    assert "Google Drive API is switched off" in page.text
    assert len(drive.oauth.revoked) == 1


async def test_who_began_signed_in_must_finish_as_the_same_person(
    app: Application, backends: Backends, api: Client, drive: Drive
) -> None:
    anna = await make_person(backends, api.tenant, "owner")
    ben = await make_person(backends, api.tenant, "owner")
    async with calling(app, None) as browser:
        begun = await browser.post(api.at("connected-accounts"), headers=anna.headers)
        assert begun.status_code == 200, begun.text
        back = await consented(read(begun)["authorize_url"])

        nobody = await browser.get(back)
        other = await browser.get(back, headers=ben.headers)
        herself = await browser.get(back, headers=anna.headers)

    assert (nobody.status_code, other.status_code, herself.status_code) == (400, 400, 200)
    assert "Somebody else" in nobody.text


async def test_connecting_and_disconnecting_stand_in_the_audit_log(
    app: Application, backends: Backends, api: Client, drive: Drive
) -> None:
    await connect(api)
    [account] = await accounts_of(api)
    await api.delete(f"connected-accounts/{account['id']}")
    _, secret = await make_key(backends.db, api.tenant, "*", whole_organization=True)

    async with calling(app, secret) as whole:
        log = read(await whole.get(f"/v1/organizations/{api.tenant.organization_id}/audit-log"))["data"]

    acts = [entry for entry in log if entry["target"] == account["id"]]
    assert [entry["action"] for entry in acts] == ["connected_account.deleted", "connected_account.connected"]
    assert all(entry["details"]["project_id"] == api.tenant.project_id for entry in acts)
    assert "refresh" not in str(acts)


async def test_without_a_client_of_the_operators_nobody_is_sent_away(settings: Settings, backends: Backends) -> None:
    plain = Backends(**{**vars(backends), "google": type(backends.google)()})
    tenant = await make_tenant(backends.db)
    async with calling(create_app(plain), tenant.key) as http:
        answer = await http.post(f"{tenant.base}/connected-accounts")

    assert "AIVASTARK_GOOGLE_CLIENT_ID" in assert_error(answer, 409, "conflict")


async def test_the_list_is_paged(api: Client, drive: Drive) -> None:
    for name in ("anna", "ben", "carl"):
        drive.oauth.signed_in = f"{name}@acme.example"
        await connect(api)

    first = read(await api.get("connected-accounts", limit=2))
    rest = read(await api.get("connected-accounts", limit=2, cursor=first["next_cursor"]))

    emails = [account["email"].partition("@")[0] for account in [*first["data"], *rest["data"]]]
    assert emails == ["carl", "ben", "anna"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_a_client_that_google_does_not_know_is_told(
    api: Client, settle: Settle, drive: Drive, shared: str
) -> None:
    await connect(api)
    [account] = await accounts_of(api)
    drive.trouble("/token", refused(401, "deleted_client", "The OAuth client was deleted."))

    source = await add(api, folder_id=shared, account_id=account["id"])
    await settle()

    failed = await api.source(source["id"])
    assert failed["error"]["code"] == "credentials_rejected"
    assert "operator" in failed["error"]["message"]
    assert [account["status"] for account in await accounts_of(api)] == ["connected"]
