"""How often questions of the public sets would be asked back (`aivastark/answers/clarify.py`), in-process.

    .venv/bin/python -m evals.asked_back [folder with sets] [--cache folder]

Every question of every set on its own corpus, the two halves (even and odd numbers) apart. It is the rule alone: that
each choice is tried before it is offered only takes away.
"""

import argparse
import asyncio
from collections import Counter
from pathlib import Path

from aivastark.answers.clarify import places
from aivastark.answers.confidence import confidence, reasons
from aivastark.answers.extractive import draft
from aivastark.backends.search.sqlite import SqliteSearch
from evals.calibration_rows import Asker, Row, Sets
from evals.fit_confidence import CACHE, asked_all
from evals.sets import folder


class AskedBack(Asker):
    """Notes what would be asked back beside each row."""

    def __init__(self, sets: Sets, search: SqliteSearch) -> None:
        super().__init__(sets, search)
        self.seen: Counter[str] = Counter()

    async def ask(self, project: str, name: str, number: int, *, scenario: str, answerable: bool) -> Row:
        """The row, as ever."""
        row = await super().ask(project, name, number, scenario=scenario, answerable=answerable)
        if scenario.startswith("own "):
            text = self._sets.questions[name][number]["text"]
            examined = await self._examined(project, text, self._sets.vectors[name][number])
            half = f"{'odd' if number % 2 else 'even'} half"
            probability = confidence(draft(examined).signals)
            self.seen[f"{half}: questions"] += 1
            self.seen[f"{half}: answered rightly"] += row.right
            if row.right and "ambiguous_question" in reasons(draft(examined).signals, probability):
                self.seen[f"{half}: answered rightly, and ambiguous_question among the reasons"] += 1
            if places(text, examined.passages, examined.question.language):
                self.seen[f"{half}: asked back"] += 1
                self.seen[f"{half}: asked back, and would be answered rightly"] += row.right
        return row


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(prog="python -m evals.asked_back", description=__doc__)
    parser.add_argument("sets", type=Path, nargs="?", default=folder(), help="folder of the evaluation sets")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where embeddings are kept between runs")
    arguments = parser.parse_args()
    _, asker = asyncio.run(asked_all(arguments.sets, arguments.cache, AskedBack))
    for what, count in sorted(asker.seen.items()):
        print(f"{count:6} {what}")


if __name__ == "__main__":
    main()
