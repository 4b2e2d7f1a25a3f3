"""`make evals`: main-content extraction on the pages kept here, ours beside others'. See `evals/README.md`."""

import argparse
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from evals.extraction.articles import articles
from evals.extraction.extractors import EXTRACTORS
from evals.extraction.floors import FLOORS, missed
from evals.extraction.gold import Gold, gold_of
from evals.extraction.marks import KINDS, Page, pages
from evals.extraction.measure import COLUMNS, Score, mean, score, summarise

console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def main() -> int:
    """Print the tables; the exit code says whether every floor is reached and nobody is better."""
    options = _options()
    chosen = [page for page in pages() if options.kind in (None, page.kind)]
    results = {name: _run(name, chosen) for name in EXTRACTORS}
    short: list[str] = []
    for half in FLOORS:
        rows = [page for page in chosen if page.half == half]
        if rows:
            console.print(_summary(f"{half}: {len(rows)} pages of {len({p.kind for p in rows})} kinds", rows, results))
        if options.kind is None:
            scores = {name: [found[page][0] for page in rows] for name, found in results.items()}
            short += missed(half, {name: summarise(found) for name, found in scores.items()})
    console.print(_by_page(chosen, results) if options.pages else _by_kind(chosen, results))
    if options.articles:
        console.print(_of_articles())
    for line in short:
        console.print(f"[red]missed[/red] {line}")
    return int(bool(short))


def _run(name: str, chosen: Sequence[Page]) -> dict[Page, tuple[Score, float]]:
    """Each page's score and the seconds it took."""
    extract = EXTRACTORS[name]
    extract(chosen[0].markup)  # what is loaded once is not the page's time
    results = {}
    for page in chosen:
        started = time.perf_counter()
        output = extract(page.markup)
        took = time.perf_counter() - started
        results[page] = (score(output, gold_of(page)), took)
    return results


def _summary(title: str, rows: Sequence[Page], results: dict[str, dict[Page, tuple[Score, float]]]) -> Table:
    table = Table("extractor", *COLUMNS, "ms", title=title)
    for name, found in results.items():
        scores = [found[page][0] for page in rows]
        milliseconds = sum(found[page][1] for page in rows) / len(rows) * 1000
        table.add_row(name, *map(_shown, summarise(scores).values()), f"{milliseconds:.1f}")
    return table


def _by_kind(chosen: Sequence[Page], results: dict[str, dict[Page, tuple[Score, float]]]) -> Table:
    table = Table("kind", "held out", *EXTRACTORS, title="F1 by kind")
    for kind, marks in KINDS.items():
        rows = [page for page in chosen if page.kind == kind]
        if rows:
            table.add_row(
                kind, "yes" if marks.held_out else "", *(_shown(_mean_f1(results[name], rows)) for name in EXTRACTORS)
            )
    return table


def _by_page(chosen: Sequence[Page], results: dict[str, dict[Page, tuple[Score, float]]]) -> Table:
    table = Table("page", *COLUMNS, title="aivastark by page")
    for page in chosen:
        found = results["aivastark"][page][0]
        table.add_row(f"{page.kind}/{page.name}", *(_shown(getattr(found, column)) for column in COLUMNS))
    return table


def _of_articles() -> Table:
    found = articles()
    golds = [Gold(text=text, headings=(), items=(), rows=(), code=()) for _, text in found]
    table = Table("extractor", *COLUMNS[:3], "ms", title=f"articles of others: {len(found)} pages")
    for name, extract in EXTRACTORS.items():
        started = time.perf_counter()
        outputs = [extract(markup) for markup, _ in found]
        milliseconds = (time.perf_counter() - started) / max(1, len(found)) * 1000
        scores = [score(output, gold) for output, gold in zip(outputs, golds, strict=True)]
        table.add_row(name, *(_shown(mean(scores, column)) for column in COLUMNS[:3]), f"{milliseconds:.1f}")
    return table


def _mean_f1(found: dict[Page, tuple[Score, float]], rows: Sequence[Page]) -> float:
    return mean([found[page][0] for page in rows], "f1")


def _shown(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.extraction", description=__doc__)
    parser.add_argument("--kind", help="only this kind of pages")
    parser.add_argument("--pages", action="store_true", help="ours page by page instead of kind by kind")
    parser.add_argument("--articles", action="store_true", help="also the benchmark of `articles.py`, where it is")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
