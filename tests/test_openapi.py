"""The contract in a form programs read, and what is promised of every route there is or will be."""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from aivastark.accounts.gate import DOORS
from aivastark.app import ROUTERS
from tests.architecture.code import files, functions
from tests.make import Client, read
from tests.routes.table import Operation, request_schema
from tests.routes.table import operations as table

OPEN = {"/v1/health/live", "/v1/health/ready"}
WIDGET = "/v1/widget/"  # opened by a key in the path: see tests/widgets
KEYS_AND_PEOPLE: list[dict[str, list[str]]] = [{"apiKey": []}, {"session": []}]
FOREIGN = {"/mcp": {"400", "404"}}  # errors in the form of another protocol


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
        assert any(status.startswith(("2", "303")) for status in operation["responses"]), where
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


def test_no_two_schemas_are_called_the_same(document: dict[str, Any]) -> None:
    titles = Counter(schema.get("title") for schema in document["components"]["schemas"].values())

    assert [title for title, times in titles.items() if title is not None and times > 1] == []
    assert [name for name in document["components"]["schemas"] if "__" in name or name == "Body"] == []


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
    routes = [route for router in ROUTERS for route in router.routes if not getattr(route, "include_in_schema", False)]

    assert hidden == []
    assert [route for route in routes if not isinstance(route, APIRoute) or route.path.startswith("/v1")] == []


@pytest.mark.parametrize(
    ("operation", "media_type"),
    [
        pytest.param(operation, media_type, id=f"{operation.id}, {media_type}")
        for operation in table()
        for media_type in operation.described.get("requestBody", {}).get("content", {})
    ],
)
def test_every_body_has_an_example_that_holds(operation: Operation, media_type: str) -> None:
    schema = request_schema(operation, media_type)

    assert schema.examples, "say one in the model's json_schema_extra"
    for example in schema.examples:
        schema.validator.validate(example)


def test_every_success_has_a_schema_or_an_example() -> None:
    bare = [
        f"{operation.id} {status} {media_type}"
        for operation in table()
        for status, response in operation.described["responses"].items()
        if status.startswith("2")
        for media_type, content in response.get("content", {}).items()
        if not content.get("schema") and not content.get("example")
    ]

    assert bare == []
