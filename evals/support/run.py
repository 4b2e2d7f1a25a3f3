"""`python -m evals.support.run`: how many honest sentences `answers/support.py` accepts, and how many fabricated ones.

Numbers are of the half of the paragraphs that nothing was tuned on, unless `--half tuned` asks for the other.
`--show KIND` prints sentences of a kind that came out wrong.
"""

import argparse
import statistics
import time
from collections import defaultdict
from itertools import islice

from aivastark.answers import support
from aivastark.answers.support import find_support
from evals.support.pairs import Pair, pairs


def main() -> None:
    """Prints a table by kind, precision and recall over all, and milliseconds for a sentence."""
    parser = argparse.ArgumentParser(prog="evals.support.run", description=__doc__)
    parser.add_argument("--half", choices=("held", "tuned"), default="held")
    parser.add_argument("--show", default="")
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    chosen = [pair for pair in pairs() if pair.half == options.half]
    if not chosen:
        raise SystemExit("No set was found: see evals/README.md.")
    if options.show:
        wrong = (pair for pair in chosen if options.show in pair.kind and (_find(pair) is not None) != pair.honest)
        for pair in islice(wrong, options.count):
            _show(pair)
        return
    _table(chosen)
    _times(chosen)


def _find(pair: Pair) -> support.Support | None:
    return find_support(pair.sentence, pair.named, pair.passages, language=pair.language, question=pair.question)


def _table(chosen: list[Pair]) -> None:
    counts: dict[tuple[bool, str], list[tuple[str, bool]]] = defaultdict(list)
    for pair in chosen:
        counts[(pair.honest, pair.kind)].append((pair.language, _find(pair) is not None))
    print("| | kind | n | accepted | en | de | es |\n|---|---|---:|---:|---:|---:|---:|")
    for honest, kind in sorted(counts, key=lambda key: (not key[0], key[1])):
        rows = counts[(honest, kind)]
        shares = [_share([ok for language, ok in rows if language == each]) for each in ("en", "de", "es")]
        print(
            f"| {'honest' if honest else 'fabricated'} | {kind} | {len(rows)} | {_share([ok for _, ok in rows])} | "
            + " | ".join(shares)
            + " |"
        )
    right = [ok for (honest, _), rows in counts.items() if honest for _, ok in rows]
    wrong = [ok for (honest, _), rows in counts.items() if not honest for _, ok in rows]
    print(f"\nhonest accepted (recall): {_share(right)} of {len(right)}")
    print(f"fabricated accepted: {_share(wrong)} of {len(wrong)}")
    print(f"precision of acceptance: {sum(right) / max(1, sum(right) + sum(wrong)):.4f}")


def _share(accepted: list[bool]) -> str:
    return f"{sum(accepted) / len(accepted):.3f}" if accepted else "–"


def _times(chosen: list[Pair]) -> None:
    """Passages fresh for each sentence, as for the first of an answer, and known, as for the others."""
    fresh: list[float] = []
    known: list[float] = []
    for pair in chosen[:: max(1, len(chosen) // 500)]:
        support.forget()
        for times in (fresh, known):
            started = time.perf_counter()
            _find(pair)
            times.append((time.perf_counter() - started) * 1000)
    for name, times in (("first sentence of an answer", fresh), ("further sentences", known)):
        ordered = sorted(times)
        p95 = ordered[int(len(ordered) * 0.95)]
        print(f"{name}: p50 {statistics.median(ordered):.2f} ms, p95 {p95:.2f} ms")


def _show(pair: Pair) -> None:
    found = _find(pair)
    print(f"--- {pair.source} · {pair.kind} · {'accepted' if found else 'refused'}\n{pair.sentence}")
    if found:
        evidence = found.evidence
        print(f"  {found.strength} <- {evidence.passage.text[evidence.start : evidence.end]}")


if __name__ == "__main__":
    main()
