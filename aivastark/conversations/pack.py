"""The hand-off pack: what a person needs to go on where the bot stopped, drawn from the conversation's own words.

Nothing is invented and nothing asked of a model: the same conversation gives the same pack, of bounded size.
"""

import re
from collections.abc import Sequence
from typing import Any

from aivastark.conversations.models import CitationRow, Conversation, Message
from aivastark.kit.clock import to_wire

MESSAGES_READ = 40
QUESTIONS_MAX = 3
TRIED_MAX = 5
EVIDENCE_MAX = 5
QUESTION_MAX_CHARS = 300
ANSWER_MAX_CHARS = 600
QUOTE_MAX_CHARS = 400

_MARKER = re.compile(r"\s*\[\d+\]")
Said = Sequence[tuple[Message, Sequence[CitationRow]]]


def make_pack(conversation: Conversation, said: Said) -> dict[str, Any]:
    """Summary, what was tried, evidence and a suggested reply. `said` is the last messages in order, with citations."""
    questions = [message for message, _ in said if message.role == "user"]
    tried = _tried(said)
    return {
        "summary": _summary(conversation, questions, tried),
        "last_questions": [_cut(message.content, QUESTION_MAX_CHARS) for message in questions[-QUESTIONS_MAX:]],
        "tried": tried,
        "evidence": _evidence(said),
        "suggested_reply": _suggested_reply(said),
    }


def _summary(conversation: Conversation, questions: Sequence[Message], tried: Sequence[dict[str, Any]]) -> str:
    lines = [f"Subject: {conversation.subject or 'none'}"]
    if conversation.language is not None:
        lines.append(f"Language: {conversation.language}")
    if questions:
        lines.append(f"Last asked: {_cut(questions[-1].content, QUESTION_MAX_CHARS)}")
    if tried:
        answered = sum(one["answered"] for one in tried)
        lines.append(f"The bot had an answer to {answered} of the last {len(tried)} questions it took up.")
    return "\n".join(lines)


def _tried(said: Said) -> list[dict[str, Any]]:
    """The last exchanges, oldest first: each answer of the bot with the question before it."""
    found: list[dict[str, Any]] = []
    question: Message | None = None
    for message, _ in said:
        if message.role == "user":
            question = message
        elif message.role == "assistant" and message.answered is not None:  # not small talk
            found.append(
                {
                    "question": None if question is None else _cut(question.content, QUESTION_MAX_CHARS),
                    "answer": _cut(message.content, ANSWER_MAX_CHARS),
                    "answered": bool(message.answered),
                    "confidence": message.confidence,
                    "at": to_wire(message.created_at),
                }
            )
    return found[-TRIED_MAX:]


def _evidence(said: Said) -> list[dict[str, Any]]:
    """The quotes shown last, newest first, none that another one contains."""
    found: list[dict[str, Any]] = []
    for _, citations in reversed(said):
        for body in (citation.body for citation in citations):
            quote = _cut(body["quote"], QUOTE_MAX_CHARS)
            if not any(quote in other["quote"] for other in found):
                named = {name: body[name] for name in ("title", "url", "source_id", "document_id")}
                found.append({**named, "quote": quote})
    return found[:EVIDENCE_MAX]


def _suggested_reply(said: Said) -> str | None:
    """The bot's answer to the last question, or else its surest one so far, without markers; refusals are none."""
    answers = [message for message, _ in said if message.role == "assistant" and message.answered]
    if not answers:
        return None
    bot_spoke_last = [message for message, _ in said if message.answered is not None][-1]
    best = bot_spoke_last if bot_spoke_last.answered else max(answers, key=lambda message: message.confidence or 0.0)
    return _cut(_MARKER.sub("", best.content).strip(), ANSWER_MAX_CHARS)


def _cut(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
