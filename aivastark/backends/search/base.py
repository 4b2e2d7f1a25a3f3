"""The search port: publish the chunks of a source in one swap, find them by words and by meaning."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedChunk:
    """What the index knows of a chunk. Ids are unique within a project."""

    chunk_id: str
    document_id: str
    heading: str
    """Title and heading path: for retrieval only, never cited."""
    text: str
    """The chunk's own words."""
    language: str | None
    """ISO 639-1, decides stemming; `None` when unknown."""
    vector: NDArray[np.float32]
    """Unit vector of the chunk with its context, shape `(dimensions,)`."""
    heading_vector: NDArray[np.float32] | None = None
    """Unit vector of title and headings alone, equal for the chunks that share them; `None` without any.

    Titles are often questions, and closer to a question than the answer below them.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuery:
    """One question, already embedded with the model that embedded the chunks."""

    text: str
    vector: NDArray[np.float32] | None
    """`None` where the model could not be asked: then words alone decide."""
    limit: int
    """At most this many hits."""
    source_ids: frozenset[str] | None = None
    """Only these sources; `None` means all. The filter is inside the engine, before the limit."""
    language: str | None = None
    """ISO 639-1 of the question; `None` lets the engine tell it apart among the project's languages."""
    model_languages: frozenset[str] | None = None
    """Languages the embedding model understands (`None`: any); in others, words decide more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A chunk found, with what each half of the engine thought of it."""

    chunk_id: str
    document_id: str
    source_id: str
    score: float
    """Fused, 0 to 1, on a scale that does not depend on the other hits."""
    keyword_score: float | None
    """BM25, higher is better; `None` when the chunk holds no word of the question."""
    vector_score: float | None
    """Cosine of the question and the chunk or its heading, whichever is closer, -1 to 1; `None` without a vector."""
    keyword_rank: int | None
    """1 is the best; `None` beyond the candidates of the keyword half."""
    vector_rank: int | None
    """1 is the best; `None` beyond the candidates of the vector half."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchResult:
    """Hits, best first, and what confidence needs to know of the corpus."""

    hits: tuple[Hit, ...] = ()
    term_weights: Mapping[str, float] = field(default_factory=dict)
    """Inverse document frequency (nats) of each term asked for; the greatest for terms no chunk holds."""
    chunk_count: int = 0
    """Chunks the search looked through (of the sources asked for)."""
    languages: Mapping[str, int] = field(default_factory=dict)
    """Chunks per language of the whole project; unknown language is not counted."""
    query_language: str | None = None
    """The language the question was analysed in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredVectors:
    """What the index holds of a chunk's meaning; the arrays may be read-only."""

    vector: NDArray[np.float32]
    """As it was published."""
    heading_vector: NDArray[np.float32] | None
    """As it was published; `None` where there was none."""


class StaleVersionError(Exception):
    """A version lower than the published one was offered: a newer run has already won."""


class SearchEngine(Protocol):
    """One index per project. Under concurrency a search sees a source before a swap or after it."""

    async def publish(
        self,
        project_id: str,
        source_id: str,
        *,
        version: int,
        chunks: Sequence[IndexedChunk],
        keep: Collection[str] = (),
    ) -> None:
        """One atomic swap: afterwards exactly these chunks of the source are found, and those of the documents kept.

        `keep` names documents whose entries stay as they are; a search ranks as if they were published again,
        before `chunks`, in the order they had. One that the index does not have is no error, and one that
        `chunks` brings is replaced. The work grows with what is dropped and added, not with what is kept.

        The same version again replaces the chunks by these; a lower one raises `StaleVersionError`.
        Nothing given and nothing kept leaves the source published with nothing to find.
        """
        ...

    async def vectors(self, project_id: str, chunk_ids: Collection[str]) -> Mapping[str, StoredVectors]:
        """The vectors of published chunks by chunk id, every float32 exactly as it was given.

        Ids that are not published are left out; an unknown project has none.
        """
        ...

    async def remove(self, project_id: str, source_id: str | None = None) -> None:
        """Forget a source, or with `None` the whole project. Nothing to forget is not an error."""
        ...

    async def published_version(self, project_id: str, source_id: str) -> int | None:
        """The version a search finds now; `None` when the source is not published."""
        ...

    async def search(self, project_id: str, query: SearchQuery) -> SearchResult:
        """The best chunks; an unknown project is an empty result."""
        ...

    async def close(self) -> None:
        """Let connections and memory go."""
        ...
