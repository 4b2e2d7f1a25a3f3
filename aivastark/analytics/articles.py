"""A gap and what people replied to its questions: a drafted article, then a source with an answer test."""

from dataclasses import dataclass

from sqlalchemy import select

from aivastark.analytics.gaps import Gap, find_gap
from aivastark.answer_tests.models import AnswerTest
from aivastark.answer_tests.store import add_test
from aivastark.conversations.models import Message
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict
from aivastark.projects.models import Project
from aivastark.sources.models import Source

QUESTIONS_READ = 200
"""Of a gap, the latest whose conversations are read for replies."""
REPLIES_MAX = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An article that says only what people replied; `replies` are the messages it was made of."""

    gap: Gap
    title: str
    text: str
    replies: tuple[Message, ...]


def draft_article(session: ReadSession, project_id: str, gap_id: str, *, model_id: str) -> Draft:
    """The replies to a gap's questions in their own words, each once, below the question.

    Raises `NotFound`, and `Conflict` where nobody has replied.
    """
    gap = find_gap(session, project_id, gap_id, model_id=model_id)
    replies = _replies(session, project_id, gap)
    if not replies:
        raise Conflict("Nobody has replied to these questions yet: there is nothing to make an article of.")
    title = gap.questions[0].question
    body = "\n\n".join(reply.content.strip() for reply in replies)
    heading = " ".join(title.split())
    return Draft(gap=gap, title=heading, text=f"# {heading}\n\n{body}\n", replies=tuple(replies))


def keep_test(session: WriteSession, project: Project, gap: Gap, source: Source) -> AnswerTest:
    """The test that the gap's question cites its article from now on; the same one when it is published again."""
    question, must_cite = gap.questions[0].question, [source.id]
    known = session.scalars(
        select(AnswerTest).where(AnswerTest.project_id == project.id, AnswerTest.question == question)
    )
    for test in known:
        if test.must_cite == must_cite:
            return test
    return add_test(session, project, {"question": question, "must_cite": must_cite})


def _replies(session: ReadSession, project_id: str, gap: Gap) -> list[Message]:
    """What people said after each question, oldest first; the same words once."""
    asked = [question.message_id for question in gap.questions[-QUESTIONS_READ:]]
    first: dict[str, int] = {}
    for message in session.scalars(select(Message).where(Message.project_id == project_id, Message.id.in_(asked))):
        known = first.get(message.conversation_id, message.position)
        first[message.conversation_id] = min(known, message.position)
    said = session.scalars(
        select(Message)
        .where(Message.project_id == project_id, Message.conversation_id.in_(first), Message.role == "agent")
        .order_by(Message.id)
    )
    different: dict[str, Message] = {}
    for message in said:
        if message.position > first[message.conversation_id]:
            different.setdefault(" ".join(message.content.casefold().split()), message)
    return list(different.values())[:REPLIES_MAX]
