"""How much a run measures."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """Of a run. Medians are over `rounds`; what is compared takes turns within a round."""

    rounds: int
    seconds: float
    """Of load in each part of a round."""
    bare_questions: int
    """Embedded and searched for barely in each round."""
    large: int
    """Chunks of the large base."""
    projects: int
    documents: int
    """Of about 20 chunks, taken in each round."""
    small_sources: int
    """Of one chunk, taken in each round."""
    streams: int
    growth_chunks: tuple[int, ...]
    """Of the one project that grows."""
    growth_projects: tuple[int, ...]
    """Of 1,000 chunks each, in the install that grows."""


FULL = Sizes(
    rounds=5,
    seconds=4,
    bare_questions=60,
    large=100_000,
    projects=1_000,
    documents=12,
    small_sources=150,
    streams=500,
    growth_chunks=(1_000, 10_000, 100_000),
    growth_projects=(1, 10, 100, 1_000),
)
QUICK = Sizes(
    rounds=2,
    seconds=1,
    bare_questions=15,
    large=20_000,
    projects=50,
    documents=3,
    small_sources=20,
    streams=50,
    growth_chunks=(1_000, 5_000),
    growth_projects=(1, 20),
)
