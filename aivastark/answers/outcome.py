"""What is said in the end, whoever composed it: a model's proven sentences, the documents' own, or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aivastark.answers.citations import Cited
from aivastark.answers.confidence import HIGH_FROM, MEDIUM_FROM, Reason, Signals
from aivastark.answers.extractive import judge
from aivastark.answers.model_answer import ModelAnswer, Task, may_be_shown
from aivastark.answers.topics import speaks_of
from aivastark.backends.llm.base import ModelFailed

EXTRACTIVE = "extractive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """An answer, or (`is_answer` false) what would have been one."""

    cited: Cited
    signals: Signals
    probability: float
    is_answer: bool
    raw: float = 0.0
    """The probability before the project's own map."""
    model: str = EXTRACTIVE
    notes: tuple[Reason, ...] = ()
    """Reasons to read it with care beside those that its signals give."""
    pieces: tuple[str, ...] = ()
    """How the answer was parted for those who watched it grow; together they are the answer."""


NOTHING = Cited(answer="", citations=())


def refused(why: Reason, drafted: Outcome) -> Outcome:
    """A refusal, whatever was drafted."""
    return Outcome(cited=NOTHING, signals=drafted.signals, probability=0.0, is_answer=False, notes=(why,))


def is_forbidden(drafted: Outcome, topics: Sequence[str], language: str | None) -> bool:
    """Whether the documents' own words, or the quotes below them, speak of what the project does not want spoken of."""
    said = "\n".join((drafted.cited.answer, *(citation.quote for citation in drafted.cited.citations)))
    return speaks_of(topics, said, language, *{citation.passage.language for citation in drafted.cited.citations})


def outcome_of(written: ModelAnswer, task: Task, drafted: Outcome, *, model: str) -> Outcome:
    """The model's answer where it holds. Where it does not: the documents' own words, if those are sure enough.

    `drafted` is what they say. A provider that fails costs the visitor nothing but the model's way of saying it. Beside
    a model that proves nothing they must be sure, and where it says that the passages do not answer, very sure.
    """
    if may_be_shown(written):
        outcome = Outcome(
            cited=written.cited,
            signals=judge(task.examined, written.evidence),
            probability=written.probability,
            raw=written.raw,
            is_answer=True,
            model=model,
            notes=_notes(written),
            pieces=tuple(written.released),
        )
    elif written.is_refused or drafted.probability < _least_beside(written):
        outcome = replace(refused(_why_not(written), drafted), model=model)
    elif is_forbidden(drafted, task.policy.forbidden_topics, task.language):
        outcome = refused("forbidden_topic", drafted)
    else:
        why = _why_not(written) if written.failure is None else _why_without(written.failure)
        outcome = replace(drafted, notes=(why,))
    return outcome


def _least_beside(written: ModelAnswer) -> float:
    """How probable the documents' own words must be to stand in, beside the project's own threshold.

    A model that proves nothing is a hint that there is nothing to prove: measured, of the answers that this brings
    back at the threshold alone four in ten are wrong.
    """
    if written.is_declined:
        return HIGH_FROM
    return MEDIUM_FROM if written.failure is None else 0.0


def _why_without(failure: ModelFailed) -> Reason:
    return "budget_spent" if failure.code == "budget_spent" else "model_unavailable"


def _why_not(written: ModelAnswer) -> Reason:
    if written.is_forbidden:
        return "forbidden_topic"
    if written.is_declined or not (written.unsupported or written.evidence):
        return "model_found_no_answer"
    return "unsupported_left_out" if written.unsupported else "weak_match"


def _notes(written: ModelAnswer) -> tuple[Reason, ...]:
    notes: tuple[tuple[Reason, bool], ...] = (
        ("unsupported_left_out", written.unsupported > 0),
        ("answer_cut_off", written.failure is not None),
        ("forbidden_topic", written.is_forbidden),
    )
    return tuple(note for note, holds in notes if holds)
