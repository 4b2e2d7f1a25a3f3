"""Fits and judges the shipped calibration of confidence: `python -m evals.fit_confidence`.

Logistic regression with a little ridge, by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani &
Friedman, "The Elements of Statistical Learning", §4.4). Judged by cross-validation over whole articles, so that no
question is scored by a model that has seen its neighbours; shipped parameters are then fitted on everything.

    python -m evals.fit_confidence                     build the rows from the evaluation sets, fit, print, write
    python -m evals.fit_confidence --rows rows.jsonl   the same from rows written before (see `Row`)
    python -m evals.fit_confidence --check             print only; do not touch calibration.json
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from aivastark.answers.confidence import ANSWERED_FROM, INPUTS, Signals, confidence
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.sqlite import SqliteSearch
from evals.calibration_rows import Asker, Row, Sets, rows
from evals.shipped_reliability import keep

Floats = NDArray[np.float64]
AnAsker = TypeVar("AnAsker", bound=Asker)

CALIBRATION = Path(__file__).parent.parent / "aivastark" / "answers" / "calibration.json"
EVALS = Path(__file__).parent.parent.parent / "shared" / "evals"
CACHE = Path(tempfile.gettempdir()) / "aivastark-calibration"
FOLDS = 10
RIDGE = 3.0  # on standardised inputs
NEWTON_STEPS = 30
BINS = 10
# How much each situation counts, in questions: SQuAD as it is, the rest so that no set rules the others.
MASS = {
    "own squad2-mini": 2264,
    "own saas-docs-anthropic": 300,
    "own stackfaq": 700,
    "own xquad-de": 500,
    "own xquad-es": 500,
    "small": 400,
    "stray": 250,
}
MASS_OF_OTHERS = 130
SEED = 7


def main() -> None:
    """Rows → cross-validated table → parameters."""
    arguments = _arguments()
    if arguments.rows and arguments.rows.exists():
        found = [Row(**json.loads(line)) for line in arguments.rows.read_text().splitlines()]
    elif not arguments.sets.is_dir():
        raise SystemExit(f"No evaluation sets at {arguments.sets}: give their folder with --sets.")
    else:
        found, _ = asyncio.run(asked_all(arguments.sets, arguments.cache, Asker))
        if arguments.rows:
            arguments.rows.write_text("\n".join(json.dumps(asdict(row)) for row in found) + "\n")
    inputs, right, mass = _arrays(found)
    scores = cross_validated(inputs, right, mass, [row.group for row in found])
    _print_table(found, scores, right, mass)
    weights = fit(inputs, right, mass)
    print("\nweights", json.dumps(weights, indent=2))
    if not arguments.check:
        CALIBRATION.write_text(json.dumps({"rows": len(found), "weights": weights}, indent=2) + "\n")
        keep("extractive", scores, right, mass, auroc=weighted_auroc(scores, right, mass))
        print(f"written to {CALIBRATION}")
    else:
        shipped = np.array([confidence(Signals(**row.signals)) for row in found])
        print(f"shipped: AUROC {auroc(shipped, right):.3f} over all rows, unweighted")


def auroc(scores: Floats, right: Floats) -> float:
    """Chance that a right answer scores above one that is not; ties count half. NaN when all are of one kind."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = right.sum()
    negative = len(right) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[right > 0].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(scores: Floats, right: Floats, mass: Floats, *, equal_mass: bool) -> float:
    """Expected calibration error over ten bins: of equal width, or holding equally many questions."""
    order = np.argsort(scores, kind="stable")
    if equal_mass:
        share = np.cumsum(mass[order]) / mass.sum()
        bins = np.minimum((share * BINS).astype(int), BINS - 1)
    else:
        bins = np.minimum((scores[order] * BINS).astype(int), BINS - 1)
    gaps = [
        abs(np.average(scores[some] - right[some], weights=mass[some])) * mass[some].sum()
        for some in (order[bins == number] for number in range(BINS))
        if len(some)
    ]
    return float(sum(gaps) / mass.sum())


async def asked_all(
    sets_folder: Path, cache: Path, make: Callable[[Sets, SqliteSearch], AnAsker]
) -> tuple[list[Row], AnAsker]:
    """Every situation, put to an asker made for it; its rows, and itself for what else it noted."""
    sets, embedder = Sets(sets_folder, cache), MiniLm()
    try:
        await sets.prepare(embedder)
    finally:
        await embedder.close()
    with tempfile.TemporaryDirectory() as folder:
        search = SqliteSearch(Path(folder))
        try:
            asker = make(sets, search)
            return await rows(sets, asker), asker
        finally:
            await search.close()


def _arrays(found: Sequence[Row]) -> tuple[Floats, Floats, Floats]:
    """Inputs `(rows, inputs)`, outcomes and masses `(rows,)`; a row without evidence has no mass."""
    signals = [Signals(**row.signals) for row in found]
    inputs = np.array([[value(each) for value in INPUTS.values()] for each in signals])
    right = np.array([float(row.right) for row in found])
    scenarios = np.array([row.scenario for row in found])
    mass = np.ones(len(found))
    for scenario in np.unique(scenarios):
        these = scenarios == scenario
        mass[these] = MASS.get(str(scenario), MASS_OF_OTHERS) / these.sum()
    return inputs, right, mass * np.array([each.evidence for each in signals])


