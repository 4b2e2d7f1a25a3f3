"""Sequences of publishes that keep some documents, and what is there after them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from aivastark.backends.search.base import IndexedChunk, SearchEngine

WORDS = ("parcel", "courier", "return", "label", "refund", "Bestellung")
HEADINGS = ("", "Returns", "Delivery of a parcel")
DIRECTIONS = np.eye(4, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Swap:
    """One publish: documents brought, by number, as the passages of each; and the numbers of those kept."""

    brings: dict[int, tuple[IndexedChunk, ...]]
    keeps: frozenset[int]


@st.composite
def swaps(draw: st.DrawFn) -> list[Swap]:
    """Up to five publishes of one source, of up to five documents."""
    made = []
    for version in range(draw(st.integers(1, 5))):
        numbers = draw(st.sets(st.integers(0, 4)))
        brought = {number: draw(_document(version, number)) for number in sorted(numbers)}
        made.append(Swap(brings=brought, keeps=frozenset(draw(st.sets(st.integers(0, 5))))))
    return made


@st.composite
def _document(draw: st.DrawFn, version: int, number: int) -> tuple[IndexedChunk, ...]:
    language = draw(st.sampled_from(["en", "de", None]))
    return tuple(
        _chunk(draw, name=f"{version}_{number}_{place}", document=number, language=language)
        for place in range(draw(st.integers(1, 3)))
    )


def _chunk(draw: st.DrawFn, *, name: str, document: int, language: str | None) -> IndexedChunk:
    heading = draw(st.sampled_from(HEADINGS))
    return IndexedChunk(
        chunk_id=f"chk_{name}",
        document_id=f"doc_{document}",
        heading=heading,
        text=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=5))),
        language=language,
        vector=DIRECTIONS[draw(st.integers(0, 3))],
        heading_vector=DIRECTIONS[HEADINGS.index(heading)] if heading else None,
    )


async def publish_all(engine: SearchEngine, project_id: str, source_id: str, sequence: Sequence[Swap]) -> None:
    """One after the other, as versions 1, 2, 3."""
    for version, swap in enumerate(sequence, start=1):
        await engine.publish(
            project_id,
            source_id,
            version=version,
            chunks=[chunk for document in swap.brings.values() for chunk in document],
            keep=[f"doc_{number}" for number in swap.keeps],
        )


def final(sequence: Sequence[Swap]) -> list[IndexedChunk]:
    """What is there after all of them, in the order in which it came."""
    there: dict[int, tuple[IndexedChunk, ...]] = {}
    for swap in sequence:
        kept = {number: there[number] for number in there if number in swap.keeps and number not in swap.brings}
        there = kept | swap.brings
    return [chunk for document in there.values() for chunk in document]
