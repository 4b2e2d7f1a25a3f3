"""The numbers of an evaluation, each a small function with its definition."""

import math
import re
import string
from collections.abc import Mapping, Sequence

BINS = 10
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "«»„“”‘’¿¡–—")


def normalise(text: str) -> str:
    """As the official SQuAD script does: lower case, no punctuation, no English articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def holds_answer(answer: str, gold: Sequence[str]) -> bool:
    """Whether one of the gold answers stands in the answer, both normalised, at word boundaries."""
    held = f" {normalise(answer)} "
    return any(f" {wanted} " in held for wanted in map(normalise, gold) if wanted)


def recall_at(ranked: Sequence[str], relevant: Mapping[str, float], depth: int) -> float:
    """Share of the relevant documents among the first `depth`, of as many as fit there."""
    found = sum(1 for document in ranked[:depth] if relevant.get(document, 0) > 0)
    return found / min(depth, sum(1 for gain in relevant.values() if gain > 0))


def reciprocal_rank_at(ranked: Sequence[str], relevant: Mapping[str, float], depth: int) -> float:
    """1 ÷ rank of the first relevant document, 0 when there is none among the first `depth`."""
    for rank, document in enumerate(ranked[:depth], 1):
        if relevant.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def ndcg_at(ranked: Sequence[str], relevant: Mapping[str, float], depth: int) -> float:
    """Discounted cumulative gain ÷ that of the ideal order (Järvelin & Kekäläinen 2002), gains as given."""
    ideal = _discounted(sorted(relevant.values(), reverse=True)[:depth])
    return _discounted([relevant.get(document, 0.0) for document in ranked[:depth]]) / ideal if ideal else 0.0


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Chance that a random positive scores above a random negative; ties count half. NaN without both kinds."""
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        return math.nan
    rank_sum = sum(rank for rank, label in zip(_mid_ranks(scores), labels, strict=True) if label)
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def expected_calibration_error(probabilities: Sequence[float], outcomes: Sequence[bool], *, bins: int = BINS) -> float:
    """Mean |share that came true - mean probability| over equal-width bins, weighted by their size."""
    if not probabilities:
        return math.nan
    members: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for probability, outcome in zip(probabilities, outcomes, strict=True):
        members[min(bins - 1, int(probability * bins))].append((probability, outcome))
    gaps = (abs(sum(outcome - probability for probability, outcome in one)) for one in members)
    return sum(gaps) / len(probabilities)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank); NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _mid_ranks(scores: Sequence[float]) -> list[float]:
    """Ranks from 1; equal scores share the mean of theirs."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for index in order[start:end]:
            ranks[index] = (start + 1 + end) / 2
        start = end
    return ranks
