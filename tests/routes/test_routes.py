"""Every operation of the contract, called as nobody, as a stranger, with too little, in the wrong form, and rightly."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson
import pytest

from tests.make import Body, assert_error, assert_limit_headers, listening, read
from tests.routes.conftest import Install
from tests.routes.route import NUMBERS, Credentials, Customer, Headers, Ids, Route, routes
from tests.routes.table import WRITES, Operation, basic, document, operations, registered, response_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODYS = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OF_PEOPLE = "/v1/auth/"  # no key opens these
NOBODYS_NUMBER = "2147483647"
VARYING = {"x-request-id", "date", "ratelimit", "ratelimit-policy"}
NO_JSON = (b"\xff<no json>", "text/x-nonsense")
NO_BODY_OF_OURS = (b'{"no such field": true}', "application/json")


def guarded() -> Iterator[tuple[Operation, Route]]:
    return ((operation, route) for operation, route in basic() if route.caller.unknown)


def short() -> list[Any]:
    return [
        pytest.param(operation, route, credentials, id=f"{operation.id}, {lack}")
        for operation, route in basic()
        for lack, credentials in route.caller.short(route).items()
    ]


def each(pairs: Iterator[tuple[Operation, Route]]) -> list[Any]:
    return [pytest.param(operation, route, id=operation.id) for operation, route in pairs]


def named(operation: Operation, route: Route) -> list[str]:
    """The objects a call names, in its path and in its body."""
    in_path = list(in_the_path(operation, route).values())
    return [*in_path, *(name for name in route.named_in_body if name not in in_path)]


def in_the_path(operation: Operation, route: Route) -> dict[str, str]:
    """Which object each name in the path stands for."""
    return {name: route.objects.get(name, name) for name in operation.parameters}


def foreign() -> list[Any]:
    """Each object of a path in turn is another's, and then all of them are."""
    cases = []
    for operation, route in guarded():
        names = [name for name in named(operation, route) if name not in {*NUMBERS, *route.caller.public}]
        choices = [[name] for name in names] + ([names] if len(names) > 1 else [])
        for chosen in choices:
            cases.append(pytest.param(operation, route, chosen, id=f"{operation.id}, {' and '.join(chosen)}"))
    return cases


async def test_every_operation_has_its_calls_here() -> None:
    unknown = sorted({operation.id for operation in operations()} - routes().keys())
    gone = sorted({re.sub(": .*", "", name) for name in routes()} - {operation.id for operation in operations()})

    assert unknown == [], "say in ROUTES of a file in tests/routes/ how these are called (tests/routes/route.py tells)"
    assert gone == [], "these stand in tests/routes/ and in the document no more"


async def test_what_is_served_is_what_is_walked(install: Install) -> None:
    served = read(await install.http.get("/openapi.json"))

    assert served["paths"].keys() == document()["paths"].keys()
    assert [item.keys() for item in served["paths"].values()] == [item.keys() for item in document()["paths"].values()]


@pytest.mark.parametrize(("operation", "route"), each(guarded()))
async def test_without_a_valid_key_it_is_a_401(
    install: Install, ours: Customer, operation: Operation, route: Route
) -> None:
    ids = await ours.ids_of(named(operation, route))

    for headers in route.caller.unknown:
        assert_error(await send(install.http, operation, route, ids, headers), 401, "unauthenticated")
        in_the_wrong_form = await send(install.http, operation, route, others(ids, route), headers, instead=NO_JSON)
        assert_error(in_the_wrong_form, 401, "unauthenticated")


@pytest.mark.parametrize(("operation", "route", "lacking"), short())
async def test_with_too_little_scope_it_is_a_403(
    install: Install, ours: Customer, operation: Operation, route: Route, lacking: Credentials
) -> None:
    ids = await ours.ids_of(named(operation, route))
    headers = await lacking(ours, route)

    answer = await send(install.http, operation, route, ids, headers)
    in_the_wrong_form = await send(install.http, operation, route, ids, headers, instead=NO_JSON)

    for refused in (answer, in_the_wrong_form):
        assert_error(refused, 403, route.caller.refusal, param=header_in(refused))


@pytest.mark.parametrize(("operation", "route", "foreign_ones"), foreign())
async def test_anothers_object_is_as_if_it_were_not_there(
    install: Install, ours: Customer, theirs: Customer, operation: Operation, route: Route, foreign_ones: Sequence[str]
) -> None:
    ids = await ours.ids_of(named(operation, route))
    foreign_ids = {**ids, **await theirs.ids_of(foreign_ones)}
    nobodys_ids = {**ids, **nobodys({name: foreign_ids[name] for name in foreign_ones})}
    headers = await route.caller.entitled(ours, route)
    before = await look(theirs, operation, route)

    theirs_answer = await send(install.http, operation, route, foreign_ids, headers)
    nobodys_answer = await send(install.http, operation, route, nobodys_ids, headers)

    if route.refuses_named and not {*foreign_ones} & {*operation.parameters}:
        assert_error(theirs_answer, 422, "invalid_request", param=foreign_ones[0])
    else:
        assert_error(theirs_answer, 404, "not_found")
    assert bare(theirs_answer) == bare(nobodys_answer)
    assert await look(theirs, operation, route) == before


