"""When to ask a visitor for contact details: the widget's rules against what the server knows. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from aivastark.kit.analysis import is_unspaced

TriggerType = Literal["message_count", "keyword", "idle", "manual"]

TRIGGERS_MAX = 20
WORDS_MAX = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationState:
    """What triggers look at. `idle_s` is what the visitor's browser reports; everything else is ours."""

    visitor_messages: int
    """How many messages the visitor sent, the present one included."""
    idle_s: float = 0.0
    asked_for_form: bool = False
    """The visitor, or the page, opened the form."""
    has_lead: bool = False
    """Contact details are known already."""
    is_held: bool = False
    """A person has the conversation and asks for what is needed."""
    asked_before: frozenset[TriggerType] = frozenset()
    """Triggers that led to the form in this conversation already: a visitor is asked once for each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """The rule that is due."""

    type: TriggerType
    rule: Mapping[str, Any]


def due_trigger(config: Mapping[str, Any], state: ConversationState, message: str | None) -> Trigger | None:
    """The first rule of a widget's `lead_capture` that is due, or None.

    `{"enabled": true, "triggers": [{"type": "message_count", "count": 3}, {"type": "keyword", "words": ["price"]},
    {"type": "idle", "seconds": 60}, {"type": "manual"}], "fields": […], "consent": {…}}`. A rule that is not well
    formed is never due.
    """
    if not config.get("enabled") or state.has_lead or state.is_held:
        return None
    for rule in list(config.get("triggers", ()))[:TRIGGERS_MAX]:
        kind = rule.get("type")
        if kind in ("message_count", "keyword", "idle", "manual") and _is_due(kind, rule, state, message):
            return Trigger(type=kind, rule=rule)
    return None


def lead_form(config: Mapping[str, Any], trigger: Trigger) -> dict[str, Any]:
    """What goes into an answer's body as `lead_form`."""
    return {"trigger": trigger.type, "fields": list(config.get("fields", ())), "consent": config.get("consent")}


def _is_due(kind: TriggerType, rule: Mapping[str, Any], state: ConversationState, message: str | None) -> bool:
    if kind in state.asked_before and kind != "manual":
        return False
    match kind:
        case "message_count":
            count = rule.get("count")
            return isinstance(count, int) and 0 < count <= state.visitor_messages
        case "keyword":
            return message is not None and _names_one(message, rule.get("words", ()))
        case "idle":
            seconds = rule.get("seconds")
            return isinstance(seconds, int | float) and 0 < seconds <= state.idle_s
        case "manual":
            return state.asked_for_form
        case _:
            assert_never(kind)


def _names_one(message: str, words: Sequence[str]) -> bool:
    """Whether a word or phrase stands in the message, whole, in whatever case; as a part where no spaces part words."""
    text = _plain(message)
    return any(re.search(_whole(_plain(word)), text) for word in list(words)[:WORDS_MAX] if word.strip())


def _whole(word: str) -> str:
    """Scripts written without spaces begin and end words anywhere."""
    escaped = re.escape(word)
    before = r"(?<!\w)" if word[0].isalnum() and not is_unspaced(word[0]) else ""
    after = r"(?!\w)" if word[-1].isalnum() and not is_unspaced(word[-1]) else ""
    return before + escaped + after


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
