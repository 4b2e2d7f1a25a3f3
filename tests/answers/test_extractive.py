"""The answerer: the right sentence, readable, nothing but the source's own words."""

from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.confidence import confidence
from aivastark.answers.extractive import MAX_LIST_ITEMS, Draft, compose
from aivastark.answers.passages import Passage
from tests.answers.passage_of import passage_of


def ask(question: str, *passages: Passage, language: str | None = "en") -> Draft:
    return compose(question, passages, term_weights={}, language=language)


def texts(draft: Draft) -> list[str]:
    return [statement.text for statement in draft.statements]


RETURNS = passage_of(
    "Our shop opened in 1999. You can return an order within 30 days of delivery. "
    "The parcel must be unopened. We plant a tree for each order.",
    document="doc_returns",
    title="Returns",
)
HOURS = passage_of(
    "The office is open from Monday to Friday. On Saturdays we answer mail only.",
    document="doc_hours",
    title="Opening hours",
    score=0.3,
    vector=0.2,
    rank=2,
)
STEPS = passage_of(
    "Account help\n\nTo reset your password:\n\n1. Open Settings.\n2. Choose Security.\n3. Click Reset password.\n\n"
    "The link is valid for 30 minutes.",
    document="doc_reset",
    title="Reset your password",
)


def test_the_sentence_that_answers_comes_with_its_exact_quote() -> None:
    draft = ask("Within how many days can I return an order?", RETURNS, HOURS)
    assert "You can return an order within 30 days of delivery." in texts(draft)
    for statement in draft.statements:
        evidence = statement.evidence
        quote = evidence.passage.text[evidence.start : evidence.end]
        assert " ".join(quote.split()) == statement.text


def test_the_best_passage_is_cited_first() -> None:
    draft = ask("When is the office open?", HOURS, RETURNS)
    assert draft.statements[0].evidence.passage is HOURS


def test_steps_come_whole_with_their_introduction() -> None:
    draft = ask("How do I reset my password?", STEPS)
    assert texts(draft)[:4] == [
        "To reset your password:",
        "1. Open Settings.",
        "2. Choose Security.",
        "3. Click Reset password.",
    ]
    assert [statement.layout for statement in draft.statements[:4]] == ["prose", "list", "list", "list"]


def test_a_list_that_is_too_long_gives_the_one_item_asked_for() -> None:
    items = "\n".join(f"- Feature {number} is about topic{number} and nothing else." for number in range(60))
    draft = ask("What is topic7?", passage_of(f"We have these features:\n\n{items}"))
    assert len(draft.statements) <= MAX_LIST_ITEMS
    assert any("topic7 " in text for text in texts(draft))


def test_a_table_row_reads_like_a_line_and_the_header_is_not_an_answer() -> None:
    table = passage_of(
        "| Plan | Price | Seats |\n|---|---|---|\n| Pro | 20 € | 5 |\n| Team | 80 € | 25 |", title="Plans and prices"
    )
    shown = texts(ask("What is the price of the Team plan?", table))
    assert "Team: 80 € · 25" in shown
    assert "Pro: 20 € · 5" not in shown
    assert "Plan: Price · Seats" not in shown


def test_a_question_as_heading_is_answered_by_its_body() -> None:
    faq = passage_of(
        "Can I change my plan later?\n\nYes, at any time. The new price applies from the next month.\n\n"
        "Do you offer refunds?\n\nRefunds are possible within two weeks.",
        title="FAQ",
    )
    shown = texts(ask("Do you offer refunds?", faq))
    assert shown[0] == "Refunds are possible within two weeks." or shown[-1] == "Refunds are possible within two weeks."
    assert not any(text.endswith("?") for text in shown)


def test_the_title_is_never_the_answer() -> None:
    passage = passage_of(
        "Cancelling a subscription\n\nGo to Billing and choose Cancel.", title="Cancelling a subscription"
    )
    assert texts(ask("cancelling a subscription", passage)) == ["Go to Billing and choose Cancel."]


def test_a_text_of_one_line_can_be_quoted() -> None:
    assert texts(ask("What is the return period?", passage_of("The return period is 30 days"))) == [
        "The return period is 30 days"
    ]


def test_a_sentence_that_leans_on_the_one_before_brings_it() -> None:
    passage = passage_of(
        "The warranty covers the motor for ten years. It does not cover batteries or careless handling of cables. "
        "Our motors are made in Lyon by a family business that has done so for a century."
    )
    assert texts(ask("Are batteries and cables covered?", passage))[:2] == [
        "The warranty covers the motor for ten years.",
        "It does not cover batteries or careless handling of cables.",
    ]


