"""Scans and pictures: read where tesseract is, told plainly where it is not. The program is the real one."""

import asyncio
import io
import struct
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from aivastark.sources.extract import Extracted, ExtractionFailed, ExtractionSandbox
from aivastark.sources.extract.base import Recognition
from aivastark.sources.extract.image_size import image_sizes
from aivastark.sources.extract.ocr import recognise
from aivastark.sources.extract.recognition import choose_languages, find_recognition, installed_languages
from tests.sources.extract.documents import picture, scan

TESSERACT = str(Path(sys.executable).with_name("tesseract"))
HERE = Recognition(when="later", program=TESSERACT)

WARRANTY = [(26, "Warranty"), (12, "The warranty lasts two years from the day"), (12, "on which the parcel arrived.")]
REPAIRS = [(26, "Repairs"), (12, "A repair takes ten working days.")]


@pytest.fixture
async def sandbox() -> AsyncIterator[ExtractionSandbox]:
    sandbox = ExtractionSandbox(recognition=HERE)
    yield sandbox
    await sandbox.close()


async def failure(sandbox: ExtractionSandbox, content: bytes) -> ExtractionFailed:
    with pytest.raises(ExtractionFailed) as caught:
        await sandbox.extract(content)
    return caught.value


def blocks(page: Extracted) -> list[tuple[str, str, tuple[str, ...], int | None]]:
    return [(b.kind, page.text[b.start : b.end], b.heading_path, b.page) for b in page.blocks]


# --- reading


async def test_a_scan_is_read_page_by_page_with_its_large_lines_as_headings(sandbox: ExtractionSandbox) -> None:
    page = await sandbox.extract(scan([WARRANTY, REPAIRS]), name="scan.pdf")

    assert (page.title, page.media_type) == ("Warranty", "application/pdf")
    assert blocks(page) == [
        ("heading", "Warranty", ("Warranty",), 1),
        ("paragraph", "The warranty lasts two years from the day on which the parcel arrived.", ("Warranty",), 1),
        ("heading", "Repairs", ("Repairs",), 2),
        ("paragraph", "A repair takes ten working days.", ("Repairs",), 2),
    ]


async def test_reading_a_scan_twice_gives_the_same(sandbox: ExtractionSandbox) -> None:
    content = scan([WARRANTY])
    assert await sandbox.extract(content) == await sandbox.extract(content)


async def test_of_a_mixed_pdf_only_the_pictures_are_recognised(sandbox: ExtractionSandbox) -> None:
    exact = "Order no. Il1O0-B8S5 stays as it is written."  # what recognition would surely get wrong
    page = await sandbox.extract(scan([exact, REPAIRS]))

    assert [(text, number) for _, text, _, number in blocks(page)] == [
        (exact, 1), ("Repairs", 2), ("A repair takes ten working days.", 2),
    ]  # fmt: skip
    assert {kind for kind, text, _, _ in blocks(page) if text == exact} == {"paragraph"}


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/tiff")])
async def test_a_picture_of_text_is_read(sandbox: ExtractionSandbox, kind: str, media_type: str) -> None:
    page = await sandbox.extract(picture(WARRANTY, kind=kind), name="photo")

    assert page.media_type == media_type
    assert page.text.startswith("Warranty\n\nThe warranty lasts two years")
    assert {block.page for block in page.blocks} == {None}


async def test_a_fax_of_several_pages_keeps_their_numbers(sandbox: ExtractionSandbox) -> None:
    page = await sandbox.extract(picture(WARRANTY, REPAIRS, kind="TIFF"))
    assert [(text, number) for kind, text, _, number in blocks(page) if kind == "heading"] == [
        ("Warranty", 1), ("Repairs", 2),
    ]  # fmt: skip


async def test_words_of_another_language_are_read_with_it() -> None:
    sandbox = ExtractionSandbox(recognition=Recognition(when="later", program=TESSERACT, languages=("deu",)))
    page = await sandbox.extract(picture([(14, "Die Größe der Rückstände überprüfen.")]))
    await sandbox.close()
    assert page.text == "Die Größe der Rückstände überprüfen."


