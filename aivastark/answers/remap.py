"""A project's own map on top of the shipped confidence, fitted to how its graded answers turned out.

Platt scaling of the shipped probability (Platt 1999; in log-odds, Guo et al., "On Calibration of Modern Neural
Networks", 2017): sigmoid(slope · logit(p) + shift), two numbers with a strong prior that nothing changes. It
keeps the order of answers, and is only used when it says more about answers it was not fitted on than what is shipped.
"""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aivastark.answers.confidence import log_odds

Floats = NDArray[np.float64]

LEAST_GRADED = 100
"""Graded answers below which nothing is fitted."""
LEAST_OF_EACH = 15
"""Right ones, and wrong ones, below which nothing is fitted."""
FOLDS = 10
PRIOR_SPREAD = 0.3
"""Standard deviation of slope (around 1) and shift (around 0) before any answer is graded."""
STEPS_MAX = 50
SLOPE_LEAST, SLOPE_MOST = 0.2, 5.0
SHIFT_MOST = 5.0
EDGE = 1e-4
"""A probability is held this far from 0 and 1 before its log-odds are taken."""

Verdict = Literal["used", "too_few", "one_sided", "no_better"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfidenceMap:
    """From the shipped probability to the one told. Rising, so that no two answers change places."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, probability: float) -> float:
        """0 to 1; what is certain, one way or the other, stays so."""
        if self == IDENTITY or probability <= 0.0 or probability >= 1.0:
            return min(max(probability, 0.0), 1.0)
        return 1.0 / (1.0 + math.exp(-(self.slope * log_odds(probability, edge=EDGE) + self.shift)))


IDENTITY = ConfidenceMap()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One graded answer. `group`: what belongs together (its conversation) is never on both sides of a split."""

    raw: float
    right: bool
    weight: float
    group: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refit:
    """What came of fitting. The log losses (nats) are of answers that the map at hand was not fitted on."""

    verdict: Verdict
    graded: int
    right: int
    map: ConfidenceMap = IDENTITY
    loss_before: float | None = None
    loss_after: float | None = None


def map_of(kept: Mapping[str, Any] | None) -> ConfidenceMap:
    """The map that a project keeps, if it is one to be used."""
    if not kept or kept["verdict"] != "used":
        return IDENTITY
    return ConfidenceMap(slope=kept["slope"], shift=kept["shift"])


def refit(judged: Sequence[Judged]) -> Refit:
    """Fit, and say whether it is to be used: only when held-out log loss falls by more than its standard error."""
    right = sum(one.right for one in judged)
    if len(judged) < LEAST_GRADED:
        return Refit(verdict="too_few", graded=len(judged), right=right)
    if min(right, len(judged) - right) < LEAST_OF_EACH:
        return Refit(verdict="one_sided", graded=len(judged), right=right)
    logits = np.array([log_odds(one.raw, edge=EDGE) for one in judged])
    outcomes = np.array([float(one.right) for one in judged])
    weights = np.array([one.weight for one in judged])
    folds = np.array([zlib.crc32(one.group.encode()) % FOLDS for one in judged])
    before, after = _losses(logits, outcomes), np.zeros(len(judged))
    for fold in range(FOLDS):
        held = folds == fold
        slope, shift = _fitted(logits[~held], outcomes[~held], weights[~held])
        after[held] = _losses(slope * logits[held] + shift, outcomes[held])
    gains = before - after
    gain = float(np.average(gains, weights=weights))
    error = float(np.sqrt(np.average((gains - gain) ** 2, weights=weights) / len(gains)))
    slope, shift = _fitted(logits, outcomes, weights)
    return Refit(
        verdict="used" if gain > error else "no_better",
        graded=len(judged),
        right=right,
        map=ConfidenceMap(slope=round(slope, 4), shift=round(shift, 4)),
        loss_before=float(np.average(before, weights=weights)),
        loss_after=float(np.average(after, weights=weights)),
    )


def _fitted(logits: Floats, outcomes: Floats, weights: Floats) -> tuple[float, float]:
    """Slope and shift of the highest posterior, by Newton's method: the loss is convex and the prior holds it."""
    table = np.c_[logits, np.ones(len(logits))]
    start = np.array([1.0, 0.0])
    prior = np.eye(2) / PRIOR_SPREAD**2
    beta = start.copy()
    for _ in range(STEPS_MAX):
        guess = 1.0 / (1.0 + np.exp(-table @ beta))
        slope = table.T @ (weights * (guess - outcomes)) + prior @ (beta - start)
        curve = (table * (weights * guess * (1.0 - guess))[:, None]).T @ table + prior
        step = np.clip(np.linalg.solve(curve, slope), -0.5, 0.5)
        beta -= step
        if np.abs(step).max() < 1e-7:
            break
    return float(np.clip(beta[0], SLOPE_LEAST, SLOPE_MOST)), float(np.clip(beta[1], -SHIFT_MOST, SHIFT_MOST))


def _losses(logits: Floats, outcomes: Floats) -> Floats:
    losses: Floats = np.logaddexp(0.0, logits) - outcomes * logits
    return losses
