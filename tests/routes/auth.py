"""Signing in, and people's own accounts."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pyotp

from tests.make import Body
from tests.people import PASSWORD
from tests.routes.route import (
    EVERYONE,
    MORE_THAN_SPACES,
    NO_KEYS,
    Caller,
    Credentials,
    Customer,
    Headers,
    Ids,
    Route,
    bearer,
)

ELSEWHERE = "https://elsewhere.example.com"
NEW_PASSWORD = "battery horse correct"
TOKENS = "a token was mailed, and is used once"
ADDRESSES = "an address can have mail, and a password is not a common one"
PASSWORDS = "a password is the right one"
CODES = "a code is the one that the app shows now"
PROVIDER = "there is a provider, and it sent the browser here"


def as_person(role: str) -> Credentials:
    """Somebody of that role who is signed in."""

    async def headers(customer: Customer, route: Route) -> Headers:
        return (await customer.person(role)).headers

    return headers


async def a_key(customer: Customer, route: Route) -> Headers:
    return bearer(await customer.new_key(customer.client.tenant, "*", whole_organization=True))


async def without_the_token(customer: Customer, route: Route) -> Headers:
    return {**(await customer.person()).headers, "X-CSRF-Token": ""}


async def on_another_site(customer: Customer, route: Route) -> Headers:
    return {**(await customer.person()).headers, "Origin": ELSEWHERE}


def forged(route: Route) -> dict[str, Credentials]:
    """What a stranger's page can make a browser send."""
    if not route.write:
        return {}
    return {"no token against forgery": without_the_token, "a page of another site": on_another_site}


PERSON = Caller(
    entitled=as_person("owner"),
    short=lambda route: {"a key": a_key, **forged(route)},
    unknown=[*NO_KEYS, {"Authorization": "", "Cookie": "aivastark_session=nonsense"}],
)


async def make_session(customer: Customer) -> Ids:
    person = await customer.person()
    body = {"email": person.email, "password": PASSWORD}
    signed_in = await customer.call("POST", "/v1/auth/sign-in", None, body)
    return {"session_id": signed_in["session_id"]}


async def make_address(customer: Customer) -> Ids:
    return {"person_email": (await customer.person()).email}


async def make_claim_token(customer: Customer) -> Ids:
    return {"claim_token": customer.claim_token}


async def make_sign_up_token(customer: Customer) -> Ids:
    address = f"new-{customer.ids['project_id'].lower()}@acme.example"
    body = {"email": address, "name": "Ben", "organization": "Ben's", "password": PASSWORD}
    await customer.call("POST", "/v1/auth/sign-up", None, body)
    return {"sign_up_token": await customer.mailed(address)}


async def make_invitation_token(customer: Customer) -> Ids:
    address = f"invited-{customer.ids['project_id'].lower()}@acme.example"
    path = f"/v1/organizations/{customer.ids['organization_id']}/invitations"
    assert (await customer.organization.post(path, {"email": address})).status_code == 201
    return {"invitation_token": await customer.mailed(address)}


async def make_reset_token(customer: Customer) -> Ids:
    address = (await customer.person()).email
    await customer.call("POST", "/v1/auth/password-reset", None, {"email": address})
    return {"reset_token": await customer.mailed(address)}


async def make_email_token(customer: Customer) -> Ids:
    address = f"moved-{customer.ids['project_id'].lower()}@acme.example"
    body = {"email": address, "password": PASSWORD}
    await customer.call("POST", "/v1/auth/email", await customer.person(), body)
    return {"email_token": await customer.mailed(address)}


async def make_totp_code(customer: Customer) -> Ids:
    enrolment = await customer.call("POST", "/v1/auth/totp/enrol", await customer.person(), {"password": PASSWORD})
    return {"totp_code": pyotp.TOTP(enrolment["secret"]).now()}


async def make_recovery_code(customer: Customer) -> Ids:
    body: Body = {"code": (await make_totp_code(customer))["totp_code"]}
    told = await customer.call("POST", "/v1/auth/totp/confirm", await customer.person(), body)
    return {"recovery_code": told["recovery_codes"][0]}


async def make_way_back(customer: Customer) -> Ids:
    assert customer.at_provider is not None
    left = await customer.client.http.get("/v1/auth/oidc/start", headers={"Authorization": ""})
    query = customer.at_provider(left.headers["location"])
    cookie = left.headers["set-cookie"].partition(";")[0]
    return {"oidc_code": query["code"], "oidc_state": query["state"], "oidc_cookie": cookie}


async def _from_the_provider(customer: Customer, route: Route) -> Headers:
    return {"Authorization": "", "Cookie": await customer.id_of("oidc_cookie")}


def at_the_provider(response: httpx.Response) -> None:
    address = urlsplit(response.headers["location"])
    assert address.path == "/authorize"
    assert dict(parse_qsl(address.query))["response_type"] == "code"