async def test_a_picture_without_text_says_so(sandbox: ExtractionSandbox) -> None:
    found = await failure(sandbox, picture([(12, "")]))
    assert (found.code, found.message[:22]) == ("no_text", "No text was recognised")


async def test_documents_with_text_are_not_kept_waiting_by_recognition(sandbox: ExtractionSandbox) -> None:
    slow = asyncio.create_task(sandbox.extract(scan([WARRANTY] * 8)))
    await asyncio.sleep(0.5)
    quick = await sandbox.extract(scan(["Just text."]))

    assert (quick.text, slow.done()) == ("Just text.", False)
    await slow


# --- where it cannot be done


@pytest.mark.parametrize(
    ("when", "says"), [("missing", "Install tesseract on the server"), ("off", "Set AIVASTARK_OCR to auto")]
)
async def test_without_recognition_a_scan_and_a_picture_say_what_to_do(when: str, says: str) -> None:
    sandbox = ExtractionSandbox(recognition=Recognition(when=when))  # type: ignore[arg-type]  # one of the two
    for content, what in [
        (scan([REPAIRS]), "This PDF holds pictures of text."),
        (picture(REPAIRS), "This is a picture."),
    ]:
        found = await failure(sandbox, content)
        assert found.code == "no_text"
        assert found.message.startswith(f"{what} {says}")
    await sandbox.close()


async def test_without_recognition_the_text_of_a_mixed_pdf_is_read() -> None:
    sandbox = ExtractionSandbox()
    page = await sandbox.extract(scan(["Just text.", REPAIRS]))
    await sandbox.close()
    assert page.text == "Just text."


def test_the_program_is_looked_for_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_recognition(enabled=True).when == "missing"
    monkeypatch.setenv("PATH", str(Path(TESSERACT).parent))
    assert find_recognition(enabled=True, languages=["deu"]) == Recognition(
        when="later", program=TESSERACT, languages=("deu",)
    )
    assert find_recognition(enabled=False).when == "off"


def test_languages_are_those_asked_for_that_are_installed_else_english_first() -> None:
    assert installed_languages(TESSERACT) == {"deu", "eng"}
    assert choose_languages(HERE) == ("eng", "deu")
    assert choose_languages(Recognition(when="now", program=TESSERACT, languages=("fra", "deu"))) == ("deu",)


def test_a_program_that_cannot_be_run_is_told() -> None:
    with pytest.raises(ExtractionFailed, match="cannot be run") as caught:
        choose_languages(Recognition(when="now", program="/nowhere/tesseract"))
    assert caught.value.code == "no_text"


# --- hostile input


