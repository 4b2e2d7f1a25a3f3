"""From a document's bytes to what is stored and indexed of it, and what of that is there already."""

import asyncio
import hashlib
from collections.abc import Sequence

from aivastark.backends.base import Backends
from aivastark.kit.languages import detect
from aivastark.sources.chunk import Chunk, chunk
from aivastark.sources.chunk_atoms import FOREIGN_TARGET_WORDS, TARGET_WORDS
from aivastark.sources.connectors.base import FetchedDocument
from aivastark.sources.duplicates import fingerprint
from aivastark.sources.embedding import Passage
from aivastark.sources.extract.base import Extracted
from aivastark.sources.harvest import Standing
from aivastark.sources.models import Source
from aivastark.sources.staging import Prepared
from aivastark.sources.stored import usual_language

PIPELINE = 1  # raised when extraction or chunking changes so much that sources should be taken in anew
LANGUAGE_SAMPLE_CHARS = 4_000


def recipe_of(source: Source, model_id: str) -> str:
    """What besides the bytes decides the passages, and which model was set when they were taken in."""
    title = "" if source.holds_many else source.title or ""
    described = f"{title}\x00{source.config.get('format')}"
    return f"{PIPELINE}:{model_id}:{hashlib.sha256(described.encode()).hexdigest()[:16]}"


def reads_alike(recipe: str, other: str) -> bool:
    """Whether both make the same passages of the same bytes: vectors are the index's business, whoever made them."""
    return (recipe.partition(":")[0], recipe.rpartition(":")[2]) == (
        other.partition(":")[0],
        other.rpartition(":")[2],
    )


async def prepare(
    backends: Backends, source: Source, found: FetchedDocument, extracted: Extracted, *, content_hash: str
) -> Prepared:
    """Cut an extracted document into passages. Raises `ExtractionFailed` where there is nothing to cut."""
    language = (
        detect(extracted.text[:LANGUAGE_SAMPLE_CHARS])
        or extracted.language
        or await backends.db.read(lambda session: usual_language(session, source.project_id))
    )
    known = backends.embedder.languages
    understood = known is None or language is None or language in known
    own = found.title or extracted.title or found.name
    title = own if source.holds_many else source.title or own
    words = TARGET_WORDS if understood else FOREIGN_TARGET_WORDS

    def cut() -> tuple[list[Chunk], int | None]:
        chunks = chunk(extracted, title=title, target_words=words)
        return chunks, fingerprint(extracted.text) if source.holds_many else None

    # In a thread: a long document takes long enough to keep visitors waiting.
    chunks, print_ = await asyncio.to_thread(cut)
    return Prepared(
        fetched=found,
        title=title,
        language=language,
        extracted=extracted,
        chunks=chunks,
        content_hash=content_hash,
        fingerprint=print_,
    )


def is_the_same(prepared: Prepared, before: Standing, rows: Sequence[Passage]) -> bool:
    """Whether new bytes hold the passages that are published already, under the same title."""
    new = [(one.context, one.text, one.language) for one in prepared.passages()]
    return prepared.title == before.title and new == [(row.context, row.text, row.language) for row in rows]


def same_passages(prepared: Prepared, rows: Sequence[Passage]) -> dict[str, str]:
    """Passages that were there before in the same words and context: new id → the id they are indexed under."""
    before = {(row.context, row.text): row.chunk_id for row in rows}
    found = {one.chunk_id: before.get((one.context, one.text)) for one in prepared.passages()}
    return {new: old for new, old in found.items() if old is not None}
