"""A sync that would take too much away publishes nothing until a person says so, or the pages are back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Client, events_in, read
from tests.origins.github import GitHub, github
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and nine articles, not taken in yet."""
    async with site_of(articles(9), api, settle, backends) as site:
        yield site


async def test_more_than_three_in_ten_are_held_and_exactly_three_are_not(taught: Taught) -> None:
    await taught.teach()
    for number in range(3):
        del taught.pages[f"/p/{number}"]
    three = await taught.look()
    del taught.pages["/p/3"]
    four = await taught.look()

    assert (three["status"], three["held"]) == ("ready", None)
    assert (four["status"], four["version"]) == ("held", 1)


async def test_what_is_held_is_counted_and_the_old_content_answers(taught: Taught) -> None:
    await taught.teach()
    before, rows = await taught.documents(), await taught.rows()
    for number in range(4):
        del taught.pages[f"/p/{number}"]
    taught.show({"/p/5": article(5, edition="second"), "/p/10": article(10), "/p/11": article(11)})
    held = await taught.look()

    assert (held["status"], held["version"], held["stage"]) == ("held", 1, None)
    assert held["held"]["documents"] == {"added": 2, "changed": 1, "removed": 4}
    assert held["held"]["of"] == 10
    assert held["held"]["since"].endswith("Z")
    assert held["progress"]["documents_done"] == 10
    assert await taught.documents() == before
    assert await taught.rows() == rows
    assert await taught.finds("Marker0first") == {"/p/0"}
    assert await taught.finds("Marker5second") == set()
    assert [row["version"] for row in await taught.versions()] == [1]
    listed = read(await taught.api.get("sources", status="held"))["data"]
    assert [source["id"] for source in listed] == [taught.id]
    told = events_in((await taught.api.get(f"sources/{taught.id}/events")).text)
    assert (told[-1].kind, told[-1].body["source"]["status"]) == ("done", "held")


async def test_a_held_source_is_ready_when_its_pages_are_back(taught: Taught) -> None:
    await taught.teach()
    gone = {f"/p/{number}": taught.pages.pop(f"/p/{number}") for number in range(4)}
    first = await taught.look()
    again = await taught.look()
    taught.pages.update(gone)
    taught.show({"/p/5": article(5, edition="second")})
    back = await taught.look()

    assert first["status"] == again["status"] == "held"
    assert again["held"]["since"] == first["held"]["since"]
    assert (back["status"], back["held"], back["version"]) == ("ready", None, 2)
    assert await taught.changes(2) == {"/p/5": "changed"}
    await assert_books_agree(taught)


async def test_accepted_removals_are_published(taught: Taught) -> None:
    await taught.teach()
    for number in range(4):
        del taught.pages[f"/p/{number}"]
    taught.show({"/p/10": article(10)})
    await taught.look()
    accepted = await taught.look(accept_removals=True)

    assert (accepted["status"], accepted["held"], accepted["version"]) == ("ready", None, 2)
    removed = dict.fromkeys([f"/p/{number}" for number in range(4)], "removed")
    assert await taught.changes(2) == {**removed, "/p/10": "added"}
    assert await taught.finds("Marker0first") == set()
    await assert_books_agree(taught)


async def test_of_fewer_than_five_none_is_held(api: Client, settle: Settle, backends: Backends) -> None:
    async with site_of(articles(3), api, settle, backends) as taught:
        await taught.teach()
        del taught.pages["/p/0"], taught.pages["/p/1"]
        once = await taught.look()
        twice = await taught.look()

    assert (once["status"], twice["status"], twice["version"]) == ("ready", "ready", 2)
    assert set(await taught.documents()) == {"/", "/p/2"}


async def test_a_scheduled_look_after_a_held_one_does_not_accept(taught: Taught) -> None:
    await taught.teach(refresh_interval=3_600)
    for number in range(4):
        del taught.pages[f"/p/{number}"]
    held = await taught.look()

    assert held["status"] == "held"
    assert held["sync"]["next_sync_at"] > held["sync"]["last_synced_at"]


# --- a repository, which remembers the commit it was read at


@pytest.fixture
async def hub() -> AsyncIterator[GitHub]:
    async with github() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, hub: GitHub) -> Settings:
    return settings.model_copy(update={"github_api_url": hub.url})


async def test_a_held_repository_stays_held_until_its_removals_are_accepted(
    api: Client, settle: Settle, hub: GitHub
) -> None:
    files: dict[str, Any] = {
        f"docs/{number}.md": f"# Door {number}\n\nIts word is w{number}.".encode() for number in range(8)
    }
    repository = hub.repository("acme/handbook", files)
    source = await api.add(type="github", repository="acme/handbook")
    await settle()
    repository.push({path: body for path, body in files.items() if path >= "docs/4"})

    states = []
    for body in (None, None, {"accept_removals": True}):
        await api.post(f"sources/{source['id']}/sync", body)
        await settle()
        states.append(await api.source(source["id"]))

    assert [state["status"] for state in states] == ["held", "held", "ready"]
    assert states[1]["held"]["documents"] == {"added": 0, "changed": 0, "removed": 4}
    listed = read(await api.get(f"sources/{source['id']}/documents"))["data"]
    assert {row["locator"] for row in listed} == {f"docs/{number}.md" for number in range(4, 8)}
