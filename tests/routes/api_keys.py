"""The keys of projects, and of whole organisations."""

from tests.make import Body, read
from tests.routes.organizations import ADMINISTRATOR
from tests.routes.route import MORE_THAN_SPACES, Customer, Ids, Route

KEY: Body = {"name": "web site", "scopes": ["query", "sources:read"]}
TIMES = "an end is in the future"
STILL_GOOD = "a key still works"
ORGANIZATIONS = {"key_id": "organization_key_id"}


async def make_project_key(customer: Customer) -> Ids:
    return {"key_id": read(await customer.client.post("api-keys", KEY))["id"]}


async def make_organization_key(customer: Customer) -> Ids:
    path = f"/v1/organizations/{customer.ids['organization_id']}/api-keys"
    return {"organization_key_id": read(await customer.organization.post(path, KEY))["id"]}


OBJECTS = {"key_id": make_project_key, "organization_key_id": make_organization_key}

ROUTES = {
    "createKey": Route(write=True, body=KEY, status=201, beyond_schema=TIMES),
    "listKeys": Route(write=True),
    "getKey": Route(write=True),
    "updateKey": Route(write=True, body={"name": "the shop's web site"}, beyond_schema=MORE_THAN_SPACES),
    "rotateKey": Route(write=True, body={"overlap_seconds": 60}, status=201, spares=True, beyond_schema=STILL_GOOD),
    "rotateKey: as usual": Route(write=True, status=201),
    "revokeKey": Route(write=True, status=204, media_type=None, spares=True),
    "createOrganizationKey": Route(caller=ADMINISTRATOR, write=True, body=KEY, status=201, beyond_schema=TIMES),
    "listOrganizationKeys": Route(caller=ADMINISTRATOR),
    "getOrganizationKey": Route(caller=ADMINISTRATOR, objects=ORGANIZATIONS),
    "updateOrganizationKey": Route(
        caller=ADMINISTRATOR,
        write=True,
        objects=ORGANIZATIONS,
        body={"name": "the shop's web site"},
        beyond_schema=MORE_THAN_SPACES,
    ),
    "rotateOrganizationKey": Route(
        caller=ADMINISTRATOR,
        write=True,
        objects=ORGANIZATIONS,
        body={"overlap_seconds": 60},
        status=201,
        spares=True,
        beyond_schema=STILL_GOOD,
    ),
    "revokeOrganizationKey": Route(
        caller=ADMINISTRATOR, write=True, objects=ORGANIZATIONS, status=204, media_type=None, spares=True
    ),
}
