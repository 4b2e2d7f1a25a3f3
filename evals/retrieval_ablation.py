"""Why search ranks as it does: nDCG@10 of each half and of their fusion at several weights.

    .venv/bin/python -m evals.retrieval_ablation [folder with sets] [--cache folder]

Runs the shipped analyser, chunker-sized passages, model, search engine and fusion code, in process. Documents
are ranked by their best chunk. Embeddings are kept in the cache folder, since they are most of the time.
"""

import argparse
import asyncio
import hashlib
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search import fusion
from aivastark.backends.search.base import IndexedChunk, SearchQuery
from aivastark.backends.search.sqlite import SqliteSearch

PASSAGE_WORDS = 180
HITS = 100
FLOORS = {
    "squad2-mini": 0.955,
    "saas-docs-anthropic": 0.835,
    "stackfaq": 0.93,
    "xquad-de": 0.945,
    "xquad-es": 0.965,
}
LANGUAGES = {"xquad-de": "de", "xquad-es": "es"}
SHIPPED_WEIGHT = fusion.MEANING_WEIGHT
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class EvalSet:
    """A corpus cut into chunks, and questions with the ids of the documents that answer them."""

    name: str
    chunks: Sequence[IndexedChunk]
    questions: Sequence[tuple[str, NDArray[np.float32], frozenset[str]]]


async def main() -> None:
    """Print one line per set: the shipped rule, then every fixed weight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="?", type=Path, default=Path("../shared/evals"))
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "aivastark-ablation")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    embedder = MiniLm()
    print(f"{'set':22}{'shipped':>9}{'floor':>8}   " + "".join(f"w={weight:<7}" for weight in WEIGHTS))
    for name, floor in FLOORS.items():
        if not (arguments.sets / name).is_dir():
            print(f"{name:22} not there")
            continue
        evaluated = await load(arguments.sets / name, embedder, arguments.cache)
        with tempfile.TemporaryDirectory() as folder:
            engine = SqliteSearch(Path(folder))
            await engine.publish("prj_eval", "src_eval", version=1, chunks=evaluated.chunks)
            shipped = await measure(engine, evaluated, embedder.languages)
            fixed = []
            for weight in WEIGHTS:
                fusion.MEANING_WEIGHT = weight
                fixed.append(await measure(engine, evaluated, None))
            fusion.MEANING_WEIGHT = SHIPPED_WEIGHT
            await engine.close()
        row = "".join(f"{value:<9.4f}" for value in fixed)
        print(f"{name:22}{shipped:>9.4f}{floor:>8.3f}   {row}", flush=True)
    await embedder.close()


async def load(folder: Path, embedder: MiniLm, cache: Path) -> EvalSet:
    """Read a set and embed it; passages with their title, titles alone, questions."""
    corpus = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    questions = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    questions = [question for question in questions if question["rel"]]
    passages = [(document, text) for document in corpus for text in split(document["text"])]
    vectors = await embedded([f"{document['title']}\n{text}".strip() for document, text in passages], embedder, cache)
    titles = sorted({document["title"] for document in corpus})
    by_title = dict(zip(titles, await embedded(titles, embedder, cache), strict=True))
    asked = await embedded([question["text"] for question in questions], embedder, cache)
    return EvalSet(
        name=folder.name,
        chunks=[
            IndexedChunk(
                chunk_id=f"{number}",
                document_id=document["id"],
                heading=document["title"],
                text=text,
                language=LANGUAGES.get(folder.name, "en"),
                vector=vectors[number],
                heading_vector=by_title[document["title"]] if document["title"] else None,
            )
            for number, (document, text) in enumerate(passages)
        ],
        questions=[
            (question["text"], vector, frozenset(question["rel"]))
            for question, vector in zip(questions, asked, strict=True)
        ],
    )


def split(text: str) -> list[str]:
    """Passages of whole sentences or lines, near `PASSAGE_WORDS`; only for this comparison."""
    passages: list[list[str]] = [[]]
    for sentence in re.split(r"\n+|(?<=[.!?])\s+", text):
        words = sentence.split()
        for start in range(0, len(words), PASSAGE_WORDS):
            part = words[start : start + PASSAGE_WORDS]
            if passages[-1] and len(passages[-1]) + len(part) > PASSAGE_WORDS:
                passages.append([])
            passages[-1] += part
    return [" ".join(words) for words in passages]


async def embedded(texts: Sequence[str], embedder: MiniLm, cache: Path) -> NDArray[np.float32]:
    """Vectors of texts, shape `(n, d)`, from the cache where the same texts were embedded before."""
    digest = hashlib.sha256("\0".join([embedder.model_id, *texts]).encode()).hexdigest()[:24]
    path = cache / f"{digest}.npy"
    try:
        kept: NDArray[np.float32] = np.load(path)
    except FileNotFoundError:
        kept = await embedder.embed_documents(texts)
        np.save(path, kept)
    return kept


async def measure(engine: SqliteSearch, evaluated: EvalSet, model_languages: frozenset[str] | None) -> float:
    """Mean nDCG@10 over the questions, documents ranked by their best chunk."""
    scores = []
    for text, vector, relevant in evaluated.questions:
        query = SearchQuery(text=text, vector=vector, limit=HITS, model_languages=model_languages)
        result = await engine.search("prj_eval", query)
        ranked = list(dict.fromkeys(hit.document_id for hit in result.hits))[:10]
        gains = [1 / np.log2(rank + 2) for rank, document in enumerate(ranked) if document in relevant]
        ideal = sum(1 / np.log2(rank + 2) for rank in range(min(10, len(relevant))))
        scores.append(sum(gains) / ideal)
    return float(np.mean(scores))


if __name__ == "__main__":
    asyncio.run(main())
