"""What the tests know of each route of the contract, gathered from the files beside this one.

A file here stands for a resource. It may hold

- `ROUTES`: operation id → `Route`: who may call it, with which scope, what to send, what comes back.
  A second way to call the same operation has a name after a colon (`"createSource: a file"`);
- `OBJECTS`: path parameter → how to make the object it names, through the API itself. A maker gives all the ids that
  belong together (a source and its document), and may ask the customer for what it stands on
  (`await customer.id_of("conversation_id")`).

`test_routes.py` walks `/openapi.json` and makes of each operation the calls without a key, with another tenant's ids,
with too little scope, in the wrong form, and as it should be. An operation that stands in no file here fails.

Who calls is a `Caller`: three are below, and a resource that knows others (a signed-in person, a widget's visitor)
defines them in its own file.
"""

import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import httpx

from aivastark.accounts.keys import SCOPES, new_secret
from tests.make import Body, Client, Tenant
from tests.people import Person

HERE = Path(__file__).parent
MORE_THAN_SPACES = "words are more than spaces"
NOT_RESOURCES = {"route", "table", "conftest"}
NUMBERS = {"version"}
"""What a path counts within the object before it: another's is the same number."""

Headers = Mapping[str, str]
Ids = Mapping[str, str]
Maker = Callable[["Customer"], Awaitable[Ids]]
Credentials = Callable[["Customer", "Route"], Awaitable[Headers]]


class NewKey(Protocol):
    """Makes a key with just these scopes, to the customer's project or to the whole organisation."""

    async def __call__(self, tenant: Tenant, *scopes: str, whole_organization: bool = False) -> str: ...


class NewPerson(Protocol):
    """Makes somebody with a role in the tenant's organisation, signed in, with `people.PASSWORD`."""

    async def __call__(self, tenant: Tenant, role: str) -> Person: ...


@dataclass(kw_only=True, slots=True)
class Customer:
    """A tenant with the objects that calls name, each made when it is first needed."""

    client: Client
    """With a key that may do everything in the project."""
    organization: Client
    """With a key that may do everything in the organisation."""
    settle: Callable[[], Awaitable[None]]
    """Waits until nothing is left to do."""
    new_key: NewKey
    new_person: NewPerson
    mailed: Callable[[str], Awaitable[str]]
    """The token of the link that was last mailed to an address."""
    claim_token: str = ""
    """Of the link that makes the first person the owner of the install."""
    at_provider: Callable[[str], Mapping[str, str]] | None = None
    """Says yes at the install's OpenID provider, at an address there; the query that one comes back with."""
    ids: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    async def person(self, role: str = "owner") -> Person:
        """Somebody with that role, always the same one."""
        if role not in self.people:
            self.people[role] = await self.new_person(self.client.tenant, role)
        return self.people[role]

    async def call(self, method: str, path: str, person: Person | None, body: Body | None = None) -> Body:
        """What a person is answered, or somebody who is not signed in."""
        headers = {"Authorization": ""} if person is None else person.headers
        answer = await self.client.http.request(method, path, headers=headers, json=body)
        assert answer.status_code < 400, answer.text
        return dict(answer.json()) if answer.content else {}

    async def id_of(self, parameter: str) -> str:
        """The id of the customer's object of that kind."""
        if parameter not in self.ids:
            maker = objects().get(parameter)
            assert maker is not None, f"no file in tests/routes/ says in OBJECTS how to make a {parameter}"
            self.ids.update(await maker(self))
        return self.ids[parameter]

    async def ids_of(self, parameters: Sequence[str]) -> dict[str, str]:
        """Several of them."""
        return {parameter: await self.id_of(parameter) for parameter in parameters}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who calls, and how it says who it is."""

    entitled: Credentials
    """As one who may just do this and nothing else."""
    short: Callable[["Route"], Mapping[str, Credentials]] = lambda route: {}
    """Those who are known, and lack what it takes: each is a 403."""
    refusal: str = "permission_denied"
    """The code of that 403."""
    unknown: Sequence[Headers] = ()
    """Headers that say nothing or nonsense: each is a 401. None for a route that is open to everyone."""
    public: Sequence[str] = ()
    """What a path names that is nobody's secret: who calls is asked there, so another's is a 401 and no 404."""
    says: Callable[[Ids], Headers] | None = None
    """Its headers, where the customer's ids are all they are made of; programs that call for themselves say so too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One way to call an operation."""

    scope: str = "*"
    write: bool = False
    caller: Caller = field(default_factory=lambda: PROJECT_KEY)
    body: Body | Callable[[Ids], Body] | None = None
    named_in_body: Sequence[str] = ()
    """Objects that the body or the query names: it is then a function of their ids."""
    needs: Sequence[str] = ()
    """Of `OBJECTS` too, and no objects: tokens and codes that only the call as it should be is made with."""
    objects: Mapping[str, str] = field(default_factory=dict)
    """Which object a name in the path stands for, where it is not the one of that name."""
    spares: bool = False
    """Ends something: a fuzzer, which stands on its own key and project, calls it on what was made for it alone."""
    refuses_named: bool = False
    """What the body names and is not there is a 422 of that field, and no 404."""
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    fields: Mapping[str, str] | None = None
    query: Mapping[str, str] | Callable[[Ids], Mapping[str, str]] = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    status: int = 200
    media_type: str | None = "application/json"
    endless: bool = False
    """A stream that only ends when the caller hangs up."""
    beyond_schema: str = ""
    """What is asked that no JSON Schema can say: the fuzzer then takes a refusal of what the schema allows."""
    check: Callable[[httpx.Response], None] = lambda response: None


