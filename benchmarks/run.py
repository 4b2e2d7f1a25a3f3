"""`make bench`: everything measured in one run, as ratios against the bare cost of the parts.

The numbers of a noisy machine must not fail anybody's build: the exit code is 0 unless the run broke.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from rich.console import Console

import aivastark.commands  # sets what `aivastark serve` sets for numpy, before numpy is imported
from benchmarks import answers, footprint, growth, ingest, lists, neighbours, queries
from benchmarks.knowledge import REAL_SET, sets_folder
from benchmarks.plot import svg
from benchmarks.report import Measured, table
from benchmarks.sizes import FULL, QUICK

PARTS = {
    "ingest": ingest,
    "queries": queries,
    "answers": answers,
    "lists": lists,
    "neighbours": neighbours,
    "footprint": footprint,
    "growth": growth,
}

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
notices = Console(stderr=True, highlight=False)


def main() -> int:
    """Measure what the command line asks for and print one table."""
    assert aivastark.commands
    options = _options()
    if not (sets_folder() / REAL_SET).is_dir():
        notices.print(
            f"[red]{sets_folder().resolve()} is missing: AIVASTARK_EVALS_DIR names the evaluation sets.[/red]"
        )
        return 1
    rows: list[Measured] = []
    try:
        for name in options.only:
            started = time.monotonic()
            rows += asyncio.run(PARTS[name].measure(QUICK if options.quick else FULL))
            notices.print(f"[dim]{name}: {time.monotonic() - started:.0f} s[/dim]")
    finally:  # what was measured before a part broke took minutes
        console.print(table(rows))
        if options.plot is not None and rows:  # an earlier drawing is better than an empty one
            options.plot.write_text(svg(rows), encoding="utf-8")
        if options.json is not None:
            numbers = {row.name: row.value for row in rows}
            options.json.write_text(json.dumps(numbers, indent=2, ensure_ascii=False) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller bases and fewer rounds: a minute or two")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="only these parts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw what `growth` measured, as SVG")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
