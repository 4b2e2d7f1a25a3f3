"""What a project wants of its answers, beyond what holds for all of them."""

from dataclasses import dataclass
from typing import Literal

from aivastark.projects.models import Project
from aivastark.projects.schemas import answers_of

Length = Literal["short", "medium", "long"]

MAX_TOKENS = {"short": 160, "medium": 400, "long": 900}
"""What a model may write, by the length that was asked for."""
MAX_SENTENCES = {"short": 3, "medium": 8, "long": 20}


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A project's settings as the answerer needs them. Only those who run the project can change them."""

    name: str
    instructions: str | None = None
    tone: str | None = None
    length: Length = "medium"
    max_tokens: int = MAX_TOKENS["medium"]
    forbidden_topics: tuple[str, ...] = ()
    refuses_when_unsupported: bool = False
    """One sentence of a model without support refuses the whole answer; else that sentence alone is left out."""


def policy_of(project: Project, *, max_tokens: int) -> Policy:
    """The policy of a project on an install that lets a model write so much."""
    answers = answers_of(project)
    return Policy(
        name=project.name,
        instructions=project.settings.get("instructions"),
        tone=project.settings.get("tone"),
        length=answers.length,
        max_tokens=min(MAX_TOKENS[answers.length], max_tokens),
        forbidden_topics=tuple(answers.forbidden_topics),
        refuses_when_unsupported=answers.unsupported == "refuse",
    )
