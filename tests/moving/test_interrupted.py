"""An import that ends in the middle is run again and ends whole; two at once make one."""

import asyncio
import io

import pytest

from aivastark.backends.base import Backends
from aivastark.errors import Conflict
from aivastark.moving.begin import Place
from aivastark.moving.pack import Report
from aivastark.moving.unpack import unpack
from tests.conftest import Settle
from tests.make import Client, Tenant, make_tenant
from tests.moving.archives import NOBODY, brought_in, inside, packed

QUESTION = "How long does the workshop take to repair a kettle?"
KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches `kill -9`."""


def dying_after(reports: int) -> Report:
    """A report that ends everything when it has been told so often that something was done."""
    left = iter(range(reports))

    def report(_what: str, _count: int) -> None:
        if next(left, None) is None:
            raise Killed

    return report


async def killed_everywhere(backends: Backends, archive: io.BytesIO, place: Place) -> int:
    """Import until it ends, killed once more often each time, one step later; how often that was."""
    for steps in range(100):
        try:
            await unpack(backends, archive, place, report=dying_after(steps))
        except Killed:
            continue
        return steps
    raise AssertionError("it never ended")


async def test_an_install_is_whole_wherever_its_import_was_killed(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    await api.ask(QUESTION)
    archive = await packed(backends)

    killed = await killed_everywhere(there, archive, NOBODY)

    assert killed > 8
    assert inside(await packed(there)) == inside(archive)
    with pytest.raises(Conflict, match="not empty"):
        await brought_in(there, archive)


async def test_nobody_sees_a_project_before_it_is_whole(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    archive = await packed(backends, api.tenant.project_id)
    other = await make_tenant(there.db)
    place = Place(organization_id=other.organization_id, actor_id="command_line")

    with pytest.raises(Killed):
        await unpack(there, archive, place, report=dying_after(3))
    half = inside(await packed(there, api.tenant.project_id))
    await killed_everywhere(there, archive, place)

    assert "tables/projects/000001.jsonl" not in half
    assert inside(await packed(there, api.tenant.project_id)) == inside(archive)


async def test_what_another_archive_of_the_project_left_half_goes_first(
    backends: Backends, settle: Settle, api: Client, there: Backends
) -> None:
    gone = await api.add(text="The shop opens at nine.")
    await api.add(text=KNOWLEDGE)
    await settle()
    older = await packed(backends, api.tenant.project_id)
    await api.delete(f"sources/{gone['id']}")
    await settle()
    newer = await packed(backends, api.tenant.project_id)
    other, stranger = await make_tenant(there.db), await make_tenant(there.db)
    place = Place(organization_id=other.organization_id, actor_id="command_line")

    with pytest.raises(Killed):
        await unpack(there, older, place, report=dying_after(6))
    with pytest.raises(Conflict, match="there already"):
        await brought_in(there, newer, Place(organization_id=stranger.organization_id, actor_id="command_line"))
    await brought_in(there, newer, place)

    assert inside(await packed(there, api.tenant.project_id)) == inside(newer)


async def test_the_same_import_begun_twice_at_once_comes_in_once(
    backends: Backends, settle: Settle, api: Client, agency: Tenant, there: Backends
) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()
    archive = await packed(backends, api.tenant.project_id)
    other = await make_tenant(there.db)
    place = Place(organization_id=other.organization_id, actor_id="command_line")

    both = await asyncio.gather(
        brought_in(there, io.BytesIO(archive.getvalue()), place),
        brought_in(there, io.BytesIO(archive.getvalue()), place),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in both) in (["BroughtIn", "Overtaken"], ["BroughtIn", "Conflict"])
    assert inside(await packed(there, api.tenant.project_id)) == inside(archive)
