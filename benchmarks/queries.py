"""Questions: how long one takes beside the bare cost of its parts, with more clients, and in bases of other sizes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.bare import BareParts, Costs, bare_framework, quiet
from benchmarks.client import Load, ask_for, query, warm_up
from benchmarks.knowledge import filler, questions, real_passages, write
from benchmarks.opened import Opened
from benchmarks.processes import cpu_seconds
from benchmarks.report import Measured
from benchmarks.sizes import Sizes
from evals.metrics import percentile
from evals.server import Install, Server, fresh_install, running

MEDIUM = 10_000
SMALL = 1_000
MANY_CLIENTS = 8
PROCESSES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class _Round:
    bare: Costs
    one: Load
    many: Load
    server_cpu_ms: float
    small: float
    large: float


async def measure(sizes: Sizes) -> list[Measured]:
    """All rows about questions."""
    with fresh_install() as install:
        bases = await _fill(install, sizes)
        with running(install) as server, bare_framework() as (port, pid):
            bare = BareParts(install.data_dir, server.project_id, port=port, pid=pid)
            rounds = await _rounds(server, bare, bases, sizes)
            await bare.close()
        with running(install, "--processes", str(PROCESSES)) as server:
            together = await _of_processes(server, sizes)
    return [*_rows(rounds, sizes), *_of_many(together, f", serve --processes {PROCESSES}")]


async def _fill(install: Install, sizes: Sizes) -> dict[int, str]:
    """Project ids by number of chunks: the install's own has the medium base."""
    opened = Opened(install)
    real = await real_passages(opened.embedder)
    bases = {MEDIUM: install.project_id, SMALL: await opened.new_project(), sizes.large: await opened.new_project()}
    for count, project_id in bases.items():
        passages = itertools.chain(real, filler(count - len(real)))
        await write(opened.db, opened.search, project_id, passages)
    await opened.close()
    return bases


async def _rounds(server: Server, bare: BareParts, bases: dict[int, str], sizes: Sizes) -> list[_Round]:
    asked = questions()
    encoded = {
        count: [query(server, one, project_id=project_id) for one in asked] for count, project_id in bases.items()
    }
    for some in encoded.values():
        await warm_up(server, some)
    rounds = []
    for turn in range(sizes.rounds):
        few = asked[turn * sizes.bare_questions :][: sizes.bare_questions]
        costs = await bare.round(few, seconds=sizes.seconds / 4)
        cpu = cpu_seconds(server.pid)
        one = await ask_for(server, encoded[MEDIUM], seconds=sizes.seconds)
        cpu = cpu_seconds(server.pid) - cpu
        small = await ask_for(server, encoded[SMALL], seconds=sizes.seconds / 2)
        large = await ask_for(server, encoded[sizes.large], seconds=sizes.seconds / 2)
        many = await ask_for(server, encoded[MEDIUM], clients=MANY_CLIENTS, seconds=sizes.seconds)
        rounds.append(
            _Round(
                bare=costs,
                one=one,
                many=many,
                server_cpu_ms=cpu / len(one.milliseconds) * 1000,
                small=median(small.milliseconds),
                large=median(large.milliseconds),
            )
        )
    return rounds


async def _of_processes(server: Server, sizes: Sizes) -> list[tuple[Load, Load]]:
    """One client's load and many clients', of each round, on several processes."""
    encoded = [query(server, one) for one in questions()]
    await warm_up(server, encoded)
    await ask_for(server, encoded, clients=MANY_CLIENTS, seconds=sizes.seconds)  # each process loads what is its own
    return [
        (
            await ask_for(server, encoded, seconds=sizes.seconds),
            await ask_for(server, encoded, clients=MANY_CLIENTS, seconds=sizes.seconds),
        )
        for _ in range(sizes.rounds)
    ]


def _of_many(rounds: Sequence[tuple[Load, Load]], how: str = "") -> list[Measured]:
    """What many clients get beside one; `rounds` as `_of_processes` gives them, `how` the end of each row's name."""
    return [
        Measured(
            name=f"query p50, {MANY_CLIENTS} clients{how}",
            value=median(median(many.milliseconds) for _, many in rounds),
            unit="ms",
        ),
        Measured(name=f"query p99, {MANY_CLIENTS} clients{how}", value=_p99([many for _, many in rounds]), unit="ms"),
        Measured(
            name=f"throughput, {MANY_CLIENTS} clients ÷ 1{how}",
            value=median(many.per_second / one.per_second for one, many in rounds),
            floor=1.6,
            stretch=1.9,
            at_most=False,
            note=f"{median(many.per_second for _, many in rounds):.0f} questions a second",
        ),
    ]


def _rows(rounds: Sequence[_Round], sizes: Sizes) -> list[Measured]:
    p50 = [median(one.one.milliseconds) for one in rounds]
    parts = (
        f"embedding {median(one.bare.embedding_ms for one in rounds):.1f}"
        f" + search {median(one.bare.search_ms for one in rounds):.1f}"
        f" + framework {median(one.bare.framework_ms for one in rounds):.1f} ms"
    )
    cpu = median(one.server_cpu_ms for one in rounds)
    return [
        Measured(
            name="query p50, 10,000 chunks, 1 client ÷ bare parts",
            value=median(p50[at] / one.bare.total_ms for at, one in enumerate(rounds)),
            floor=1.5,
            stretch=1.2,
            note=parts,
        ),
        Measured(
            name="the same, were our own search the bare one",
            value=median(p50[at] / one.bare.total_with_our_search_ms for at, one in enumerate(rounds)),
            note=f"our search {median(one.bare.our_search_ms for one in rounds):.1f} ms",
        ),
        Measured(
            name="query p50 ÷ bare parts, of 10th percentiles",
            value=median(quiet(one.one.milliseconds) / one.bare.quiet_ms for one in rounds),
            note="moments in which other load did not get in the way",
        ),
        Measured(
            name="query CPU, 10,000 chunks, 1 client ÷ bare parts",
            value=median(one.server_cpu_ms / one.bare.cpu_ms for one in rounds),
            note=f"{cpu:.1f} ms of processor time a question; hardly moved by other load",
        ),
        Measured(name="query p50, 1 client", value=median(p50), unit="ms"),
        Measured(name="query p99, 1 client", value=_p99([one.one for one in rounds]), unit="ms"),
        *_of_many([(one.one, one.many) for one in rounds]),
        Measured(
            name=f"query p50, {sizes.large:,} chunks ÷ {SMALL:,}",
            value=median(one.large / one.small for one in rounds),
            floor=4,
            stretch=2,
            note=f"{median(o.large for o in rounds):.1f} ÷ {median(o.small for o in rounds):.1f} ms",
        ),
    ]


def _p99(loads: Sequence[Load]) -> float:
    return percentile([one for some in loads for one in some.milliseconds], 0.99)
