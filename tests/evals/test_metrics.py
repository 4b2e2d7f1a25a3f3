"""The numbers of the evaluation against calculations by hand."""

import itertools
import math

import pytest

from evals.floors import Floor, missed
from evals.metrics import (
    auroc,
    expected_calibration_error,
    holds_answer,
    ndcg_at,
    normalise,
    percentile,
    recall_at,
    reciprocal_rank_at,
)
from evals.sets import Question, sample

RELEVANT = {"a": 1.0, "b": 1.0}


def test_normalising_drops_case_punctuation_and_english_articles() -> None:
    assert normalise("The  «Golden» Gate, a bridge!") == "golden gate bridge"


def test_an_answer_is_held_only_at_word_boundaries() -> None:
    assert holds_answer("It has 308 points.", ["308"])
    assert not holds_answer("It has 1308 points.", ["308"])
    assert not holds_answer("Anything", ["the"])


def test_recall_counts_against_as_many_as_fit_in_the_depth() -> None:
    assert recall_at(["x", "a", "y"], RELEVANT, 3) == 0.5
    assert recall_at(["a"], RELEVANT, 1) == 1.0


def test_reciprocal_rank_ends_at_its_depth() -> None:
    assert reciprocal_rank_at(["x", "y", "b"], RELEVANT, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank_at(["x", "y", "b"], RELEVANT, 2) == 0.0


def test_ndcg_of_the_ideal_order_is_one() -> None:
    assert ndcg_at(["b", "a", "x"], RELEVANT, 10) == pytest.approx(1.0)


def test_ndcg_agrees_with_a_calculation_by_hand() -> None:
    gained = 1 / math.log2(2) + 1 / math.log2(4)
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert ndcg_at(["a", "x", "b"], RELEVANT, 10) == pytest.approx(gained / ideal)


def test_ndcg_knows_degrees_of_relevance() -> None:
    graded = {"best": 3.0, "good": 1.0}
    ideal = 3 + 1 / math.log2(3)
    assert ndcg_at(["good", "best"], graded, 10) == pytest.approx((1 + 3 / math.log2(3)) / ideal)


def test_auroc_of_a_perfect_and_of_a_reversed_order() -> None:
    assert auroc([0.1, 0.2, 0.8, 0.9], [False, False, True, True]) == 1.0
    assert auroc([0.9, 0.8, 0.2, 0.1], [False, False, True, True]) == 0.0


def test_ties_count_half_in_auroc() -> None:
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    # Pairs: .9 beats both, .5 ties with .5 and beats .1: 3.5 of 4.
    assert auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == pytest.approx(3.5 / 4)


def test_auroc_of_one_kind_only_is_not_a_number() -> None:
    assert math.isnan(auroc([0.5, 0.6], [True, True]))


def test_calibration_error_weighs_bins_by_their_size() -> None:
    # Bin .9–1: mean .95, all true: gap .05, three of four. Bin .0–.1: mean .05, true: gap .95, one of four.
    probabilities = [0.95, 0.95, 0.95, 0.05]
    assert expected_calibration_error(probabilities, [True] * 4) == pytest.approx(0.75 * 0.05 + 0.25 * 0.95)


def test_certainty_falls_into_the_last_bin() -> None:
    assert expected_calibration_error([1.0, 0.9], [True, False]) == pytest.approx(abs(1.9 - 1) / 2)


def test_percentiles_are_nearest_ranks() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.99) == 4.0


def test_a_sample_is_spread_evenly_and_always_the_same() -> None:
    questions = [Question(id=str(number), text="?", relevant={}, answers=()) for number in range(100)]
    taken = [int(question.id) for question in sample(questions, 10)]
    assert taken == [int(question.id) for question in sample(questions, 10)]
    assert {after - before for before, after in itertools.pairwise(taken)} == {10}


def test_missed_floors_are_named_and_unmeasured_rows_are_not_judged() -> None:
    columns = ("ndcg10", "right", "cited_first")
    rows = {"squad2-mini": {**dict.fromkeys(columns, 0.99), "right": 0.5}}
    assert missed(rows) == ["squad2-mini: right ≥ 0.85 (is 0.500)"]


def test_what_could_not_be_measured_meets_no_floor() -> None:
    assert not Floor("all", "ece", 0.07, at_most=True).is_met(math.nan)
