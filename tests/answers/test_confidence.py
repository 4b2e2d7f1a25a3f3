"""Confidence: a probability from signals, its level, its reasons, and the refusal drawn from it."""

from dataclasses import replace

import pytest

from aivastark.answers.confidence import (
    ANSWERED_FROM,
    INPUTS,
    Signals,
    answered,
    calibration,
    confidence,
    level,
    reasons,
)

STRONG = Signals(
    evidence=1.0, score=0.75, vector=0.75, isolation=0.35, lead=0.4, context_lead=0.6, agreement=1.0, coverage=1.0,
    near=1.0, passage=1.0, order=0.8, kind=1.0,
)  # fmt: skip
WEAK = Signals(evidence=1.0, score=0.12, vector=0.1, near=0.1, passage=0.1, missing=0.5, unknown=0.8)


def test_the_shipped_parameters_fit_the_code() -> None:
    assert calibration().keys() == {"intercept", *INPUTS}


def test_strong_evidence_is_answered_with_high_confidence() -> None:
    assert confidence(STRONG) > 0.85
    assert answered(confidence(STRONG))
    assert reasons(STRONG, confidence(STRONG)) == ()


def test_weak_evidence_is_refused() -> None:
    assert confidence(WEAK) < 0.1
    assert not answered(confidence(WEAK))
    assert "weak_match" in reasons(WEAK, confidence(WEAK))


def test_without_evidence_there_is_no_confidence() -> None:
    assert confidence(Signals()) == 0.0
    assert reasons(Signals(), 0.0) == ("no_evidence",)


@pytest.mark.parametrize("doubt", [{"contrast": 1.0}, {"numbers": 1.0}, {"missing": 0.4}, {"isolation": 0.0}])
def test_each_doubt_lowers_confidence(doubt: dict[str, float]) -> None:
    assert confidence(replace(STRONG, **doubt)) < confidence(STRONG)


def test_levels_have_their_bounds() -> None:
    assert [level(p) for p in (0.75, 0.7499, 0.5, 0.4999)] == ["high", "medium", "medium", "low"]


def test_the_threshold_of_a_project_replaces_ours() -> None:
    assert answered(ANSWERED_FROM)
    assert not answered(ANSWERED_FROM, threshold=0.9)


def test_stale_and_disputed_evidence_is_said_even_when_sure() -> None:
    assert reasons(replace(STRONG, conflict=1.0), 0.9, stale=True) == ("stale_evidence", "conflicting_sources")


def test_doubts_are_named_when_not_sure() -> None:
    torn = replace(STRONG, isolation=0.0, context_lead=0.0, agreement=0.1, near=0.5)
    assert reasons(torn, 0.6) == ("partial_coverage", "ambiguous_question", "retrievers_disagree")
