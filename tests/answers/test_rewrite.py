"""Follow-ups take along what the conversation is about; whole questions are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.rewrite import Rewritten, Turn, rewrite

PERMIT = Turn(question="How do I get a parking permit?", topics=("Parking permits",))


def after(question: str, *before: str, language: str | None = "en") -> Rewritten:
    return rewrite(question, [Turn(question=text) for text in before], language)


@pytest.mark.parametrize(
    ("before", "question", "language", "brought"),
    [
        ("How do I get a parking permit?", "And how long is it valid?", "en", {"parking", "permit"}),
        ("Can I cancel my order?", "why?", "en", {"cancel", "order"}),
        ("Is there a discount for teachers?", "does that apply to students?", "en", {"discount"}),
        ("How much is the Pro plan?", "for students?", "en", {"Pro", "plan"}),
        ("When was Nikola Tesla born?", "Who was his father?", "en", {"Nikola", "Tesla"}),
        ("Wie bekomme ich einen Parkausweis?", "Und wie lange ist er gültig?", "de", {"Parkausweis"}),
        ("Wie bekomme ich einen Parkausweis?", "Kostet das extra?", "de", {"Parkausweis"}),
        ("¿Cómo renuevo mi pasaporte?", "¿Y cuánto cuesta?", "es", {"pasaporte"}),
        ("Comment renouveler mon passeport ?", "Et combien ça coûte ?", "fr", {"passeport"}),
        ("怎么申请停车证？", "它多少钱？", "zh", {"怎么申请停车证？"}),
    ],
)
def test_a_follow_up_brings_its_topic(before: str, question: str, language: str, brought: set[str]) -> None:
    rewritten = after(question, before, language=language)
    assert rewritten.used_history
    assert rewritten.text.startswith(question)
    assert brought <= set(rewritten.text.split())


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How do I reset my password?", "en"),
        ("Is it possible to export all invoices?", "en"),
        ("What is the capital of Mongolia?", "en"),
        ("Which payment methods do you accept?", "en"),
        ("Wie ändere ich die Lieferadresse meiner Bestellung?", "de"),
        ("¿Dónde puedo descargar la factura del mes pasado?", "es"),
    ],
)
def test_a_whole_question_stays_as_it_is(question: str, language: str) -> None:
    assert rewrite(question, [PERMIT], language) == Rewritten(text=question, used_history=False)


def test_what_about_another_name_replaces_the_name_before() -> None:
    text = after("What about Germany?", "How much is shipping to France?").text
    assert "shipping" in text
    assert "France" not in text


def test_a_chain_of_follow_ups_keeps_the_subject() -> None:
    text = after("How much does it cost?", "How do I get a parking permit?", "And how long is it valid?").text
    assert "parking permit" in text
    assert "valid" not in text


def test_the_cited_title_helps_when_the_question_before_said_little() -> None:
    turn = Turn(question="When are you open?", topics=("Opening hours of our stores",))
    assert "stores" in rewrite("Where are they?", [turn], "en").text


def test_without_history_nothing_changes() -> None:
    assert rewrite("And how long is it valid?", [], "en") == Rewritten(
        text="And how long is it valid?", used_history=False
    )


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=4), st.sampled_from([None, "en", "de", "th"]))
def test_the_question_is_always_kept(question: str, before: list[str], language: str | None) -> None:
    rewritten = after(question, *before, language=language)
    assert rewritten.text.startswith(question.strip()) or rewritten.text == question
