"""Passages: exact, complete, whole where it matters, and each with what retrieval needs to know."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aivastark.sources.chunk import MAX_WORDS, SEPARATOR, Chunk, chunk
from aivastark.sources.chunk_atoms import TARGET_WORDS, size_in_words
from aivastark.sources.extract import Extracted, ExtractionFailed, extract
from aivastark.sources.extract.base import BlockKind
from aivastark.sources.extract.canonical import CanonicalText


def markdown(text: str) -> Extracted:
    return extract(text.encode(), name="a.md")


def chunks(text: str) -> list[Chunk]:
    return chunk(markdown(text))


def sentences(count: int, words: int = 10) -> str:
    return " ".join(f"Sentence {n} {'goes on ' * ((words - 3) // 2)}here." for n in range(count))


def test_one_short_sentence_is_one_passage() -> None:
    page = extract(b"We open at nine.")
    assert chunk(page, title="Hours") == [
        Chunk(start=0, end=16, heading_path=(), page=None, text="We open at nine.", context="Hours")
    ]


def test_a_heading_is_part_of_the_passage_it_introduces() -> None:
    found = chunks(f"# Guide\n\n## Fees\n\n{sentences(8)}\n\n## Limits\n\n{sentences(8)}")
    assert [passage.text.split("\n")[0] for passage in found] == ["Guide", "Limits"]
    assert [passage.heading_path for passage in found] == [("Guide", "Fees"), ("Guide", "Limits")]
    assert found[1].context == SEPARATOR.join(["Guide", "Limits"])


def test_a_heading_at_the_very_end_goes_to_the_passage_before_it() -> None:
    (passage,) = chunks("# A\n\nSome words.\n\n# B")
    assert passage.text.endswith("B")


def test_tiny_sections_under_one_parent_share_a_passage_and_its_path() -> None:
    (passage,) = chunks("# Questions\n\n## How long?\n\nFive days.\n\n## How much?\n\nNothing.")
    assert passage.heading_path == ("Questions",)


def test_tiny_sections_of_different_parents_stay_apart() -> None:
    found = chunks("# A\n\n## One\n\nFive days.\n\n# B\n\n## Two\n\nNothing.")
    assert [passage.heading_path for passage in found] == [("A", "One"), ("B", "Two")]


def test_a_long_paragraph_is_cut_at_the_ends_of_sentences_into_even_parts() -> None:
    found = chunks(sentences(40))
    assert all(passage.text.endswith("here.") for passage in found)
    sizes = [size_in_words(passage.text) for passage in found]
    assert max(sizes) <= TARGET_WORDS * 1.1
    assert max(sizes) - min(sizes) < 40


def test_sentences_are_not_cut_after_abbreviations() -> None:
    found = chunks("It was built by Dr. Meier at No. 7 for e.g. Acme and others in the old town of Bern. " * 30)
    assert all(passage.text.startswith("It was") for passage in found)


def test_chinese_is_counted_in_characters_and_cut_at_its_own_full_stops() -> None:
    found = chunks("我们的退货政策是三十天内可以退货。" * 100)
    assert all(passage.text.endswith("。") for passage in found)
    assert 200 < max(len(passage.text) for passage in found) <= 390


def test_a_table_stays_whole_with_its_introduction() -> None:
    rows = "\n".join(f"| Plan {n} | {n} euro a month |" for n in range(40))
    found = chunks(f"# Prices\n\n{sentences(12)}\n\nThe prices are:\n\n| Plan | Price |\n|---|---|\n{rows}")
    assert found[-1].text.startswith("The prices are:\n\n| Plan | Price |")
    assert found[-1].text.endswith("| Plan 39 | 39 euro a month |")


def test_a_long_table_is_cut_between_rows_and_each_part_knows_the_header() -> None:
    rows = "\n".join(f"| Plan {n} | {n} euro a month |" for n in range(400))
    found = chunks(f"# Prices\n\n| Plan | Price |\n|---|---|\n{rows}")
    assert len(found) > 5
    assert all(passage.context == "Prices\n| Plan | Price |" for passage in found[1:])
    assert found[0].context == "Prices"
    assert all(line.startswith("| ") and line.endswith(" |") for p in found[1:] for line in p.text.split("\n"))


def test_code_stays_whole_and_long_code_is_cut_between_lines() -> None:
    short = "\n".join(f"    call({n})" for n in range(50))
    assert len(chunks(f"```\n{short}\n```")) == 1
    page = markdown("```\n" + "\n".join(f"    call({n}) and more" for n in range(500)) + "\n```")
    assert all(re.fullmatch(r"    call\(\d+\) and more", line) for p in chunk(page) for line in p.text.split("\n"))


def test_a_list_stays_with_the_sentence_that_introduces_it() -> None:
    items = "\n".join(f"- item {n} with some words to it" for n in range(12))
    found = chunks(f"# Guide\n\n{sentences(11)}\n\nYou need:\n\n{items}")
    assert len(found) == 2
    assert found[1].text.startswith("You need:\n\n- item 0")


def test_a_long_list_is_cut_between_items() -> None:
    items = "\n".join(f"- item {n} with some words to it\n  - and a smaller one below" for n in range(60))
    assert all(passage.text.startswith("- item") for passage in chunks(items))


def test_the_page_of_a_passage_is_where_its_text_begins() -> None:
    canonical = CanonicalText()
    for number in (1, 2):
        canonical.page = number
        canonical.heading(1, f"Page {number}")
        canonical.add("paragraph", sentences(10))
    assert [passage.page for passage in chunk(canonical.finish(title=None, media_type="x"))] == [1, 2]


def test_more_passages_than_can_be_searched_well_are_refused() -> None:
    text = "\n\n".join(f"# {n}\n\n{'a word or two ' * 12}" for n in range(20_001))
    with pytest.raises(ExtractionFailed) as caught:
        chunks(text)
    assert caught.value.code == "too_large"


KINDS: tuple[BlockKind, ...] = ("paragraph", "list", "table", "code", "heading")
TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="ab .\n-|。汉ก\u0301 !?\t", max_size=400),
    st.builds(lambda part, times: part * times, st.text(min_size=1, max_size=12), st.integers(1, 600)),
)


@st.composite
def documents(draw: st.DrawFn) -> Extracted | None:
    canonical = CanonicalText()
    for kind, level, text in draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 6), TEXTS), max_size=12)):
        if kind == "heading":
            canonical.heading(level, text)
        else:
            canonical.add(kind, text)
    return None if canonical.is_empty() else canonical.finish(title=draw(st.text(max_size=20)), media_type="x")


@settings(max_examples=300, deadline=None)
@given(documents())
def test_passages_are_exact_ordered_bounded_and_hold_every_word_once(document: Extracted | None) -> None:
    if document is None:
        return
    text = document.text
    place = 0
    for passage in chunk(document):
        assert passage.text == text[passage.start : passage.end] != ""
        assert not text[place : passage.start].strip()
        assert passage.start >= place
        assert size_in_words(passage.text) <= MAX_WORDS
        assert passage.text.strip()
        place = passage.end
    assert not text[place:].strip()


@settings(max_examples=200, deadline=None)
@given(documents())
def test_canonical_text_is_clean_and_its_blocks_cover_it(document: Extracted | None) -> None:
    if document is None:
        return
    place = 0
    for block in document.blocks:
        assert document.text[place : block.start] == ("\n\n" if place else "")
        assert block.end > block.start
        place = block.end
    assert place == len(document.text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", document.text)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.md", "a.txt", "a.html", "a.csv", "a.json", "a.pdf", None]))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(content: bytes, name: str | None) -> None:
    try:
        document = extract(content, name=name)
    except ExtractionFailed:
        return
    assert "".join(passage.text for passage in chunk(document)).split()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["a.md", "a.txt", "a.html", "a.csv", "a.json", None]))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str, name: str | None) -> None:
    try:
        document = extract(text.encode("utf-8", "surrogatepass"), name=name)
    except ExtractionFailed:
        return
    for passage in chunk(document):
        assert document.text[passage.start : passage.end] == passage.text