@cache
def routes() -> dict[str, Route]:
    """All that is registered."""
    return _gathered("ROUTES")


@cache
def objects() -> dict[str, Maker]:
    """How to make what paths name."""
    return _gathered("OBJECTS")


def _gathered(name: str) -> dict[str, Any]:
    gathered: dict[str, Any] = {}
    for file in sorted(HERE.glob("*.py")):
        if file.stem not in NOT_RESOURCES and not file.stem.startswith("test_"):
            found = getattr(importlib.import_module(f"tests.routes.{file.stem}"), name, {})
            assert not gathered.keys() & found.keys(), f"{gathered.keys() & found.keys()} stand in two files"
            gathered |= found
    return gathered


def bearer(key: str) -> Headers:
    return {"Authorization": f"Bearer {key}"}


def _scopes_but(scope: str) -> list[str]:
    return [other for other in SCOPES if other != scope]


def _just(*, whole_organization: bool) -> Credentials:
    async def headers(customer: Customer, route: Route) -> Headers:
        scope = route.scope if route.write or route.scope == "*" else f"{route.scope}:read"
        return bearer(await customer.new_key(customer.client.tenant, scope, whole_organization=whole_organization))

    return headers


def _all_but(*, whole_organization: bool) -> Credentials:
    async def headers(customer: Customer, route: Route) -> Headers:
        scopes = _scopes_but(route.scope)
        return bearer(await customer.new_key(customer.client.tenant, *scopes, whole_organization=whole_organization))

    return headers


async def _only_reading(customer: Customer, route: Route) -> Headers:
    scopes = [*_scopes_but(route.scope), f"{route.scope}:read"]
    return bearer(await customer.new_key(customer.client.tenant, *scopes))


async def _of_one_project(customer: Customer, route: Route) -> Headers:
    return bearer(await customer.new_key(customer.client.tenant, "*"))


async def _nobody(customer: Customer, route: Route) -> Headers:
    return {"Authorization": ""}


NO_KEYS: Sequence[Headers] = (
    {"Authorization": ""},
    bearer("akv_live_nonsense"),
    bearer(f"{new_secret()[:-1]}!"),
    bearer(new_secret()),  # of the right form, and unknown
    {"Authorization": "Basic YWxhZGRpbjpvcGVuc2VzYW1l"},
)

PROJECT_KEY: Caller = Caller(
    entitled=_just(whole_organization=False),
    short=lambda route: {
        "every other scope": _all_but(whole_organization=False),
        **({"scopes to read": _only_reading} if route.write else {}),
    },
    unknown=NO_KEYS,
)
ORGANIZATION_KEY = Caller(
    entitled=_just(whole_organization=True),
    short=lambda route: {
        "a key to one project": _of_one_project,
        "every other scope": _all_but(whole_organization=True),
    },
    unknown=NO_KEYS,
)
EVERYONE = Caller(entitled=_nobody)
