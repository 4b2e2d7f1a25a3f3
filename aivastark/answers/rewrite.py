"""Follow-ups made whole: "And how long is it valid?" brings along what the conversation is about.

Rules, no model: a question leans on the one before when it has almost no content words of its own, opens like a
continuation, or points back with a pronoun and says little else. It then takes over the content words of the question
before (and the heading that was cited, when that question had few). A question that says enough stays as it is, so a
change of topic is never dragged back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aivastark.answers.expectations import names_and_numbers
from aivastark.answers.leaning import is_elliptic, opens_like_a_follow_up, points_back
from aivastark.conversations.recall import Past
from aivastark.kit.analysis import analyse
from aivastark.kit.stop_words import STOP_WORDS

MAX_TURNS_BACK = 3
MAX_CARRIED_WORDS = 12
MAX_TOPIC_WORDS = 8  # a longer cited title is a sentence, not a topic
CONTENT_WORDS_WITH_OPENER = 3  # up to this many, "and …" or "what about …" leans on the past
CONTENT_WORDS_WITH_PRONOUN = 4
FEW_CONTENT_WORDS = 2
FRAGMENT_WORDS = 3  # "student discount?" may be a question of its own or the rest of one
DOUBTED_MAX_CHARS = 400  # who writes more than that has said what they mean
MAX_ELLIPSIS_WORDS = 4  # "for students?", "since when?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One exchange: what was asked, and the titles or headings the answer cited, best first."""

    question: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """The question as retrieval should see it."""

    text: str
    used_history: bool
    is_doubtful: bool = False
    """Whether it leans on what was said before, or may: rules alone do not know what it means."""


_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_ANY_STOP_WORD = frozenset[str]().union(*STOP_WORDS.values())
# Words of measure and asking, which say nothing of the topic, beyond the analyser's function words.
_LIGHT = """
much many long far often old else also get got know tell mean means want need happen happens apply applies work works
viel viele lange oft alt weit geht gibt bekomme bekommen brauche brauchen gilt warum wieso weshalb wohin woher welche
mucho muchos mucha tarda sirve puedo cuánto cuánta cuántos cómo dónde cuándo pasa
combien quand pourquoi comment où faut peut avoir
"""
_LIGHT_WORDS = frozenset(_LIGHT.split())


def rewrite(question: str, history: Sequence[Turn], language: str | None = None) -> Rewritten:
    """`question` as it would be asked without the conversation; `history` oldest first, the current turn not in it."""
    if not history or not _leans(question, language):
        doubtful = bool(history) and _may_lean(question, language)
        return Rewritten(text=question, used_history=False, is_doubtful=doubtful)
    carried = _carried(question, history[-MAX_TURNS_BACK:], language)
    if not carried:
        return Rewritten(text=question, used_history=False, is_doubtful=True)
    return Rewritten(text=f"{question.strip()} {carried}", used_history=True, is_doubtful=True)


def chosen_of(message: str, past: Past, language: str | None) -> str | None:
    """The question before with what was chosen of what the bot asked back; None where nothing was, or not one thing.

    A choice is its own words or, as people write, some of them that no other choice has.
    """
    if not past.turns or not past.turns[-1].choices:
        return None
    last = past.turns[-1]
    said = " ".join(message.split()).casefold()
    own, asked = content_terms(message, language), content_terms(last.question, language)
    meant = [one for one in last.choices if one.casefold() == said]
    if not meant and own - asked:
        meant = [one for one in last.choices if own - asked <= set(analyse(one, language))]
    return f"{last.question.strip()} {meant[0]}" if len(meant) == 1 else None


def _leans(question: str, language: str | None) -> bool:
    content = len(content_words(question, language))
    if _UNSPACED.search(question):
        content = max(0, len(_UNSPACED.findall(question)) - 2) // 2
    if content == 0:
        return True
    if opens_like_a_follow_up(question, language) and content <= CONTENT_WORDS_WITH_OPENER:
        return True
    if points_back(question, language) and content <= CONTENT_WORDS_WITH_PRONOUN:
        return True
    short = len(question.split()) <= MAX_ELLIPSIS_WORDS and content <= 1
    return short and is_elliptic(question, language)


def _may_lean(question: str, language: str | None) -> bool:
    """Whether a question that says enough for itself may be meant in the light of the one before all the same."""
    if len(question) > DOUBTED_MAX_CHARS:
        return False
    if opens_like_a_follow_up(question, language) or points_back(question, language):
        return True
    fragment = len(question.split()) <= FRAGMENT_WORDS and not _UNSPACED.search(question)
    return fragment and len(content_words(question, language)) <= FEW_CONTENT_WORDS


def _carried(question: str, history: Sequence[Turn], language: str | None) -> str:
    """The words brought along from the turn before, which may itself lean on the one before that."""
    last = history[-1]
    before = _subject(last.question, history[:-1], language)
    if _UNSPACED.search(before):
        return before
    said = content_terms(question, language)
    words = [word for word in content_words(before, language) if not said.intersection(analyse(word, language))]
    if opens_like_a_follow_up(question, language) and language != "de" and names_and_numbers(question):
        replaced = set(names_and_numbers(before))  # "What about Germany?" asks the same of another name
        words = [word for word in words if word.lower() not in replaced] or words
    if len(words) < FEW_CONTENT_WORDS and last.topics and len(last.topics[0].split()) <= MAX_TOPIC_WORDS:
        words += [word for word in content_words(last.topics[0], language) if word not in words]
    return " ".join(dict.fromkeys(words[:MAX_CARRIED_WORDS]))


def _subject(question: str, history: Sequence[Turn], language: str | None) -> str:
    """What a question of the past was about: itself, or what it pointed back to ("is it valid?" is about "it")."""
    if not history or not _leans(question, language):
        return question
    carried = _carried(question, history, language)
    return carried if carried and points_back(question, language) else f"{question} {carried}"


def content_words(text: str, language: str | None) -> list[str]:
    """Words as written that say what a question is about: no function words, no words of measure or asking."""
    stop = STOP_WORDS.get(language or "") or _ANY_STOP_WORD
    return [word for word in _WORD.findall(text) if (low := word.lower()) not in stop and low not in _LIGHT_WORDS]


def content_terms(text: str, language: str | None) -> frozenset[str]:
    """What those words are to a search: their terms, whatever their inflection."""
    return frozenset(term for word in content_words(text, language) for term in analyse(word, language))
