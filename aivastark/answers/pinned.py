"""Pinned answers on the path of a question: fixed words for a question asked in its words, or in like ones."""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from aivastark.answers import contrast
from aivastark.answers.models import PinnedAnswer, PinnedHit, PinnedQuestion
from aivastark.backends.base import Backends
from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.conversations.record import Written
from aivastark.database import ReadSession, WriteSession

NEAR_FROM = 0.86
"""Cosine from which a wording counts as the same question. Paraphrases are mostly above, neighbours below."""

# Pairs of small words that turn a question round when one stands in the place of the other.
DIRECTIONS = (
    ("to", "from"), ("into", "out"), ("before", "after"), ("with", "without"), ("nach", "von"), ("nach", "aus"),
    ("vor", "nach"), ("mit", "ohne"), ("a", "desde"), ("con", "sin"), ("antes", "después"), ("avec", "sans"),
    ("vers", "depuis"),
)  # fmt: skip
_AT_THE_ENDS = " .,;:!?¿¡…。！？、،؟\"'“”„«»"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinned:
    """The pinned answer to a question, and how it was found."""

    id: str
    answer: str
    kind: Literal["exact", "near"]
    similarity: float


def words_of(question: str) -> str:
    """What two wordings must share to be the same: every character, but for case, spaces and marks at their ends.

    Marks within stay: C++ is not C#, and -5 is not 5.
    """
    words = " ".join(unicodedata.normalize("NFKC", question).casefold().split())
    return hashlib.sha256(words.strip(_AT_THE_ENDS).encode()).hexdigest()


def has_words(question: str) -> bool:
    """Whether there is anything in a wording that could be told from another: a letter or a digit."""
    return any(character.isalnum() for character in question)


async def find_pinned(backends: Backends, project_id: str, question: str) -> Pinned | None:
    """The pinned answer that this question leads to: by its words, else by its meaning."""
    exact = await backends.db.read(lambda session: _by_words(session, project_id, words_of(question)))
    if exact is not None:
        return exact
    model_id = backends.embedder.model_id
    wordings = await backends.db.read(lambda session: _near_wordings(session, project_id, model_id))
    if not wordings:
        return None
    try:
        vector = await backends.embedder.embed_query(question)
    except EmbeddingFailed:  # told where the knowledge is searched, which comes next
        return None
    (pinned_id, position), similarity = _nearest(wordings, vector)
    if similarity < NEAR_FROM:
        return None
    row = await backends.db.read(lambda session: session.get(PinnedAnswer, (project_id, pinned_id)))
    if row is None or not row.enabled or position >= len(row.questions):
        return None
    if says_otherwise(question, row.questions[position]):
        return None
    return Pinned(id=row.id, answer=row.answer, kind="near", similarity=round(similarity, 4))


def says_otherwise(question: str, wording: str) -> bool:
    """Whether two near wordings ask for different things all the same: vectors hardly see a "not" or a number."""
    asked, pinned = contrast.words_of(question), contrast.words_of(wording)
    return (
        contrast.numbers_in(question) != contrast.numbers_in(wording)
        or contrast.denies(question) != contrast.denies(wording)
        or contrast.turned_around(asked, pinned)
        or contrast.turned_around(pinned, asked)
        or any((one in asked) != (one in pinned) and (other in asked) != (other in pinned) for one, other in DIRECTIONS)
    )


def note_hit(pinned: Pinned, session: WriteSession, written: Written) -> None:
    """Log that the answer was given, and count it."""
    counted = (
        update(PinnedAnswer)
        .where(PinnedAnswer.project_id == written.project_id, PinnedAnswer.id == pinned.id)
        .values(hits=PinnedAnswer.hits + 1, last_hit_at=written.at)
        .returning(PinnedAnswer.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(counted).first() is None:
        return  # deleted while it was being given
    session.add(
        PinnedHit(
            project_id=written.project_id,
            message_id=written.message_id,
            pinned_id=pinned.id,
            question=written.question,
            kind=pinned.kind,
            similarity=pinned.similarity,
            created_at=written.at,
        )
    )


def _by_words(session: ReadSession, project_id: str, words: str) -> Pinned | None:
    row = session.execute(
        select(PinnedAnswer.id, PinnedAnswer.answer)
        .join(
            PinnedQuestion,
            (PinnedQuestion.project_id == PinnedAnswer.project_id) & (PinnedQuestion.pinned_id == PinnedAnswer.id),
        )
        .where(PinnedQuestion.project_id == project_id, PinnedQuestion.words == words, PinnedAnswer.enabled)
        .order_by(PinnedAnswer.updated_at.desc())
        .limit(1)
    ).first()
    return None if row is None else Pinned(id=row.id, answer=row.answer, kind="exact", similarity=1.0)


def _near_wordings(session: ReadSession, project_id: str, model_id: str) -> list[tuple[tuple[str, int], bytes]]:
    rows = session.execute(
        select(PinnedQuestion.pinned_id, PinnedQuestion.position, PinnedQuestion.vector)
        .join(
            PinnedAnswer,
            (PinnedAnswer.project_id == PinnedQuestion.project_id) & (PinnedAnswer.id == PinnedQuestion.pinned_id),
        )
        .where(
            PinnedQuestion.project_id == project_id,
            PinnedQuestion.near,
            PinnedQuestion.model_id == model_id,
            PinnedAnswer.enabled,
        )
    )
    return [((row.pinned_id, row.position), row.vector) for row in rows]


def _nearest(
    wordings: list[tuple[tuple[str, int], bytes]], vector: NDArray[np.float32]
) -> tuple[tuple[str, int], float]:
    matrix = np.frombuffer(b"".join(stored for _, stored in wordings), np.float32).reshape(len(wordings), -1)
    cosines = matrix @ vector
    best = int(np.argmax(cosines))
    return wordings[best][0], float(cosines[best])