def test_words_a_tiny_base_lacks_do_not_sink_an_answer_but_names_do() -> None:
    passage = passage_of("You can cancel at any time. Return shipping is free.", title="Terms")
    absent, present = 2.5, 1.4  # idf among five chunks
    weights = {"cancel": present, "subscript": absent, "free": present, "ship": present, "japan": absent}
    common = compose("Can I cancel my subscription?", [passage], term_weights=weights, language="en")
    named = compose("Is shipping free to Japan?", [passage], term_weights=weights, language="en")
    assert common.signals.near > 0.8
    assert named.signals.near < 0.7


def test_a_question_found_again_is_never_the_answer_on_its_own() -> None:
    alone = passage_of("(9) What is the maximum size of a name?", title="FAQ")
    assert ask("What is the maximum size of a name?", alone).statements == ()
    followed = passage_of("(9) What is the maximum size of a name?\n\nA name has no limit.", title="FAQ")
    assert texts(ask("What is the maximum size of a name?", followed)) == ["A name has no limit."]


def test_a_numbered_heading_is_not_taken_for_a_step() -> None:
    passage = passage_of("3. Type affinity\n\nType affinity is the recommended type for data in a column.")
    assert texts(ask("What is type affinity?", passage)) == [
        "Type affinity is the recommended type for data in a column."
    ]


def test_an_introduction_brings_what_it_announces_and_is_dropped_where_that_is_missing() -> None:
    whole = passage_of("But there are also disadvantages of the log:\n\n1. It is slow to read.\n2. It needs one host.")
    assert texts(ask("What are the disadvantages of the log?", whole)) == [
        "But there are also disadvantages of the log:",
        "1. It is slow to read.",
        "2. It needs one host.",
    ]
    cut = passage_of("The log is a file. But there are also disadvantages of the log:")
    assert texts(ask("What are the disadvantages of the log?", cut)) == ["The log is a file."]


def test_a_long_item_gives_the_sentence_asked_for() -> None:
    filler = "This sentence says something else about the thing that nobody has asked for. " * 6
    passage = passage_of(f"- Attached files\n  {filler}At most 10 files can be attached by default. {filler}")
    shown = texts(ask("How many files can be attached?", passage))
    assert "At most 10 files can be attached by default." in shown
    assert sum(len(text.split()) for text in shown) < 50


def test_a_question_for_a_way_prefers_the_command_and_brings_its_code() -> None:
    passage = passage_of(
        "Checks of foreign keys are turned off by default.\n\n"
        "Checks of foreign keys are turned on with a command. For example, turn on foreign keys with\n\n"
        "```\nPRAGMA foreign_keys = ON;\n```\n\nThe end."
    )
    assert any("PRAGMA foreign_keys = ON;" in text for text in texts(ask("How do I turn on foreign keys?", passage)))


def test_a_question_that_denies_is_answered_by_what_denies() -> None:
    good = passage_of("Use the engine for small sites. The engine works well there.", headings=("When it works well",))
    bad = passage_of("Avoid using the engine for many writers.", headings=("Other",), document="doc_b", score=0.75)
    assert texts(ask("When should I not use the engine?", good, bad))[0] == "Avoid using the engine for many writers."


def test_no_passages_give_an_empty_draft() -> None:
    draft = ask("Anything?")
    assert draft.statements == ()
    assert confidence(draft.signals) == 0.0


def test_chinese_is_answered_by_bigrams() -> None:
    passage = passage_of("停车证有效期为一年。办公室周一开放。", language="zh")
    assert texts(ask("停车证有效期多久？", passage, language="zh"))[0] == "停车证有效期为一年。"


def test_other_numbers_elsewhere_are_a_conflict() -> None:
    ours = passage_of("The notice period is 30 days.", document="doc_a")
    theirs = passage_of("The notice period is 14 days.", document="doc_b", score=0.79)
    assert ask("How long is the notice period?", ours, theirs).signals.conflict == 1.0
    assert ask("How long is the notice period?", ours).signals.conflict == 0.0


def test_the_opposite_of_what_was_asked_is_noticed() -> None:
    passage = passage_of("The highest point of the basin is the Finsteraarhorn.")
    assert ask("What is the lowest point of the basin?", passage).signals.contrast == 1.0
    assert ask("What is the highest point of the basin?", passage).signals.contrast == 0.0


@given(st.text(max_size=80), st.lists(st.text(alphabet="aB1. \n|-#`:?é。", max_size=120), max_size=4), st.booleans())
def test_any_text_gives_signals_in_range_and_quotes_in_place(question: str, bodies: list[str], known: bool) -> None:
    passages = [passage_of(body, document=f"doc_{n}", title="A title", rank=n + 1) for n, body in enumerate(bodies)]
    draft = compose(
        question,
        passages,
        term_weights={},
        language="en" if known else None,
        model_languages=frozenset({"de"}),
    )
    assert 0.0 <= confidence(draft.signals) <= 1.0
    for statement in draft.statements:
        evidence = statement.evidence
        kept = [c for c in evidence.passage.text[evidence.start : evidence.end] if c.isalnum()]
        assert [c for c in statement.text if c.isalnum()] == kept
