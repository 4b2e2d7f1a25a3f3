"""How reliable the shipped confidence is on the public sets, out of fold: kept in `reliability.json` for the API."""

import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent.parent / "aivastark" / "answers" / "reliability.json"
BINS = 10

Floats = NDArray[np.float64]


def keep(part: Literal["extractive", "model"], scores: Floats, right: Floats, mass: Floats, *, auroc: float) -> None:
    """Write down one part: bins of equal width, with the share of the (weighted) answers that fall into each."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    bins: list[dict[str, float | None]] = []
    error = 0.0
    for place in range(BINS):
        these = (places == place) & (mass > 0)
        share = float(mass[these].sum() / mass.sum())
        stated, observed = (
            (float(np.average(of[these], weights=mass[these])) for of in (scores, right))
            if these.any()
            else (None, None)
        )
        if stated is not None and observed is not None:
            error += share * abs(stated - observed)
        bins.append(
            {
                "low": place / BINS,
                "high": (place + 1) / BINS,
                "share": round(share, 4),
                "stated": None if stated is None else round(stated, 4),
                "observed": None if observed is None else round(observed, 4),
            }
        )
    kept[part] = {
        "answers": int((mass > 0).sum()),
        "auroc": round(auroc, 3),
        "ece": round(error, 3),
        "brier": round(float(np.average((scores - right) ** 2, weights=mass)), 4),
        "bins": bins,
    }
    FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
