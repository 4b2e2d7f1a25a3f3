"""Knowledge bases for measuring: documents from the evaluation sets, and large ones made up from their words.

A large index is written straight through the search port and the tables: embedding 100,000 chunks would take
an hour and measure the embedder again. Its filler has random unit vectors and text of the sets' words, drawn
by Zipf's law; the real paragraphs among it are what the questions are about, so that answers are composed.
"""

import asyncio
import itertools
import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from aivastark.backends.embedding.base import Embedder
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.base import IndexedChunk, SearchEngine
from aivastark.database import Database, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.sources.models import ChunkRow, Document, Source

SEED = 20261122
REAL_SET = "squad2-mini"
MARKDOWN_SETS = ("saas-docs-anthropic", "squad2-mini", "xquad-de", "xquad-es", "stackfaq")
WORDS_A_CHUNK = 120
CHUNKS_A_DOCUMENT = 20
CHUNKS_A_SOURCE = 500
VOCABULARY = 20_000
DIMENSIONS = 384


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A chunk to be written: its own words, its unit vector."""

    text: str
    vector: NDArray[np.float32]


def sets_folder() -> Path:
    """Where the evaluation sets are."""
    return Path(os.environ.get("AIVASTARK_EVALS_DIR", "../shared/evals"))


def corpus(name: str) -> list[dict[str, Any]]:
    """The documents of a set."""
    return _lines(sets_folder() / name / "corpus.jsonl")


def questions() -> list[str]:
    """Answerable questions on the real paragraphs, in an order that is always the same."""
    asked = [row["text"] for row in _lines(sets_folder() / REAL_SET / "queries.jsonl") if row["rel"]]
    random.Random(SEED).shuffle(asked)
    return asked


def markdown_documents(count: int) -> list[str]:
    """Documents of about 20 chunks: items of the sets, each under its own heading, none of them twice."""
    items = [item for name in MARKDOWN_SETS for item in corpus(name)]
    random.Random(SEED).shuffle(items)
    taken = iter(items)
    documents = []
    for number in range(count):
        sections = [
            f"## {item['title'] or f'Section {place}'}\n\n{item['text'].strip()}"
            for place, item in enumerate(itertools.islice(taken, CHUNKS_A_DOCUMENT), 1)
        ]
        documents.append(f"# Manual {number}\n\n" + "\n\n".join(sections) + "\n")
    return documents


async def real_passages(embedder: Embedder) -> list[Passage]:
    """The paragraphs the questions are about, really embedded."""
    texts = [item["text"] for item in corpus(REAL_SET)]
    vectors = await embedder.embed_documents(texts)
    return [Passage(text=text, vector=vector) for text, vector in zip(texts, vectors, strict=True)]


def filler(count: int, *, seed: int = SEED) -> Iterator[Passage]:
    """Made-up chunks: sentences of words drawn by Zipf's law, and random unit vectors."""
    chance = np.random.default_rng(seed)
    words = np.array(_vocabulary())
    weights = 1.0 / np.arange(1, len(words) + 1)
    weights /= weights.sum()
    for start in range(0, count, CHUNKS_A_SOURCE):
        size = min(CHUNKS_A_SOURCE, count - start)
        drawn = words[chance.choice(len(words), size=(size, WORDS_A_CHUNK), p=weights)]
        vectors = chance.standard_normal((size, DIMENSIONS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for row, vector in zip(drawn, vectors, strict=True):
            sentences = (" ".join(row[at : at + 15]).capitalize() for at in range(0, WORDS_A_CHUNK, 15))
            yield Passage(text=". ".join(sentences) + ".", vector=vector)


async def write(db: Database, search: SearchEngine, project_id: str, passages: Iterable[Passage]) -> None:
    """Rows and index entries of finished sources, as an ingest would have left them."""
    stream = iter(passages)
    while batch := list(itertools.islice(stream, CHUNKS_A_SOURCE)):
        rows = _rows(project_id, batch)
        await db.write(partial(_insert, rows=rows))
        await search.publish(project_id, rows.source["id"], version=1, chunks=rows.indexed)
        await asyncio.sleep(0)


def _insert(session: WriteSession, *, rows: "_Rows") -> None:
    session.execute(insert(Source), rows.source)
    session.execute(insert(Document), rows.documents)
    session.execute(insert(ChunkRow), rows.chunks)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    source: dict[str, Any]
    documents: list[dict[str, Any]]
    chunks: list[dict[str, Any]]
    indexed: list[IndexedChunk]


def _rows(project_id: str, passages: Sequence[Passage]) -> _Rows:
    source_id = new_id("src")
    documents, chunks, indexed = [], [], []
    for start in range(0, len(passages), CHUNKS_A_DOCUMENT):
        members = passages[start : start + CHUNKS_A_DOCUMENT]
        document_id = new_id("doc")
        documents.append(_document(project_id, source_id, document_id, members))
        offset = 0
        for ordinal, passage in enumerate(members):
            chunk_id = new_id("chk")
            end = offset + len(passage.text)
            chunks.append(_chunk(project_id, document_id, chunk_id, ordinal, (offset, end)))
            indexed.append(_indexed(document_id, chunk_id, passage))
            offset = end + 2
    source = _source(project_id, source_id, documents=len(documents), chunks=len(chunks))
    return _Rows(source=source, documents=documents, chunks=chunks, indexed=indexed)


def _source(project_id: str, source_id: str, *, documents: int, chunks: int) -> dict[str, Any]:
    now = utc_now()
    return {
        "project_id": project_id,
        "id": source_id,
        "type": "raw",
        "title": None,
        "tags": [],
        "locator": None,
        "locator_key": source_id,
        "external_id": None,
        "details": {},
        "config": {},
        "status": "ready",
        "stage": None,
        "documents_total": documents,
        "documents_done": documents,
        "documents_failed": 0,
        "chunk_count": chunks,
        "error": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _document(project_id: str, source_id: str, document_id: str, members: Sequence[Passage]) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "id": document_id,
        "source_id": source_id,
        "version": 1,
        "locator": document_id,
        "title": None,
        "url": None,
        "media_type": "text/plain",
        "language": "en",
        "text": "\n\n".join(passage.text for passage in members),
        "content_hash": "",
        "recipe": "",
        "chunk_count": len(members),
        "fetched_at": utc_now(),
    }


def _chunk(project_id: str, document_id: str, chunk_id: str, ordinal: int, span: tuple[int, int]) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "id": chunk_id,
        "document_id": document_id,
        "ordinal": ordinal,
        "heading_path": [],
        "context": "",
        "page": None,
        "char_start": span[0],
        "char_end": span[1],
    }


def _indexed(document_id: str, chunk_id: str, passage: Passage) -> IndexedChunk:
    return IndexedChunk(
        chunk_id=chunk_id,
        document_id=document_id,
        heading="",
        text=passage.text,
        language="en",
        vector=passage.vector,
        model_id=MiniLm.model_id,
    )


def _vocabulary() -> list[str]:
    """The sets' commonest words, the commonest first."""
    counted = Counter(
        word
        for name in ("squad2-mini", "saas-docs-anthropic", "stackfaq")
        for item in corpus(name)
        for word in item["text"].split()
        if word.isalpha()
    )
    return [word for word, _ in counted.most_common(VOCABULARY)]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