def cross_validated(
    inputs: Floats, right: Floats, mass: Floats, groups: Sequence[str], names: Sequence[str] = tuple(INPUTS)
) -> Floats:
    """Each row's probability by parameters fitted without its group; 0 where a row has no mass."""
    known = sorted(set(groups))
    order = np.random.default_rng(SEED).permutation(len(known))
    fold_of = {known[position]: number % FOLDS for number, position in enumerate(order)}
    folds = np.array([fold_of[group] for group in groups])
    scores = np.zeros(len(right))
    for fold in range(FOLDS):
        held = folds == fold
        scores[held] = predict(fit(inputs[~held], right[~held], mass[~held], names), inputs[held])
    return np.where(mass > 0, scores, 0.0)


def fit(inputs: Floats, right: Floats, mass: Floats, names: Sequence[str] = tuple(INPUTS)) -> dict[str, float]:
    """Weights for the inputs as they are (the standardising is folded in), with the intercept."""
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    table = np.c_[(inputs - centre) / spread, np.ones(len(right))]
    ridge = np.diag([RIDGE] * len(spread) + [1e-6])
    beta = np.zeros(table.shape[1])
    for _ in range(NEWTON_STEPS):
        guess = 1 / (1 + np.exp(-table @ beta))
        slope = table.T @ (mass * (guess - right)) + ridge @ beta
        step = np.linalg.solve((table * (mass * guess * (1 - guess))[:, None]).T @ table + ridge, slope)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[:-1] / spread
    intercept = float(beta[-1] - weights @ centre)
    return {"intercept": round(intercept, 4)} | {
        name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)
    }


def predict(weights: dict[str, float], inputs: Floats) -> Floats:
    """Probabilities `(rows,)` of inputs `(rows, inputs)`, in the order of the weights."""
    logits = inputs @ np.array([weight for name, weight in weights.items() if name != "intercept"])
    logits = logits + weights["intercept"]
    probabilities: Floats = 1 / (1 + np.exp(-logits))
    return probabilities


def _print_table(found: Sequence[Row], scores: Floats, right: Floats, mass: Floats) -> None:
    """Per situation: quality of the answers, then of the confidence, all out of fold."""
    print(
        f"{'situation':26}{'n':>6}{'answer':>8}{'source':>8}{'parts':>7}{'words':>7}{'AUROC':>7}"
        f"{'ECE =w':>8}{'ECE =n':>8}{'mean p':>8}{'right':>7} | shown: right wrong | refused: right wrong"
    )
    scenarios = np.array([row.scenario for row in found])
    for scenario in dict.fromkeys(row.scenario for row in found):
        these = scenarios == scenario
        _print_line(
            scenario, [row for row in found if row.scenario == scenario], *(a[these] for a in (scores, right, mass))
        )
    _print_line("all, by mass", found, scores, right, mass)


def _print_line(label: str, some: Sequence[Row], scores: Floats, right: Floats, mass: Floats) -> None:
    able = [row for row in some if row.answerable]
    held = [row.holds_answer for row in able if row.holds_answer is not None]
    shown = scores >= ANSWERED_FROM
    cells = [
        float((mass[which]).sum() / mass.sum())
        for which in (shown & (right > 0), shown & (right == 0), ~shown & (right == 0), ~shown & (right > 0))
    ]
    print(
        f"{label:26}{len(some):6}{_mean(held):8.3f}{_mean([row.cites_gold for row in able]):8.3f}"
        f"{_mean([row.statements for row in able]):7.2f}{_mean([row.words for row in able]):7.0f}"
        f"{weighted_auroc(scores, right, mass):7.3f}"
        f"{calibration_error(scores, right, mass, equal_mass=False):8.3f}"
        f"{calibration_error(scores, right, mass, equal_mass=True):8.3f}"
        f"{np.average(scores, weights=mass):8.2f}{np.average(right, weights=mass):7.2f} | "
        + "  ".join(f"{cell:.3f}" for cell in cells)
    )


def weighted_auroc(scores: Floats, right: Floats, mass: Floats) -> float:
    """AUROC where rows count by mass: ranks become sums of mass."""
    order = np.argsort(scores, kind="stable")
    good, bad = mass[order] * right[order], mass[order] * (1 - right[order])
    below = np.cumsum(bad) - bad / 2
    return float((good * below).sum() / (good.sum() * bad.sum())) if good.sum() and bad.sum() else float("nan")


def _mean(values: Sequence[float | bool | None]) -> float:
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else float("nan")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, default=EVALS, help="folder of the evaluation sets")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where embeddings are kept between runs")
    parser.add_argument("--rows", type=Path, help="JSON lines of rows: read if the file exists, else written")
    parser.add_argument("--check", action="store_true", help="print the table, leave calibration.json alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
