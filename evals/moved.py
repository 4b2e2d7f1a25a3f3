"""Are 200 questions answered alike before a move and after it? From SQLite to PostgreSQL, with a set of the evaluation.

    python -m evals.moved [--set squad2-mini] [--questions 200]

Prints how many answers differ in words, citations or confidence; the exit code is 1 where any does.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.bootstrap import open_backends
from evals.sets import EvaluationSet, load, sample
from tests.make import Client, Tenant, calling, make_settings, make_tenant, working
from tests.moving.archives import brought_in, packed
from tests.postgres import serving

SAME_TO = 1e-6  # two engines add float32 in two orders
MODEL = "minilm"


def main() -> int:
    """Move, ask, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="squad2-mini")
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    evaluated = load(arguments.set)
    if evaluated is None:
        sys.exit(f"{arguments.set} is not on this machine")
    asked = [question.text for question in sample(evaluated.questions, arguments.questions)]
    with tempfile.TemporaryDirectory() as folder, serving() as server, server.database() as url:
        before, after = asyncio.run(moved(evaluated, asked, Path(folder), url))
    different = [text for text, one, other in zip(asked, before, after, strict=True) if not alike(one, other)]
    answered = sum(bool(one["answered"]) for one in before)
    print(f"{len(asked)} questions, {answered} answered, {len(different)} different after the move")
    for text in different:
        print(f"  {text}")
    return 1 if different else 0


async def moved(
    evaluated: EvaluationSet, asked: list[str], folder: Path, url: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is answered on SQLite, and then on PostgreSQL."""
    async with _opened(folder / "one") as here:
        tenant = await make_tenant(here.db, whole_organization=True)
        async with calling(create_app(here, rate_limit_per_minute=0), tenant.key) as http:
            for item in evaluated.corpus:
                await Client(http=http, tenant=tenant).add(text=item.text, title=item.title or item.id)
        async with working(here) as worker:
            await worker.run_until_idle()
        archive = await packed(here)
        before = await _answers(here, tenant, asked)
    async with _opened(folder / "two", database_url=url) as there:
        await brought_in(there, archive)
        return before, await _answers(there, tenant, asked)


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """In words, citations and confidence."""
    near = abs(one["confidence"] - other["confidence"]) <= SAME_TO
    return near and {**one, "confidence": 0} == {**other, "confidence": 0}


def _opened(data_dir: Path, **others: Any) -> AbstractAsyncContextManager[Backends]:
    return open_backends(make_settings(data_dir, embedding_model=MODEL, **others))


async def _answers(backends: Backends, tenant: Tenant, asked: list[str]) -> list[dict[str, Any]]:
    async with calling(create_app(backends, rate_limit_per_minute=0), tenant.key) as http:
        client = Client(http=http, tenant=tenant)
        return [_told(await client.ask(text)) for text in asked]


def _told(said: dict[str, Any]) -> dict[str, Any]:
    cited = [(one["source_id"], one["document_id"], one["quote"]) for one in said["citations"]]
    return {"answered": said["answered"], "answer": said["answer"], "cited": cited, "confidence": said["confidence"]}


if __name__ == "__main__":
    sys.exit(main())