def png(width: int, height: int) -> bytes:
    """A PNG that says to be so large, with nothing in it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + b"\0" * 64


async def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_header(sandbox: ExtractionSandbox) -> None:
    assert (await failure(sandbox, png(60_000, 60_000))).code == "too_large"


@pytest.mark.parametrize(
    "content",
    [
        png(0, 100),
        png(100, 100)[:20],
        b"\xff\xd8\xff" + b"/etc/passwd\n" * 9,
        b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8),  # a directory after itself
        b"MM\x00*" + struct.pack(">I", 8) + struct.pack(">H", 60_000) + b"\0" * 90,
        b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 40,
    ],
)
async def test_a_damaged_picture_is_refused(sandbox: ExtractionSandbox, content: bytes) -> None:
    assert (await failure(sandbox, content)).code == "corrupt"


async def test_a_good_header_before_rubbish_is_found_out_by_the_program(sandbox: ExtractionSandbox) -> None:
    assert (await failure(sandbox, png(300, 300))).code == "corrupt"
    assert (await sandbox.extract(picture(REPAIRS))).title == "Repairs"


async def test_a_tiff_of_more_pages_than_anyone_faxes_is_too_large(sandbox: ExtractionSandbox) -> None:
    frames = [Image.new("L", (8, 8), 255)] * 201
    frames[0].save(buffer := io.BytesIO(), "TIFF", save_all=True, append_images=frames[1:])
    assert (await failure(sandbox, buffer.getvalue())).code == "too_large"


@pytest.mark.parametrize(("kind", "options"), [
    ("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("TIFF", {}), ("TIFF", {"big_tiff": False}),
    ("WEBP", {}), ("WEBP", {"lossless": True}), ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
])  # fmt: skip
def test_the_size_of_a_picture_is_known_from_its_header(kind: str, options: dict[str, object]) -> None:
    Image.new("RGB", (321, 123), "white").save(buffer := io.BytesIO(), kind, **options)
    assert image_sizes(buffer.getvalue()) == [(321, 123)]


async def test_a_small_picture_never_reaches_a_thread_of_the_server(sandbox: ExtractionSandbox) -> None:
    tiny = b"\xff\xd8\xff" + b"x" * 40  # no zero byte in it, so that it might pass for text
    assert (await failure(sandbox, tiny)).code == "corrupt"
    assert sandbox._reader._child is not None


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """A place for a small program that stands in for tesseract, which cannot be made to hang or to leak on purpose."""
    yield tmp_path / "tesseract"
    installed_languages.cache_clear()


def write(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\nif [ $1 = --list-langs ]; then echo List; echo eng; exit; fi\n{script}\n")
    program.chmod(0o755)


def test_the_program_sees_the_picture_and_none_of_our_settings(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(
        program, f'env > {tmp_path}/env; echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/input; pwd > {tmp_path}/cwd'
    )
    monkeypatch.setenv("AIVASTARK_SECRET_KEY", "x" * 40)

    assert recognise(b"P5\n1 1\n255\n\0", Recognition(when="now", program=str(program)), dpi=300) == []

    assert "AIVASTARK" not in (tmp_path / "env").read_text()
    assert "OMP_THREAD_LIMIT=1" in (tmp_path / "env").read_text()
    assert (tmp_path / "arguments").read_text() == "stdin stdout -l eng --psm 3 --dpi 300 tsv\n"
    assert (tmp_path / "input").read_bytes() == b"P5\n1 1\n255\n\0"
    assert (tmp_path / "cwd").read_text() == "/\n"


def test_rows_that_are_no_words_and_lines_that_are_noise_are_passed_over(program: Path) -> None:
    rows = [
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
        "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t", "5\t1\t1\t1\t1\t1\t10\t10\t90\t30\t95.5\tGood", "5\t1\tx\ty\tz",
        "5\t1\t1\t1\t1\t2\t110\t10\t90\t30\t91\ttext-", "5\t1\t1\t1\t2\t1\t10\t50\t90\t30\t12\tg§a",
        "5\t1\t2\t1\t1\t1\t10\t90\t90\t30\t90\t|",
    ]  # fmt: skip
    write(program, "cat > /dev/null; printf '" + "\\n".join(row.replace("\t", "\\t") for row in rows) + "\\n'")

    lines = recognise(b"P5\n1 1\n255\n\0", Recognition(when="now", program=str(program)), dpi=72)

    assert [(line.text, line.left, line.right, line.size, line.hyphenated) for line in lines] == [
        ("Good text-", 10, 200, 30, True)
    ]


async def test_a_program_that_hangs_is_ended_with_the_sandbox(program: Path, tmp_path: Path) -> None:
    write(program, f"echo $$ > {tmp_path}/pid; exec sleep 300")
    recognition = Recognition(when="later", program=str(program))
    sandbox = ExtractionSandbox(recognition=recognition, max_recognition_seconds=2)

    found = await failure(sandbox, picture(REPAIRS))
    await sandbox.close()

    assert found.code == "extraction_timeout"
    assert await gone(int((tmp_path / "pid").read_text()))


async def gone(process: int) -> bool:
    """Whether it ends within five seconds; one that nobody waits for may stay as a zombie."""
    for _ in range(50):
        status = Path(f"/proc/{process}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        await asyncio.sleep(0.1)
    return False
