"""Webhooks themselves: made, changed, switched off and on, deleted; what their secrets are kept like."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import FromClause, select

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from aivastark.jobs import JobRow
from aivastark.migrations.tables import metadata
from aivastark.settings import Settings
from aivastark.webhooks.models import Attempt, Delivery, Webhook
from aivastark.webhooks.store import WEBHOOKS_MAX
from tests.conftest import Settle
from tests.loopback import Page, serving
from tests.make import Client, assert_error, calling, make_key, make_tenant, read
from tests.webhooks.hooks import OK, ask_the_unanswerable, bodies, deliveries, hung_up, let_time_pass, subscribe

URL = "http://127.0.0.1:9/hook"


async def test_a_webhook_shows_its_secret_once(api: Client) -> None:
    made = await api.post("webhooks", {"url": URL, "events": ["lead.captured", "lead.captured"], "description": "CRM"})

    webhook = read(made)
    assert made.headers["location"].endswith(f"/webhooks/{webhook['id']}")
    assert webhook["secret"].startswith("whsec_")
    assert webhook["standard_secret"] == webhook["secret"]
    assert webhook["events"] == ["lead.captured"]
    assert (webhook["enabled"], webhook["status"], webhook["disabled_reason"]) == (True, "enabled", None)
    shown = read(await api.get(f"webhooks/{webhook['id']}"))
    assert shown == {name: value for name, value in webhook.items() if name not in ("secret", "standard_secret")}
    [listed] = read(await api.get("webhooks"))["data"]
    assert listed == shown


async def test_a_secret_of_ones_own_comes_back_as_given_and_in_the_standard_form(api: Client) -> None:
    webhook = await subscribe(api, URL, secret="whsec_...")

    assert (webhook["secret"], webhook["standard_secret"]) == ("whsec_...", "whsec_d2hzZWNfLi4u")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://user:password@example.com/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": "https://example.com/" + "a" * 2_048}, "url"),
        ({"url": None}, "url"),
        ({"events": []}, "events"),
        ({"events": ["lead.lost"]}, "events.0"),
        ({"events": None}, "events"),
        ({"secret": "short"}, "secret"),
        ({"secret": "a secret\nof two lines"}, "secret"),
        ({"secret": "a" * 257}, "secret"),
        ({"project": "prj_B"}, "project"),
    ],
)
async def test_what_cannot_be_a_webhook_is_refused_by_its_field(
    api: Client, change: dict[str, Any], param: str
) -> None:
    refused = await api.post("webhooks", {"url": URL, "events": ["lead.captured"], **change})

    assert_error(refused, 422, "invalid_request", param=param)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://localhost/hook",
        "http://2130706433/hook",
        "http://[::1]/hook",
        "http://10.0.0.1/hook",
        "https://example.com:8443/hook",
    ],
)
async def test_an_address_off_the_public_internet_is_refused_where_the_operator_did_not_open_it(
    settings: Settings, url: str
) -> None:
    closed = settings.model_copy(update={"allow_private_networks": False})
    async with open_backends(closed) as backends:
        tenant = await make_tenant(backends.db)
        async with calling(create_app(backends), tenant.key) as http:
            refused = await http.post(f"{tenant.base}/webhooks", json={"url": url, "events": ["lead.captured"]})

            assert_error(refused, 422, "invalid_request", param="url")


async def test_a_patch_changes_what_it_names_and_null_clears_only_the_description(api: Client) -> None:
    webhook = await subscribe(api, URL, description="CRM")
    path = f"webhooks/{webhook['id']}"

    patched = read(await api.patch(path, {"description": None, "events": ["lead.captured"]}))

    assert (patched["description"], patched["events"], patched["url"]) == (None, ["lead.captured"], URL)
    for field in ("url", "events", "enabled"):
        assert_error(await api.patch(path, {field: None}), 422, "invalid_request", param=field)
    assert_error(await api.patch(path, {"url": "gopher://x"}), 422, "invalid_request", param="url")
    assert_error(await api.patch(path, {"secret": "another secret"}), 422, "invalid_request", param="secret")


async def test_a_webhook_has_an_etag_and_a_change_may_ask_for_it(api: Client) -> None:
    webhook = await subscribe(api, URL)
    path = api.at(f"webhooks/{webhook['id']}")
    known = (await api.http.get(path)).headers["etag"]
    unchanged = await api.http.get(path, headers={"If-None-Match": known})
    changed = await api.http.patch(path, json={"description": "CRM"}, headers={"If-Match": known})
    late = await api.http.patch(path, json={"description": "Mail"}, headers={"If-Match": known})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
    assert changed.headers["etag"] == (await api.http.get(path)).headers["etag"] != known
    assert_error(late, 412, "precondition_failed", param="If-Match")


async def test_a_secret_is_not_kept_for_an_idempotency_key(api: Client) -> None:
    body, once = {"url": URL, "events": ["lead.captured"]}, {"Idempotency-Key": "hook-1"}
    made = await api.http.post(api.at("webhooks"), json=body, headers=once)
    again = await api.http.post(api.at("webhooks"), json=body, headers=once)

    assert made.headers["cache-control"] == "no-store"
    assert_error(again, 409, "conflict", param="Idempotency-Key")
    assert len(read(await api.get("webhooks"))["data"]) == 1


async def test_a_project_has_a_bounded_number_of_webhooks(api: Client, stranger: Client) -> None:
    for _ in range(WEBHOOKS_MAX):
        await subscribe(api, URL)

    refused = await api.post("webhooks", {"url": URL, "events": ["lead.captured"]})

    assert_error(refused, 409, "conflict")
    await subscribe(stranger, URL)


async def test_the_list_has_pages_newest_first(api: Client) -> None:
    made = [(await subscribe(api, URL))["id"] for _ in range(5)]

    first = read(await api.get("webhooks", limit=3))
    second = read(await api.get("webhooks", limit=3, cursor=first["next_cursor"]))

    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    assert (first["has_more"], second["has_more"], second["next_cursor"]) == (True, False, None)
    assert_error(await api.get("webhooks", cursor="x" + first["next_cursor"]), 400, "invalid_cursor", param="cursor")


async def test_a_key_needs_the_scope(api: Client, backends: Backends) -> None:
    _, reading = await make_key(backends.db, api.tenant, "webhooks:read")
    _, other = await make_key(backends.db, api.tenant, "query")

    for key, method, path, status in (
        (reading, "GET", "webhooks", 200),
        (reading, "GET", "events", 200),
        (reading, "POST", "webhooks", 403),
        (other, "GET", "webhooks", 403),
        (other, "GET", "events", 403),
    ):
        body = {"url": URL, "events": ["lead.captured"]} if method == "POST" else None
        headers = {"Authorization": f"Bearer {key}"}
        answer = await api.http.request(method, api.at(path), json=body, headers=headers)
        assert answer.status_code == status


async def test_a_deleted_webhook_takes_its_deliveries_with_it(api: Client, backends: Backends, settle: Settle) -> None:
    async with serving({"/": hung_up}) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()

        assert (await api.delete(f"webhooks/{webhook['id']}")).status_code == 204

        await ask_the_unanswerable(api)
        await settle()
        assert len(site.requests) == 1
    assert_error(await api.get(f"webhooks/{webhook['id']}"), 404, "not_found")
    for table in (Webhook, Delivery, Attempt, JobRow):
        assert await everything_in(backends, table.__table__) == []


async def test_a_webhook_hears_only_of_what_it_subscribed_to_and_of_its_own_project(
    api: Client, stranger: Client, settle: Settle
) -> None:
    async with serving({"/all": OK, "/knowledge": OK, "/theirs": OK}) as site:
        await subscribe(api, site.url("/all"))
        await subscribe(api, site.url("/knowledge"), events=["knowledge.updated"])
        await subscribe(stranger, site.url("/theirs"))
        await ask_the_unanswerable(api)
        await api.add(text="We open at nine.")
        await settle()

        heard = [(request.path, body["type"]) for request, body in zip(site.requests, bodies(site), strict=True)]

    assert sorted(heard) == [
        ("/all", "knowledge.updated"),
        ("/all", "low_confidence.detected"),
        ("/knowledge", "knowledge.updated"),
    ]


async def test_a_disabled_webhook_gets_what_waited_for_it_when_it_is_enabled_again(
    api: Client, backends: Backends, settle: Settle
) -> None:
    pages: dict[str, Page] = {"/": hung_up}
    async with serving(pages) as site:
        webhook = await subscribe(api, site.url())
        await ask_the_unanswerable(api)
        await settle()
        off = read(await api.patch(f"webhooks/{webhook['id']}", {"enabled": False}))
        await ask_the_unanswerable(api)
        await settle()
        assert len(site.requests) == 1

        pages["/"] = OK
        on = read(await api.patch(f"webhooks/{webhook['id']}", {"enabled": True}))
        await settle()
        [waited] = await deliveries(api, webhook)
        await let_time_pass(backends)
        await settle()
        [sent] = await deliveries(api, webhook)

    assert (off["status"], off["disabled_reason"]) == ("disabled", "manual")
    assert (on["status"], on["disabled_reason"], on["disabled_at"]) == ("enabled", None, None)
    # The first one had its retry ahead; what happened while it was off is in the list of events.
    assert (waited["status"], waited["attempt_count"]) == ("pending", 1)
    assert (sent["status"], sent["attempt_count"]) == ("delivered", 2)


async def test_no_secret_stands_in_the_database(api: Client, backends: Backends) -> None:
    secret = "a secret that must not be seen"
    webhook = await subscribe(api, URL, secret=secret)
    await api.post(f"webhooks/{webhook['id']}/rotate-secret", {"secret": f"{secret} again"})

    stored = [row for table in metadata().sorted_tables for row in await everything_in(backends, table)]
    assert any(webhook["id"] in repr(row) for row in stored)
    assert all(secret not in repr(row) for row in stored)


async def test_a_changed_secret_key_is_said_and_mended_by_rotating(
    api: Client, settings: Settings, settle: Settle
) -> None:
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url())
        changed = settings.model_copy(update={"secret_key": "another key of the install, long enough"})
        async with open_backends(changed) as backends, calling(create_app(backends), api.tenant.key) as http:
            other = Client(http=http, tenant=api.tenant)
            unread = read(await other.post(f"webhooks/{webhook['id']}/test"))
            rotated = read(await other.post(f"webhooks/{webhook['id']}/rotate-secret"))
            mended = read(await other.post(f"webhooks/{webhook['id']}/test"))

    assert unread["attempts"][0]["error"]["code"] == "secret_unreadable"
    assert rotated["previous_secret_expires_at"] is None
    assert mended["status"] == "delivered"


async def everything_in(backends: Backends, table: FromClause) -> Sequence[Any]:
    """All rows of a table, as they are stored."""
    return await backends.db.read(lambda session: session.execute(select(table)).all())
