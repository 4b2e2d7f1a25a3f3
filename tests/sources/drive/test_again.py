"""A folder that goes on: what changes, moves and goes away in Drive, through the HTTP API."""

from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.make import Body, Client, published, read
from tests.origins.drive import BOT, Drive
from tests.sources.drive.test_posting import Credentials, add, documents_of

DOORS = 12


def text(number: int, password: str) -> bytes:
    return f"# Door {number}\n\nThe password of door {number} is {password}.".encode()


def doors(drive: Drive) -> tuple[str, list[str]]:
    """A folder with a document for each door."""
    root = drive.folder("Doors", shared_with={BOT})
    return root, [drive.file(f"Door {n}.md", text(n, f"swordfish-{n}"), root) for n in range(DOORS)]


async def again(api: Client, settle: Settle, source: Body, **how: object) -> Body:
    await api.post(f"sources/{source['id']}/sync", how)
    await settle()
    return await api.source(source["id"])


async def failures_of(api: Client, source: Body) -> dict[str, str]:
    return {
        failure["locator"]: failure["code"]
        for failure in read(await api.get(f"sources/{source['id']}/failures", limit=100))["data"]
    }


async def test_edits_renames_and_deletions_are_published_with_exact_counts(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials, backends: Backends
) -> None:
    root, files = doors(drive)
    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    before = await documents_of(api, source)
    drive.edit(files[0], text(0, "tuna"))
    drive.rename(files[1], "The first door.md")
    drive.bin(files[2])
    drive.delete(files[3])
    drive.move(files[4], drive.folder("Room", root))
    drive.file("Door 99.md", text(99, "herring"), root)
    drive.calls.clear()

    second = await again(api, settle, source)
    after = await documents_of(api, source)
    changes = read(await api.get(f"sources/{source['id']}/versions/2/changes"))["data"]
    answer = await api.ask("What is the password of door 0?")
    told = await published(backends, api.tenant.project_id)

    assert (second["status"], second["version"]) == ("ready", 2)
    assert set(after) == {f"Door {n}.md" for n in (0, *range(4, DOORS), 99)} | {"The first door.md"}
    assert all(after[f"Door {n}.md"]["id"] == before[f"Door {n}.md"]["id"] for n in range(4, DOORS))
    assert drive.called("in parents") == 1, "only the new folder is listed"
    assert "tuna" in answer["answer"]
    assert [body["documents"] for body in told] == [
        {"added": DOORS, "changed": 0, "removed": 0},
        {"added": 1, "changed": 2, "removed": 2},
    ]
    assert sorted((change["change"], change["title"]) for change in changes) == [
        ("added", "Door 99.md"),
        ("changed", "Door 0.md"),
        ("changed", "The first door.md"),
        ("removed", "Door 2.md"),
        ("removed", "Door 3.md"),
    ]


async def test_a_file_that_is_too_large_stops_no_other_and_stays_in_the_list(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root, _ = doors(drive)
    film = drive.file("film.pdf", b"%PDF-", root, media_type="application/pdf", size=300_000_000)
    archive = drive.file("all.zip", b"PK", root, media_type="application/zip")
    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    first = await api.source(source["id"])

    second = await again(api, settle, source)

    assert (first["status"], first["version"], first["progress"]["documents_failed"]) == ("partial", 1, 1)
    assert (second["status"], second["version"]) == ("partial", 1)
    assert await failures_of(api, source) == {film: "too_large", archive: "unsupported_type"}
    assert len(await documents_of(api, source)) == DOORS


async def test_a_folder_that_was_emptied_by_mistake_waits_for_a_person(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root, files = doors(drive)
    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    for id_ in files[:5]:
        drive.bin(id_)

    held = await again(api, settle, source)
    still_held = await again(api, settle, source)
    answer = await api.ask("What is the password of door 0?")
    accepted = await again(api, settle, source, accept_removals=True)

    assert (held["status"], held["version"]) == ("held", 1)
    assert held["held"]["documents"] == {"added": 0, "changed": 0, "removed": 5}
    assert (still_held["status"], still_held["held"]["since"]) == ("held", held["held"]["since"])
    assert "swordfish-0" in answer["answer"]
    assert (accepted["status"], accepted["version"], accepted["held"]) == ("ready", 2, None)
    assert len(await documents_of(api, source)) == DOORS - 5


async def test_after_a_rollback_and_a_sync_it_is_as_it_is_at_google(
    api: Client, settle: Settle, drive: Drive, credentials: Credentials
) -> None:
    root, files = doors(drive)
    source = await add(api, folder_id=root, credentials=credentials)
    await settle()
    drive.edit(files[0], text(0, "tuna"))
    await again(api, settle, source)
    await api.post(f"sources/{source['id']}/rollback", {"version": 1})
    await settle()
    rolled_back = await api.source(source["id"])
    old = await api.ask("What is the password of door 0?")

    synced = await again(api, settle, source)
    new = await api.ask("What is the password of door 0?")

    assert (rolled_back["version"], rolled_back["sync"]["paused"]) == (3, True)
    assert "swordfish-0" in old["answer"]
    assert (synced["version"], synced["sync"]["paused"]) == (4, False)
    assert "tuna" in new["answer"]
