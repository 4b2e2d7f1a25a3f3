"""After the first look only what changed is asked for, and every kind of change arrives."""

from collections.abc import Callable

import pytest

from tests.origins.drive import BOT, DOC, Drive
from tests.origins.google_json import error
from tests.sources.drive.conftest import Mirror
from tests.sources.drive.test_listing import handbook

MirrorOf = Callable[[str], Mirror]


def by_name(drive: Drive, name: str) -> str:
    [found] = [item.id for item in drive.items.values() if item.name == name]
    return found


async def test_when_nothing_changed_one_list_of_changes_is_all_that_is_asked_for(
    drive: Drive, mirror_of: MirrorOf
) -> None:
    mirror = await mirror_of(handbook(drive)).sync()
    drive.calls.clear()

    await mirror.sync()

    assert mirror.fetched == []
    assert [call.partition("?")[0].rpartition("/")[2] for call in drive.calls] == [mirror.location["id"], "changes"]


async def test_edits_renames_and_new_files_arrive_and_nothing_else_is_fetched(
    drive: Drive, mirror_of: MirrorOf
) -> None:
    root = handbook(drive)
    guide = drive.native("Guide", DOC, {"text/markdown": b"# Guide"}, root)
    mirror = await mirror_of(root).sync()
    drive.edit(by_name(drive, "Returns.md"), b"# Returns\n\nSixty days.")
    drive.edit(guide, b"# Guide, second edition", "text/markdown")
    drive.rename(by_name(drive, "Customs.md"), "Duties.md")
    drive.file("New.md", b"# New", by_name(drive, "Abroad"))
    drive.calls.clear()

    await mirror.sync()

    assert sorted(mirror.fetched) == ["Duties.md", "Guide", "New.md", "Returns.md"]
    assert mirror.titles == ["Duties.md", "Guide", "New.md", "Opening hours.md", "Returns.md"]
    assert mirror.documents[guide].content == b"# Guide, second edition"
    assert drive.called("in parents") == 0


