"""A repository that goes on: what changes, moves and goes away there, through the HTTP API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.make import Body, Client, published, read
from tests.origins.git_objects import Submodule, Zeros
from tests.origins.github import GitHub, Repository, github, refused

PAGES: dict[str, Any] = {
    f"docs/{number}.md": f"# Door {number}\n\nThe password of door {number} is swordfish-{number}.".encode()
    for number in range(12)
}


@pytest.fixture
async def hub() -> AsyncIterator[GitHub]:
    async with github() as served:
        yield served


@pytest.fixture
def repository(hub: GitHub) -> Repository:
    return hub.repository("acme/handbook", PAGES)


@pytest.fixture
def settings(settings: Settings, hub: GitHub) -> Settings:
    return settings.model_copy(update={"github_api_url": hub.url})


async def sync(api: Client, settle: Settle) -> Body:
    """Post the source, again where it is known, and give what became of it."""
    posted = await api.post("sources", {"type": "github", "repository": "acme/handbook"})
    assert posted.status_code in (200, 202), posted.text
    await settle()
    return await api.source(read(posted)["id"])


async def documents(api: Client, source: Body) -> dict[str, Body]:
    listed = read(await api.get(f"sources/{source['id']}/documents", limit=100))["data"]
    return {document["locator"]: document for document in listed}


async def test_changes_renames_and_deletions_are_published_with_exact_counts(
    api: Client, settle: Settle, hub: GitHub, repository: Repository, backends: Backends
) -> None:
    first = await sync(api, settle)
    before = await documents(api, first)
    files = repository.files
    files["docs/0.md"] = b"# Door 0\n\nThe password of door 0 is tuna."
    files["guide/door-1.md"] = files.pop("docs/1.md")
    del files["docs/2.md"]
    files["docs/new.md"] = b"# Door 99\n\nThe password of door 99 is herring."
    commit = repository.push(files)
    hub.calls.clear()

    second = await sync(api, settle)
    after = await documents(api, second)
    answer = await api.ask("What is the password of door 0?")
    told = await published(backends, api.tenant.project_id)

    assert (second["status"], second["version"]) == ("ready", 2)
    assert set(after) == set(files)
    assert {path for path in after if path in before and after[path]["id"] == before[path]["id"]} == {
        f"docs/{number}.md" for number in range(3, 12)
    }
    assert hub.count("/git/blobs/") == 3
    assert "tuna" in answer["answer"]
    assert answer["citations"][0]["url"].endswith(f"/blob/{commit}/docs/0.md")
    assert [body["documents"] for body in told] == [
        {"added": 12, "changed": 0, "removed": 0},
        {"added": 2, "changed": 1, "removed": 2},
    ]


async def test_a_file_that_is_too_large_stops_no_other(
    api: Client, settle: Settle, hub: GitHub, repository: Repository
) -> None:
    repository.push({**PAGES, "docs/film.pdf": Zeros(300_000_000), "docs/shared": Submodule()})

    source = await sync(api, settle)
    failures = read(await api.get(f"sources/{source['id']}/failures"))["data"]

    assert (source["status"], source["version"], source["progress"]["documents_failed"]) == ("partial", 1, 1)
    assert set(await documents(api, source)) == set(PAGES)
    assert {failure["locator"]: failure["code"] for failure in failures} == {
        "docs/film.pdf": "too_large",
        "docs/shared": "submodule",
    }


async def test_a_file_that_could_not_be_had_comes_with_the_next_sync(
    api: Client, settle: Settle, hub: GitHub, repository: Repository
) -> None:
    hub.troubles.append(("/git/blobs/", refused(500, "Server Error")))

    partial = await sync(api, settle)
    whole = await sync(api, settle)

    assert (partial["status"], len(await documents(api, whole))) == ("partial", 12)
    assert (whole["status"], whole["version"]) == ("ready", 2)


async def test_a_limit_reached_in_the_middle_changes_nothing_that_is_published(
    api: Client, settle: Settle, hub: GitHub, repository: Repository
) -> None:
    await sync(api, settle)
    repository.push({**PAGES, "docs/0.md": b"# Door 0\n\nTuna.", "docs/1.md": b"# Door 1\n\nHerring."})
    hub.limit_without_token = hub.spent[""] + 4

    limited = await sync(api, settle)
    held = await documents(api, limited)
    hub.renew()
    after = await sync(api, settle)

    assert (limited["error"]["code"], limited["version"]) == ("rate_limited", 1)
    assert set(held) == set(PAGES)
    assert (after["status"], after["version"]) == ("ready", 2)


async def test_a_repository_that_lost_much_waits_for_a_person_at_the_same_commit_too(
    api: Client, settle: Settle, repository: Repository
) -> None:
    await sync(api, settle)
    repository.push({path: body for path, body in PAGES.items() if path not in list(PAGES)[:4]})

    held = await sync(api, settle)
    still_held = await sync(api, settle)
    await api.post(f"sources/{held['id']}/sync", {"accept_removals": True})
    await settle()
    accepted = await api.source(held["id"])

    assert (held["status"], still_held["status"]) == ("held", "held")
    assert len(PAGES) - len(await documents(api, accepted)) == 4
    assert (accepted["status"], accepted["version"]) == ("ready", 2)
