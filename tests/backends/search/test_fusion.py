"""How much words and meaning decide."""

import numpy as np
import pytest

from aivastark.backends.search.fusion import (
    BM25_K1,
    FOREIGN_MEANING_WEIGHT,
    MEANING_WEIGHT,
    fuse,
    meaning_weight,
)


def test_a_perfect_hit_scores_one_and_an_empty_one_zero() -> None:
    perfect = 3.0 * (BM25_K1 + 1)
    fused = fuse(
        np.array([perfect, 0.0]), np.array([1.0, -0.2]), term_weights={"a": 1.0, "b": 2.0}, meaning_weight=0.45
    )
    assert fused.tolist() == pytest.approx([1.0, 0.0])


def test_words_that_no_chunk_holds_let_meaning_decide() -> None:
    keyword, cosine = np.array([2.0, 0.0]), np.array([0.3, 0.7])
    covered = fuse(keyword, cosine, term_weights={"a": 1.0}, meaning_weight=MEANING_WEIGHT)
    paraphrase = fuse(keyword, cosine, term_weights={"a": 1.0, "x": 6.0, "y": 6.0}, meaning_weight=MEANING_WEIGHT)
    assert covered.argmax() == 0
    assert paraphrase.argmax() == 1


def test_without_terms_meaning_alone_ranks() -> None:
    fused = fuse(np.zeros(2), np.array([0.2, 0.6]), term_weights={}, meaning_weight=MEANING_WEIGHT)
    assert fused.argmax() == 1


@pytest.mark.parametrize(
    ("question", "understood", "weight"),
    [
        ("How long?", True, MEANING_WEIGHT),
        ("¿Cuánto cuesta?", False, FOREIGN_MEANING_WEIGHT),
        ("年费是多少", False, 0.0),
        ("ab年费", False, FOREIGN_MEANING_WEIGHT / 2),
        ("?!", False, 0.0),
    ],
)
def test_a_foreign_question_trusts_the_model_as_far_as_it_can_read(
    question: str, understood: bool, weight: float
) -> None:
    assert meaning_weight(question, understood=understood) == pytest.approx(weight)
