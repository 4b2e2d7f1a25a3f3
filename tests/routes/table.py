"""The contract's operations as `/openapi.json` names them, known before any test runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
from fastapi import FastAPI

from aivastark.app import add_routes
from aivastark.openapi import describe
from tests.make import Body
from tests.routes.route import Route, routes

WRITES = ("post", "put", "patch", "delete")
SUFFIX = re.compile(r": .*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """A method on a path."""

    id: str
    method: str
    path: str
    described: Body

    @property
    def parameters(self) -> list[str]:
        """What the path names, in order."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def reads_json(self) -> bool:
        return "application/json" in self.described.get("requestBody", {}).get("content", {})


@cache
def document() -> Body:
    """The document of all routers, without an install behind it."""
    app = FastAPI(title="Aivastark", version="0", separate_input_output_schemas=False)
    add_routes(app)
    describe(app)
    return app.openapi()


def operations() -> Iterator[Operation]:
    """Every one of them."""
    for path, item in document()["paths"].items():
        for method, described in item.items():
            yield Operation(id=described["operationId"], method=method, path=path, described=described)


def registered() -> Iterator[tuple[str, Operation, Route]]:
    """Every way to call one, with its name; what is not registered is found by a test of its own."""
    known = {operation.id: operation for operation in operations()}
    for name, route in routes().items():
        operation = known.get(SUFFIX.sub("", name))
        if operation is not None:
            yield name, operation, route


def basic() -> Iterator[tuple[Operation, Route]]:
    """The plain way to call each."""
    return ((operation, route) for name, operation, route in registered() if name == operation.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """A schema of the document, with its references resolved."""

    validator: Any
    examples: list[Any]


def request_schema(operation: Operation, media_type: str) -> Schema:
    """Of what is sent."""
    return _schema(operation.described["requestBody"]["content"][media_type])


def response_schema(operation: Operation, status: int, media_type: str) -> Schema | None:
    """Of what comes back; None where the document gives only an example."""
    content = operation.described["responses"][str(status)].get("content", {})
    assert media_type in content, f"{operation.id} does not say that {status} comes as {media_type}"
    return _schema(content[media_type]) if "schema" in content[media_type] else None


def _schema(content: Body) -> Schema:
    schema: Body = content["schema"]
    named = schema
    while "$ref" in named:
        named = document()["components"]["schemas"][named["$ref"].rpartition("/")[2]]
    examples = [content["example"]] if "example" in content else named.get("examples", [])
    whole = {**schema, "components": document()["components"]}
    return Schema(validator=jsonschema_rs.validator_for(whole), examples=examples)