async def test_looking_at_a_document_or_sharing_it_is_no_change(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Docs", shared_with={BOT})
    guide = drive.native("Guide", DOC, {"text/markdown": b"# Guide"}, root)
    mirror = await mirror_of(root).sync()
    drive.share(guide, "anna@acme.example")

    await mirror.sync()

    assert mirror.fetched == []


@pytest.mark.parametrize("way", ["deleted", "binned", "moved out", "binned with its folder", "moved out with it"])
async def test_what_is_gone_does_not_come_any_more(drive: Drive, mirror_of: MirrorOf, way: str) -> None:
    mirror = await mirror_of(handbook(drive)).sync()
    customs, orders = by_name(drive, "Customs.md"), by_name(drive, "Orders")
    away = drive.folder("Away", shared_with={BOT})
    match way:
        case "deleted":
            drive.delete(customs)
        case "binned":
            drive.bin(customs)
        case "moved out":
            drive.move(customs, away)
        case "binned with its folder":
            drive.bin(orders)
        case "moved out with it":
            drive.move(orders, away)
    drive.calls.clear()

    await mirror.sync()

    left = ["Opening hours.md"] if "with" in way else ["Opening hours.md", "Returns.md"]
    assert mirror.titles == left
    assert mirror.fetched == []
    assert drive.called("in parents") == 0


async def test_what_is_moved_in_comes_with_all_below_it(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    outside = drive.folder("Outside", shared_with={BOT})
    inner = drive.folder("Inner", outside)
    drive.file("Deep.md", b"# Deep", inner)
    drive.file("Shallow.md", b"# Shallow", outside)
    single = drive.file("Single.md", b"# Single", shared_with={BOT})
    mirror = await mirror_of(root).sync()
    drive.move(outside, by_name(drive, "Orders"))
    drive.move(single, root)
    drive.calls.clear()

    await mirror.sync()

    assert sorted(mirror.fetched) == ["Deep.md", "Shallow.md", "Single.md"]
    assert drive.called("in parents") == 2


async def test_folders_that_change_places_within_the_folder_keep_their_documents(
    drive: Drive, mirror_of: MirrorOf
) -> None:
    root = handbook(drive)
    mirror = await mirror_of(root).sync()
    before = mirror.titles
    new = drive.folder("New", root)
    drive.move(by_name(drive, "Abroad"), root)
    drive.move(by_name(drive, "Orders"), new)

    await mirror.sync()
    moved = mirror.titles
    drive.edit(by_name(drive, "Customs.md"), b"# Customs, once more")
    drive.edit(by_name(drive, "Returns.md"), b"# Returns, once more")
    await mirror.sync()

    assert moved == before
    assert sorted(mirror.fetched) == ["Customs.md", "Returns.md"]


async def test_what_comes_back_from_the_bin_is_there_again(drive: Drive, mirror_of: MirrorOf) -> None:
    mirror = await mirror_of(handbook(drive)).sync()
    orders = by_name(drive, "Orders")
    drive.bin(orders)
    await mirror.sync()
    drive.bin(orders, restore=True)

    await mirror.sync()

    assert mirror.titles == ["Customs.md", "Opening hours.md", "Returns.md"]


async def test_many_changes_come_on_many_pages(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    mirror = await mirror_of(root).sync()
    drive.page_size = 3
    for number in range(10):
        drive.file(f"Page {number}.md", b"# A page", root)
        drive.file(f"Elsewhere {number}.md", b"# Not ours", shared_with={BOT})

    await mirror.sync()

    assert sorted(mirror.fetched) == [f"Page {number}.md" for number in range(10)]


async def test_what_changes_while_the_first_look_is_under_way_is_not_missed(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    mirror = mirror_of(root)
    late = drive.file("Late.md", b"# Late", root)
    drive.before(f"{late}?alt=media", lambda: drive.file("Meanwhile.md", b"# Meanwhile", root))

    first = list((await mirror.sync()).titles)
    await mirror.sync()

    assert "Meanwhile.md" not in first
    assert mirror.fetched == ["Meanwhile.md"]


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_token_that_is_too_old_means_a_new_listing(drive: Drive, mirror_of: MirrorOf, status: int) -> None:
    root = handbook(drive)
    mirror = await mirror_of(root).sync()
    drive.delete(by_name(drive, "Customs.md"))
    drive.file("New.md", b"# New", root)
    drive.trouble("changes?pageToken", error(status, "invalid", "Invalid Value", location="pageToken"))

    await mirror.sync()
    drive.rename(by_name(drive, "New.md"), "Newer.md")
    drive.calls.clear()
    await mirror.sync()

    assert mirror.titles == ["Newer.md", "Opening hours.md", "Returns.md"]
    assert mirror.fetched == ["Newer.md"]
    assert drive.called("in parents") == 0


async def test_after_a_day_everything_is_listed_anew(drive: Drive, mirror_of: MirrorOf) -> None:
    mirror = await mirror_of(handbook(drive)).sync()
    mirror.state = {**mirror.state, "listed_at": "2026-11-01T00:00:00+00:00"}
    drive.calls.clear()

    await mirror.sync()

    assert drive.called("in parents") == 3
    assert mirror.fetched == []


async def test_a_document_that_failed_is_tried_again_though_nothing_changed(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    locked = drive.file("Locked.md", b"# Locked", root, may_download=False)
    mirror = await mirror_of(root).sync()
    drive.items[locked].may_download = True

    await mirror.sync()

    assert mirror.fetched == ["Locked.md"]
    assert mirror.failed == {}


async def test_after_a_rollback_the_present_version_is_fetched_again(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    mirror = await mirror_of(root).sync()
    old = dict(mirror.documents)
    returns = by_name(drive, "Returns.md")
    drive.edit(returns, b"# Returns\n\nSixty days.")
    new = drive.file("New.md", b"# New", root)
    await mirror.sync()
    mirror.documents = old  # while the state is that of the newer one

    await mirror.sync()

    assert sorted(mirror.fetched) == ["New.md", "Returns.md"]
    assert mirror.documents[returns].content == b"# Returns\n\nSixty days."
    assert new in mirror.documents
