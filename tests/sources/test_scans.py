"""Scans over HTTP: a real scanned page is read by the real tesseract, and without it the source says what to do."""

import sys
from pathlib import Path

from aivastark.backends.base import Backends
from aivastark.sources.extract.base import Recognition
from tests.conftest import Settle
from tests.make import Client, read, working
from tests.sources.extract.documents import scan

HERE = Recognition(when="later", program=str(Path(sys.executable).with_name("tesseract")), languages=("eng", "deu"))
SCANNED = (Path(__file__).parent / "extract" / "eurotext.tif").read_bytes()


async def test_a_scanned_page_is_read_and_cited(api: Client, backends: Backends) -> None:
    source = read(await api.upload(SCANNED, "fax.tif", title="Fax"))
    async with working(backends, recognition=HERE) as worker:
        await worker.run_until_idle()

    assert (await api.source(source["id"]))["status"] == "ready"
    [listed] = read(await api.get(f"sources/{source['id']}/documents"))["data"]
    document = read(await api.get(f"sources/{source['id']}/documents/{listed['id']}"))
    assert "Over the $43,456.78 <lazy> #90 dog & duck/goose, as 12.5% of E-mail" in document["text"]
    assert "braune Fuchs springt über den faulen Hund" in document["text"]

    [hit] = read(await api.post("search", {"query": "spam by E-mail"}))["data"]
    assert (hit["source_id"], hit["title"]) == (source["id"], "Fax")


async def test_without_tesseract_pictures_and_scans_say_what_to_do(api: Client, settle: Settle) -> None:
    picture = read(await api.upload(SCANNED, "fax.tif"))
    document = read(await api.upload(scan([[(12, "A repair takes ten days.")]]), "scan.pdf"))
    await settle()

    for source, what in ((picture, "This is a picture."), (document, "This PDF holds pictures of text.")):
        error = (await api.source(source["id"]))["error"]
        assert (error["code"], error["retryable"]) == ("no_text", False)
        assert error["message"].startswith(f"{what} Install tesseract on the server")
