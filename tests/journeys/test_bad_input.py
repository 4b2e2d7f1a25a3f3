"""Bad input ends in a failed source that says why, or in a 4xx; a good source among it is not disturbed."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable

import pytest

from aivastark.sources.extract.sandbox import MAX_SECONDS
from tests.conftest import Settle
from tests.loopback import Page, Request, head, page, serving
from tests.make import Client, assert_error, read
from tests.sources.extract.documents import ENCRYPTED_TRAILER, pdf

MEGABYTE = 1_000_000
GOOD = "The workshop in Leeds repairs every kettle within ten days."


def zip_bomb() -> bytes:
    """A Word file whose text unpacks to half a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as entry:
            for _ in range(500):
                entry.write(bytes(MEGABYTE))
    return file.getvalue()


def jpeg() -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("make", "name", "codes"),
    [
        (lambda: b" \n\n ", "empty.txt", {"empty", "no_text"}),
        (zip_bomb, "bomb.docx", {"zip_bomb", "too_large"}),
        (lambda: pdf([[(12, "Secret")]], trailer=ENCRYPTED_TRAILER), "locked.pdf", {"encrypted"}),
        (lambda: pdf([[], []]), "scanned.pdf", {"no_text"}),
        (lambda: b"%PDF-1.7\nbroken to pieces", "broken.pdf", {"corrupt"}),
        (jpeg, "picture.docx", {"unsupported_format", "corrupt"}),
        (lambda: b"\x00\x01\x02\x03" * 1_000, "noise.txt", {"unsupported_format", "corrupt", "no_text"}),
        (lambda: b"PK\x03\x04" + b"cut off", "cut.docx", {"corrupt", "unsupported_format"}),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_a_code_and_a_sentence(
    api: Client, settle: Settle, make: Callable[[], bytes], name: str, codes: set[str]
) -> None:
    posted = await api.upload(make(), name)
    good = await api.add(text=GOOD)

    await settle()
    failed = await api.source(read(posted)["id"])

    assert posted.status_code == 202
    assert failed["status"] == "failed"
    assert failed["error"]["code"] in codes
    assert failed["error"]["message"].endswith(".")
    assert failed["error"]["retryable"] is False
    assert failed["progress"]["documents_failed"] == 1
    assert (await api.source(good["id"]))["status"] == "ready"
    assert GOOD in (await api.ask("How long does the workshop take to repair a kettle?"))["answer"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"# Really Markdown\n\nThe extension is wrong, the words are fine.", "report.pdf"),
        (b"The words are fine, but one byte \xff\xc3\x28 is no UTF-8.", "broken.txt"),
        ("Die Wörter sind gut, nur älter: größer.".encode("cp1252"), "old.txt"),
    ],
)
async def test_a_file_that_is_merely_odd_is_read(api: Client, settle: Settle, content: bytes, name: str) -> None:
    source = read(await api.upload(content, name))

    await settle()

    assert (await api.source(source["id"]))["status"] == "ready"


async def test_an_empty_file_or_text_is_refused_or_fails(api: Client, settle: Settle) -> None:
    file = await api.upload(b"", "empty.txt")
    text = await api.post("sources", {"type": "raw", "text": ""})
    nothing = await api.http.post(api.at("sources"), files={"other": ("a.txt", b"Hello.")})
    await settle()

    assert_error(text, 422, "invalid_request", param="text")
    assert nothing.status_code == 422
    assert file.status_code == 422 or (await api.source(read(file)["id"]))["error"]["code"] in ("empty", "no_text")


@pytest.mark.parametrize("declared", [True, False])
async def test_an_upload_of_100_megabytes_is_a_413_however_it_comes(api: Client, declared: bool) -> None:
    opening = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
    closing = b"\r\n--x--\r\n"
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        yield opening
        for _ in range(100):
            sent += MEGABYTE
            yield b"a" * MEGABYTE
        yield closing

    length = {"Content-Length": str(len(opening) + 100 * MEGABYTE + len(closing))} if declared else {}
    headers = {"Content-Type": "multipart/form-data; boundary=x", **length}

    answer = await api.http.post(api.at("sources"), content=parts(), headers=headers)

    assert "50 MB" in assert_error(answer, 413, "payload_too_large")
    assert sent == 0 or sent <= 51 * MEGABYTE or not declared
    assert read(await api.get("sources"))["data"] == []


def redirect(to: str) -> Page:
    return page(302, headers={"Location": to})


async def fifty_megabytes(request: Request, out: asyncio.StreamWriter) -> None:
    out.write(head(200, {"Content-Type": "text/html"}) + b"<html><body>")
    for _ in range(50):
        out.write(b"<p>again and again</p>" * (MEGABYTE // 22))
        await out.drain()


LOGIN = b"""<html><head><title>Sign in</title></head><body><form action="/login" method="post">
<h1>Sign in</h1><input type="email" name="email"><input type="password" name="password"><button>Sign in</button>
</form></body></html>"""
SCRIPTED = b"""<html><head><title>App</title></head><body><div id="root"></div>
<noscript>You need to enable JavaScript to run this app.</noscript><script src="/app.js"></script></body></html>"""

PAGES: dict[str, tuple[Page, set[str]]] = {
    "/metadata": (redirect("http://169.254.169.254/latest/meta-data/"), {"blocked_address"}),
    "/disguised": (redirect("http://[::ffff:169.254.169.254]/"), {"blocked_address"}),
    "/file": (redirect("file:///etc/passwd"), {"invalid_url"}),
    "/fifty": (fifty_megabytes, {"too_large"}),
    "/missing": (page(404), {"not_found"}),
    "/wall": (page(401), {"login_required"}),
    "/forbidden": (page(403), {"forbidden"}),
    "/login": (page(200, LOGIN, {"Content-Type": "text/html"}), {"login_required"}),
    "/app": (page(200, SCRIPTED, {"Content-Type": "text/html"}), {"javascript_only"}),
    "/empty": (page(200, b"", {"Content-Type": "text/html"}), {"empty", "no_text"}),
    "/round": (redirect("/round"), {"too_many_redirects"}),
}


async def test_pages_that_cannot_be_had_fail_each_for_its_reason_and_a_good_one_is_ready(
    api: Client, settle: Settle
) -> None:
    good = f"<html><body><main><p>{GOOD}</p></main></body></html>".encode()
    pages = {path: shown for path, (shown, _) in PAGES.items()}
    async with serving({**pages, "/good": page(200, good, {"Content-Type": "text/html"})}) as site:
        ready = await api.add(url=site.url("/good"))
        posted = {path: (await api.add(url=site.url(path)))["id"] for path in PAGES}
        async with asyncio.timeout(MAX_SECONDS):
            await settle()

    for path, source_id in posted.items():
        source = await api.source(source_id)
        assert source["status"] == "failed", path
        assert source["error"]["code"] in PAGES[path][1], (path, source["error"])
        assert source["error"]["message"].endswith("."), path
    assert (await api.source(ready["id"]))["status"] == "ready"
    answer = await api.ask("How long does the workshop take to repair a kettle?")
    assert {citation["source_id"] for citation in answer["citations"]} == {ready["id"]}


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://0xA9FEA9FE/", "http://metadata.google.internal/"])
async def test_the_metadata_service_is_never_called_even_where_private_networks_may_be(
    api: Client, settle: Settle, url: str
) -> None:
    source = await api.add(url=url)

    await settle()

    assert (await api.source(source["id"]))["error"]["code"] in ("blocked_address", "dns_failed")
