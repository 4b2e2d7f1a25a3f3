"""Schemathesis calls a real server for a while, with the ids of objects that are there: nothing may surprise it."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.make import Body
from tests.openapi.served import Served, new_people, one_of_each
from tests.people import Person
from tests.routes.route import Headers, Route
from tests.routes.table import Operation, basic, operations

# The first walk ends by itself, after a minute on a quiet machine; the others go on for as long as they are let.
WALK = "examples,coverage"
SECONDS = {WALK: 500, "fuzzing": 10, "stateful": 12}
GIVE_UP_AFTER_S = 600
OF_PEOPLE = "/v1/auth/"
OF_THE_INSTALL = ("organization_id", "project_id")
CHANGED_SINCE = '["2xx", "401", "403", "404", "409", "412", "429"]'
REFUSALS_TOO = '["2xx", "400", "401", "403", "404", "409", "412", "415", "422", "429"]'


@pytest.mark.parametrize("phases", SECONDS)
def test_a_fuzzer_finds_nothing_the_document_does_not_say(
    served: Served, written: Path, tmp_path: Path, phases: str
) -> None:
    # Chains of calls take ids from the answers: given ones would break them.
    made = asyncio.run(objects_of(served))
    objects = {} if phases == "stateful" else made
    changed = objects.get("post put patch", {})
    people = asyncio.run(people_of(served))
    document = tmp_path / "openapi.json"
    document.write_bytes(
        orjson.dumps(prepared(orjson.loads(written.read_bytes()), {**changed, "project_id": served.project_id}))
    )
    (tmp_path / "schemathesis.toml").write_text(configuration(served, objects, spare=made["delete"], people=people))
    command = [str(Path(sys.executable).with_name("schemathesis")), "--no-color", "run", str(document)]

    # All checks are on unless the configuration says otherwise; asked for by name they would be on in spite of it.
    done = subprocess.run(
        [*command, f"--url={served.url}", f"--phases={phases}", f"--max-time={SECONDS[phases]}"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=GIVE_UP_AFTER_S,
    )

    assert done.returncode == 0, f"{done.stdout}\n{Path(served.log).read_text()[-5_000:]}"
    tested = re.search(r"Tested: +(\d+)", done.stdout)
    assert tested is not None, done.stdout
    assert phases != WALK or int(tested[1]) == len(list(operations())), done.stdout


async def objects_of(served: Served) -> dict[str, dict[str, str]]:
    """Objects that are looked at, others that are changed, and others that are deleted, so that the first stay."""
    return {methods: await one_of_each(served) for methods in ("get", "post put patch", "delete")}


def prepared(document: Body, ids: dict[str, str]) -> Body:
    """The document with real ids where a body names an object, without the key that is good for one request."""
    for operation in (operation for item in document["paths"].values() for operation in item.values()):
        sent = operation.get("parameters", [])
        operation["parameters"] = [one for one in sent if one["name"] != "Idempotency-Key"]
    for operation, route in basic():
        if is_of_people(operation, route):  # the session's cookie goes with every call: the fuzzer must not vary it
            document["paths"][operation.path][operation.method]["security"] = []
        if route.named_in_body and callable(route.body) and ids.keys() >= {*route.named_in_body}:
            described = document["paths"][operation.path][operation.method]["requestBody"]["content"]
            schema = described["application/json"]["schema"]["$ref"].rpartition("/")[2]
            properties = document["components"]["schemas"][schema]["properties"]
            named = {name for name, value in route.body(ids).items() if value in ids.values()}
            properties.update({name: only(route.body(ids)[name], properties[name]) for name in named})
    return document


def only(id_: str, schema: Body) -> Body:
    """A field that holds this id, and still nothing where it may."""
    return {"enum": [id_, None]} if {"type": "null"} in schema.get("anyOf", []) else {"const": id_}


async def people_of(served: Served) -> dict[str, Person]:
    """Who calls what only people may; each that ends sessions is somebody else."""
    names = [operation.id for operation, route in basic() if is_of_people(operation, route)]
    ending = [operation.id for operation, route in basic() if operation.id in names and route.spares]
    shared, *own = await new_people(served, 1 + len(ending))
    return {**dict.fromkeys(names, shared), **dict(zip(ending, own, strict=True))}


def is_of_people(operation: Operation, route: Route) -> bool:
    return operation.path.startswith(OF_PEOPLE) and bool(route.caller.unknown)


def configuration(
    served: Served, objects: dict[str, dict[str, str]], *, spare: dict[str, str], people: dict[str, Person]
) -> str:
    """Its `schemathesis.toml`; what ends something gets only `spare` objects."""
    lines = [
        "continue-on-failure = true",
        "[headers]",
        f"Authorization = {_quoted(f'Bearer {served.organization_key}')}",
        "[generation]",
        "deterministic = true",
        'database = "none"',
        "[parameters]",
        f"organization_id = {_quoted(served.organization_id)}",
        f"project_id = {_quoted(served.project_id)}",
    ]
    for operation, route in basic():
        ids = next((ids for methods, ids in objects.items() if operation.method in methods), {})
        settings = own_settings(operation, route)
        in_query = route.query(ids) if ids and callable(route.query) and not route.needs else {}
        named = {name: route.objects.get(name, name) for name in operation.parameters}
        known = spare if route.spares else ids
        given = {name: known[one] for name, one in named.items() if one in known and one not in OF_THE_INSTALL}
        if operation.id in people:
            settings += [f"headers.{name} = {_quoted(said)}" for name, said in people[operation.id].headers.items()]
        settings += [f"parameters.{name} = {_quoted(value)}" for name, value in {**given, **in_query}.items()]
        if route.caller.says is not None:
            settings += visiting(operation, route.caller.says(ids) if ids else {})
        if settings:
            lines += ["[[operations]]", f"include-operation-id = {_quoted(operation.id)}", *settings]
    return "\n".join(lines) + "\n"


def visiting(operation: Operation, says: Headers) -> list[str]:
    """As somebody without a key, who says in other headers who it is."""
    declared = {one["name"].lower() for one in operation.described.get("parameters", [])}
    return ['headers.Authorization = ""'] + [
        f"parameters.{_quoted(name.lower())} = {_quoted(value)}"
        for name, value in says.items()
        if name.lower() in declared
    ]


def own_settings(operation: Operation, route: Route) -> list[str]:
    """Where a check knows too little of an operation."""
    settings = []
    sent = {one["name"].lower() for one in operation.described.get("parameters", [])}
    # No schema says which cursors were handed out, or which state is the present one.
    if route.beyond_schema or "cursor" in sent:
        settings.append(f"checks.positive_data_acceptance.expected-statuses = {REFUSALS_TOO}")
    elif "if-match" in sent:
        settings.append(f"checks.positive_data_acceptance.expected-statuses = {CHANGED_SINCE}")
    # In a form everything is text: there is no wrong type to refuse.
    if "multipart/form-data" in operation.described.get("requestBody", {}).get("content", {}):
        settings.append("checks.negative_data_rejection.enabled = false")
    # What is deleted by and by is seen as `deleting` until then.
    if any(operation.path.startswith(path) for path in deleted_by_and_by()):
        settings.append("checks.use_after_free.enabled = false")
    return settings


def deleted_by_and_by() -> list[str]:
    return [one.path for one in operations() if one.method == "delete" and "202" in one.described["responses"]]


def _quoted(text: str) -> str:
    if text.isdigit():  # a number, as the document has it
        return text
    return orjson.dumps(text).decode()
