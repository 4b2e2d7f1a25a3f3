"""Organisations: their members, invitations to them, what was done in them."""

from dataclasses import replace

from tests.make import read
from tests.routes.auth import ADDRESSES, PERSON, as_person, forged
from tests.routes.route import MORE_THAN_SPACES, ORGANIZATION_KEY, Customer, Ids, Route

MEMBER = replace(
    ORGANIZATION_KEY, short=lambda route: {**ORGANIZATION_KEY.short(route), **forged(route)}, unknown=PERSON.unknown
)
ADMINISTRATOR = replace(MEMBER, short=lambda route: {**MEMBER.short(route), "an agent": as_person("agent")})
OWNER = replace(MEMBER, short=lambda route: {**ADMINISTRATOR.short(route), "an admin": as_person("admin")})
FOUNDER = replace(
    PERSON, short=lambda route: {**forged(route), "a key to all of another organisation": ORGANIZATION_KEY.entitled}
)


async def make_member(customer: Customer) -> Ids:
    return {"user_id": (await customer.person("viewer")).id}


async def make_invitation(customer: Customer) -> Ids:
    path = f"/v1/organizations/{customer.ids['organization_id']}/invitations"
    posted = await customer.organization.post(path, {"email": "carol@acme.example"})
    assert posted.status_code == 201, posted.text
    return {"invitation_id": read(posted)["id"]}


OBJECTS = {"user_id": make_member, "invitation_id": make_invitation}

ROUTES = {
    "createOrganization": Route(
        caller=FOUNDER,
        write=True,
        body={"name": "Another", "owner_email": "dora@acme.example"},
        status=201,
        beyond_schema=ADDRESSES,
    ),
    "listOrganizations": Route(caller=MEMBER),
    "getOrganization": Route(caller=MEMBER),
    "updateOrganization": Route(
        caller=ADMINISTRATOR, write=True, body={"name": "Acme Ltd"}, beyond_schema=MORE_THAN_SPACES
    ),
    "deleteOrganization": Route(caller=OWNER, write=True, status=204, media_type=None),
    "listMembers": Route(caller=MEMBER),
    "getMember": Route(caller=MEMBER),
    "updateMember": Route(caller=ADMINISTRATOR, write=True, body={"role": "agent"}),
    "removeMember": Route(caller=ADMINISTRATOR, write=True, status=204, media_type=None),
    "createInvitation": Route(
        caller=ADMINISTRATOR,
        write=True,
        body={"email": "ben@acme.example", "role": "agent"},
        status=201,
        beyond_schema=ADDRESSES,
    ),
    "listInvitations": Route(caller=ADMINISTRATOR, query={"limit": "1"}),
    "revokeInvitation": Route(caller=ADMINISTRATOR, write=True, status=204, media_type=None),
    "listAuditLog": Route(caller=ADMINISTRATOR, query={"action": "api_key.created", "from": "2026-01-01T00:00:00Z"}),
}
