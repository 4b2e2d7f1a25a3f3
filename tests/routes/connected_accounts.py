"""Accounts at Google that sources are read with."""

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.make import read
from tests.routes.route import EVERYONE, Customer, Ids, Route

CALLBACK = "/v1/connected-accounts/google/callback"


async def make_way_back(customer: Customer) -> Ids:
    """Somebody agrees at Google's consent screen, and is sent back here."""
    begun = read(await customer.client.post("connected-accounts"))
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(begun["authorize_url"])
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {"google_code": query["code"][0], "google_state": query["state"][0]}


async def make_account(customer: Customer) -> Ids:
    way = await make_way_back(customer)
    query = {"code": way["google_code"], "state": way["google_state"]}
    page = await customer.client.http.get(CALLBACK, params=query, headers={"Authorization": ""})
    assert page.status_code == 200, page.text
    [account] = read(await customer.client.get("connected-accounts"))["data"]
    return {"account_id": account["id"]}


OBJECTS = {"account_id": make_account, "google_code": make_way_back, "google_state": make_way_back}

ROUTES = {
    "connectAccount": Route(scope="sources", write=True, body={"provider": "google"}),
    "connectAccount: without a body": Route(scope="sources", write=True),
    "listConnectedAccounts": Route(scope="sources"),
    "disconnectAccount": Route(scope="sources", write=True, status=204, media_type=None),
    "finishConnection": Route(
        caller=EVERYONE,
        needs=["google_code", "google_state"],
        query=lambda ids: {"code": ids["google_code"], "state": ids["google_state"]},
        media_type="text/html",
        beyond_schema="Google sent the browser here",
    ),
}
