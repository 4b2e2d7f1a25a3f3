"""API keys: told from a typing mistake without the database, closed by revoking and by time."""

import asyncio
import re
from datetime import timedelta

from sqlalchemy import select

from aivastark.accounts.gate import Application
from aivastark.accounts.keys import KeyRing, is_well_formed, new_secret, revoke_key
from aivastark.accounts.models import ApiKey
from aivastark.backends.base import Backends
from aivastark.database import Database
from aivastark.kit.clock import utc_now
from tests.make import Client, Tenant, assert_error, calling, make_key, make_tenant


def test_a_key_says_what_it_is_and_checks_itself() -> None:
    secret = new_secret()

    assert re.fullmatch(r"akv_live_[0-9A-Za-z]{36}", secret)
    assert is_well_formed(secret)


def test_one_wrong_character_anywhere_is_found() -> None:
    secret = new_secret()

    for place in range(len(secret)):
        other = "a" if secret[place] != "a" else "b"
        assert not is_well_formed(secret[:place] + other + secret[place + 1 :])
    assert not is_well_formed(secret + "a")
    assert not is_well_formed(secret[:-1] + "é")


async def test_a_mistyped_key_never_reaches_the_database() -> None:
    unreachable = Database("sqlite:////nonexistent/nowhere.db")
    secret = new_secret()

    found = await KeyRing(unreachable).principal(secret[:-1] + ("a" if secret[-1] != "a" else "b"))

    assert found is None
    await unreachable.close()


async def test_only_the_hash_of_a_key_is_kept(backends: Backends, tenant: Tenant) -> None:
    row = await backends.db.read(
        lambda session: session.scalar(select(ApiKey).where(ApiKey.project_id == tenant.project_id))
    )

    assert row is not None
    kept = " ".join(str(getattr(row, column.key)) for column in ApiKey.__table__.columns)
    assert tenant.key not in kept
    assert (row.prefix, row.last4) == (tenant.key[:13], tenant.key[-4:])


async def test_a_revoked_key_opens_nothing(app: Application, backends: Backends, tenant: Tenant) -> None:
    key_id, secret = await make_key(backends.db, tenant, "*")
    await backends.db.write(lambda session: revoke_key(session, tenant.organization_id, key_id))

    async with calling(app, secret) as http:
        answer = await http.get(f"{tenant.base}/sources")

    assert_error(answer, 401, "unauthenticated")


async def test_a_revoked_key_is_forgotten_at_once_where_it_was_revoked(backends: Backends, tenant: Tenant) -> None:
    ring = KeyRing(backends.db)
    key_id, secret = await make_key(backends.db, tenant, "*")
    assert await ring.principal(secret) is not None
    await backends.db.write(lambda session: revoke_key(session, tenant.organization_id, key_id))

    ring.forget()

    assert await ring.principal(secret) is None


async def test_an_expired_key_opens_nothing(app: Application, backends: Backends, tenant: Tenant) -> None:
    _, past = await make_key(backends.db, tenant, "*", expires_at=utc_now() - timedelta(seconds=1))
    _, future = await make_key(backends.db, tenant, "*", expires_at=utc_now() + timedelta(hours=1))

    async with calling(app, past) as http:
        assert_error(await http.get(f"{tenant.base}/sources"), 401, "unauthenticated")
    async with calling(app, future) as http:
        assert (await http.get(f"{tenant.base}/sources")).status_code == 200


async def test_a_key_never_outlives_its_expiry_in_memory(backends: Backends, tenant: Tenant) -> None:
    ring = KeyRing(backends.db)
    _, secret = await make_key(backends.db, tenant, "*", expires_at=utc_now() + timedelta(seconds=1.5))
    assert await ring.principal(secret) is not None

    await asyncio.sleep(1.6)

    assert await ring.principal(secret) is None


async def test_the_last_use_of_a_key_is_kept(api: Client, backends: Backends) -> None:
    await api.get("sources")
    row = await backends.db.read(
        lambda session: session.scalar(select(ApiKey).where(ApiKey.project_id == api.tenant.project_id))
    )
    assert row is not None
    assert row.last_used_at is not None
    assert abs(row.last_used_at - utc_now()) < timedelta(seconds=10)


async def test_a_key_of_the_organisation_acts_in_its_projects_and_in_no_other(
    app: Application, backends: Backends, stranger: Client
) -> None:
    agency = await make_tenant(backends.db, whole_organization=True)

    async with calling(app, agency.key) as http:
        own = await http.get(f"{agency.base}/sources")
        other = await http.get(stranger.at("sources"))

    assert own.status_code == 200
    assert_error(other, 404, "not_found")


async def test_the_scheme_is_read_in_any_case_and_only_bearer(app: Application, tenant: Tenant) -> None:
    async with calling(app, None) as http:
        path = f"{tenant.base}/sources"
        lower = await http.get(path, headers={"Authorization": f"bearer  {tenant.key}"})
        basic = await http.get(path, headers={"Authorization": f"Basic {tenant.key}"})

    assert lower.status_code == 200
    assert_error(basic, 401, "unauthenticated")
