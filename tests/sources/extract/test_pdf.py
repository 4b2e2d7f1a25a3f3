"""PDF files: pages, headings, paragraphs; and those that cannot be read."""

import pytest

from aivastark.sources.extract import ExtractionFailed, extract
from tests.sources.extract.documents import ENCRYPTED_TRAILER, pdf


def code(content: bytes) -> str:
    with pytest.raises(ExtractionFailed) as caught:
        extract(content, name="a.pdf")
    return caught.value.code


def test_text_keeps_its_pages_and_larger_lines_are_headings() -> None:
    page = extract(
        pdf([[(20, "Warranty"), (10, "It lasts two years."), (0, ""), (14, "Parts"), (10, "All are covered.")],
             [(10, "Labour is covered as well.")]])
    )  # fmt: skip
    blocks = [(page.text[b.start : b.end], b.kind, b.heading_path, b.page) for b in page.blocks]
    assert blocks == [
        ("Warranty", "heading", ("Warranty",), 1),
        ("It lasts two years.", "paragraph", ("Warranty",), 1),
        ("Parts", "heading", ("Warranty", "Parts"), 1),
        ("All are covered.", "paragraph", ("Warranty", "Parts"), 1),
        ("Labour is covered as well.", "paragraph", ("Warranty", "Parts"), 2),
    ]
    assert (page.title, page.media_type) == ("Warranty", "application/pdf")


def test_full_lines_are_joined_and_words_parted_at_their_end_made_whole() -> None:
    page = extract(
        pdf([[(10, "The warranty covers all the parts and also the la-"),
              (10, "bour of those who repair it, for a term of two"),
              (10, "whole years."), (0, ""), (10, "Bye.")]])
    )  # fmt: skip
    assert page.text == (
        "The warranty covers all the parts and also the labour of those who repair it, for a term of two "
        "whole years.\n\nBye."
    )


def test_bullets_become_one_list() -> None:
    page = extract(pdf([[(10, "We offer:"), (10, "• bread"), (10, "• butter")]]))
    assert [(b.kind, page.text[b.start : b.end]) for b in page.blocks] == [
        ("paragraph", "We offer:"),
        ("list", "- bread\n- butter"),
    ]


def test_running_heads_stay_once_and_page_numbers_go() -> None:
    pages = [
        [(10, "Acme handbook"), (0, ""), (10, f"Chapter text {'abcde'[n]}."), (0, ""), (10, f"{n + 1}")]
        for n in range(5)
    ]
    text = extract(pdf(pages)).text
    assert text.count("Acme handbook") == 1
    assert text.startswith("Acme handbook\n\nChapter text a.\n\nChapter text b.")


def test_the_table_of_contents_goes_but_dotted_prices_stay() -> None:
    contents = [(10, "Fees ............ 2"), (10, "Coffee ......... 3.50")]
    text = extract(pdf([contents, [(16, "Fees"), (10, "There are none at all.")]])).text
    assert "Fees ..." not in text
    assert "Coffee" in text


def test_the_declared_title_is_used_unless_it_is_a_file_name() -> None:
    assert extract(pdf([[(10, "Hello there.")]], title="Our terms")).title == "Our terms"
    assert extract(pdf([[(10, "Hello there.")]], title="Microsoft Word - terms.docx")).title is None


def test_an_encrypted_pdf_is_refused() -> None:
    assert code(pdf([[(10, "secret")]], trailer=ENCRYPTED_TRAILER)) == "encrypted"


def test_a_pdf_of_empty_pages_holds_no_text() -> None:
    with pytest.raises(ExtractionFailed, match="empty") as caught:
        extract(pdf([[], []]))
    assert caught.value.code == "no_text"


def test_a_damaged_pdf_is_refused() -> None:
    assert code(b"%PDF-1.7\n" + b"junk and nothing else " * 50) == "corrupt"


def test_more_pages_than_anyone_reads_are_too_many() -> None:
    assert code(pdf([[]] * 2001)) == "too_large"