OBJECTS = {
    "session_id": make_session,
    "person_email": make_address,
    "claim_token": make_claim_token,
    "sign_up_token": make_sign_up_token,
    "invitation_token": make_invitation_token,
    "reset_token": make_reset_token,
    "email_token": make_email_token,
    "totp_code": make_totp_code,
    "recovery_code": make_recovery_code,
    "oidc_code": make_way_back,
    "oidc_state": make_way_back,
    "oidc_cookie": make_way_back,
}

ROUTES = {
    "getSignIn": Route(caller=EVERYONE),
    "signIn": Route(
        caller=EVERYONE,
        write=True,
        needs=["person_email"],
        body=lambda ids: {"email": ids["person_email"], "password": PASSWORD},
        beyond_schema=PASSWORDS,
    ),
    "signUp": Route(
        caller=EVERYONE,
        write=True,
        body={"email": "ben@acme.example", "name": "Ben", "organization": "Ben's", "password": PASSWORD},
        status=202,
        beyond_schema=ADDRESSES,
    ),
    "confirmSignUp": Route(
        caller=EVERYONE,
        write=True,
        needs=["sign_up_token"],
        body=lambda ids: {"token": ids["sign_up_token"]},
        beyond_schema=TOKENS,
    ),
    "claimInstall": Route(
        caller=EVERYONE,
        write=True,
        needs=["claim_token"],
        body=lambda ids: {
            "token": ids["claim_token"],
            "email": "olga@acme.example",
            "name": "Olga",
            "password": PASSWORD,
        },
        beyond_schema=TOKENS,
    ),
    "acceptInvitation": Route(
        caller=EVERYONE,
        write=True,
        needs=["invitation_token"],
        body=lambda ids: {"token": ids["invitation_token"], "name": "Ben", "password": PASSWORD},
        beyond_schema=TOKENS,
    ),
    "askForPasswordReset": Route(
        caller=EVERYONE,
        write=True,
        body={"email": "nobody@acme.example"},
        status=202,
        beyond_schema=ADDRESSES,
    ),
    "resetPassword": Route(
        caller=EVERYONE,
        write=True,
        needs=["reset_token"],
        body=lambda ids: {"token": ids["reset_token"], "password": NEW_PASSWORD},
        status=204,
        media_type=None,
        beyond_schema=TOKENS,
    ),
    "confirmEmail": Route(
        caller=EVERYONE,
        write=True,
        needs=["email_token"],
        body=lambda ids: {"token": ids["email_token"]},
        status=204,
        media_type=None,
        beyond_schema=TOKENS,
    ),
    "startOidc": Route(caller=EVERYONE, status=303, media_type=None, check=at_the_provider, beyond_schema=PROVIDER),
    "finishOidc": Route(
        caller=Caller(entitled=_from_the_provider),
        needs=["oidc_code", "oidc_state"],
        query=lambda ids: {"code": ids["oidc_code"], "state": ids["oidc_state"]},
        status=303,
        media_type=None,
        beyond_schema=PROVIDER,
    ),
    "signOut": Route(caller=PERSON, write=True, status=204, media_type=None, spares=True),
    "getMe": Route(caller=PERSON),
    "updateMe": Route(caller=PERSON, write=True, body={"name": "Anna Bell"}, beyond_schema=MORE_THAN_SPACES),
    "switchOrganization": Route(
        caller=PERSON,
        write=True,
        named_in_body=["organization_id"],
        body=lambda ids: {"organization_id": ids["organization_id"]},
        beyond_schema="a person belongs to the organisation",
    ),
    "listSessions": Route(caller=PERSON),
    "endOtherSessions": Route(caller=PERSON, write=True, status=204, media_type=None, spares=True),
    "endSession": Route(caller=PERSON, write=True, status=204, media_type=None, spares=True),
    "changePassword": Route(
        caller=PERSON,
        write=True,
        body={"current_password": PASSWORD, "password": NEW_PASSWORD},
        status=204,
        media_type=None,
        beyond_schema=PASSWORDS,
    ),
    "changeEmail": Route(
        caller=PERSON,
        write=True,
        body={"email": "anna@new.example", "password": PASSWORD},
        status=202,
        beyond_schema=PASSWORDS,
    ),
    "enrolSecondFactor": Route(caller=PERSON, write=True, body={"password": PASSWORD}, beyond_schema=PASSWORDS),
    "confirmSecondFactor": Route(
        caller=PERSON,
        write=True,
        needs=["totp_code"],
        body=lambda ids: {"code": ids["totp_code"]},
        beyond_schema=CODES,
    ),
    "disableSecondFactor": Route(
        caller=PERSON,
        write=True,
        needs=["recovery_code"],
        body=lambda ids: {"password": PASSWORD, "code": ids["recovery_code"]},
        status=204,
        media_type=None,
        beyond_schema=CODES,
    ),
}
