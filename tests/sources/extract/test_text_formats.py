"""Plain text, CSV and TSV, JSON and JSON Lines."""

import pytest

from aivastark.sources.extract import Extracted, ExtractionFailed, extract


def read(text: str, name: str | None = None) -> Extracted:
    return extract(text.encode(), name=name)


def test_paragraphs_stand_apart_and_hard_wraps_are_undone() -> None:
    text = (
        "The warranty covers all parts and also the labour of the\nperson who repairs it, for two whole years.\n\nBye."
    )
    assert read(text).text == text.replace("the\nperson", "the person")


def test_short_lines_keep_their_breaks() -> None:
    assert read("Acme Inc.\r\nMain Street 1\r\nBern").text == "Acme Inc.\nMain Street 1\nBern"


def test_bullets_are_a_list_and_underlines_make_headings() -> None:
    page = read("Fees\n====\n\nWe charge:\n* nothing\n* never\n")
    assert page.text == "Fees\n\nWe charge:\n\n* nothing\n* never"
    assert [block.kind for block in page.blocks] == ["heading", "paragraph", "list"]
    assert page.title == "Fees"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_in_any_encoding_is_read(encoding: str) -> None:
    text = "Die Rückgabe ist für alle Größen möglich, außer für geöffnete Wäsche. Schöne Grüße aus München."
    assert extract(text.encode(encoding), name="a.txt").text == text


def test_a_few_bad_bytes_are_replaced() -> None:
    content = ("Grüße und Küsse. " * 50).encode() + b"\xff\xfe end"
    assert extract(content, name="a.txt").text.endswith("\ufffd\ufffd end")


def test_controls_and_invisible_characters_are_not_in_the_text() -> None:
    assert read("a\x07b\u200bc\u00add\ufeffe\x1b[0m and the rest of it").text == "abcde[0m and the rest of it"


def test_text_is_normalised_before_offsets_are_counted() -> None:
    page = read("Cafe\u0301 ist gut.\n\nJa.")
    assert page.text == "Café ist gut.\n\nJa."
    assert [page.text[b.start : b.end] for b in page.blocks] == ["Café ist gut.", "Ja."]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('Plan,Price\nBasic,5\nPro,"10, or 11"\n', "a.csv"),
        ("Plan;Price\nBasic;5\nPro;10, or 11\n", "a.csv"),
        ("Plan\tPrice\nBasic\t5\nPro\t10, or 11\n", None),
    ],
)
def test_separated_values_become_a_table_whatever_separates_them(content: str, name: str | None) -> None:
    assert read(content, name).text == "| Plan | Price |\n| --- | --- |\n| Basic | 5 |\n| Pro | 10, or 11 |"


def test_a_file_called_csv_that_is_prose_is_read_as_prose() -> None:
    assert read("Dear all.\nWe are closed today.\n", "a.csv").media_type == "text/plain"


def test_objects_are_flattened_and_lists_of_flat_objects_become_tables() -> None:
    page = read(
        '{"name": "Acme", "hours": {"mon": "9-17"}, "tags": ["a", "b"],'
        ' "plans": [{"p": "Basic", "eur": 5}, {"p": "Pro"}]}'
    )
    assert page.title == "Acme"
    assert page.text == (
        "name: Acme\n\nhours.mon: 9-17\n\ntags:\n\n- a\n- b\n\n"
        "plans:\n\n| p | eur |\n| --- | --- |\n| Basic | 5 |\n| Pro |  |"
    )


def test_records_with_long_texts_stay_apart() -> None:
    answer = "It takes five days. " * 15
    page = read(f'[{{"q": "How long?", "a": "{answer}"}}, {{"q": "How much?", "a": "Nothing."}}]')
    assert page.text.split("\n\n")[1] == "q: How much?\na: Nothing."


def test_json_lines_are_read_like_a_list() -> None:
    page = read('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n', "data.jsonl")
    assert page.media_type == "application/jsonl"
    assert page.text.endswith("| 1 | x |\n| 2 | y |")


def test_deeply_nested_json_is_refused_or_read_but_never_crashes() -> None:
    assert read("[" * 200 + '"deep"' + "]" * 200, "a.json").text.count("deep") == 1
    with pytest.raises(ExtractionFailed) as caught:
        read("[" * 100_000, "a.json")
    assert caught.value.code == "no_text"


@pytest.mark.parametrize("content", [b"", b"  \n\t ", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_is_empty(content: bytes) -> None:
    with pytest.raises(ExtractionFailed) as caught:
        extract(content)
    assert caught.value.code == "empty"


def test_text_beyond_five_million_characters_is_too_large() -> None:
    with pytest.raises(ExtractionFailed) as caught:
        read("A word and another.\n\n" * 300_000)
    assert caught.value.code == "too_large"
