"""What `/openapi.json` says beyond the routes: the key, the error envelope, the headers of every answer.

A schema of ours that names no bound gets the widest one that holds anyway (an answer is never larger than what
may be uploaded), so that generated clients and gateways know one for every field.
"""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from aivastark.accounts.gate import DOORS
from aivastark.accounts.logins import COOKIE
from aivastark.kit.numbers import INTEGER_MAX

ERRORS = {
    400: "The body or a cursor cannot be read.",
    401: "No valid key, or at a widget no valid visitor.",
    403: "The scope or the plan does not reach this far, the plan holds no more, or the page is not the widget's.",
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
                "code": {"type": "string", "maxLength": 64, "examples": ["invalid_request"]},
                "message": {"type": "string", "maxLength": 2000, "examples": ["source.url is required for type=url"]},
                "request_id": {"type": "string", "maxLength": 64, "examples": ["req_01HW0000000000000000000000"]},
                "param": {"type": "string", "maxLength": 200, "examples": ["url"]},
            },
        }
    },
}
HEADERS = {
    "X-Request-Id": ("string", "The id of this call, also in our logs."),
    "X-RateLimit-Limit": ("integer", "Requests the binding window allows."),
    "X-RateLimit-Remaining": ("integer", "Requests it has left."),
    "X-RateLimit-Reset": ("integer", "When it starts anew, Unix seconds."),
    "Access-Control-Allow-Origin": ("string", "Only where a browser on an allowed page may call."),
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Names this request for 24 hours: sent again, it is answered as before and done only once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "order-4711-source",
}
TAGS = {
    "Sources": "What the bot knows: pages, files and texts, taken in and kept up to date.",
    "Answers": "Ask, and search the knowledge.",
    "Pinned answers": "Questions that are answered in fixed words.",
    "Analytics": "What is asked, how well it is answered, and what the knowledge lacks.",
    "OpenAI": "The same answers for OpenAI's clients: a model is a project.",
    "MCP": "The same answers for assistants that speak the Model Context Protocol.",
    "Projects": "Bots: made, configured and deleted.",
    "API keys": "What programs call with: of a project, or of a whole organisation.",
    "Organisations": "Customers of the install, their members and what was done.",
    "People": "Signing in, and one's own account.",
    "Plan and usage": "What an organisation may have, what it used and what it holds.",
    "Conversations": "What was said, and people joining in.",
    "Webhooks": "Events, told to your own servers or read from a list.",
    "Widgets": "Chat windows on other people's pages, for those who run them.",
    "Widget": "What a chat window calls for its visitor.",
    "Health": "For probes.",
}
RETRY_AFTER = ("integer", "Seconds until it is worth trying again.")
ETAG = ("string", "Names this state of the object, for `If-None-Match` and `If-Match`.")
OPEN_OPERATIONS = ("/v1/health/",)
WIDGET_OPERATIONS = "/v1/widget/"
WITHOUT_VISITOR = ("/config", "/session")  # below a widget, but open before a visitor has a token
OF_PEOPLE = "/v1/auth/"
ID_MAX_CHARS = 64
TEXT_MAX_CHARS = 50_000_000
ITEMS_MAX = 1_000_000


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI document complete; it is built once, at the first request for it."""
    built = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = built()
            document["servers"] = [{"url": "/", "description": "This install (production).", "x-internal": False}]
            document["info"]["license"] = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
            _add_components(document)
            document["tags"] = [{"name": name, "description": TAGS.get(name, name)} for name in _tags(document)]
            for path, item in document["paths"].items():
                for method, operation in item.items():
                    if method == "post" and not path.startswith(WIDGET_OPERATIONS):
                        operation.setdefault("parameters", []).append({**IDEMPOTENCY_KEY})
                    _add_to_operation(operation, security=_security(path), is_open=path.startswith(OPEN_OPERATIONS))
            _name_bodies(document)
            for schema in _schemas(document):
                _bound(schema)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


def methods_of(app: FastAPI, path: str) -> list[str]:
    """All methods a path takes; the framework names only those of the first route that has it."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    if path in paths:  # before those whose parameter it could be
        return sorted(method.upper() for method in paths[path])
    for template, item in paths.items():
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
        "visitorToken": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Visitor-Token",
            "description": "A widget's visitor: `akv_vis_…`, from `POST …/session`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "A person who signed in; all but GET also needs `csrf_token` in `X-CSRF-Token`.",
        },
    }
    components["headers"] = {
        name: {"schema": {"type": type_}, "description": description}
        for name, (type_, description) in {**HEADERS, "Retry-After": RETRY_AFTER, "ETag": ETAG}.items()
    }


