"""Whether confidence keeps its word: what was told of answers against what people said of them.

One verdict an answer: a person of the team says more than a visitor's thumb, and that more than a conversation closed
as resolved. Visitors judge a few answers, and the unhappy ones sooner; what is seen here is of those alone.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from json import loads
from typing import Any, Literal

from sqlalchemy import and_, or_, select

from aivastark.analytics.count import Period
from aivastark.answers.remap import Judged
from aivastark.conversations.models import Conversation, Message
from aivastark.database import ReadSession

GRADED_MAX = 5_000
"""The latest graded answers that are looked at."""
BINS = 10
FEW = 100
"""Graded answers below which a curve is more chance than truth."""
NORMAL_95 = 1.96
WEIGHTS: Mapping["Judge", float] = {"team": 1.0, "visitor": 0.5, "resolution": 0.5}
"""How much a verdict counts when confidence is fitted to it."""

Judge = Literal["team", "visitor", "resolution"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded:
    """One answer that somebody judged."""

    conversation_id: str
    told: float
    raw: float
    """Before the project's own map."""
    right: bool
    by: Judge


def graded(
    session: ReadSession, project_id: str, *, period: Period | None = None, model: str | None = None
) -> list[Graded]:
    """Judged answers of the project, the latest first; refusals and pinned answers are not among them."""
    closed_as_resolved = and_(Conversation.resolution == "confirmed", Conversation.escalated_at.is_(None))
    found = (
        select(Message, Conversation.resolution, Conversation.csat, Conversation.escalated_at)
        .join(
            Conversation,
            (Conversation.project_id == Message.project_id) & (Conversation.id == Message.conversation_id),
        )
        .where(
            Message.project_id == project_id,
            Message.role == "assistant",
            Message.answered.is_(True),
            Message.confidence.is_not(None),
            or_(Message.feedback.is_not(None), Message.grade.is_not(None), closed_as_resolved),
        )
        .order_by(Message.created_at.desc(), Message.position.desc())
        .limit(GRADED_MAX)
    )
    if period is not None:
        found = found.where(period.holds(Message.created_at))
    judged: list[Graded] = []
    last_of: set[str] = set()
    for message, resolution, csat, escalated_at in session.execute(found):
        is_last = message.conversation_id not in last_of
        last_of.add(message.conversation_id)
        answer = message.answer or {}
        by_model = answer.get("model")
        if by_model == "pinned" or (model is not None and by_model != model):
            continue
        # Where nobody rated a message, a conversation closed as resolved speaks for its last answer.
        resolved = is_last and resolution == "confirmed" and csat is None and escalated_at is None
        verdict = _verdict(message, resolved=resolved)
        if verdict is not None and message.confidence is not None:
            judged.append(
                Graded(
                    conversation_id=message.conversation_id,
                    told=message.confidence,
                    raw=answer.get("raw_confidence", message.confidence),
                    right=verdict[0],
                    by=verdict[1],
                )
            )
    return judged


def _verdict(message: Message, *, resolved: bool) -> tuple[bool, Judge] | None:
    if message.grade is not None:
        return bool(message.grade["right"]), "team"
    if message.feedback is not None:
        return message.feedback["rating"] == "up", "visitor"
    return (True, "resolution") if resolved else None


def for_fitting(judged: Sequence[Graded]) -> list[Judged]:
    """What a map is fitted on: the shipped probability, so that one map is never put on top of another."""
    return [Judged(raw=one.raw, right=one.right, weight=WEIGHTS[one.by], group=one.conversation_id) for one in judged]


def curve(judged: Sequence[Graded]) -> dict[str, Any]:
    """Counts, ten bins of confidence, and how far they are from keeping their word; null without any answer."""
    by = Counter(one.by for one in judged)
    bins = [_bin(place, [one for one in judged if _place(one.told) == place]) for place in range(BINS)]
    gaps = [one["answers"] * abs(one["stated"] - one["observed"]) for one in bins if one["answers"]]
    return {
        "graded": len(judged),
        "right": sum(one.right for one in judged),
        "by": {name: by[name] for name in WEIGHTS},
        "note": _note(len(judged)),
        "ece": sum(gaps) / len(judged) if judged else None,
        "brier": sum((one.told - one.right) ** 2 for one in judged) / len(judged) if judged else None,
        "bins": bins,
    }


def _place(confidence: float) -> int:
    return min(int(confidence * BINS), BINS - 1)


def _bin(place: int, inside: Sequence[Graded]) -> dict[str, Any]:
    right, count = sum(one.right for one in inside), len(inside)
    low, high = wilson(right, count) if count else (None, None)
    return {
        "low": place / BINS,
        "high": (place + 1) / BINS,
        "answers": count,
        "right": right,
        "stated": sum(one.told for one in inside) / count if count else None,
        "observed": right / count if count else None,
        "observed_low": low,
        "observed_high": high,
    }


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, "Probable Inference", 1927)."""
    share, square = right / count, NORMAL_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    reach = NORMAL_95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _note(count: int) -> str:
    if count == 0:
        return "Nobody has judged an answer of this period yet."
    answers = "1 answer was" if count == 1 else f"{count} answers were"
    if count < FEW:
        return f"{answers} judged. Below {FEW} such a curve is more chance than truth: look at the intervals."
    return f"{answers} judged. Unhappy visitors rate sooner than happy ones: grades by your team say more."


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """How reliable the shipped confidence is on public question sets, out of fold (`evals/README.md`)."""
    kept: dict[str, Any] = loads(files("aivastark.answers").joinpath("reliability.json").read_text(encoding="utf-8"))
    return kept
