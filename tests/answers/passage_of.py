"""A passage for tests: only what matters is spelled out."""

from aivastark.answers.passages import Passage


def passage_of(
    text: str,
    *,
    document: str = "doc_A",
    title: str = "",
    headings: tuple[str, ...] = (),
    char_start: int = 0,
    score: float = 0.8,
    vector: float | None = 0.6,
    rank: int | None = 1,
    language: str | None = "en",
) -> Passage:
    return Passage(
        chunk_id=f"chk_{document}_{char_start}",
        document_id=document,
        source_id=f"src_{document}",
        title=title,
        heading_path=headings,
        page=None,
        language=language,
        text=text,
        char_start=char_start,
        score=score,
        keyword_score=5.0,
        vector_score=vector,
        keyword_rank=rank,
        vector_rank=rank,
    )
