"""The search port: publish the chunks of a source in one swap, find them by words and by meaning."""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredVectors:
    """What the index holds of a chunk's meaning; the arrays may be read-only."""

    vector: NDArray[np.float32]
    """As it was published."""
    heading_vector: NDArray[np.float32] | None
    """As it was published; `None` where there was none."""


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
    model_id: str = ""
    """Which model made the vectors; the same for all chunks of a publish."""
    others: Mapping[str, StoredVectors] = field(default_factory=dict)
    """Vectors by other models, by `model_id`: of use where one of those serves the project."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchQuery:
    """One question, embedded best with the model that serves the project."""

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
    model_id: str = ""
    """Which model made `vector`. Where another one serves the project, words alone decide."""


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
    model_id: str | None = None
    """Which model's vectors the project is searched by; `None` where nothing was ever published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """Which models made a project's vectors. Those of two are never compared."""

    serving: str
    """Whose vectors are searched; empty in an index made before it was noted."""
    coming: str
    """Whose vectors are gathered beside them, to take their place; empty where none are."""


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

        The model of the first chunks in a project serves it. While it does, vectors of another one are kept beside
        its own, and a chunk that has none of the serving model is found by words alone.
        """
        ...

    async def vectors(
        self, project_id: str, chunk_ids: Collection[str], *, model_id: str = ""
    ) -> Mapping[str, StoredVectors]:
        """The vectors this model made of published chunks, by chunk id, every float32 exactly as it was given.

        Ids that are not published, or have none by this model, are left out; an unknown project has none.
        """
        ...

    async def remove(self, project_id: str, source_id: str | None = None) -> None:
        """Forget a source, or with `None` the whole project. Nothing to forget is not an error."""
        ...

    async def published_version(self, project_id: str, source_id: str) -> int | None:
        """The version a search finds now; `None` when the source is not published."""
        ...

    async def search(
        self, project_id: str, query: SearchQuery, *, coming: Awaitable[NDArray[np.float32] | None] | None = None
    ) -> SearchResult:
        """The best chunks; an unknown project is an empty result.

        `coming`: the query's vector while it is being made, instead of `query.vector`; an engine can look for words
        meanwhile. What it raises, this raises.
        """
        ...

    async def models(self, project_id: str) -> Models | None:
        """Which models made the project's vectors; `None` where nothing was ever published."""
        ...

    async def name_model(self, project_id: str, model_id: str) -> None:
        """Note which model made the vectors of an index that does not say so; one that does is left as it is."""
        ...

    async def without_vectors(self, project_id: str, model_id: str, *, after: str, limit: int) -> Sequence[str]:
        """Ids of published chunks that have no vector by this model, in their order, those beyond `after`."""
        ...

    async def count_vectors(self, project_id: str, model_id: str) -> tuple[int, int]:
        """How many chunks the project has, and how many of them have a vector by this model."""
        ...

    async def add_vectors(self, project_id: str, model_id: str, vectors: Mapping[str, StoredVectors]) -> None:
        """Give published chunks a vector by this model. One that is there stays; a chunk that is gone is no error.

        They are gathered beside those that serve, in place of those of any third model.
        """
        ...

    async def switch_model(self, project_id: str, model_id: str) -> bool:
        """Search by this model's vectors from now on, if every chunk has one, in one atomic swap; says whether so.

        What was gathered beside, and what served until then, is forgotten.
        """
        ...

    async def tend(self) -> None:
        """What makes searches quicker and takes a while, for all projects: done in the background, now and then.

        Searches and publishes go on meanwhile. Safe to repeat, to interrupt, and to run in two places.
        """
        ...

    async def close(self) -> None:
        """Let connections and memory go."""
        ...
