"""What `/openapi.json` says beyond the routes: the key, the error envelope, the headers of every answer."""

import re
from typing import Any

from fastapi import FastAPI

from aivastark.accounts.gate import DOORS
from aivastark.accounts.logins import COOKIE

ERRORS = {
    400: "The body or a cursor cannot be read.",
    401: "No valid key.",
    403: "The key's scope or the plan does not reach this far.",
    404: "There is nothing here for this caller.",
    409: "It contradicts what is there.",
    413: "The body is too large.",
    415: "The body is of a kind this path does not read.",
    422: "A field is missing, mistyped or out of range; `param` names it.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "A mistake of ours; the request id finds it in the log.",
}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string", "examples": ["invalid_request"]},
                "message": {"type": "string", "examples": ["source.url is required for type=url"]},
                "request_id": {"type": "string", "examples": ["req_01HW0000000000000000000000"]},
                "param": {"type": "string", "examples": ["url"]},
            },
        }
    },
}
HEADERS = {
    "X-Request-Id": ("string", "The id of this call, also in our logs."),
    "X-RateLimit-Limit": ("integer", "Requests the binding window allows."),
    "X-RateLimit-Remaining": ("integer", "Requests it has left."),
    "X-RateLimit-Reset": ("integer", "When it starts anew, Unix seconds."),
}
OPEN_OPERATIONS = ("/v1/health/",)
OF_PEOPLE = "/v1/auth/"
PEOPLE_ONLY: list[dict[str, list[str]]] = [{"session": []}]
KEYS_AND_PEOPLE: list[dict[str, list[str]]] = [{"apiKey": []}, {"session": []}]


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI document complete; it is built once, at the first request for it."""
    built = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = built()
            _add_components(document)
            for path, item in document["paths"].items():
                for operation in item.values():
                    _add_to_operation(
                        operation,
                        is_open=path.startswith(OPEN_OPERATIONS),
                        opens_to=PEOPLE_ONLY if path.startswith(OF_PEOPLE) else KEYS_AND_PEOPLE,
                        is_door=path in DOORS,
                    )
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


def methods_of(app: FastAPI, path: str) -> list[str]:
    """All methods a path takes; the framework names only those of the first route that has it."""
    for template, item in app.openapi()["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return sorted(method.upper() for method in item)
    return ["GET", "HEAD"]  # the documents themselves


def _add_components(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Error"] = ERROR_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "apiKey": {"type": "http", "scheme": "bearer", "description": "A key of this project: `akv_live_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "A person who signed in; all but GET also needs `csrf_token` in `X-CSRF-Token`.",
        },
    }
    components["headers"] = {
        name: {"schema": {"type": type_}, "description": description} for name, (type_, description) in HEADERS.items()
    }


def _add_to_operation(
    operation: dict[str, Any], *, is_open: bool, opens_to: list[dict[str, list[str]]], is_door: bool
) -> None:
    if not is_open and not is_door:
        operation["security"] = opens_to
    responses = operation["responses"]
    for status, description in ERRORS.items():
        if is_open and status not in (429, 500):
            continue
        responses[str(status)] = {
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    for response in responses.values():
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
