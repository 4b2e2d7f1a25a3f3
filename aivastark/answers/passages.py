"""What retrieval hands to the answerer: a stored chunk with its place in the document and its scores."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A retrieved chunk, exactly as stored: `text == canonical_text[char_start:char_start + len(text)]`.

    `score` is the fused one (0–1, relative to the other hits of the same question); `keyword_score` is raw BM25
    (comparable only within one knowledge base), `vector_score` a cosine. Ranks start at 1; None = not found there.
    """

    chunk_id: str
    document_id: str
    source_id: str
    title: str
    heading_path: tuple[str, ...]
    page: int | None
    language: str | None
    text: str
    char_start: int
    score: float
    keyword_score: float | None
    vector_score: float | None
    keyword_rank: int | None
    vector_rank: int | None
    prior: float | None = None
    """What counts for its place in the order instead of `score`, where another than the search made it."""
    rerank_rank: int | None = None
    """Its place by a reranking model; None where none was asked, or it did not name it."""

    @property
    def above(self) -> str:
        """Where it stands, as a reader is told: title and headings, none of them twice."""
        return " › ".join(dict.fromkeys(part for part in (self.title, *self.heading_path) if part))