def _security(path: str) -> list[dict[str, list[str]]]:
    if path.startswith(OPEN_OPERATIONS) or path in DOORS:
        return []
    if path.startswith(WIDGET_OPERATIONS):
        return [] if path.endswith(WITHOUT_VISITOR) else [{"visitorToken": []}]
    return [{"session": []}] if path.startswith(OF_PEOPLE) else [{"apiKey": []}, {"session": []}]


def _add_to_operation(operation: dict[str, Any], *, security: list[dict[str, list[str]]], is_open: bool) -> None:
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    operation["security"] = security
    responses = operation["responses"]
    sent = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    for status, description in ERRORS.items():
        if is_open and status not in (429, 500):
            continue
        if str(status) in responses and status != 422:  # the route knows better; 422 is written by the framework
            continue
        responses[str(status)] = _error(description)
    if "if-match" in sent:
        responses["412"] = _error("It was changed since the state that `If-Match` names.")
    if "if-none-match" in sent:
        responses["304"] = {"description": "Your copy is the present state."}
    for status, response in responses.items():
        names = [*HEADERS, "Retry-After"] if status == "429" else list(HEADERS)
        if status in ("200", "304") and sent & {"if-match", "if-none-match"}:
            names.append("ETag")
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _error(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; none is ever null, which the framework writes for those that may be left out."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **options[0]}


def _name_bodies(document: dict[str, Any]) -> None:
    """Give what a route describes itself a name, once each: generated clients make one class of one name."""
    for item in document["paths"].values():
        for operation in item.values():
            for described in (operation.get("requestBody", {}), *operation["responses"].values()):
                for body in described.get("content", {}).values():
                    title = body.get("schema", {}).get("title")
                    if title is not None:
                        schemas = document["components"]["schemas"]
                        schemas.update(body["schema"].get("$defs", {}))  # objects in it, named as their models are
                        without = {name: value for name, value in body["schema"].items() if name != "$defs"}
                        schemas.setdefault(title, without)
                        body["schema"] = {"$ref": f"#/components/schemas/{title}"}


def _tags(document: dict[str, Any]) -> list[str]:
    operations = (operation for item in document["paths"].values() for operation in item.values())
    return sorted({tag for operation in operations for tag in operation.get("tags", [])})


def _schemas(node: Any, *, named: str = "") -> Iterator[dict[str, Any]]:
    """Every schema in the document, wherever it stands; an example is none, a field of that name is one."""
    if isinstance(node, list):
        for value in node:
            yield from _schemas(value)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("type"), str | list) and named != "properties":
        yield node
    for name, value in node.items():
        if named == "properties" or name not in ("examples", "example", "default", "enum", "const"):
            yield from _schemas(value, named=name)


def _bound(schema: dict[str, Any]) -> None:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "string" in types and not schema.keys() & {"enum", "const", "maxLength", "contentMediaType"}:
        schema["maxLength"] = TEXT_MAX_CHARS
    if "integer" in types:
        schema.setdefault("format", "int64")
        if not schema.keys() & {"minimum", "exclusiveMinimum"}:
            schema["minimum"] = -INTEGER_MAX
        if not schema.keys() & {"maximum", "exclusiveMaximum"}:
            schema["maximum"] = INTEGER_MAX
    if "array" in types:
        schema.setdefault("maxItems", ITEMS_MAX)
