"""`make types`: the dashboard's TypeScript types out of what `aivastark` itself says of its API.

Only what a typed client reads is kept: of the answers those that went well (errors have one shape, written by hand in
`web/dashboard/src/api/errors.ts`), and no headers, examples or prose, which would make the file ten times as long.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from aivastark.app import create_app
from aivastark.bootstrap import open_backends
from aivastark.migrations.migrate import migrate
from tests.make import calling, make_settings
from tests.web.chromium import WEB, node, packages

TYPES = WEB / "dashboard" / "src" / "api" / "schema.d.ts"
METHODS = ("get", "post", "put", "patch", "delete")
PROSE = ("description", "summary", "example", "examples", "title", "externalDocs", "tags", "security")


def write_types(to: Path) -> None:
    """Write the types of the API as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(slim(asyncio.run(served_document(Path(folder))))), encoding="utf-8")
        node(
            str(packages() / "openapi-typescript" / "bin" / "cli.js"),
            str(document),
            "--output",
            str(to),
            "--default-non-nullable=false",
        )


async def served_document(data_dir: Path) -> dict[str, Any]:
    """`/openapi.json` of an install that is made for it."""
    settings = make_settings(data_dir)
    migrate(f"sqlite:///{data_dir / 'aivastark.db'}")
    async with open_backends(settings) as backends, calling(create_app(backends), None) as http:
        document: dict[str, Any] = (await http.get("/openapi.json")).json()
    return document


def slim(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what a typed client does not read."""
    paths = {
        path: {method: _operation(operations[method]) for method in METHODS if method in operations}
        for path, operations in document["paths"].items()
    }
    schemas = {name: _without_prose(schema) for name, schema in document["components"]["schemas"].items()}
    return {
        "openapi": document["openapi"],
        "info": {"title": "Aivastark", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: operation[key] for key in ("operationId", "requestBody") if key in operation}
    kept["parameters"] = [one for one in operation.get("parameters", []) if one["in"] != "header"]
    kept["responses"] = {
        status: {"content": _as_json(answer.get("content", {}))}
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }
    slimmed: dict[str, Any] = _without_prose(kept)
    return {
        **slimmed,
        "responses": {status: {"description": "", **one} for status, one in slimmed["responses"].items()},
    }


def _as_json(content: dict[str, Any]) -> dict[str, Any]:
    """Of an answer that comes as JSON or as a stream the first: streams are read by other means."""
    return {"application/json": content["application/json"]} if "application/json" in content else content


def _without_prose(schema: Any, *, names_fields: bool = False) -> Any:
    """A schema without its sentences; under `properties` the same words are names of fields."""
    if isinstance(schema, list):
        return [_without_prose(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_prose(value, names_fields=key == "properties" and not names_fields)
        for key, value in schema.items()
        if names_fields or key not in PROSE
    }


if __name__ == "__main__":
    write_types(TYPES)
