"""What other tenants cost: the same small base alone and among many, on two servers taking turns."""

import itertools
from statistics import median

from benchmarks.client import ask_for, query, warm_up
from benchmarks.knowledge import filler, questions, real_passages, write
from benchmarks.opened import Opened
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.server import Install, fresh_install, running

HOT_CHUNKS = 1_000
NEIGHBOUR_CHUNKS = 20


async def measure(sizes: Sizes) -> list[Measured]:
    """The row about many projects."""
    with fresh_install() as alone, fresh_install() as among:
        await _fill(alone, 1)
        await _fill(among, sizes.projects)
        with running(alone) as one, running(among) as many:
            asked = {server.pid: [query(server, text) for text in questions()] for server in (one, many)}
            ratios = []
            for server in (one, many):
                await warm_up(server, asked[server.pid])
            for _ in range(sizes.rounds):
                alone_ms, among_ms = [
                    median((await ask_for(server, asked[server.pid], seconds=sizes.seconds)).milliseconds)
                    for server in (one, many)
                ]
                ratios.append(among_ms / alone_ms)
    return [
        Measured(
            name=f"query p50, {sizes.projects:,} projects ÷ 1 (hot project)",
            value=median(ratios),
            floor=1.3,
            stretch=1.1,
        )
    ]


async def _fill(install: Install, projects: int) -> None:
    """The small base in the install's own project, a few chunks in each of the others."""
    opened = Opened(install)
    real = await real_passages(opened.embedder)
    await write(opened.db, opened.search, install.project_id, itertools.chain(real, filler(HOT_CHUNKS - len(real))))
    few = list(filler(NEIGHBOUR_CHUNKS))
    for _ in range(projects - 1):
        await write(opened.db, opened.search, await opened.new_project(), few)
    await opened.close()
