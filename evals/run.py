"""`make evals`: the product on public question sets, through its HTTP API and nothing else.

Each set gets a fresh server with a fresh data directory and one project. See `evals/README.md`.
"""

import argparse
import asyncio
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from evals import sets
from evals.api import Outcome, open_knowledge_base
from evals.floors import missed
from evals.server import fresh_install, running
from evals.sets import EvaluationSet, Question
from evals.summary import Judged, judge, summarise, table

CROSS_ASKED, CROSS_KNOWN, CROSS_QUESTIONS = "stackfaq", "squad2-mini", 200

console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
notices = Console(stderr=True, highlight=False)


def main() -> int:
    """Run what the command line asks for; the exit code says whether every floor is reached."""
    options = _options()
    judged: dict[str, list[Judged]] = {}
    for name in options.sets:
        evaluated = sets.load(name)
        if evaluated is None:
            notices.print(f"[yellow]{name} is skipped: it is not in {sets.folder().resolve()}[/yellow]")
            continue
        started = time.monotonic()
        judged.update(asyncio.run(_evaluate(evaluated, options.questions)))
        notices.print(f"[dim]{name}: {time.monotonic() - started:.0f} s[/dim]")
    if not judged:
        notices.print("[red]No set was found; AIVASTARK_EVALS_DIR names the folder they are in.[/red]")
        return 1
    everything = [one for some in judged.values() for one in some]
    rows = {name: summarise(some) for name, some in {**judged, "all": everything}.items()}
    console.print(table(rows))
    if options.json is not None:
        options.json.write_text(json.dumps(_finite(rows), indent=2) + "\n")
    short = missed(rows)
    for line in short:
        console.print(f"[red]missed[/red] {line}")
    return 1 if short else 0


async def _evaluate(evaluated: EvaluationSet, count: int | None) -> dict[str, list[Judged]]:
    """The set's own questions; for the set known best also another set's, which it cannot answer."""
    with fresh_install() as install, running(install) as server:
        knowledge = open_knowledge_base(server)
        async with knowledge.http:
            await knowledge.teach(evaluated.corpus)
            outcomes = await knowledge.ask(sets.sample(evaluated.questions, count))
            strange = await knowledge.ask(_strange(evaluated, count), search=False)
    judged = {evaluated.name: judge(outcomes, span_answers=evaluated.span_answers)}
    if strange:
        judged["cross"] = _refusable(strange)
    return judged


def _strange(evaluated: EvaluationSet, count: int | None) -> list[Question]:
    other = sets.load(CROSS_ASKED) if evaluated.name == CROSS_KNOWN else None
    if other is None:
        return []
    asked = sets.sample(other.questions, min(CROSS_QUESTIONS, count or CROSS_QUESTIONS))
    return [replace(question, relevant={}, answers=()) for question in asked]


def _refusable(strange: Sequence[Outcome]) -> list[Judged]:
    return [Judged(outcome=outcome, right=False) for outcome in strange]


def _finite(rows: dict[str, dict[str, float]]) -> dict[str, dict[str, float | None]]:
    return {
        name: {column: None if math.isnan(value) else value for column, value in row.items()}
        for name, row in rows.items()
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.run", description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(sets.NAMES), metavar="SET", help="which sets to run")
    parser.add_argument("--questions", type=int, metavar="N", help="only N questions of each set, spread evenly")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
