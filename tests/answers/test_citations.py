"""Citations: verbatim, one to one with their markers, and never confused with brackets of the source."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.citations import CitationError, Cited, cite, cite_verified, verify
from aivastark.answers.extractive import Evidence, Statement, compose
from aivastark.answers.passages import Passage
from aivastark.answers.sentences import split
from tests.answers.passage_of import passage_of


def statements_of(passage: Passage, *numbers: int) -> list[Statement]:
    units = [split(passage.text)[number] for number in numbers]
    return [
        Statement(
            text=" ".join(passage.text[unit.start : unit.end].split()),
            evidence=Evidence(passage=passage, start=unit.start, end=unit.end),
            layout="prose",
        )
        for unit in units
    ]


def stored_as(**documents: str):  # type: ignore[no-untyped-def]
    def stored(document_id: str, start: int, end: int) -> str | None:
        return documents[document_id][start:end] if document_id in documents else None

    return stored


TEXT = "One is here. Two is there. Three is far."


def test_neighbouring_sentences_share_one_citation() -> None:
    cited = cite(statements_of(passage_of(TEXT), 0, 1))
    assert cited.answer == "One is here. Two is there. [1]"
    assert [citation.quote for citation in cited.citations] == ["One is here. Two is there."]


def test_sentences_apart_have_a_citation_each() -> None:
    cited = cite(statements_of(passage_of(TEXT), 0, 2))
    assert cited.answer == "One is here. [1] Three is far. [2]"


def test_offsets_are_those_of_the_document_and_spans_end_with_the_marker() -> None:
    document = "Preface.\n\n" + TEXT
    cited = cite_verified(statements_of(passage_of(TEXT, char_start=10), 1), stored_as(doc_A=document))
    (citation,) = cited.citations
    assert document[citation.char_start : citation.char_end] == citation.quote == "Two is there."
    assert cited.answer[citation.answer_start : citation.answer_end] == "Two is there. [1]"


def test_a_quote_that_is_no_longer_stored_is_dropped() -> None:
    kept, gone = passage_of(TEXT), passage_of("Old words.", document="doc_B")
    statements = statements_of(kept, 0) + statements_of(gone, 0)
    cited = cite_verified(statements, stored_as(doc_A=TEXT, doc_B="New words."))
    assert cited.answer == "One is here. [1]"
    assert [citation.passage.document_id for citation in cited.citations] == ["doc_A"]


def test_nothing_left_is_an_empty_answer() -> None:
    assert cite_verified(statements_of(passage_of(TEXT), 0), stored_as()) == Cited(answer="", citations=())


def test_bracketed_numbers_of_the_source_are_not_markers() -> None:
    text = "See note [1] and row[2] too."
    cited = cite_verified(statements_of(passage_of(text), 0), stored_as(doc_A=text))
    assert re.findall(r"\[\d+\]", cited.answer) == ["[1]"]
    assert cited.answer == "See note [ 1 ] and row[ 2 ] too. [1]"
    assert cited.citations[0].quote == text


def test_forged_answers_are_found_out() -> None:
    cited = cite(statements_of(passage_of(TEXT), 0))
    (citation,) = cited.citations
    stored = stored_as(doc_A=TEXT)
    forgeries = [
        replace(cited, answer=cited.answer + " And more. [2]"),
        replace(cited, answer="One is here."),
        replace(cited, citations=(citation, citation)),
        replace(cited, citations=(replace(citation, quote="One is there."),)),
        replace(cited, citations=(replace(citation, char_start=1),)),
        replace(cited, citations=(replace(citation, answer_end=5),)),
        replace(cited, citations=(replace(citation, quote="", char_end=0),)),
        replace(cited, citations=()),
    ]
    verify(cited, stored)
    for forgery in forgeries:
        with pytest.raises(CitationError):
            verify(forgery, stored)


@given(
    st.lists(st.text(alphabet="abc [1]2.\n|*-", min_size=1, max_size=80), min_size=1, max_size=4),
    st.text(alphabet="abc 12", max_size=30),
    st.integers(0, 50),
)
def test_whatever_the_text_the_answer_verifies(texts: list[str], question: str, shift: int) -> None:
    documents = {f"doc_{n}": "x" * shift + text for n, text in enumerate(texts)}
    passages = [passage_of(text, document=f"doc_{n}", char_start=shift, rank=n + 1) for n, text in enumerate(texts)]
    draft = compose(question, passages, term_weights={}, language="en")
    cited = cite_verified(draft.statements, stored_as(**documents))
    markers = [int(number) for number in re.findall(r"\[(\d+)\]", cited.answer)]
    assert markers == [citation.index for citation in cited.citations] == list(range(1, len(markers) + 1))
    for citation in cited.citations:
        assert documents[citation.passage.document_id][citation.char_start : citation.char_end] == citation.quote
