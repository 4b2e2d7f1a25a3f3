"""Run as a process of its own and killed at a random moment: swaps one source between versions for ever."""

import asyncio
import sys
from pathlib import Path

import numpy as np

from aivastark.backends.search.base import IndexedChunk
from aivastark.backends.search.sqlite import SqliteSearch

CHUNKS = 40


async def main(folder: Path) -> None:
    """Publish version after version, each with `CHUNKS` chunks that name it."""
    engine = SqliteSearch(folder)
    version = await engine.published_version("prj_crash", "src_a") or 0
    vector = np.zeros(8, np.float32)
    vector[0] = 1.0
    while True:
        version += 1
        chunks = [
            IndexedChunk(
                chunk_id=f"{version}_{number}",
                document_id="doc",
                heading="",
                text="parcel " * 50,
                language="en",
                vector=vector,
            )
            for number in range(CHUNKS)
        ]
        await engine.publish("prj_crash", "src_a", version=version, chunks=chunks)
        print(version, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
