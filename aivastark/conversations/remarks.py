"""What is written beside the questions (comments to ratings, notes, names of files), masked as those are."""

from dataclasses import dataclass
from typing import Literal

from aivastark.backends.base import Backends
from aivastark.conversations.masking import (
    Findings,
    Hidden,
    Original,
    forget_hidden,
    hide,
    keep_hidden,
    numbering_in,
    personal_in,
)
from aivastark.database import ReadSession, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.projects.models import Project
from aivastark.projects.privacy import privacy_of

RemarkField = Literal["comment", "note", "content"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A remark that was looked through for personal values, before any transaction."""

    project_id: str
    text: str | None
    findings: Findings
    secret_key: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Masked:
    """A remark with placeholders, and what they stand for."""

    project_id: str
    conversation_id: str
    field: RemarkField
    text: str | None
    hidden: Hidden | None


def look_through(backends: Backends, project: Project, text: str | None) -> Remark:
    """The remark, and what the project masks in it."""
    privacy = None if text is None else privacy_of(project)
    findings = {} if privacy is None else personal_in(privacy, text)
    return Remark(project_id=project.id, text=text, findings=findings, secret_key=backends.secret_key)


def mask_remark(session: ReadSession, conversation_id: str, remark: Remark, field: RemarkField) -> Masked:
    """With the placeholders of its conversation."""
    text, hidden = remark.text, None
    if remark.findings:
        numbering = numbering_in(session, remark.project_id, conversation_id, secret_key=remark.secret_key)
        text, values = hide(remark.text, remark.findings, numbering)
        original = Original(field=field, content=remark.text, values=values)
        hidden = Hidden(originals=[original], numbers=numbering.highest, secret_key=remark.secret_key)
    return Masked(project_id=remark.project_id, conversation_id=conversation_id, field=field, text=text, hidden=hidden)


def keep_remark(session: WriteSession, masked: Masked, *, subject: str) -> None:
    """Seal what was masked, in the transaction that records the remark about `subject`; an earlier one's goes."""
    forget_hidden(session, masked.project_id, masked.conversation_id, subject=subject, field_=masked.field)
    if masked.hidden is not None:
        keep_hidden(session, masked.project_id, masked.conversation_id, masked.hidden, subject=subject, now=utc_now())
