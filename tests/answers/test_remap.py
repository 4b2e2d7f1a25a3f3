"""A project's own map of confidence: rising, within bounds, and only from enough answers that it helps."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.answers.remap import (
    IDENTITY,
    LEAST_GRADED,
    SHIFT_MOST,
    SLOPE_LEAST,
    SLOPE_MOST,
    ConfidenceMap,
    Judged,
    map_of,
    refit,
)

PROBABILITIES = st.floats(min_value=0.0, max_value=1.0)
MAPS = st.builds(
    ConfidenceMap,
    slope=st.floats(min_value=SLOPE_LEAST, max_value=SLOPE_MOST),
    shift=st.floats(min_value=-SHIFT_MOST, max_value=SHIFT_MOST),
)


def judged(count: int, *, right_at: float | None = None, said: float | None = None) -> list[Judged]:
    """Answers right as often as `right_at`, told with `said`; None: right just as often as told."""
    chance = random.Random(5)
    found = []
    for number in range(count):
        raw = chance.uniform(0.35, 0.98) if said is None else said
        right = chance.random() < (raw if right_at is None else right_at)
        found.append(Judged(raw=raw, right=right, weight=1.0, group=f"conv_{number}"))
    return found


@given(MAPS, PROBABILITIES, PROBABILITIES)
def test_a_map_stays_between_0_and_1_and_keeps_the_order(told: ConfidenceMap, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0.0 <= told(low) <= told(high) <= 1.0


@given(st.lists(st.tuples(PROBABILITIES, st.booleans()), max_size=250), PROBABILITIES, PROBABILITIES)
def test_whatever_was_judged_what_is_fitted_keeps_the_order(
    answers: list[tuple[float, bool]], one: float, other: float
) -> None:
    fitted = refit(
        [
            Judged(raw=raw, right=right, weight=1.0, group=f"conv_{number}")
            for number, (raw, right) in enumerate(answers)
        ]
    )
    low, high = sorted((one, other))

    assert 0.0 <= fitted.map(low) <= fitted.map(high) <= 1.0


@given(PROBABILITIES)
def test_nothing_fitted_changes_nothing(probability: float) -> None:
    assert IDENTITY(probability) == map_of(None)(probability) == probability


def test_too_few_answers_fit_nothing() -> None:
    fitted = refit(judged(LEAST_GRADED - 1, right_at=0.3))

    assert (fitted.verdict, fitted.map) == ("too_few", IDENTITY)


def test_answers_that_are_all_right_fit_nothing() -> None:
    fitted = refit(judged(400, right_at=1.0))

    assert (fitted.verdict, fitted.map) == ("one_sided", IDENTITY)


def test_confidence_that_keeps_its_word_is_left_alone() -> None:
    fitted = refit(judged(400))

    assert fitted.verdict == "no_better"


def test_confidence_that_says_too_much_is_taken_down() -> None:
    fitted = refit(judged(400, right_at=0.5, said=0.9))

    assert fitted.verdict == "used"
    assert 0.4 < fitted.map(0.9) < 0.65
    assert fitted.loss_before is not None
    assert fitted.loss_after is not None
    assert fitted.loss_after < fitted.loss_before


@pytest.mark.parametrize("verdict", ["no_better", "too_few", "one_sided"])
def test_a_map_that_is_not_used_is_kept_and_changes_nothing(verdict: str) -> None:
    assert map_of({"verdict": verdict, "slope": 0.5, "shift": -1.0}) == IDENTITY
    assert map_of({"verdict": "used", "slope": 0.5, "shift": -1.0}) == ConfidenceMap(slope=0.5, shift=-1.0)
