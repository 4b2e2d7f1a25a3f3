"""Placeholders for personal values: `[email 1]` in everything that is recorded, the original sealed in a table alone.

A value keeps its placeholder throughout a conversation, however it is spelled. What was written is sealed whole, under
a key of this install and for this conversation, so that it can be shown again exactly; what else is stored, told or
sent anywhere has only ever seen the placeholder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Select, delete, select

from aivastark.conversations.models import Conversation, MaskedValue
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.personal.find import find_personal
from aivastark.kit.personal.found import Found, Kind
from aivastark.kit.seal import Unsealable, seal, unseal
from aivastark.projects.privacy import ProjectPrivacy

Field = Literal["content", "metadata", "page", "comment", "note"]
OF_THE_CONVERSATION: tuple[Field, ...] = ("metadata", "page", "note")
"""These stand there once; the others belong to a message."""
Findings = dict[str, list[Found]]
"""Texts that hold personal values, each with those."""
REMEMBERED = 200
"""The newest texts of a conversation whose values are known again."""
_PURPOSE = "masked values"


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A value as it was written, with the placeholder that stands for it."""

    kind: Kind
    number: int
    value: str
    same: str
    """What all its spellings share."""

    @property
    def placeholder(self) -> str:
        """What stands in its place."""
        return f"[{self.kind} {self.number}]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbering:
    """Which placeholders a conversation has used. Grows by `hide`."""

    known: dict[tuple[str, str], int] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """What stood in one place before it was masked: a text, or JSON with texts in it."""

    field: Field
    content: Any
    values: Sequence[Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hidden:
    """What was masked in one act of a visitor, to be kept with what is recorded of it."""

    originals: Sequence[Original] = field(repr=False)
    numbers: dict[str, int]
    secret_key: bytes = field(repr=False)


def personal_in(privacy: ProjectPrivacy, content: Any, *, language: str | None = None) -> Findings:
    """Every text of `content` (a text, or JSON with texts in it) that holds what the project masks."""
    found = {}
    for text in set(_texts(content)):
        if values := find_personal(text, privacy.mask, regions=privacy.phone_regions, language=language):
            found[text] = values
    return found


def hide(content: Any, findings: Findings, numbering: Numbering) -> tuple[Any, list[Value]]:
    """`content` with placeholders for what was found in it, and what they stand for."""
    values: list[Value] = []
    return _hidden(content, findings, numbering, values), values


def numbering_in_session(
    session: ReadSession, project_id: str, *, channel: str, session_id: str, secret_key: bytes
) -> Numbering:
    """The placeholders used in a session's conversation; none for a new one."""
    latest = (
        select(MaskedValue)
        .join(
            Conversation,
            (Conversation.project_id == MaskedValue.project_id) & (Conversation.id == MaskedValue.conversation_id),
        )
        .where(
            MaskedValue.project_id == project_id,
            Conversation.project_id == project_id,
            Conversation.channel == channel,
            Conversation.session_id == session_id,
        )
    )
    return _numbering(session, latest, secret_key)


def numbering_in(session: ReadSession, project_id: str, conversation_id: str, *, secret_key: bytes) -> Numbering:
    """The placeholders used in a conversation."""
    latest = select(MaskedValue).where(
        MaskedValue.project_id == project_id, MaskedValue.conversation_id == conversation_id
    )
    return _numbering(session, latest, secret_key)


def keep_asked(
    session: WriteSession,
    project_id: str,
    conversation_id: str,
    hidden: Hidden | None,
    message_id: str,
    *,
    is_first: bool,
    now: datetime,
) -> None:
    """Seal what was masked in a question. What came with it about the whole conversation is recorded with its first."""
    if hidden is None:
        return
    recorded = [original for original in hidden.originals if is_first or original.field == "content"]
    keep_hidden(session, project_id, conversation_id, replace(hidden, originals=recorded), subject=message_id, now=now)


def keep_hidden(
    session: WriteSession,
    project_id: str,
    conversation_id: str,
    hidden: Hidden,
    *,
    subject: str,
    now: datetime,
) -> None:
    """Seal what was masked beside what is recorded of it, in places for which nothing is kept."""
    for original in hidden.originals:
        key = conversation_id if original.field in OF_THE_CONVERSATION else subject
        content = orjson.dumps(
            {
                "original": original.content,
                "values": [[value.kind, value.number, value.value, value.same] for value in original.values],
            }
        ).decode()
        session.add(
            MaskedValue(
                project_id=project_id,
                conversation_id=conversation_id,
                subject=key,
                field=original.field,
                sealed=seal(hidden.secret_key, _PURPOSE, _owner(project_id, conversation_id), content),
                numbers=hidden.numbers,
                created_at=now,
            )
        )
    session.flush()


def forget_hidden(session: WriteSession, project_id: str, conversation_id: str, *, subject: str, field_: Field) -> None:
    """What was kept for a place, when something else stands there."""
    session.execute(
        delete(MaskedValue)
        .where(
            MaskedValue.project_id == project_id,
            MaskedValue.conversation_id == conversation_id,
            MaskedValue.subject == subject,
            MaskedValue.field == field_,
        )
        .execution_options(synchronize_session=False)
    )


def open_hidden(row: MaskedValue, *, secret_key: bytes) -> Original:
    """What was kept. Raises `Unsealable`."""
    content = orjson.loads(unseal(secret_key, _PURPOSE, _owner(row.project_id, row.conversation_id), row.sealed))
    values = [
        Value(kind=kind, number=number, value=value, same=same) for kind, number, value, same in content["values"]
    ]
    place: Any = row.field
    return Original(field=place, content=content["original"], values=values)


def _numbering(session: ReadSession, rows: Select[MaskedValue], secret_key: bytes) -> Numbering:
    numbering = Numbering()
    newest_first = rows.order_by(MaskedValue.created_at.desc(), MaskedValue.subject.desc()).limit(REMEMBERED)
    for row in session.scalars(newest_first):
        for kind, number in row.numbers.items():
            numbering.highest[kind] = max(number, numbering.highest.get(kind, 0))
        try:
            original = open_hidden(row, secret_key=secret_key)
        except Unsealable:  # the install's key was changed: numbers go on, values are not known again
            continue
        for value in original.values:
            for spelling in _spellings(value.value, value.same):
                numbering.known[value.kind, spelling] = value.number
    return numbering


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for inner in content.values():
            yield from _texts(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _texts(inner)


def _hidden(content: Any, findings: Findings, numbering: Numbering, values: list[Value]) -> Any:
    if isinstance(content, dict):
        return {name: _hidden(inner, findings, numbering, values) for name, inner in content.items()}
    if isinstance(content, list):
        return [_hidden(inner, findings, numbering, values) for inner in content]
    if not isinstance(content, str) or content not in findings:
        return content
    parts, end = [], 0
    for found in findings[content]:
        written = content[found.start : found.end]
        value = Value(kind=found.kind, number=_number(numbering, found, written), value=written, same=found.value)
        values.append(value)
        parts += [content[end : found.start], value.placeholder]
        end = found.end
    return "".join([*parts, content[end:]])


def _number(numbering: Numbering, found: Found, written: str) -> int:
    """The value's number in its conversation, the next one if it is new."""
    spellings = _spellings(written, found.value)
    known = [numbering.known[found.kind, one] for one in spellings if (found.kind, one) in numbering.known]
    if known:
        number = known[0]
    else:
        number = numbering.highest[found.kind] = numbering.highest.get(found.kind, 0) + 1
    for spelling in spellings:
        numbering.known[found.kind, spelling] = number
    return number


def _spellings(written: str, same: str) -> tuple[str, ...]:
    """By what it is known again: what all spellings share, and its bare signs, since a national telephone number may
    be read as one of another country where the words around it are in another language."""
    return same, "".join(filter(str.isalnum, written)).casefold()


def _owner(project_id: str, conversation_id: str) -> str:
    return f"{project_id}/{conversation_id}"
