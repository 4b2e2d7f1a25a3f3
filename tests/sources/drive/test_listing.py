"""What the Drive connector gives of files and folders, the first time and when it is asked again."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from aivastark.fetch_failures import FetchFailed
from tests.origins.drive import BOT, DOC, SHEET, SLIDES, Drive
from tests.origins.google_json import error
from tests.sources.drive.conftest import Mirror

MirrorOf = Callable[[str], Mirror]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def handbook(drive: Drive) -> str:
    """A folder of three levels that the service account may read."""
    root = drive.folder("Handbook", shared_with={BOT})
    drive.file("Opening hours.md", b"# Hours\n\nNine to five.", root)
    orders = drive.folder("Orders", root)
    drive.file("Returns.md", b"# Returns\n\nThirty days.", orders)
    abroad = drive.folder("Abroad", orders)
    drive.file("Customs.md", b"# Customs\n\nYou pay them.", abroad)
    return root


async def test_a_single_file_comes_with_its_name_and_where_a_reader_finds_it(drive: Drive, mirror_of: MirrorOf) -> None:
    id_ = drive.file("Opening hours.md", b"# Hours\n\nNine to five.", shared_with={BOT})

    mirror = await mirror_of(id_).sync()
    again = await mirror.sync()

    [document] = again.documents.values()
    assert (document.locator, document.title, document.content) == (
        id_,
        "Opening hours.md",
        b"# Hours\n\nNine to five.",
    )
    assert document.url == f"https://drive.google.com/file/d/{id_}/view?usp=drivesdk"
    assert mirror.expected == 1
    assert again.fetched == []
    assert drive.called("alt=media") == 1


async def test_a_folder_is_listed_with_all_below_it_page_by_page(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    drive.page_size = 2
    for number in range(7):
        drive.file(f"Page {number}.md", b"# A page", root)

    mirror = await mirror_of(root).sync()

    assert mirror.titles == ["Customs.md", "Opening hours.md", *(f"Page {n}.md" for n in range(7)), "Returns.md"]
    assert mirror.expected == 10
    assert drive.called("pageToken=~2") >= 1


async def test_a_shared_drive_is_read_by_its_members_and_a_folder_of_it_by_guests(
    drive: Drive, mirror_of: MirrorOf
) -> None:
    mine = drive.shared_drive("Support", BOT)
    drive.file("For members.md", b"# Members", mine)
    theirs = drive.shared_drive("Sales", "anna@acme.example")
    guest = drive.folder("For guests", theirs, shared_with={BOT})
    drive.file("A guest's.md", b"# Guests", guest)

    member = await mirror_of(mine).sync()
    as_guest = await mirror_of(guest).sync()
    drive.file("Another.md", b"# Another", mine)
    await member.sync()

    assert member.titles == ["Another.md", "For members.md"]
    assert member.fetched == ["Another.md"]
    assert as_guest.titles == ["A guest's.md"]
    assert drive.called(f"corpora=drive&driveId={mine}") == 1


async def test_googles_documents_come_by_export(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Docs", shared_with={BOT})
    picture = b"\n\n![A plan][image1]\n\n[image1]: <data:image/png;base64,iVBORw0KGgo=>\n"
    drive.native("Guide", DOC, {"text/markdown": b"# Guide\n\n| a | b |\n| - | - |\n| 1 | 2 |" + picture}, root)
    drive.native("Prices", SHEET, {XLSX: workbook(), "text/csv": b"only,the,first"}, root)
    drive.native("Deck", SLIDES, {PPTX: b"PK slides"}, root)
    drive.native("Survey", "application/vnd.google-apps.form", {}, root)

    mirror = await mirror_of(root).sync()

    by_title = {document.title: document for document in mirror.documents.values()}
    assert by_title.keys() == {"Guide", "Prices", "Deck"}
    assert (by_title["Guide"].name, by_title["Guide"].media_type) == ("Guide.md", "text/markdown")
    assert b"base64" not in by_title["Guide"].content
    assert b"A plan\n" in by_title["Guide"].content
    assert b"| 1 | 2 |" in by_title["Guide"].content
    assert (by_title["Prices"].name, by_title["Prices"].content) == ("Prices.xlsx", workbook())
    assert by_title["Deck"].name == "Deck.pptx"
    assert [left.code for left in mirror.skipped.values()] == ["unsupported_type"]


async def test_a_document_too_large_to_export_comes_as_plain_text_or_is_told(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Docs", shared_with={BOT})
    large = b"# Long\n" * 1_500_000
    drive.native("With pictures", DOC, {"text/markdown": large, "text/plain": b"Long"}, root)
    drive.native("Long", DOC, {"text/markdown": large, "text/plain": large}, root)

    mirror = await mirror_of(root).sync()

    [came], [failed] = mirror.documents.values(), mirror.failed.values()
    assert (came.title, came.name, came.content) == ("With pictures", "With pictures.txt", b"Long")
    assert failed.code == "too_large"
    assert (
        failed.message == "Google Drive exports documents of up to 10 MB, and “Long” is larger. Split it into several."
    )


async def test_what_cannot_be_read_is_left_out_without_a_byte_of_it(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Mixed", shared_with={BOT})
    drive.file("a.md", b"# A", root)
    large = drive.file("film.pdf", b"%PDF-", root, media_type="application/pdf", size=300_000_000)
    drive.file("photo.png", b"\x89PNG", root, media_type="image/png")
    drive.file("all.zip", b"PK", root, media_type="application/zip")

    mirror = await mirror_of(root).sync()
    await mirror.sync()

    assert mirror.titles == ["a.md"]
    assert mirror.failed[large].code == "too_large"
    assert mirror.failed[large].message == "“film.pdf” has 300 MB; at most 50 MB are read."
    assert not mirror.failed[large].retryable
    assert sorted(left.code for left in mirror.skipped.values()) == ["unsupported_type"] * 2
    assert drive.called("alt=media") == 1


async def test_shortcuts_are_followed_once_and_never_in_circles(drive: Drive, mirror_of: MirrorOf) -> None:
    root = drive.folder("Root", shared_with={BOT})
    elsewhere = drive.folder("Elsewhere", shared_with={BOT})
    there = drive.file("There.md", b"# There", elsewhere)
    secret = drive.file("Secret.md", b"# Secret")
    drive.shortcut("To there", there, root)
    drive.shortcut("To the folder", elsewhere, root)
    drive.shortcut("To the folder again", elsewhere, root)
    drive.shortcut("Back", root, elsewhere)
    drive.shortcut("To a secret", secret, root)

    mirror = await mirror_of(root).sync()
    drive.edit(there, b"# There now")
    await mirror.sync()

    assert mirror.titles == ["There.md"]
    assert mirror.fetched == ["There.md"]
    assert mirror.documents[there].content == b"# There now"
    assert mirror.failed[secret].code == "not_found"


async def test_one_file_that_cannot_be_had_does_not_stop_the_rest(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    locked = drive.file("Locked.md", b"# Locked", root, may_download=False)
    broken = drive.native("Broken", DOC, {"text/markdown": b"# Broken"}, root)
    drive.trouble(f"{broken}/export", error(500, "backendError", "Backend Error", Retry_After="0"), times=4)

    mirror = await mirror_of(root).sync()
    first = {locator: failed.code for locator, failed in mirror.failed.items()}
    await mirror.sync()

    assert first == {locked: "forbidden", broken: "upstream_error"}
    assert mirror.titles == ["Broken", "Customs.md", "Opening hours.md", "Returns.md"]
    assert mirror.failed.keys() == {locked}
    assert BOT in mirror.failed[locked].message


async def test_what_failed_can_be_asked_for_alone(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    locked = drive.file("Locked.md", b"# Locked", root, may_download=False)
    mirror = await mirror_of(root).sync()
    drive.items[locked].may_download = True
    drive.calls.clear()

    await mirror.sync(only=frozenset({locked}))

    assert mirror.fetched == ["Locked.md"]
    assert len(drive.calls) == 2


async def test_an_answer_that_is_none_of_drives_is_not_taken_for_one(drive: Drive, mirror_of: MirrorOf) -> None:
    root = handbook(drive)
    nonsense: list[bytes] = [b"<html>", b"[]", b'{"files": 7}', b'{"files": [{"id": "../../x"}]}', b'{"files": [3]}']
    for body in nonsense:
        drive.trouble("in parents", (200, {"Content-Type": "application/json"}, body))

        with pytest.raises(FetchFailed) as caught:
            await mirror_of(root).sync()

        assert (caught.value.code, caught.value.retryable) == ("upstream_error", True)


def workbook() -> bytes:
    """A workbook of two sheets, the same bytes each time."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.set_properties({"created": datetime(2026, 11, 25, tzinfo=UTC)})
        for name in ("Small", "Large"):
            book.add_worksheet(name).write_row(0, 0, ["Size", name])
    return file.getvalue()
