"""The splitter: offsets exact, sentences as a reader sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.sentences import is_ordered_item, split


def pieces(text: str, language: str | None = None) -> list[str]:
    return [text[unit.start : unit.end] for unit in split(text, language)]


def kinds(text: str) -> list[str]:
    return [unit.kind for unit in split(text)]


PROSE = st.text(alphabet='aB1.!? \n\t|-*#`。ก้,:"()é', max_size=200) | st.text(max_size=200)


@given(PROSE, st.sampled_from([None, "en", "de"]))
def test_units_are_in_order_never_overlap_and_are_trimmed(text: str, language: str | None) -> None:
    last = 0
    for unit in split(text, language):
        assert last <= unit.start < unit.end <= len(text)
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip()
        last = unit.end


@given(PROSE)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    kept = "".join(text[unit.start : unit.end] for unit in split(text))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@given(PROSE)
def test_blocks_are_numbered_in_reading_order(text: str) -> None:
    blocks = [unit.block for unit in split(text)]
    assert blocks == sorted(blocks)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Dr. Smith left. He came back.", "en", ["Dr. Smith left.", "He came back."]),
        ("We ship to e.g. France. Ask us.", "en", ["We ship to e.g. France.", "Ask us."]),
        ("J. R. Smith agrees. Fine.", "en", ["J. R. Smith agrees.", "Fine."]),
        ("It costs $3.50. Version 2.5 is out.", "en", ["It costs $3.50.", "Version 2.5 is out."]),
        ("Am 3. Oktober feiern wir. Dann nicht.", "de", ["Am 3. Oktober feiern wir.", "Dann nicht."]),
        ("Das gilt z. B. in Berlin. Gut.", "de", ["Das gilt z. B. in Berlin.", "Gut."]),
        ("See chapter 3. The rest follows.", "en", ["See chapter 3.", "The rest follows."]),
        ("Vive en EE.UU. desde 2010. ¿Y tú?", "es", ["Vive en EE.UU. desde 2010.", "¿Y tú?"]),
        ("Wait... what? yes!", "en", ["Wait... what? yes!"]),
        ('He said "Stop." Then left.', "en", ['He said "Stop."', "Then left."]),
        ("これは文です。「はい。」終わり！", "ja", ["これは文です。", "「はい。」", "終わり！"]),
        ("यह वाक्य है। दूसरा वाक्य।", "hi", ["यह वाक्य है।", "दूसरा वाक्य।"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, language: str, expected: list[str]) -> None:
    assert pieces(text, language) == expected


def test_thai_is_cut_at_spaces_once_long_enough() -> None:
    text = "กรุณากรอกแบบฟอร์มขอใบอนุญาตจอดรถให้ครบถ้วน แล้วส่งมาที่สำนักงานของเราภายในสามสิบวัน"
    assert len(pieces(text, "th")) == 2


def test_a_wrapped_line_goes_on_and_a_short_line_stands_alone() -> None:
    text = (
        "This sentence is so long that somebody wrapped it at\nthe edge of the page.\nOpening hours\nMonday to Friday"
    )
    assert pieces(text) == [
        "This sentence is so long that somebody wrapped it at\nthe edge of the page.",
        "Opening hours",
        "Monday to Friday",
    ]


def test_items_rows_code_and_headings_are_units() -> None:
    text = (
        "# Plans\n\nSteps:\n\n1. Open it. Wait.\n   Go on\n2. Done\n\n"
        "| a | b |\n|---|---|\n| c | d |\n\n```\nx = 1.\n\ny\n```\n"
    )
    assert kinds(text) == ["heading", "sentence", "item", "item", "row", "row", "code"]
    assert pieces(text)[2] == "1. Open it. Wait.\n   Go on"
    assert pieces(text)[-1] == "```\nx = 1.\n\ny\n```"


def test_items_of_a_loose_list_share_a_block() -> None:
    assert len({unit.block for unit in split("- one\n\n- two\n\n- three")}) == 1


def test_numbers_and_letters_make_steps_and_bullets_do_not() -> None:
    assert is_ordered_item("1. Open")
    assert is_ordered_item("(2) Close")
    assert is_ordered_item("a) Wait")
    assert not is_ordered_item("- Bullet")
