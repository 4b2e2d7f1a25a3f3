"""Questions with known outcomes for the calibration of confidence, answered in-process by the real path.

Read, cut, embedded and searched by the product's own code (no HTTP, no jobs), so that the signals are those of
production. Five kinds of situation, because a knowledge base meets all of them:

    own       a set's questions on its own corpus (SQuAD's with its adversarial unanswerable ones)
    without   the same questions where the article or FAQ entry that answers them is missing
    foreign   questions of one set on the corpus of another
    small     three documents only, asked about one of them
    stray     three documents only, asked about something else
"""

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aivastark.answers.extractive import Draft, Examined, draft, examine
from aivastark.answers.passages import Passage
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.base import IndexedChunk, SearchQuery
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.kit.languages import detect
from aivastark.sources.chunk import chunk
from aivastark.sources.chunk_atoms import FOREIGN_TARGET_WORDS, TARGET_WORDS
from aivastark.sources.extract.base import Document
from aivastark.sources.extract.plain import read_plain

SETS = ("squad2-mini", "saas-docs-anthropic", "stackfaq", "xquad-de", "xquad-es")
FOREIGN = (
    ("stackfaq", "squad2-mini", 300),
    ("saas-docs-anthropic", "squad2-mini", 100),
    ("squad2-mini", "stackfaq", 250),
    ("squad2-mini", "saas-docs-anthropic", 250),
    ("stackfaq", "saas-docs-anthropic", 250),
    ("saas-docs-anthropic", "xquad-de", 60),
    ("xquad-es", "stackfaq", 100),
    ("stackfaq", "xquad-es", 60),
)
WITHOUT = {"squad2-mini": 400, "stackfaq": 400, "xquad-de": 250, "xquad-es": 250}
FOLDS_WITHOUT = 4  # indexes per set, each lacking a quarter of the articles
SMALL_BASES = 60
SMALL_DOCUMENTS = 3
QUESTIONS_PER_SMALL_BASE = 6
HITS = 12
SPAN_SETS = frozenset(
    ("squad2-mini", "xquad-de", "xquad-es")
)  # answers are spans of text; elsewhere the source decides
SEED = 20261122


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One question answered: the signals, and whether the draft was right. Unanswerable questions are never right."""

    scenario: str
    group: str
    """Article or FAQ entry: never on both sides of a cross-validation split."""
    signals: dict[str, float]
    right: bool
    answerable: bool
    holds_answer: bool | None = None
    cites_gold: bool | None = None
    statements: int = 0
    words: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A chunk of a set's document with its vector."""

    indexed: IndexedChunk
    title: str
    heading_path: tuple[str, ...]
    start: int
    group: str


