"""Fits and judges confidence in what a language model writes: `python -m evals.fit_model_confidence`.

The regression of `fit_confidence`, on the answers of scripted models (`model_rows`), beside what the same answers got
before, when only the best passage was looked at. Out of fold, as there.

    python -m evals.fit_model_confidence           build the rows, fit, print, write
    python -m evals.fit_model_confidence --check   print only; do not touch calibration_model.json
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aivastark.answers.choice import INPUTS
from evals.fit_confidence import (
    CACHE,
    EVALS,
    MASS,
    MASS_OF_OTHERS,
    Floats,
    asked_all,
    calibration_error,
    cross_validated,
    fit,
    weighted_auroc,
)
from evals.model_rows import ModelAsker, WrittenRow
from evals.shipped_reliability import keep

CALIBRATION = Path(__file__).parent.parent / "aivastark" / "answers" / "calibration_model.json"
SHARES = {"good": 3.0, "fooled": 2.0, "mediocre": 1.0, "careless": 1.0}
"""How much each behaviour counts: most of what models say is the sentence asked for, or the one nearest to it."""


def main() -> None:
    """Rows → table before and after → parameters."""
    arguments = _arguments()
    _, asker = asyncio.run(asked_all(arguments.sets, arguments.cache, ModelAsker))
    found = asker.written
    inputs = np.array([[value(row.chosen) for value in INPUTS.values()] for row in found])
    right = np.array([float(row.right) for row in found])
    mass = _mass(found)
    before = np.array([row.chosen.judged for row in found])
    after = cross_validated(inputs, right, mass, [row.group for row in found], tuple(INPUTS))
    table = _table(found, before, after, right, mass)
    _print(table)
    weights = fit(inputs, right, mass, tuple(INPUTS))
    print("\nweights", json.dumps(weights, indent=2))
    if not arguments.check:
        CALIBRATION.write_text(json.dumps({"rows": len(found), "weights": weights}, indent=2) + "\n")
        keep("model", after, right, mass, auroc=weighted_auroc(after, right, mass))
        print(f"written to {CALIBRATION}")


def _mass(found: Sequence[WrittenRow]) -> Floats:
    """Situations as in `fit_confidence`, behaviours as in `SHARES`."""
    # Every model but the good one answers every question.
    questions = Counter(row.scenario for row in found if row.behaviour == "fooled")
    return np.array(
        [
            SHARES[row.behaviour] * MASS.get(row.scenario, MASS_OF_OTHERS) / questions[row.scenario] if questions else 0
            for row in found
        ]
    )


def _table(
    found: Sequence[WrittenRow], before: Floats, after: Floats, right: Floats, mass: Floats
) -> list[tuple[str, int, float, list[float]]]:
    behaviours = np.array([row.behaviour for row in found])
    own = np.array([row.scenario.startswith(("own", "small")) for row in found])
    parts = {name: behaviours == name for name in SHARES}
    parts |= {"own knowledge": own, "nothing answers": ~own, "all, by mass": np.ones(len(found), dtype=bool)}
    table = []
    for label, these in parts.items():
        cells = []
        for scores in (before[these], after[these]):
            cells.append(weighted_auroc(scores, right[these], mass[these]))
            cells.append(calibration_error(scores, right[these], mass[these], equal_mass=False))
            cells.append(float(np.average(scores, weights=mass[these])))
            wrong_high = mass[these] * (1 - right[these]) * (scores >= 0.75)
            cells.append(float(wrong_high.sum() / mass[these].sum()))
        table.append((label, int(these.sum()), float(np.average(right[these], weights=mass[these])), cells))
    return table


def _print(table: Sequence[tuple[str, int, float, list[float]]]) -> None:
    print(f"{'':18}{'n':>7}{'right':>7} | before: AUROC   ECE  mean  wrong and high | after: the same")
    for label, count, right, cells in table:
        before, after = (f"{a:7.3f}{e:7.3f}{m:7.3f}{w:9.3f}" for a, e, m, w in (cells[:4], cells[4:]))
        print(f"{label:18}{count:7}{right:7.3f} | {before} | {after}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, default=EVALS, help="folder of the evaluation sets")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where embeddings are kept between runs")
    parser.add_argument("--check", action="store_true", help="print the table, leave calibration_model.json alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
