"""The sandbox: the same results, and no document can take the server with it."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from aivastark.sources.extract import ExtractionFailed, ExtractionSandbox, extract
from tests.sources.extract.documents import pdf

SMALL = pdf([[(16, "Warranty"), (10, "It lasts two years.")]])
SLOW = b"<html><body>" + b"<p>" * 2_000_000 + b"word"  # some seconds of work for the reader


@pytest.fixture
async def sandbox() -> AsyncIterator[ExtractionSandbox]:
    sandbox = ExtractionSandbox()
    yield sandbox
    await sandbox.close()


def children() -> list[int]:
    """The ids of the running child processes of this process."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    found = [int(word) for word in listed.read_text().split()] if listed.exists() else []
    return [child for child in found if b"extract.child" in Path(f"/proc/{child}/cmdline").read_bytes()]


async def test_a_document_read_in_the_child_is_the_same_as_read_here(sandbox: ExtractionSandbox) -> None:
    assert await sandbox.extract(SMALL, name="a.pdf") == extract(SMALL, name="a.pdf")


async def test_a_failure_in_the_child_is_raised_here(sandbox: ExtractionSandbox) -> None:
    with pytest.raises(ExtractionFailed, match="empty") as caught:
        await sandbox.extract(pdf([[]]))
    assert caught.value.code == "no_text"


async def test_small_text_needs_no_child(sandbox: ExtractionSandbox) -> None:
    assert (await sandbox.extract(b"# Fees\n\nNone.", name="a.md")).title == "Fees"
    assert children() == []


async def test_documents_sent_at_once_get_their_own_results(sandbox: ExtractionSandbox) -> None:
    contents = [pdf([[(10, f"Document number {n}.")]]) for n in range(8)]
    pages = await asyncio.gather(*(sandbox.extract(content) for content in contents))
    assert [page.text for page in pages] == [f"Document number {n}." for n in range(8)]
    assert len(children()) == 1


async def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    sandbox = ExtractionSandbox(max_seconds=0.05)
    with pytest.raises(ExtractionFailed) as caught:
        await sandbox.extract(SLOW, media_type="text/html")
    assert caught.value.code == "extraction_timeout"
    assert children() == []
    patient = ExtractionSandbox()
    assert (await patient.extract(SMALL)).title == "Warranty"
    await patient.close()
    await sandbox.close()


async def test_a_child_that_crashes_is_replaced(sandbox: ExtractionSandbox) -> None:
    await sandbox.extract(SMALL)
    (child,) = children()
    reading = asyncio.create_task(sandbox.extract(SLOW, media_type="text/html"))
    await asyncio.sleep(0.1)
    os.kill(child, signal.SIGSEGV)
    with pytest.raises(ExtractionFailed) as caught:
        await reading
    assert caught.value.code == "extraction_crashed"
    assert (await sandbox.extract(SMALL)).title == "Warranty"


async def test_a_child_that_died_while_idle_is_replaced_unnoticed(sandbox: ExtractionSandbox) -> None:
    await sandbox.extract(SMALL)
    os.kill(children()[0], signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert (await sandbox.extract(SMALL)).title == "Warranty"


async def test_a_caller_that_leaves_does_not_confuse_the_next(sandbox: ExtractionSandbox) -> None:
    reading = asyncio.create_task(sandbox.extract(SLOW, media_type="text/html"))
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await sandbox.extract(SMALL)).title == "Warranty"


async def test_an_idle_child_is_stopped() -> None:
    sandbox = ExtractionSandbox(idle_seconds=0.05)
    await sandbox.extract(SMALL)
    for _ in range(100):
        if not children():
            break
        await asyncio.sleep(0.05)
    assert children() == []
    assert (await sandbox.extract(SMALL)).title == "Warranty"
    await sandbox.close()


async def test_a_document_that_eats_memory_ends_in_a_failure_of_its_own(sandbox: ExtractionSandbox) -> None:
    book = xlsxwriter.Workbook(buffer := io.BytesIO())
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "z")  # two cells, and seventeen thousand million empty ones between them
    book.close()
    with pytest.raises(ExtractionFailed) as caught:
        await sandbox.extract(buffer.getvalue())
    assert caught.value.code == "too_complex"
    assert (await sandbox.extract(SMALL)).title == "Warranty"


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio, os, sys
        from pathlib import Path
        from aivastark.sources.extract import ExtractionSandbox
        async def main():
            sandbox = ExtractionSandbox()
            await sandbox.extract(Path(sys.argv[1]).read_bytes())
            print(sandbox._reader._child.pid, flush=True)
            await sandbox.extract(b"<html><body>" + b"<p>" * 2_000_000 + b"word", media_type="text/html")
        asyncio.run(main())
    """)
    (tmp_path / "a.pdf").write_bytes(SMALL)
    command = [sys.executable, "-c", script, str(tmp_path / "a.pdf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        status = Path(f"/proc/{child}/stat")
        if not status.exists() or status.read_text().split()[2] == "Z":
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError("the child outlived its parent by ten seconds")