@pytest.mark.parametrize(("operation", "route"), each((o, r) for o, r in guarded() if o.reads_json))
async def test_the_form_of_a_body_is_judged_before_what_it_is_for(
    install: Install, ours: Customer, operation: Operation, route: Route
) -> None:
    ids = await ours.ids_of(named(operation, route))
    headers = await route.caller.entitled(ours, route)

    assert_error(
        await send(install.http, operation, route, others(ids, route), headers, instead=NO_JSON),
        415,
        "unsupported_media_type",
    )


@pytest.mark.parametrize(("operation", "route"), each((o, r) for o, r in guarded() if o.reads_json and o.parameters))
async def test_an_object_is_looked_for_before_a_body_is_judged(
    install: Install, ours: Customer, operation: Operation, route: Route
) -> None:
    ids = await ours.ids_of(named(operation, route))
    headers = await route.caller.entitled(ours, route)

    answer = await send(install.http, operation, route, nobodys(ids), headers, instead=NO_BODY_OF_OURS)

    assert_error(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("operation", "route"), [pytest.param(operation, route, id=name) for name, operation, route in registered()]
)
async def test_it_does_what_the_document_says(install: Install, operation: Operation, route: Route) -> None:
    customer = await install.customer()
    ids = await customer.ids_of([*named(operation, route), *route.needs])
    headers = await route.caller.entitled(customer, route)

    if route.endless:
        answer = await begin(install, operation, route, ids, headers)
    else:
        answer = await send(install.http, operation, route, ids, headers)

    assert answer.status_code == route.status, answer.text
    assert_limit_headers(answer)
    assert_described(answer, operation, route)
    route.check(answer)


def assert_described(answer: httpx.Response, operation: Operation, route: Route) -> None:
    """Status, media type and body are what the document says."""
    described = operation.described["responses"][str(answer.status_code)]
    if route.media_type is None:
        assert "content" not in described
        assert answer.content == b""
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == route.media_type
    schema = response_schema(operation, answer.status_code, media_type)
    if schema is not None and media_type == "application/json":
        schema.validator.validate(answer.json())


async def send(
    http: httpx.AsyncClient,
    operation: Operation,
    route: Route,
    ids: Ids,
    headers: Headers,
    *,
    instead: tuple[bytes, str] | None = None,
) -> httpx.Response:
    """The call as it is registered, or with another body and media type."""
    own = {**route.headers, **headers}
    if instead is not None:
        own["Content-Type"] = instead[1]
    body = body_of(route, ids) if instead is None else {"content": instead[0]}
    if "content" in body:
        own.setdefault("Content-Type", "application/json")
    return await http.request(
        operation.method, path_of(operation, route, ids), params=query_of(route, ids), headers=own, **body
    )


async def begin(install: Install, operation: Operation, route: Route, ids: Ids, headers: Headers) -> httpx.Response:
    """The head of an answer without an end, over a socket that can be closed."""
    async with listening(install.app) as url, httpx.AsyncClient(base_url=url) as http:
        asked = http.stream(
            operation.method,
            path_of(operation, route, ids),
            params=query_of(route, ids),
            headers={**route.headers, **headers},
            **body_of(route, ids),
        )
        async with asked as answer:
            return answer


def body_of(route: Route, ids: Ids) -> Body:
    """What httpx is told of the body."""
    if route.files is not None:
        return {"files": dict(route.files), "data": dict(route.fields or {})}
    missing = dict.fromkeys(route.needs, NOBODYS)
    body = route.body({**missing, **ids}) if callable(route.body) else route.body
    return {} if body is None else {"content": orjson.dumps(body)}


def header_in(answer: httpx.Response) -> str | None:
    """The header that an error says is missing or wrong."""
    param: str | None = read(answer).get("error", {}).get("param")
    return param if param in ("Origin", "X-CSRF-Token") else None


def path_of(operation: Operation, route: Route, ids: Ids) -> str:
    return operation.path.format(**{name: ids[stands] for name, stands in in_the_path(operation, route).items()})


def query_of(route: Route, ids: Ids) -> dict[str, str]:
    return dict(route.query(ids) if callable(route.query) else route.query)


async def look(customer: Customer, operation: Operation, route: Route) -> Body | None:
    """What the owner sees at the end of the path that can be looked at, where the operation could change it."""
    path = operation.path
    while operation.method in WRITES and path.count("/") > 1:
        content = document()["paths"].get(path, {}).get("get", {}).get("responses", {}).get("200", {}).get("content")
        if content is not None and "application/json" in content:
            ids = await customer.ids_of(list(in_the_path(operation, route).values()))
            path = path.format(**{name: ids[stands] for name, stands in in_the_path(operation, route).items()})
            headers = await route.caller.entitled(customer, route) if path.startswith(OF_PEOPLE) else {}
            answer = await customer.organization.http.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            return {name: value for name, value in read(answer).items() if name != "period"}
        path = path.rpartition("/")[0]
    return None


def nobodys(ids: Ids) -> dict[str, str]:
    """Ids of the same form that nobody has."""
    return {
        name: NOBODYS_NUMBER if name in NUMBERS else f"{id_.rpartition('_')[0]}_{NOBODYS}" for name, id_ in ids.items()
    }


def others(ids: Ids, route: Route) -> dict[str, str]:
    """Nobody's, but for what has to be right for anybody to be asked who calls."""
    return {**nobodys(ids), **{name: ids[name] for name in route.caller.public if name in ids}}


def bare(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """An answer without what differs from one to the next."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in VARYING and not name.startswith("x-ratelimit")
    }
    return answer.status_code, headers, answer.content.replace(answer.headers["x-request-id"].encode(), b"")
