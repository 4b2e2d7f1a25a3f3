"""When a visitor is asked for contact details."""

from typing import Any

import pytest

from aivastark.leads.emails import email_key
from aivastark.leads.triggers import ConversationState, due_trigger, lead_form

CONFIG: dict[str, Any] = {
    "enabled": True,
    "triggers": [
        {"type": "message_count", "count": 3},
        {"type": "keyword", "words": ["price", "free trial", "見積もり"]},
        {"type": "idle", "seconds": 60},
        {"type": "manual"},
    ],
    "fields": [{"name": "email", "required": True}],
    "consent": {"text": "You may write to me."},
}


def due(message: str | None = "Hello", *, config: dict[str, Any] = CONFIG, **state: Any) -> str | None:
    trigger = due_trigger(config, ConversationState(**{"visitor_messages": 1, **state}), message)
    return None if trigger is None else trigger.type


def test_messages_are_counted() -> None:
    assert [due(visitor_messages=count) for count in (1, 2, 3, 4)] == [None, None, "message_count", "message_count"]


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("What is the PRICE?", True),
        ("Is there a free  trial?", True),
        ("free trials", False),
        ("Enterprise", False),
        ("お見積もりをお願いします", True),
        (None, False),
    ],
)
def test_words_are_found_whole_in_whatever_case(message: str | None, asked: bool) -> None:
    assert due(message) == ("keyword" if asked else None)


def test_idleness_is_what_the_browser_reports() -> None:
    assert due(None, idle_s=59.9) is None
    assert due(None, idle_s=60) == "idle"


def test_a_visitor_who_opens_the_form_gets_it() -> None:
    assert due(None, asked_for_form=True) == "manual"


def test_a_visitor_is_asked_once_for_each_trigger() -> None:
    assert due(visitor_messages=5, asked_before=frozenset({"message_count"})) is None
    assert due(asked_for_form=True, asked_before=frozenset({"manual"})) == "manual"


def test_nobody_is_asked_twice_or_while_a_person_is_there_or_where_it_is_off() -> None:
    assert due(visitor_messages=3, has_lead=True) is None
    assert due(visitor_messages=3, is_held=True) is None
    assert due(visitor_messages=3, config={**CONFIG, "enabled": False}) is None


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"type": "moon"},
        {"type": "message_count"},
        {"type": "message_count", "count": 0},
        {"type": "keyword"},
        {"type": "keyword", "words": [" "]},
        {"type": "idle", "seconds": 0},
    ],
)
def test_a_rule_that_is_not_well_formed_is_never_due(rule: dict[str, Any]) -> None:
    assert due(visitor_messages=9, idle_s=9_999, config={"enabled": True, "triggers": [rule]}) is None


def test_the_form_says_why_it_is_shown_and_what_it_asks() -> None:
    trigger = due_trigger(CONFIG, ConversationState(visitor_messages=3), "Hello")
    assert trigger is not None

    assert lead_form(CONFIG, trigger) == {
        "trigger": "message_count",
        "fields": [{"name": "email", "required": True}],
        "consent": {"text": "You may write to me."},
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Visitor@Example.COM", "visitor@example.com"),
        (" visitor@bücher.example", "visitor@XN--BCHER-KVA.example"),
        ("ｖisitor@example.com", "visitor@example.com"),
    ],
)
def test_spellings_of_one_address_are_the_same(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


def test_dots_and_plus_parts_are_left_to_the_host() -> None:
    assert len({email_key(one) for one in ("a.b@example.com", "ab@example.com", "ab+shop@example.com")}) == 3
