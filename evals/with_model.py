"""`make evals LLM=local`: the same questions answered from the documents' own words and by a real language model.

Each set gets a fresh install, taught once. Its questions go first to a server without a model, then to one with it, one
after the other and as streams, through the HTTP API; what the model itself says is heard at a door before it
(`overhear.py`). See `evals/README.md`.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from aivastark.answers.outcome import EXTRACTIVE
from aivastark.answers.prompt import NO_ANSWER, without_marks
from aivastark.answers.written import Sentences
from evals import sets
from evals.api import Outcome, open_knowledge_base
from evals.local_model import LocalModel, serving_local_model, why_not
from evals.metrics import mean, percentile
from evals.overhear import Ear, Heard, overhearing
from evals.server import Install, fresh_install, running
from evals.sets import EvaluationSet, Question
from evals.summary import judge, shown, summarise

SETS = ("squad2-mini", "saas-docs-anthropic")
QUESTIONS = 24
SLOT_TOKENS = 8_192
SILENCE_S = 300
"""What the product waits for the model: on two cores it reads a hundred tokens a second, or thirty."""
COLUMNS = {
    "questions": "n",
    "right": "right",
    "verbatim": "verified",
    "left_out": "left out",
    "refused_unanswerable": "refused unans.",
    "refused_answerable": "refused ans.",
    "auroc": "AUROC",
    "ece": "ECE",
    "by_model": "by model",
    "declined": "declined",
    "words": "words",
    "first_token_ms": "first token ms",
    "provider_ms": "provider's ms",
    "p50_ms": "whole ms",
}

console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
notices = Console(stderr=True, highlight=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question's outcome, and what the model said, where it was asked."""

    outcome: Outcome
    heard: Heard | None = None


def main() -> int:
    """Run what the command line asks for; the exit code says whether every quote shown stands in its document."""
    options = _options()
    if why_not() is not None:
        notices.print(f"[red]{why_not()}[/red]")
        return 1
    rows: dict[tuple[str, str], dict[str, float]] = {}
    with serving_local_model(
        weights=options.weights, threads=options.threads, slots=1, slot_tokens=SLOT_TOKENS
    ) as model:
        for name in options.sets:
            evaluated = sets.load(name)
            if evaluated is None:
                notices.print(f"[yellow]{name} is skipped: it is not in {sets.folder().resolve()}[/yellow]")
                continue
            started = time.monotonic()
            for composer, asked in asyncio.run(_evaluate(evaluated, model, options.questions)).items():
                rows[name, composer] = _row(asked, span_answers=evaluated.span_answers)
                _record(options.record, name, composer, asked)
            notices.print(f"[dim]{name}: {time.monotonic() - started:.0f} s[/dim]")
    console.print(_table(rows))
    unproven = [row for row in rows.values() if row["verbatim"] < 1.0]
    return 0 if rows and not unproven else 1


async def _evaluate(evaluated: EvaluationSet, model: LocalModel, count: int) -> dict[str, list[Asked]]:
    questions = sets.sample(evaluated.questions, count)
    with fresh_install() as install:
        with running(install) as server:
            knowledge = open_knowledge_base(server)
            async with knowledge.http:
                await knowledge.teach(evaluated.corpus)
                extractive = [Asked(outcome=await knowledge.ask_streamed(one)) for one in questions]
        async with overhearing(model.url) as ear:
            written = await _with_model(install, ear, model, questions, knowledge.corpus_ids)
    return {EXTRACTIVE: extractive, model.model: written}


async def _with_model(
    install: Install, ear: Ear, model: LocalModel, questions: Sequence[Question], corpus_ids: dict[str, str]
) -> list[Asked]:
    settings = {"LLM_URL": ear.url, "LLM_MODEL": model.model, "LLM_TIMEOUT_S": str(SILENCE_S)}
    given = []
    with running(install, settings=settings) as server:
        knowledge = open_knowledge_base(server, timeout_s=2 * SILENCE_S)
        knowledge.corpus_ids.update(corpus_ids)
        async with knowledge.http:
            for number, question in enumerate(questions, start=1):
                ear.heard.clear()
                outcome = await knowledge.ask_streamed(question)
                given.append(Asked(outcome=outcome, heard=ear.heard[-1] if ear.heard else None))
                notices.print(f"[dim]{number} of {len(questions)}: {outcome.milliseconds / 1000:.0f} s[/dim]")
    return given


def _row(asked: Sequence[Asked], *, span_answers: bool) -> dict[str, float]:
    outcomes = [one.outcome for one in asked]
    row = summarise(judge(outcomes, span_answers=span_answers))
    heard = [one.heard for one in asked if one.heard is not None]
    kept = [is_shown for one in asked for is_shown in _kept(one)]
    first_texts = [one.first_text_ms for one in heard if one.first_text_ms is not None]
    return {
        **row,
        "left_out": mean([not is_shown for is_shown in kept]),
        "by_model": mean([one.model != EXTRACTIVE for one in outcomes if one.answered]) if heard else float("nan"),
        "declined": mean([NO_ANSWER in one.text for one in heard]),
        "first_token_ms": percentile([one.first_token_ms for one in outcomes if one.first_token_ms is not None], 0.5),
        "provider_ms": percentile(first_texts, 0.5),
    }


def _kept(asked: Asked) -> list[bool]:
    """Of each sentence that the model wrote, whether the visitor read it."""
    if asked.heard is None:
        return []
    is_shown = asked.outcome.answered and asked.outcome.model != EXTRACTIVE
    reader = Sentences()
    written = [without_marks(one.text) for one in (*reader.feed(asked.heard.text), *reader.finish())]
    return [is_shown and text in asked.outcome.answer for text in written if text and NO_ANSWER not in text]


def _table(rows: Mapping[tuple[str, str], Mapping[str, float]]) -> Table:
    drawn = Table(title="Beside each other, through the HTTP API", title_justify="left")
    drawn.add_column("set")
    drawn.add_column("composed by")
    for heading in COLUMNS.values():
        drawn.add_column(heading, justify="right")
    for (name, composer), row in rows.items():
        drawn.add_row(name, composer, *(shown(column, row[column]) for column in COLUMNS))
    return drawn


def _record(file: Path | None, name: str, composer: str, asked: Sequence[Asked]) -> None:
    """A line for each question, for reading what was said and what was made of it."""
    if file is None:
        return
    with file.open("a", encoding="utf-8") as out:
        for one in asked:
            line: dict[str, Any] = {
                "set": name,
                "composer": composer,
                "question": one.outcome.question.text,
                "gold": one.outcome.question.answers,
                "answerable": one.outcome.question.answerable,
                "heard": one.heard.text if one.heard else None,
                "model": one.outcome.model,
                "answered": one.outcome.answered,
                "confidence": one.outcome.confidence,
                "reasons": one.outcome.reasons,
                "answer": one.outcome.answer,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.with_model", description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS), metavar="SET", help="which sets to run")
    parser.add_argument("--questions", type=int, default=QUESTIONS, metavar="N", help="of each set, spread evenly")
    parser.add_argument("--weights", type=Path, metavar="GGUF", help="another model than the packaged one")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the model")
    parser.add_argument("--record", type=Path, metavar="FILE", help="append what was said there, a JSON line each")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
