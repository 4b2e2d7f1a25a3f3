"""Markdown, and what documentation tools add to it."""

from aivastark.sources.extract import Extracted, extract


def read(text: str) -> Extracted:
    return extract(text.encode(), name="page.md")


def test_marks_are_reduced_to_the_words_a_reader_sees() -> None:
    page = read(
        "# Fees {#fees}\n\nWe **never** charge `more` than [5 €](http://x.test) <b>a</b> month.\n\n![A button](b.png)"
    )
    assert page.text == "Fees\n\nWe never charge more than 5 € a month.\n\nA button"
    assert page.title == "Fees"


def test_front_matter_gives_title_and_language_and_is_not_text() -> None:
    page = read("---\ntitle: 'Fees and charges'\nlang: pt-BR\n---\n\n# Fees\n\nNone.")
    assert (page.title, page.language, page.text) == ("Fees and charges", "pt", "Fees\n\nNone.")


def test_lists_tables_and_code_keep_their_structure() -> None:
    page = read("1. One\n   - inner\n2. Two\n\n| A | B |\n|---|---|\n| 1 | `2` |\n\n```sh\nrun  it\n```\n")
    assert page.text == "1. One\n  - inner\n2. Two\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\n```\nrun  it\n```"
    assert [block.kind for block in page.blocks] == ["list", "table", "code"]


def test_html_blocks_give_their_words() -> None:
    assert (
        read("<details>\n<summary>Why &amp; how?</summary>\n\nBecause.\n\n</details>").text == "Why & how?\n\nBecause."
    )


def test_admonitions_tabs_and_alerts_lose_their_signs() -> None:
    page = read(
        ":::note[Mind]\n\nOne.\n\n:::\n\n"
        '!!! warning "Hot"\n    Two.\n\n    ```\n    code\n    ```\n\n> [!TIP]\n> Three.\n'
    )
    assert page.text == "Mind\n\nOne.\n\nHot\n\nTwo.\n\n```\ncode\n```\n\nThree."


def test_imports_and_components_of_mdx_are_no_text() -> None:
    page = read(
        "import Tabs from '@theme/Tabs';\n\n# Install\n\n"
        "<Tabs>\n<TabItem value='npm'>\n\nRun it.\n\n</TabItem>\n</Tabs>"
    )
    assert page.text == "Install\n\nRun it."


def test_signs_of_a_dialect_inside_code_stay() -> None:
    assert read("```\n:::note\nimport a from 'b'\n!!! tip\n```").text == "```\n:::note\nimport a from 'b'\n!!! tip\n```"


def test_text_full_of_markdown_is_read_as_markdown_without_being_told() -> None:
    page = extract(b"# Fees\n\n- **one**\n- [two](http://x.test)\n")
    assert (page.media_type, page.text) == ("text/markdown", "Fees\n\n- one\n- two")
