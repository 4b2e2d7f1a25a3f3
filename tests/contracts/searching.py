"""What the contract of search engines is tried with: a shop's knowledge, and questions."""

from aivastark.backends.embedding.hashing import Hashing
from aivastark.backends.search.base import (
    IndexedChunk,
    SearchEngine,
    SearchQuery,
    SearchResult,
)

PROJECT = "prj_01JD0000000000000000000000"
OTHER = "prj_01JD0000000000000000000001"

EMBEDDER = Hashing()


async def chunk(name: str, text: str, *, heading: str = "", language: str | None = "en") -> IndexedChunk:
    (vector,) = await EMBEDDER.embed_documents([f"{heading}\n{text}"])
    return IndexedChunk(
        chunk_id=f"chk_{name}",
        document_id=f"doc_{name}",
        heading=heading,
        text=text,
        language=language,
        vector=vector,
    )


async def ask(
    engine: SearchEngine,
    text: str,
    *,
    project: str = PROJECT,
    limit: int = 10,
    source_ids: frozenset[str] | None = None,
) -> SearchResult:
    vector = await EMBEDDER.embed_query(text)
    return await engine.search(project, SearchQuery(text=text, vector=vector, limit=limit, source_ids=source_ids))


def found(result: SearchResult) -> list[str]:
    return [hit.chunk_id.removeprefix("chk_") for hit in result.hits]


async def publish_shop(engine: SearchEngine, project: str = PROJECT) -> None:
    await engine.publish(
        project,
        "src_returns",
        version=1,
        chunks=[
            await chunk("window", "Goods can be returned within thirty days.", heading="Returns"),
            await chunk("label", "Print the label and stick it on the parcel.", heading="Returns"),
        ],
    )
    await engine.publish(
        project,
        "src_delivery",
        version=1,
        chunks=[await chunk("courier", "A courier delivers the parcel the next day.", heading="Delivery")],
    )