class Sets:
    """The evaluation sets with everything embedded once (kept in `cache`)."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.questions = {name: _lines(folder / name / "queries.jsonl") for name in SETS}
        self._corpora = {name: _lines(folder / name / "corpus.jsonl") for name in SETS}
        self._cache = cache
        self.pieces: dict[str, list[Piece]] = {}
        self.vectors: dict[str, NDArray[np.float32]] = {}

    async def prepare(self, embedder: MiniLm) -> None:
        """Cuts and embeds every corpus and every question; about five minutes of two cores the first time."""
        for name in SETS:
            texts = [question["text"] for question in self.questions[name]]
            self.vectors[name] = await self._embedded(embedder, texts)
            self.pieces[name] = await self._cut(embedder, name)

    async def _cut(self, embedder: MiniLm, name: str) -> list[Piece]:
        target = FOREIGN_TARGET_WORDS if name.startswith("xquad-") else TARGET_WORDS  # as ingest decides
        drafts = [
            (row, piece, extracted.text)
            for row in self._corpora[name]
            for extracted in [read_plain(Document(content=row["text"].encode()))]
            for piece in chunk(extracted, title=row["title"] or None, target_words=target)
        ]
        vectors = await self._embedded(
            embedder, [f"{piece.context}\n{piece.text}" if piece.context else piece.text for _, piece, _ in drafts]
        )
        headings = list(dict.fromkeys(piece.context for _, piece, _ in drafts if piece.context))
        heading_vectors = dict(zip(headings, await self._embedded(embedder, headings), strict=True))
        return [
            Piece(
                indexed=IndexedChunk(
                    chunk_id=f"{row['id']}@{piece.start}",
                    document_id=row["id"],
                    heading=piece.context,
                    text=piece.text,
                    language=detect(text[:4000]),
                    vector=vector,
                    heading_vector=heading_vectors.get(piece.context),
                ),
                title=row["title"] or "",
                heading_path=piece.heading_path,
                start=piece.start,
                group=_group(name, row["id"], row),
            )
            for (row, piece, text), vector in zip(drafts, vectors, strict=True)
        ]

    async def _embedded(self, embedder: MiniLm, texts: Sequence[str]) -> NDArray[np.float32]:
        key = hashlib.sha256("\0".join([embedder.model_id, *texts]).encode()).hexdigest()[:24]
        path = self._cache / f"{key}.npy"
        if not path.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            np.save(path, await embedder.embed_documents(texts))
        vectors: NDArray[np.float32] = np.load(path)
        return vectors


class Asker:
    """Publishes selections of pieces as projects and asks them."""

    def __init__(self, sets: Sets, search: SqliteSearch) -> None:
        self._sets = sets
        self._search = search
        self._pieces: dict[str, dict[str, Piece]] = {}

    async def publish(self, project: str, pieces: Sequence[Piece]) -> None:
        self._pieces[project] = {piece.indexed.chunk_id: piece for piece in pieces}
        await self._search.publish(project, "all", version=1, chunks=[piece.indexed for piece in pieces])

    async def ask(self, project: str, name: str, number: int, *, scenario: str, answerable: bool) -> Row:
        question = self._sets.questions[name][number]
        drafted = draft(await self._examined(project, question["text"], self._sets.vectors[name][number]))
        shown = " ".join(statement.text for statement in drafted.statements)
        holds, cites = _judge(name, question, drafted, shown) if answerable else (None, None)
        return Row(
            scenario=scenario,
            group=_group(name, question["id"], question),
            signals=asdict(drafted.signals),
            right=bool(holds if holds is not None else cites),
            answerable=answerable,
            holds_answer=holds,
            cites_gold=cites,
            statements=len(drafted.statements),
            words=len(shown.split()),
        )

    async def _examined(self, project: str, text: str, vector: NDArray[np.float32]) -> Examined:
        language = detect(text)
        query = SearchQuery(
            text=text,
            vector=vector,
            limit=HITS,
            language=language,
            model_languages=MiniLm.languages,
        )
        result = await self._search.search(project, query)
        known = self._pieces[project]
        passages = [
            Passage(
                chunk_id=hit.chunk_id,
                document_id=hit.document_id,
                source_id=hit.document_id,
                title=known[hit.chunk_id].title,
                heading_path=known[hit.chunk_id].heading_path,
                page=None,
                language=known[hit.chunk_id].indexed.language,
                text=known[hit.chunk_id].indexed.text,
                char_start=known[hit.chunk_id].start,
                score=hit.score,
                keyword_score=hit.keyword_score,
                vector_score=hit.vector_score,
                keyword_rank=hit.keyword_rank,
                vector_rank=hit.vector_rank,
            )
            for hit in result.hits
        ]
        return examine(
            text,
            passages,
            term_weights=result.term_weights,
            language=result.query_language or language,
            model_languages=MiniLm.languages,
        )


async def rows(sets: Sets, asker: Asker) -> list[Row]:
    """Every situation, in a fixed order with fixed samples."""
    chance = random.Random(SEED)
    found: list[Row] = []
    for name in SETS:
        await asker.publish(name, sets.pieces[name])
        for number, question in enumerate(sets.questions[name]):
            answerable = question.get("answerable", True)
            found.append(await asker.ask(name, name, number, scenario=f"own {name}", answerable=answerable))
    for asked, base, count in FOREIGN:
        for number in chance.sample(range(len(sets.questions[asked])), count):
            row = await asker.ask(base, asked, number, scenario=f"foreign {base}", answerable=False)
            found.append(row)
    for name, count in WITHOUT.items():
        found += [row async for row in _without(sets, asker, name, count, chance)]
    for number in range(SMALL_BASES):
        found += [row async for row in _small(sets, asker, f"small{number}", chance)]
    return found


async def _without(sets: Sets, asker: Asker, name: str, count: int, chance: random.Random) -> Any:
    folds = {group: position % FOLDS_WITHOUT for position, group in enumerate(_groups(sets, name))}
    for fold in range(FOLDS_WITHOUT):
        kept = [piece for piece in sets.pieces[name] if folds[piece.group] != fold]
        await asker.publish(f"{name}-{fold}", kept)
    able = [n for n, question in enumerate(sets.questions[name]) if question.get("answerable", True)]
    for number in chance.sample(able, count):
        question = sets.questions[name][number]
        fold = folds[_group(name, question["id"], question)]
        yield await asker.ask(f"{name}-{fold}", name, number, scenario=f"without {name}", answerable=False)


async def _small(sets: Sets, asker: Asker, project: str, chance: random.Random) -> Any:
    name = chance.choice(SETS[:4])
    documents = set(chance.sample(sorted({piece.indexed.document_id for piece in sets.pieces[name]}), SMALL_DOCUMENTS))
    kept = [piece for piece in sets.pieces[name] if piece.indexed.document_id in documents]
    groups = {piece.group for piece in kept}
    await asker.publish(project, kept)
    about, other = [], []
    for number, question in enumerate(sets.questions[name]):
        if documents & set(question["rel"]):
            about.append(number)
        elif _group(name, question["id"], question) not in groups and question.get("answerable", True):
            other.append(number)
    for scenario, numbers in (("small", about), ("stray", other)):
        for number in chance.sample(numbers, min(QUESTIONS_PER_SMALL_BASE, len(numbers))):
            yield await asker.ask(project, name, number, scenario=scenario, answerable=scenario == "small")


def _judge(name: str, question: dict[str, Any], draft: Draft, shown: str) -> tuple[bool | None, bool]:
    """Whether the shown text holds a reference answer (None: it is prose), and whether the first source is gold."""
    first = draft.statements[0].evidence.passage.document_id if draft.statements else None
    text = plain(shown)
    holds = any(plain(answer) in text for answer in question["answers"]) if name in SPAN_SETS else None
    return holds, first in question["rel"]


def plain(text: str) -> str:
    """Case, punctuation and spacing do not decide whether an answer is there."""
    return " ".join(re.sub(r"[^\w\s%$€£.,]", " ", unicodedata.normalize("NFKC", text).lower()).split())


def _groups(sets: Sets, name: str) -> Iterator[str]:
    yield from dict.fromkeys(piece.group for piece in sets.pieces[name])


def _group(name: str, identity: str, row: dict[str, Any]) -> str:
    """Questions and documents that belong together: the article, the FAQ entry, else the document itself."""
    if name == "squad2-mini":
        return str(row["article"])
    if name == "stackfaq":
        return "faq " + re.sub(r"^[aq]|_.*$", "", identity)
    gold = next(iter(row.get("rel", ())), identity)
    return gold.split("#")[0] if name.startswith("xquad") else gold


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
