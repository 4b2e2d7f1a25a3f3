"""DOCX, PPTX, XLSX and EPUB, made by the libraries people use or by hand."""

import io
from datetime import datetime

import docx
import pptx
import xlsxwriter  # type: ignore[import-untyped]
from docx.document import Document as WordDocument

from aivastark.sources.extract import Extracted, extract
from tests.sources.extract.documents import epub, zipped


def word(document: WordDocument) -> Extracted:
    buffer = io.BytesIO()
    document.save(buffer)
    return extract(buffer.getvalue(), name="whatever.txt")


def kinds(page: Extracted) -> list[tuple[str, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


def test_word_headings_lists_and_tables_keep_their_structure() -> None:
    document = docx.Document()
    document.add_heading("Guide", 0)
    document.add_heading("Install", 1)
    document.add_paragraph("Do this:")
    for text, style in [("Open", "List Number"), ("the lid", "List Bullet 2"), ("Close", "List Number")]:
        document.add_paragraph(text, style=style)
    document.add_heading("Prices", 2)
    table = document.add_table(3, 2)
    for row, cells in enumerate([("Plan", "Price"), ("Basic", "5"), ("Pro", "10")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    page = word(document)
    assert kinds(page) == [
        ("heading", "Guide"),
        ("heading", "Install"),
        ("paragraph", "Do this:"),
        ("list", "1. Open\n- the lid\n2. Close"),
        ("heading", "Prices"),
        ("table", "| Plan | Price |\n| --- | --- |\n| Basic | 5 |\n| Pro | 10 |"),
    ]
    assert page.blocks[-1].heading_path == ("Guide", "Install", "Prices")
    assert page.title == "Guide"


def test_merged_cells_in_word_are_repeated_down() -> None:
    table = (document := docx.Document()).add_table(3, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Plan", "For"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Pro"
    table.cell(1, 1).text, table.cell(2, 1).text = "Teams", "Firms"
    assert word(document).text.endswith("| Pro | Teams |\n| Pro | Firms |")


WORD_XML = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>%s</w:body></w:document>'
)


def test_deleted_words_and_field_codes_are_left_out_and_links_and_notes_kept() -> None:
    body = (
        "<w:p><w:r><w:t>We pay </w:t></w:r><w:del><w:r><w:delText>nothing</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>all</w:t></w:r></w:ins><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:hyperlink><w:r><w:t> costs</w:t></w:r></w:hyperlink><w:r><w:noBreakHyphen/></w:r></w:p>"
        "<mc:AlternateContent><mc:Choice/></mc:AlternateContent>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p>"
        "</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r>"
        "<w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    notes = '<w:footnotes xmlns:w="x"><w:footnote w:id="1">'
    notes += "<w:p><w:r><w:t>Up to 5.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    page = extract(zipped({"word/document.xml": WORD_XML % body, "word/footnotes.xml": notes}))
    assert page.text == "We pay all costs-\n\nIn a box\n\nUp to 5."


def test_slides_stand_under_their_titles_with_notes_and_tables() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Plans"
    frame = slide.placeholders[1].text_frame
    frame.text = "Two of them"
    (paragraph := frame.add_paragraph()).text = "Basic"
    paragraph.level = 1
    slide.notes_slide.notes_text_frame.text = "Mention the discount."
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "Prices"
    table = second.shapes.add_table(2, 2, 0, 0, 100, 100).table
    for row, cells in enumerate([("Plan", "Price"), ("Basic", "5")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    buffer = io.BytesIO()
    show.save(buffer)
    page = extract(buffer.getvalue())
    assert [(b.page, b.heading_path, page.text[b.start : b.end]) for b in page.blocks] == [
        (1, ("Plans",), "Plans"),
        (1, ("Plans",), "- Two of them\n  - Basic"),
        (1, ("Plans",), "Mention the discount."),
        (2, ("Prices",), "Prices"),
        (2, ("Prices",), "| Plan | Price |\n| --- | --- |\n| Basic | 5 |"),
    ]
    assert page.title == "Plans"


def test_sheets_become_tables_under_their_names() -> None:
    book = xlsxwriter.Workbook(buffer := io.BytesIO())
    sheet = book.add_worksheet("Prices")
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write(0, 0, "All in euro")
    for row, cells in enumerate([("Plan", "Price", "From"), ("Basic", 5, None), ("Pro", 10.5, None)]):
        sheet.write_row(row + 2, 1, cells)
    sheet.write_datetime(3, 3, datetime(2026, 1, 31), date)  # noqa: DTZ001
    book.add_worksheet("Empty")
    book.add_worksheet("Notes").write(0, 0, "Ask us.")
    book.close()
    page = extract(buffer.getvalue())
    assert page.text == (
        "Prices\n\nAll in euro\n\n"
        "| Plan | Price | From |\n| --- | --- | --- |\n| Basic | 5 | 2026-01-31 |\n| Pro | 10.5 |  |"
        "\n\nNotes\n\nAsk us."
    )
    assert [block.page for block in page.blocks] == [1, 1, 1, 3, 3]


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    page = extract(
        epub({"b.xhtml": "<html><body><h1>One</h1><p>First.</p></body></html>", "a.xhtml": "<p>Second.</p>"})
    )
    assert (page.title, page.language) == ("A book", "en")
    assert page.text == "One\n\nFirst.\n\nSecond."
