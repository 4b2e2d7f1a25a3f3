"""The evaluation sets as they lie in `../shared/evals` (or `AIVASTARK_EVALS_DIR`)."""

import json
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20261122
NAMES = ("squad2-mini", "saas-docs-anthropic", "stackfaq", "xquad-de", "xquad-es")
SPAN_ANSWERS = frozenset({"squad2-mini", "xquad-de", "xquad-es"})
"""Sets whose gold answers are short spans of text, so that holding one means being right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A document of a set's corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question with what is known of its answer."""

    id: str
    text: str
    relevant: Mapping[str, float]
    """Gain by id of the documents that answer it; empty when none does."""
    answers: tuple[str, ...]
    """Gold answers, any of which will do."""

    @property
    def answerable(self) -> bool:
        """Whether the corpus answers it."""
        return bool(self.relevant)


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationSet:
    """A corpus and the questions asked of it."""

    name: str
    corpus: tuple[Item, ...]
    questions: tuple[Question, ...]

    @property
    def span_answers(self) -> bool:
        """Whether an answer is right when it holds a gold answer; else when its first citation is gold."""
        return self.name in SPAN_ANSWERS


def folder() -> Path:
    """Where the sets are."""
    return Path(os.environ.get("AIVASTARK_EVALS_DIR", "../shared/evals"))


def load(name: str) -> EvaluationSet | None:
    """The set, or `None` when it is not on this machine."""
    place = folder() / name
    if not (place / "corpus.jsonl").exists() or not (place / "queries.jsonl").exists():
        return None
    return EvaluationSet(
        name=name,
        corpus=tuple(
            Item(id=row["id"], title=row["title"] or "", text=row["text"]) for row in _lines(place / "corpus.jsonl")
        ),
        questions=tuple(
            Question(id=row["id"], text=row["text"], relevant=row["rel"], answers=tuple(row.get("answers", ())))
            for row in _lines(place / "queries.jsonl")
        ),
    )


def sample(questions: Sequence[Question], count: int | None) -> list[Question]:
    """So many questions, spread evenly over the whole set from a seeded start; all for `None`."""
    if count is None or count >= len(questions):
        return list(questions)
    step = len(questions) / count
    start = random.Random(SEED).random() * step
    return [questions[int(start + place * step)] for place in range(count)]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
