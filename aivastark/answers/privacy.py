"""The front door of a question: from here on nothing has seen what the project wants masked."""

import asyncio
import re
from dataclasses import replace
from typing import Any

from aivastark.answers.question import Question
from aivastark.backends.base import Backends
from aivastark.conversations.masking import (
    Findings,
    Hidden,
    Numbering,
    Original,
    hide,
    numbering_in_session,
    personal_in,
)
from aivastark.conversations.recall import Past
from aivastark.conversations.record import Asked
from aivastark.kit.personal.found import KINDS
from aivastark.projects.models import Project
from aivastark.projects.privacy import ProjectPrivacy, privacy_of

LONG_CHARS = 1_000
"""From here on a text is looked through in a thread, so that others are served meanwhile."""
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)}) \d{{1,9}}\]")


async def without_personal(
    backends: Backends, project: Project, question: Question, asked: Asked, past: Past
) -> tuple[Question, Asked, Past]:
    """All three with placeholders; what they stand for goes with `asked`, to be sealed when it is recorded.

    What was said before is masked as well: by the caller's own account it never was, and ours may be older than the
    project's wish.
    """
    privacy = privacy_of(project)
    if privacy is None:
        return question, asked, past
    page = None if asked.visit is None else asked.visit.page
    earlier = [turn.question for turn in past.turns]
    findings = await _look_through(privacy, [earlier, asked.message, asked.metadata, page], question.language)
    if not findings:
        return question, asked, past
    numbering = await _numbering(backends, project.id, question, asked)
    turns, _ = hide(earlier, findings, numbering)
    message, named = hide(asked.message, findings, numbering)
    metadata, in_metadata = hide(asked.metadata, findings, numbering)
    page, on_page = hide(page, findings, numbering)
    originals: list[Original] = []
    _note(originals, Original(field="content", content=asked.message, values=named))
    _note(originals, Original(field="metadata", content=asked.metadata, values=in_metadata))
    _note(originals, Original(field="page", content=asked.visit and asked.visit.page, values=on_page))
    hidden = Hidden(originals=originals, numbers=numbering.highest, secret_key=backends.secret_key)
    past = replace(
        past, turns=tuple(replace(turn, question=words) for turn, words in zip(past.turns, turns, strict=True))
    )
    history = None if question.history is None else past.turns
    return (
        replace(question, message=message, metadata=metadata, history=history),
        replace(
            asked,
            message=message,
            metadata=metadata,
            visit=None if asked.visit is None else replace(asked.visit, page=page),
            hidden=hidden if originals else None,
        ),
        past,
    )


def to_search_for(project: Project, text: str) -> str:
    """The question without its placeholders, which are in no document; as it is where nothing else is left."""
    if privacy_of(project) is None:
        return text
    words = " ".join(_PLACEHOLDER.sub(" ", text).split())
    return words if any(map(str.isalpha, words)) else text


async def _look_through(privacy: ProjectPrivacy, contents: list[Any], language: str | None) -> Findings:
    if len(str(contents)) < LONG_CHARS:
        return personal_in(privacy, contents, language=language)
    return await asyncio.to_thread(personal_in, privacy, contents, language=language)


async def _numbering(backends: Backends, project_id: str, question: Question, asked: Asked) -> Numbering:
    if question.session_id is None:
        return Numbering()
    return await backends.db.read(
        lambda session: numbering_in_session(
            session,
            project_id,
            channel=asked.channel,
            session_id=asked.session_id,
            secret_key=backends.secret_key,
        )
    )


def _note(originals: list[Original], original: Original) -> None:
    if original.values:
        originals.append(original)
