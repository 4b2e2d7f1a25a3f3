"""What cannot be read is refused with its own code and a sentence that says the way out."""

import io
import struct
import zipfile

import pytest

from aivastark.sources.extract import ExtractionFailed, extract
from tests.sources.extract.documents import zipped
from tests.sources.extract.test_office import WORD_XML

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def failure(content: bytes, name: str | None = None) -> ExtractionFailed:
    with pytest.raises(ExtractionFailed) as caught:
        extract(content, name=name)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (OLE, "unsupported_format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "corrupt"),
        (b"GIF89a" + bytes(range(256)) * 4, "unsupported_format"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 400, "unsupported_format"),
        (b"{\\rtf1\\ansi Hello}", "unsupported_format"),
        (bytes(range(256)) * 40, "unsupported_format"),
        (b"<?xml version='1.0'?><feed><entry>Hi</entry></feed>", "unsupported_format"),
        (zipped({"a.txt": "hello"}), "unsupported_format"),
        (zipped({"word/document.xml": "x"})[:-30], "corrupt"),
        (zipped({"word/document.xml": "<w:document"}), "corrupt"),
        (zipped({"word/document.xml": WORD_XML % "<w:p/>"}), "no_text"),
        (zipped({"xl/workbook.xml": "<nothing/>"}), "corrupt"),
        (zipped({"mimetype": "application/epub+zip"}), "corrupt"),
    ],
)
def test_each_kind_of_bad_file_has_its_code(content: bytes, code: str) -> None:
    assert failure(content).code == code


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.html", "a.csv", "a.json", None])
def test_the_wrong_ending_does_not_matter(name: str | None) -> None:
    assert extract(b"Just a sentence about our opening hours.", name=name).text.startswith("Just a sentence")


def test_a_document_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    assert failure(zipped({"word/document.xml": b"<a>" + b" " * 210_000_000})).code == "zip_bomb"


def test_a_document_that_unpacks_to_far_more_than_its_size_is_refused() -> None:
    assert failure(zipped({"word/document.xml": b"<a>" + b" " * 5_000_000})).code == "zip_bomb"


def test_a_size_that_lies_does_not_help_a_bomb() -> None:
    packed = bytearray(zipped({"word/document.xml": b"<a>" + b" " * 5_000_000}))
    directory = packed.rindex(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = struct.pack("<I", 1000)
    packed[22:26] = struct.pack("<I", 1000)
    assert failure(bytes(packed)).code == "zip_bomb"


def test_too_many_entries_are_refused() -> None:
    assert failure(zipped({f"word/{n}.xml": "x" for n in range(2001)})).code == "zip_bomb"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "word\\..\\..\\x"])
def test_names_that_lead_out_of_the_container_are_refused(name: str) -> None:
    assert failure(zipped({"word/document.xml": "<a/>", name: "x"})).code == "zip_bomb"


def test_entities_in_office_documents_are_never_resolved() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + WORD_XML % "<w:p><w:r><w:t>&a;</w:t></w:r></w:p>"
    assert failure(zipped({"word/document.xml": bomb})).code == "corrupt"


def test_a_container_with_a_password_is_encrypted() -> None:
    packed = bytearray(zipped({"word/document.xml": "<a/>"}, method=zipfile.ZIP_STORED))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    assert zipfile.is_zipfile(io.BytesIO(packed))
    assert failure(bytes(packed)).code == "encrypted"
