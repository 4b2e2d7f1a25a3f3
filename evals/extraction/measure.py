"""How well an output matches a gold: words by multiset, structure by what of it is found again."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean

from evals.extraction.extractors import Output
from evals.extraction.gold import Gold

COLUMNS = ("kept", "clean", "f1", "headings", "items", "rows", "code")
ITEM_WORDS = 6  # by which a list item is known


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Shares from 0 to 1; of structure a page does not have, None."""

    kept: float
    """Recall: of the gold's words, those in the output; each as often as it stands there."""
    clean: float
    """Precision: of the output's words, those in the gold. What is missing is boilerplate."""
    f1: float
    headings: float | None
    items: float | None
    rows: float | None
    code: float | None


def score(output: Output, gold: Gold) -> Score:
    """One page."""
    got, wanted = Counter(words(output.text)), Counter(words(gold.text))
    both = (got & wanted).total()
    kept = both / max(1, wanted.total())
    clean = both / got.total() if got else 0.0
    code = [_lines(block) for block in output.code]
    rows = [words(row) for row in output.rows]
    items = {tuple(words(item)[:ITEM_WORDS]) for item in output.items}
    headings = {tuple(words(heading)) for heading in output.headings}
    return Score(
        kept=kept,
        clean=clean,
        f1=2 * kept * clean / (kept + clean) if both else 0.0,
        headings=_share([tuple(words(heading)) in headings for heading in gold.headings if words(heading)]),
        items=_share([tuple(words(item)[:ITEM_WORDS]) in items for item in gold.items if words(item)]),
        rows=_share([any(_in_order(words(" ".join(cells)), row) for row in rows) for cells in gold.rows]),
        code=_share([any(_holds(block, _lines(wanted_code)) for block in code) for wanted_code in gold.code]),
    )


def words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    return re.findall(r"\w+", text.casefold())


def mean(scores: Sequence[Score], column: str) -> float:
    """Over the pages that have it; NaN where none has."""
    found = [value for one in scores if (value := getattr(one, column)) is not None]
    return fmean(found) if found else nan


def summarise(scores: Sequence[Score]) -> dict[str, float]:
    """The means of all columns."""
    return {column: mean(scores, column) for column in COLUMNS}


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None


def _in_order(wanted: Sequence[str], row: Sequence[str]) -> bool:
    rest = iter(row)
    return all(word in rest for word in wanted)


def _lines(code: str) -> list[str]:
    """Code with its indentation; blank lines and what follows a line's end say nothing."""
    return [line.rstrip() for line in code.replace("\u00a0", " ").split("\n") if line.strip()]


def _holds(block: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the lines stand in the block, one after the other, as they are."""
    return any(
        list(block[start : start + len(wanted)]) == list(wanted) for start in range(len(block) - len(wanted) + 1)
    )
