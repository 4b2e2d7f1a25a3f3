# ruff: noqa: E501
"""Streamed text into sentences: the same ones however it is cut, nothing lost but markers."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.written import MAX_CODE_CHARS, MAX_SENTENCE_CHARS, Sentences, Written

PIECES = st.lists(
    st.sampled_from(
        ["Cats sleep. ", "Dogs bark! ", "It costs 3.50 USD. ", "See Dr. Smith. ", "[1]", " [1, 2] ", "【3】", "[4][5].", "\n", "\n\n",
         "- an item\n", "1. a step\n", "# A head\n", "```py\na[0] = 1\n```\n", "<think>no [9].</think>", "a < b ", "(1)", "[see", "]",
         "`x[1]` ", "ご飯。", "ไทย ไทย ไทย ", "| a | b |\n", "\t", "…", "«Oui.» ", "[1](u) "]
    ) | st.text(alphabet='aB1.!? \n[](),<>`-#。"', max_size=8),
    max_size=25,
).map("".join)  # fmt: skip


def read(*deltas: str, language: str | None = "en", parentheses: bool = False) -> list[Written]:
    sentences = Sentences(language=language, parentheses=parentheses)
    return [each for delta in deltas for each in sentences.feed(delta)] + sentences.finish()


@given(PIECES, st.lists(st.integers(0, 400), max_size=12))
def test_any_chunking_gives_the_same_sentences(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[left:right] for left, right in pairwise(places)]

    assert read(*chunks) == read(*text) == read(text)


@given(st.text(alphabet='aB1.!? \n(),`-#。"é:', max_size=200))
def test_nothing_is_lost_where_there_are_no_markers(text: str) -> None:
    kept = "".join(each.text for each in read(text))

    assert re.sub(r"\s", "", kept) == re.sub(r"\s", "", text)


@given(
    st.lists(st.sampled_from(["Cats sleep", "Prices start at 3.50 USD", "Dr. Smith agrees"]), min_size=1, max_size=6)
)
def test_only_the_markers_are_lost(said: list[str]) -> None:
    text = " ".join(f"{sentence} [{number}]." for number, sentence in enumerate(said, start=1))

    assert [(each.text, each.named) for each in read(text)] == [
        (f"{sentence}.", (number,)) for number, sentence in enumerate(said, start=1)
    ]


@pytest.mark.parametrize("behind", ["[2]", " [2]", "\n[2]", "[2][3]"])
def test_a_sentence_does_not_wait_for_a_second_marker_behind_its_full_stop(behind: str) -> None:
    sentences = Sentences()

    assert sentences.feed("Cats sleep a lot. [1") == []
    assert sentences.feed("]") == [Written("Cats sleep a lot.", (1,), "prose")]
    assert sentences.feed(f"{behind} Dogs bark. [3]") == [Written("Dogs bark.", (3,), "prose")]
    assert sentences.finish() == []


@pytest.mark.parametrize(
    "text",
    [
        "We open at 5 p.m. [1] and close late.",
        "Ask Dr. [1] Brown.",
        "It is [1] so.",
        "- Cats sleep.",
        "[1] Cats sleep. [2]",
    ],
)
def test_a_marker_alone_ends_no_sentence(text: str) -> None:
    sentences = Sentences()

    given = [sentences.feed(character) for character in text]

    assert not any(given)
    assert len(sentences.finish()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Cats sleep a lot [1][2]. Dogs bark.",
        "Cats sleep a lot [1, 2]. Dogs bark.",
        "Cats sleep a lot. [1,2]\nDogs bark.",
        "Cats sleep a lot.\n[1]\n[2]\nDogs bark.",
        "Cats sleep a lot【1】【2】. Dogs bark.",
        "Cats sleep a lot [1-2]. Dogs bark.",
        "Cats [1] sleep a lot [2]. Dogs bark.",
        "Cats sleep a lot [^1][^2]. Dogs bark.",
        "Cats sleep a lot [Source 1; 2]. Dogs bark.",
        "[1][2] Cats sleep a lot.\nDogs bark.",
    ],
)
def test_markers_are_understood_in_any_place_and_form(text: str) -> None:
    assert [(each.text, each.named) for each in read(text)] == [("Cats sleep a lot.", (1, 2)), ("Dogs bark.", ())]


def test_markers_before_their_sentences_belong_to_what_follows() -> None:
    assert [each.named for each in read("[1] Cats sleep. [2] Dogs bark.")] == [(1,), (2,)]


def test_round_brackets_are_markers_only_if_asked_for() -> None:
    text = "Cats sleep (1). Dogs bark."

    assert read(text)[0] == Written("Cats sleep (1).", (), "prose")
    assert read(text, parentheses=True)[0] == Written("Cats sleep.", (1,), "prose")


def test_links_and_code_hold_no_markers() -> None:
    written = read("Read [1](https://example.com) and `row[1]` first.\n```\nrow[2] = [3]\n```\n")

    assert [each.named for each in written] == [(), ()]
    assert written[1] == Written("```\nrow[2] = [3]\n```", (), "code")


def test_lists_come_item_by_item_and_headings_alone() -> None:
    written = read("## Steps\nDo this:\n1. Open it. Wait. [1]\n2. Save [2]\n- Done")

    assert [(each.text, each.layout, each.named) for each in written] == [
        ("## Steps", "prose", ()),
        ("Do this:", "prose", ()),
        ("1. Open it. Wait.", "list", (1,)),
        ("2. Save", "list", (2,)),
        ("- Done", "list", ()),
    ]


@pytest.mark.parametrize(
    "sentence",
    ["Dr. Smith paid 1,000.50 USD at 3 p.m. today.", "Use e.g. version 2.1.3 of it.", "J. R. Smith agrees."],
)
def test_abbreviations_and_decimals_end_no_sentence(sentence: str) -> None:
    assert [each.text for each in read(f"{sentence} Fine.")] == [sentence, "Fine."]


def test_thoughts_are_dropped_also_when_they_never_end() -> None:
    assert [each.text for each in read("<think>Let me see [1].\nHm.</think>\nCats sleep. <THINK>And now")] == [
        "Cats sleep."
    ]


def test_a_sentence_is_given_when_the_next_one_begins() -> None:
    sentences = Sentences(language="en")

    assert sentences.feed("Cats sleep [1].") == []
    assert sentences.feed(" ") == []
    assert sentences.feed("D") == [Written("Cats sleep.", (1,), "prose")]


def test_a_sentence_without_end_is_nonsense_and_nothing_after_it_is_read() -> None:
    sentences = Sentences()
    given = sentences.feed("Cats sleep. " + "La " * MAX_SENTENCE_CHARS + ". Dogs bark.")

    assert sentences.is_nonsense
    assert [each.text for each in given + sentences.finish()] == ["Cats sleep."]


def test_long_code_is_cut_and_what_follows_is_read() -> None:
    code, after = read("```\n" + "x = 1\n" * MAX_CODE_CHARS + "```\nDogs bark.")

    assert len(code.text) <= MAX_CODE_CHARS + len("\n```")
    assert after.text == "Dogs bark."


@pytest.mark.parametrize("text", ["Cats sleep all day. " * 2 + "X", "Cats sleep all day. Dogs bark all night. " * 3])
def test_a_model_that_says_the_same_again_is_looping(text: str) -> None:
    sentences = Sentences(language="en")
    sentences.feed(text)

    assert sentences.is_looping


def test_different_sentences_are_no_loop() -> None:
    sentences = Sentences(language="en")
    sentences.feed("Cats sleep all day. Dogs bark all night. Click Save. Cats sleep all day. Click Save. Click Save. ")

    assert not sentences.is_looping


def test_what_nobody_sees_is_left_out() -> None:
    text = "You can \u202ereturn\x00 an it\u00adem\ud800 within\x85thirty\u2028days\U000e0041."

    assert [each.text for each in read(text)] == ["You can return an item within thirty days."]
