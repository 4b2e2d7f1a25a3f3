# ruff: noqa: E501
"""Support: the passages' own sentences are found, and what was changed in them is refused."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aivastark.answers.passages import Passage
from aivastark.answers.support import Support, find_support
from tests.answers.passage_of import passage_of

SHOP = passage_of(
    "Returns are accepted within 30 days of delivery. Sale items cannot be returned. Refunds take up to 5 working days and"
    " go to the card you paid with. Premium members get free shipping to Germany and Austria if the order exceeds 50 EUR.",
    document="shop",
)
PEOPLE = passage_of(
    "Kawann Short led the team in sacks with 11. He also forced three fumbles. Mario Addison added 6 sacks for the club."
    " In 2015, Luke Kuechly tackled Thomas Davis. Users may see a delay after they sign in.",
    document="people",
)
PASSAGES = (SHOP, PEOPLE)


def support(sentence: str, *, named: tuple[int, ...] = (), passages: tuple[Passage, ...] = PASSAGES) -> Support | None:
    return find_support(sentence, named, passages, language="en")


def quote(found: Support | None) -> str:
    assert found is not None
    return found.evidence.passage.text[found.evidence.start : found.evidence.end]


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Returns are accepted within 30 days of delivery.", "Returns are accepted within 30 days of delivery."),
        ("We accept returns within 30 days.", "Returns are accepted within 30 days of delivery."),
        ("Within 30 days of delivery, returns are accepted.", "Returns are accepted within 30 days of delivery."),
        ("Items on sale can't be returned.", "Sale items cannot be returned."),
        ("According to the documentation, sale items cannot be returned.", "Sale items cannot be returned."),
        ("The passage says: Sale items cannot be returned.", "Sale items cannot be returned."),
        ('The passage states that "sale items cannot be returned."', "Sale items cannot be returned."),
        ("- **Sale items** cannot be returned", "Sale items cannot be returned."),
        ("Kawann Short led the team with eleven sacks.", "Kawann Short led the team in sacks with 11."),
        ("Mario Addison added six sacks.", "Mario Addison added 6 sacks for the club."),
        (
            "Kawann Short led the team in sacks with 11 and forced 3 fumbles.",
            "Kawann Short led the team in sacks with 11. He also forced three fumbles.",
        ),
    ],
)
def test_honest_sentences_get_the_span_that_says_it(sentence: str, evidence: str) -> None:
    assert quote(support(sentence)) == evidence


@pytest.mark.parametrize(
    "sentence",
    [
        "Returns are accepted within 60 days of delivery.",
        "Returns are accepted within 30 weeks of delivery.",
        "Returns are not accepted within 30 days of delivery.",
        "Returns are accepted within 30 days of delivery only on weekdays.",
        "Returns are accepted within 30 days of purchase.",
        "Returns are only accepted within 30 days of delivery.",
        "Sale items can be returned.",
        "Refunds take 5 working days.",
        "Refunds take at least 5 working days.",
        "Premium members get free shipping to Germany and Austria.",
        "Premium members get free shipping to Germany and Switzerland if the order exceeds 50 EUR.",
        "Premium members get free shipping to Germany and Austria if the order exceeds 50 USD.",
        "All members get free shipping to Germany and Austria if the order exceeds 50 EUR.",
        "Returns are accepted within 30 days of delivery and shipping takes two days.",
        "Kawann Short led the team in sacks with 6.",
        "Mario Addison led the team in sacks with 11.",
        "Kawann Short added 6 sacks for the club.",
        "In 2015, Thomas Davis tackled Luke Kuechly.",
        "Users see a delay after they sign in.",
        "Users may see a delay before they sign in.",
        "Please contact our support team for further help.",
        "Are returns accepted within 30 days of delivery?",
        "Rücksendungen werden innerhalb von 30 Tagen angenommen.",
        "It is so.",
        "",
        "30",
    ],
)
def test_what_no_passage_says_has_no_support(sentence: str) -> None:
    assert support(sentence) is None


def test_named_passages_are_preferred_and_wrong_ones_do_no_harm() -> None:
    twice = (SHOP, passage_of(SHOP.text, document="copy"))

    assert [
        found.evidence.passage.document_id
        for named in ((), (1,), (7, -1, 1))
        if (found := support("Sale items cannot be returned.", named=named, passages=twice))
    ] == ["shop", "copy", "copy"]


def test_a_sentence_that_only_repeats_an_open_question_says_nothing() -> None:
    passage = passage_of("The gate opens at noon every day.")
    sentence = "The gate opens every day."

    assert find_support(sentence, (), (passage,), language="en", question="When does the gate open every day?") is None
    assert find_support(sentence, (), (passage,), language="en", question="Does the gate open every day?") is not None


def test_questions_of_a_page_support_only_with_their_answers() -> None:
    yes = passage_of(
        "Can I pay by card? Yes.\nIs cash accepted?\nNo\n\nHow long does delivery take? Three to five days."
    )

    assert support("You can pay by card.", passages=(yes,)) is not None
    assert support("Cash is accepted.", passages=(yes,)) is None
    assert support("Delivery takes three to five days.", passages=(yes,)) is not None


def test_a_heading_alone_proves_nothing() -> None:
    assert support("Free returns worldwide", passages=(passage_of("# Free returns worldwide\n\nSee below."),)) is None


@pytest.mark.parametrize(
    ("language", "text", "honest", "false"),
    [
        ("de", "Rücksendungen sind innerhalb von 30 Tagen möglich.", "Innerhalb von 30 Tagen sind Rücksendungen möglich.",
         "Rücksendungen sind innerhalb von 30 Tagen nicht möglich."),
        ("es", "Los reembolsos tardan hasta 5 días laborables.", "Los reembolsos tardan hasta cinco días laborables.",
         "Los reembolsos tardan hasta 6 días laborables."),
        ("fr", "Les retours sont acceptés pendant 30 jours.", "Pendant 30 jours, les retours sont acceptés.",
         "Les retours ne sont pas acceptés pendant 30 jours."),
        ("ja", "返品は30日以内に受け付けます。", "返品は30日以内に受け付けます。", "返品は30日以内に受け付けません。"),
        ("zh", "我们接受30天内的退货。", "我们接受30天内的退货。", "我们不接受30天内的退货。"),
    ],
)  # fmt: skip
def test_other_languages_and_scripts(language: str, text: str, honest: str, false: str) -> None:
    passages = (passage_of(text, language=language),)

    assert find_support(honest, (), passages, language=language) is not None
    assert find_support(false, (), passages, language=language) is None


NAMES = ["Anna Berg", "Otto Kranz", "Mina Lopez", "Yusuf Demir"]
SUBJECTS = ["printer", "gateway", "invoice", "scanner", "backup", "router"]
VERBS = ["costs", "weighs", "stores", "exports", "replaces"]
THINGS = ["kilograms", "coupons", "folders", "tickets", "labels"]
FACT = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(SUBJECTS), st.sampled_from(VERBS), st.integers(2, 900), st.sampled_from(THINGS)
)  # fmt: skip
FACTS = st.lists(FACT, min_size=2, max_size=6, unique_by=lambda fact: fact[1])


def told(fact: tuple[str, str, str, int, str]) -> str:
    name, subject, verb, number, thing = fact
    return f"According to {name}, the {subject} {verb} {number} {thing} in winter."


@given(FACTS, st.data())
@settings(deadline=None)
def test_own_sentences_are_supported_and_mutations_of_them_are_not(
    facts: list[tuple[str, str, str, int, str]], data: st.DataObject
) -> None:
    passage = passage_of(" ".join(map(told, facts)))
    name, subject, verb, number, thing = fact = data.draw(st.sampled_from(facts))
    sentence = told(fact)

    found = support(sentence, passages=(passage,))

    assert quote(found) == sentence
    assert found is not None
    assert found.strength == 1.0
    other = data.draw(st.sampled_from([each for each in NAMES if each != name]))
    for false in (
        told((name, subject, verb, number + 1000, thing)),
        told((other, subject, verb, number, thing)),
        sentence.replace(f" {verb}", f" never {verb}"),
        sentence.replace(f" {number}", f" not {number}"),
        sentence.replace(" in winter", " in winter for premium members"),
        sentence.replace(" in winter", " in winter only"),
        sentence.replace(" in winter", " in winter and the elevator is broken"),
    ):
        assert support(false, passages=(passage,)) is None, false


@given(
    st.text(max_size=80), st.lists(st.text(max_size=120), max_size=3), st.sampled_from(["en", "de", "ja", "th", None])
)
@settings(deadline=None)
def test_no_text_is_too_strange(sentence: str, texts: list[str], language: str | None) -> None:
    passages = [passage_of(text, language=language) for text in texts]

    found = find_support(sentence, (0, 9), passages, language=language)

    if found is not None:
        assert quote(found).strip() == quote(found) != ""
        assert 0 < found.strength <= 1


def test_the_order_of_passages_and_chance_change_nothing() -> None:
    shuffled = list(PASSAGES)
    random.Random(1).shuffle(shuffled)

    assert (
        quote(support("Sale items cannot be returned.", passages=tuple(shuffled))) == "Sale items cannot be returned."
    )
