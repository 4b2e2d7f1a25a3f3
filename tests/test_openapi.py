"""The contract in a form programs read, and what is promised of every route there is or will be."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from aivastark.accounts.gate import DOORS, Application
from aivastark.backends.base import Backends
from tests.architecture.code import files, functions, name
from tests.conftest import Settle
from tests.make import Client, assert_error, calling, make_tenant, read
from tests.people import make_person

NOBODYS = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OPEN = {"/v1/health/live", "/v1/health/ready"}
WIDGET = "/v1/widget/"  # opened by a key in the path: see tests/widgets
KEYS_AND_PEOPLE: list[dict[str, list[str]]] = [{"apiKey": []}, {"session": []}]
FOREIGN = {"/mcp": {"400", "404"}}  # errors in the form of another protocol
BODIES: dict[str, dict[str, Any]] = {
    "createSource": {"type": "raw", "text": "Hello."},
    "updateSource": {"title": "Hello"},
    "query": {"message": "Hello?"},
    "search": {"query": "Hello"},
    "createWidget": {"name": "Shop"},
    "updateWidget": {"name": "Shop"},
    "beginVisit": {},
    "askWidget": {"message": "Hello?"},
    "visitorTypes": {"conversation_id": "conv_1"},
    "updateConversation": {"tags": ["vip"]},
    "replyToConversation": {"content": "Hello, how can I help?"},
    "escalateConversation": {"reason": "agent"},
    "closeConversation": {"resolution": "confirmed"},
    "rateMessage": {"rating": "up"},
    "createLead": {"email": "visitor@example.com"},
    "updateLead": {"stage": "contacted"},
    "createWebhook": {"url": "http://127.0.0.1:9/hook", "events": ["knowledge.updated"]},
    "updateWebhook": {"enabled": True},
    "testWebhook": {"type": "lead.captured"},
    "rotateWebhookSecret": {"overlap_seconds": 60},
    "redeliverRange": {"from": "2026-11-22T10:00:00Z", "to": "2026-11-22T12:00:00Z"},
    "createOrganization": {"name": "Acme"},
    "updateOrganization": {"name": "Acme"},
    "updateMember": {"role": "viewer"},
    "createInvitation": {"email": "ben@acme.example"},
    "createProject": {"name": "Acme"},
    "updateProject": {"name": "Acme"},
    "createKey": {"name": "Acme"},
    "updateKey": {"name": "Acme"},
    "rotateKey": {"overlap_seconds": 0},
    "createOrganizationKey": {"name": "Acme"},
    "updateOrganizationKey": {"name": "Acme"},
    "rotateOrganizationKey": {"overlap_seconds": 0},
    "createPinnedAnswer": {"questions": ["Hello?"], "answer": "Hello."},
    "updatePinnedAnswer": {"enabled": False},
    "updateGap": {"status": "dismissed"},
    "createChatCompletion": {"model": "prj_x", "messages": [{"role": "user", "content": "Hello?"}]},
    "mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
}


@pytest.fixture
async def document(api: Client) -> dict[str, Any]:
    return read(await api.get("/openapi.json"))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


async def test_the_document_is_openapi_3_1_and_complete(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names) >= 15
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), where
        ours = {"429", "500"} if path in OPEN else {"400", "401", "403", "404", "422", "429", "500"}
        for status in ours - FOREIGN.get(path, set()):
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Error"}, where
        for response in operation["responses"].values():
            assert {"X-Request-Id", "X-RateLimit-Remaining"} <= response["headers"].keys(), where
        if not path.startswith(WIDGET):
            people_only = path.startswith("/v1/auth/")
            opens_to = [{"session": []}] if people_only else KEYS_AND_PEOPLE
            assert operation["security"] == ([] if path in OPEN or path in DOORS else opens_to), where
        sent = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
        assert ("idempotency-key" in sent) == (method == "POST" and not path.startswith(WIDGET)), where
        assert ("if-match" in sent) == ("412" in operation["responses"]), where
        assert ("if-none-match" in sent) == ("304" in operation["responses"]), where
        if method in ("POST", "PATCH", "PUT") and operation["operationId"] in BODIES:
            assert operation["requestBody"]["content"]["application/json"]["schema"], where


async def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in found, reference
            found = found[part]


async def test_the_documentation_is_served_without_a_key(api: Client) -> None:
    for path in ("/openapi.json", "/docs"):
        assert (await api.http.get(path, headers={"Authorization": ""})).status_code == 200


def test_what_is_not_in_the_document_is_no_api() -> None:
    hidden = [
        f"{file.name}: {ast.unparse(decorator)}"
        for file in files()
        for function in functions(file)
        for decorator in function.decorator_list
        if "include_in_schema" in ast.unparse(decorator) and "/v1" in ast.unparse(decorator)
    ]
    routers = [name(file) for file in files() if "APIRouter(" in file.read_text()]

    assert hidden == []
    assert set(routers) == {
        "sources/endpoints.py",
        "analytics/endpoints.py",
        "answers/endpoints.py",
        "answers/pinned_endpoints.py",
        "answers/mcp.py",
        "answers/openai_api.py",
        "conversations/endpoints.py",
        "widgets/endpoints.py",
        "widgets/public_endpoints.py",
        "widgets/contact_endpoints.py",
        "conversations/action_endpoints.py",
        "leads/endpoints.py",
        "webhooks/endpoints.py",
        "webhooks/delivery_endpoints.py",
        "webhooks/event_endpoints.py",
        "usage/endpoints.py",
        "health.py",
        "accounts/account_endpoints.py",
        "accounts/auth_endpoints.py",
        "accounts/endpoints.py",
        "accounts/key_endpoints.py",
        "accounts/member_endpoints.py",
        "accounts/oidc_endpoints.py",
        "projects/crud_endpoints.py",
        "projects/key_endpoints.py",
        "projects/organization_endpoints.py",
    }, "teach this file's walks about the new router's objects and bodies"


async def test_every_route_without_a_key_is_a_401(api: Client, document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if path not in OPEN and path not in DOORS and not path.startswith(WIDGET):
            body = BODIES.get(operation["operationId"])
            answer = await api.http.request(method, filled(path, api), json=body, headers={"Authorization": ""})

            assert_error(answer, 401, "unauthenticated")


async def test_every_route_with_anothers_project_is_a_404(
    api: Client, stranger: Client, document: dict[str, Any]
) -> None:
    for method, path, operation in operations(document):
        if "{project_id}" in path:
            body = BODIES.get(operation["operationId"])
            answer = await api.http.request(method, filled(path, stranger), json=body)

            assert_error(answer, 404, "not_found")


async def test_every_route_with_anothers_organisation_is_a_404(
    app: Application, backends: Backends, stranger: Client, document: dict[str, Any]
) -> None:
    agency = await make_tenant(backends.db, whole_organization=True)
    async with calling(app, agency.key) as http:
        for method, path, operation in operations(document):
            if "{organization_id}" in path:
                body = BODIES.get(operation["operationId"])
                answer = await http.request(method, filled(path, stranger), json=body)

                assert_error(answer, 404, "not_found")


async def test_every_object_of_another_organisation_is_a_404_in_ones_own(
    app: Application, backends: Backends, document: dict[str, Any]
) -> None:
    agency, other = [await make_tenant(backends.db, whole_organization=True) for _ in range(2)]
    person = await make_person(backends, other, "viewer")
    async with calling(app, other.key) as http:
        own = f"/v1/organizations/{other.organization_id}"
        theirs = {
            "organization_id": agency.organization_id,
            "user_id": person.id,
            "key_id": read(await http.post(f"{own}/api-keys", json={"name": "Theirs"}))["id"],
            "invitation_id": read(await http.post(f"{own}/invitations", json={"email": "ben@acme.example"}))["id"],
        }
    nobodys = theirs | {name: f"usr_{NOBODYS}" for name in ("user_id", "key_id", "invitation_id")}

    async with calling(app, agency.key) as http:
        for method, path, operation in operations(document):
            if "{organization_id}/" in path and path.count("{") > 1:
                body = BODIES.get(operation["operationId"])
                for ids in (theirs, nobodys):
                    refused = await http.request(method, path.format(**ids), json=body)

                    assert_error(refused, 404, "not_found")


async def test_what_belongs_to_people_is_closed_to_keys(api: Client, document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if operation["security"] == [{"session": []}]:
            refused = await api.http.request(method, path.replace("{session_id}", f"login_{NOBODYS}"), json={})

            assert_error(refused, 403, "permission_denied")


async def test_every_route_with_anothers_object_in_ones_own_project_is_a_404(
    api: Client, stranger: Client, settle: Settle, document: dict[str, Any]
) -> None:
    source = await stranger.add(text="The strangers' secret is kept under the doormat.")
    await settle()
    [stored] = read(await stranger.get(f"sources/{source['id']}/documents"))["data"]
    answer = await stranger.ask("What is kept under the doormat?")
    webhook = read(await stranger.post("webhooks", BODIES["createWebhook"]))
    delivery = read(await stranger.post(f"webhooks/{webhook['id']}/test"))
    pinned = read(await stranger.post("pinned-answers", BODIES["createPinnedAnswer"]))
    theirs = {
        "pinned_id": pinned["id"],
        "gap_id": answer["id"].replace("msg_", "gap_"),
        "source_id": source["id"],
        "document_id": stored["id"],
        "conversation_id": answer["conversation_id"],
        "message_id": answer["id"],
        "widget_id": read(await stranger.post("widgets", {"name": "Theirs"}))["id"],
        "lead_id": read(await stranger.post("leads", {"email": "theirs@example.com"}))["id"],
        "webhook_id": webhook["id"],
        "delivery_id": delivery["id"],
        "key_id": read(await stranger.post("api-keys", {"name": "theirs"}))["id"],
    }

    for method, path, operation in operations(document):
        if "{project_id}" not in path:
            continue
        named = [name for name in theirs if f"{{{name}}}" in path]
        given = ("{project_id}" in path) + ("{version}" in path)
        assert path.count("{") == len(named) + given, f"no such object is made here: {path}"
        if named:
            body = BODIES.get(operation["operationId"])
            refused = await api.http.request(method, filled(path, api, **theirs), json=body)

            assert_error(refused, 404, "not_found")


async def test_every_route_that_names_an_object_knows_one_that_is_not_there(
    api: Client, document: dict[str, Any]
) -> None:
    for method, path, operation in operations(document):
        if "{project_id}" in path and path.count("{") > 1:
            body = BODIES.get(operation["operationId"])
            answer = await api.http.request(method, filled(path, api), json=body)

            assert_error(answer, 404, "not_found")


def filled(path: str, client: Client, **ids: str) -> str:
    """The path with the client's project and these ids, or ids that nobody has."""
    nobodys = {
        kind: f"{kind[:3]}_{NOBODYS}"
        for kind in ("source_id", "document_id", "message_id", "pinned_id", "gap_id", "key_id")
    }
    tenant = client.tenant
    nobodys |= {"conversation_id": f"conv_{NOBODYS}", "lead_id": f"lead_{NOBODYS}", "widget_id": f"wgt_{NOBODYS}"}
    nobodys |= {"webhook_id": f"whk_{NOBODYS}", "delivery_id": f"dlv_{NOBODYS}", "version": "1"}
    nobodys |= {"organization_id": tenant.organization_id, "user_id": f"usr_{NOBODYS}"}
    nobodys |= {"invitation_id": f"inv_{NOBODYS}", "session_id": f"login_{NOBODYS}"}
    known = {"project_id": tenant.project_id, **nobodys, **ids}
    return path.format(**known)
