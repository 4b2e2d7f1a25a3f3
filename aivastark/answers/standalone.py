"""A follow-up told whole by a language model, where rules alone do not know what it means.

What the model writes is not believed: it is searched for in place of the question only if it is one question, made of
the words of the conversation, that still asks what was asked. Anything else, and any failure, leaves it to the rules.
"""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from contextlib import aclosing

from aivastark.answers.contrast import has_negation, numbers_in
from aivastark.answers.expectations import expected, names_and_numbers
from aivastark.answers.prompt import QUOTED_RULE, in_one_line, new_mark, quoted, without_marks
from aivastark.answers.rewrite import content_terms, content_words
from aivastark.answers.sentences import split
from aivastark.backends.llm.base import Finished, LanguageModel, Prompt, Said
from aivastark.backends.llm.waiting import in_time
from aivastark.conversations.recall import PastTurn
from aivastark.kit.analysis import analyse, is_unspaced
from aivastark.kit.stopping import stopped_by

TIMEOUT_SECONDS = 4.0
MAX_TOKENS = 120
TURNS_TOLD = 3
READING_MAX_CHARS = 300
MORE_THAN_ASKED_MAX_CHARS = 200
KEPT_SHARE = 0.5
"""Of the question's own content words, how many its reading must still have."""

_RULES = """You rewrite the last question of a conversation so that it is understood without the conversation.

- Write one question in one line, in the language of the last question, and nothing else. End it with a question mark.
- Where it points back ("it", "that one", "there"), put what it points to, in the words of the conversation.
- Use no content word that is neither in the last question nor in the conversation. Keep its names, numbers and "not".
- If it is understood by itself, write it as it is. Never answer it.
"""
_LABEL = re.compile(r"^(?:(?:rewritten |standalone |last )?question|q)\s*:\s*", re.IGNORECASE)
_AROUND = " \t\r\n\"'“”„«»`*"
_QUESTION_MARKS = ("?", "？", "؟", ";")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*|\S+\.[a-z]{2,}/\S*", re.IGNORECASE)
_UNSPACED_FREE = re.compile(r"[\u3040-\u309f的了吗呢是在和有什么多少怎样如何可以能会要请问我你您这那它个几]")
"""Characters that carry grammar, where words are not parted: hiragana, and the commonest of Chinese."""


async def told_whole(
    model: LanguageModel,
    question: str,
    turns: Sequence[PastTurn],
    language: str | None,
    *,
    stop: asyncio.Event | None = None,
) -> str | None:
    """The question as it would be asked without the conversation; None where the model has no sound reading of it.

    It takes `TIMEOUT_SECONDS` at most, and never raises for what a model or its provider does.
    """
    turns = turns[-TURNS_TOLD:]
    written = await in_time(_written(model, _prompt(question, turns), stop), TIMEOUT_SECONDS, "follow_up_not_read")
    return None if written is None else sound_reading(written, question, turns, language)


def sound_reading(written: str, question: str, turns: Sequence[PastTurn], language: str | None) -> str | None:
    """What a model wrote, where it is a reading of the question in the light of these turns and nothing else."""
    text = _LABEL.sub("", without_marks(written).strip(_AROUND)).strip(_AROUND)
    if not _is_one_question(text, question, language):
        return None
    before = "\n".join(words for turn in turns for words in (turn.question, turn.answer, *turn.topics))
    known = f"{question}\n{before}"
    if any(address not in known for address in _ADDRESS.findall(text)) or not numbers_in(text) <= numbers_in(known):
        return None
    if not _is_made_of(text, known, language) or not _asks_the_same(text, question, before, language):
        return None
    return text


async def _written(model: LanguageModel, prompt: Prompt, stop: asyncio.Event | None) -> str:
    """All that the model says; nothing where it does not come to an end."""
    said = ""
    async with stopped_by(stop), aclosing(model.write(prompt)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Finished):
                return said if piece.reason == "stop" else ""
            said += piece
            if len(said) > 2 * READING_MAX_CHARS:
                break  # which ends the call at the provider
    return ""


def _prompt(question: str, turns: Sequence[PastTurn]) -> Prompt:
    mark = new_mark()
    lines = []
    for turn in turns:
        lines.append(f"Asked: {in_one_line(turn.question)}")
        if turn.answer:
            lines.append(f"Answered: {in_one_line(turn.answer)}")
    told = "\n".join(lines)
    words = f"{quoted('Conversation', told, mark)}\n\n{quoted('Last question', question.strip(), mark)}"
    rules = _RULES + QUOTED_RULE.format(mark=mark)
    return Prompt(system=rules, messages=(Said(role="user", text=words),), max_tokens=MAX_TOKENS)


def _is_one_question(text: str, question: str, language: str | None) -> bool:
    if not text or len(text) > min(READING_MAX_CHARS, len(question) + MORE_THAN_ASKED_MAX_CHARS):
        return False
    if any(unicodedata.category(character).startswith("C") for character in text):  # a line break is one
        return False
    return text.endswith(_QUESTION_MARKS) and len(split(text, language)) == 1 and "[" not in text


def _is_made_of(text: str, known: str, language: str | None) -> bool:
    """Whether all its content words are among the known ones, in any inflection."""
    if is_unspaced(text):
        return all(character in known for character in _UNSPACED_FREE.sub("", text) if character.isalnum())
    terms = content_terms(known, language)
    return all(terms.issuperset(analyse(word, language)) for word in content_words(text, language))


def _asks_the_same(text: str, question: str, before: str, language: str | None) -> bool:
    """Whether it kept what the question says itself: its names, numbers and words, what it denies, what it is after."""
    if has_negation(text) != has_negation(question) and not (has_negation(text) and has_negation(before)):
        return False
    if expected(question) not in ("other", expected(text)):
        return False
    if not numbers_in(question) <= numbers_in(text):
        return False
    low = text.lower()
    if language != "de" and any(name not in low for name in names_and_numbers(question)):
        return False
    own = [frozenset(analyse(word, language)) for word in content_words(question, language)]
    has = frozenset(analyse(text, language))
    return sum(not has.isdisjoint(terms) for terms in own) >= KEPT_SHARE * len(own)
