"""What is spent and reserved of a budget: exact under many writers, never negative, and nothing reserved in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from aivastark.accounts.metering import COUNTED_MAX
from aivastark.accounts.plans import PLANS, Plan
from aivastark.backends.llm.base import Took
from aivastark.database import Base, Database, ReadSession, WriteSession
from aivastark.kit.money import BOUNDLESS, Budget, from_dollars
from aivastark.projects.models import Project
from aivastark.projects.spending import (
    ModelSpending,
    Refusal,
    Reservation,
    effective_budget,
    end_of,
    reserve,
    settle,
    spent_on,
)

PROJECT = "prj_a"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DATABASES = 4
"""As many processes would have."""


@pytest.fixture
async def doors(database_url: str) -> AsyncIterator[list[Database]]:
    """The same database, opened by several as by processes of their own."""
    async with AsyncExitStack() as stack:
        opened = [Database(database_url) for _ in range(DATABASES)]
        for one in opened:
            stack.push_async_callback(one.close)
        yield opened


def wanting(tokens: int, *, cost: int = 0, at: datetime = NOON) -> Reservation:
    return Reservation(at=at, tokens=tokens, cost=cost)


async def ask(db: Database, wanted: Reservation, budget: Budget) -> Reservation | Refusal:
    return await db.write(lambda session: reserve(session, PROJECT, wanted, budget))


async def row(db: Database, at: datetime = NOON) -> ModelSpending:
    return await db.read(lambda session: spent_on(session, PROJECT, at.date()))


async def test_of_200_at_once_exactly_those_pass_that_fit(doors: list[Database]) -> None:
    budget = Budget(tokens=10 * 700 + 699, cost=None)

    given = await asyncio.gather(*(ask(doors[n % DATABASES], wanting(700), budget) for n in range(200)))
    reserved = await row(doors[0])
    passed = [one for one in given if isinstance(one, Reservation)]
    took = Took(input_tokens=300, output_tokens=50, cost=7)
    await asyncio.gather(
        *(
            doors[n % DATABASES].write(lambda session, one=one: settle(session, PROJECT, one, took))  # type: ignore[misc]
            for n, one in enumerate(passed)
        )
    )
    settled = await row(doors[1])

    assert len(passed) == 10
    assert sorted(one.number for one in given if isinstance(one, Refusal)) == list(range(1, 191))
    assert (reserved.tokens, reserved.tokens_reserved, reserved.calls_refused) == (0, 7_000, 190)
    assert (settled.tokens, settled.cost, settled.tokens_reserved) == (3_500, 70, 0)


async def test_money_bounds_as_tokens_do(doors: list[Database]) -> None:
    budget = Budget(tokens=None, cost=1_000)

    given = [await ask(doors[0], wanting(5, cost=400), budget) for _ in range(3)]
    dearer = await ask(doors[0], wanting(5, cost=1_001), Budget(tokens=None, cost=1_000))

    assert [isinstance(one, Reservation) for one in given] == [True, True, False]
    assert dearer == Refusal(number=2)


async def test_a_day_that_is_spent_says_nothing_of_the_next(doors: list[Database]) -> None:
    budget, late = Budget(tokens=100), datetime(2026, 11, 25, 23, 59, 59, 999_999, tzinfo=UTC)
    killed = await ask(doors[0], wanting(100, at=late), budget)  # whoever reserved this never comes back

    same_day = await ask(doors[0], wanting(1, at=late), budget)
    next_day = await ask(doors[0], wanting(100, at=late + timedelta(microseconds=1)), budget)

    assert isinstance(killed, Reservation)
    assert same_day == Refusal(number=1)
    assert isinstance(next_day, Reservation)
    assert next_day.day == "2026-11-26"
    assert end_of(late.date()) == datetime(2026, 11, 26, tzinfo=UTC)


async def test_what_ends_after_midnight_counts_for_the_day_it_began(doors: list[Database]) -> None:
    reserved = await ask(doors[0], wanting(100), Budget(tokens=100))
    assert isinstance(reserved, Reservation)

    await doors[0].write(lambda session: settle(session, PROJECT, reserved, Took(input_tokens=90)))

    assert (await row(doors[0])).tokens == 90
    assert (await row(doors[0], NOON + timedelta(days=1))).tokens == 0


async def test_a_call_of_a_project_that_is_erased_meanwhile_leaves_no_debt(doors: list[Database]) -> None:
    reserved = await ask(doors[0], wanting(100), Budget(tokens=100))
    assert isinstance(reserved, Reservation)
    erase = delete(ModelSpending).where(ModelSpending.project_id == PROJECT)
    await doors[0].write(lambda session: session.execute(erase))

    await doors[0].write(lambda session: settle(session, PROJECT, reserved, Took(input_tokens=90)))

    left = await row(doors[0])
    assert (left.tokens, left.tokens_reserved) == (90, 0)


async def test_a_lying_provider_breaks_no_sum(doors: list[Database]) -> None:
    lie = Took(input_tokens=10**8, output_tokens=10**8, cost=2**62)

    for _ in range(3):
        await doors[0].write(lambda session: settle(session, PROJECT, wanting(0), lie))

    assert (await row(doors[0])).cost == COUNTED_MAX
    assert isinstance(await ask(doors[0], wanting(1, cost=1), BOUNDLESS), Reservation)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 60), st.integers(0, 60)),
        st.tuples(st.just("settle"), st.integers(0, 80), st.integers(0, 80)),
    ),
    max_size=40,
)
BUDGETS = st.builds(Budget, tokens=st.none() | st.integers(0, 200), cost=st.none() | st.integers(0, 200))


@given(steps=STEPS, budget=BUDGETS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_nothing_is_negative_or_over_and_nothing_stays_reserved(
    steps: list[tuple[str, int, int]], budget: Budget
) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.tables[ModelSpending.__tablename__].create(engine)
    held: list[Reservation] = []
    spent = [0, 0]
    beyond = [0, 0]

    def end(session: WriteSession, one: Reservation, tokens: int, cost: int) -> None:
        settle(session, PROJECT, one, Took(input_tokens=tokens, cost=cost))
        spent[0], spent[1] = spent[0] + tokens, spent[1] + cost
        beyond[0] += max(0, tokens - one.tokens)
        beyond[1] += max(0, cost - one.cost)

    with WriteSession(engine) as session:
        for what, tokens, cost in steps:
            if what == "reserve":
                wanted = wanting(tokens, cost=cost)
                if isinstance(reserve(session, PROJECT, wanted, budget), Reservation):
                    held.append(wanted)
            elif held:
                end(session, held.pop(0), tokens, cost)
            now = fresh(session)
            assert (now.tokens, now.cost) == tuple(spent)
            assert now.tokens_reserved == sum(one.tokens for one in held)
            assert now.cost_reserved == sum(one.cost for one in held)
            assert budget.tokens is None or now.tokens + now.tokens_reserved <= budget.tokens + beyond[0]
            assert budget.cost is None or now.cost + now.cost_reserved <= budget.cost + beyond[1]
        for one in held:
            end(session, one, 1, 1)
        last = fresh(session)
    engine.dispose()

    assert (last.tokens_reserved, last.cost_reserved) == (0, 0)
    assert (last.tokens, last.cost) == tuple(spent)


def fresh(session: Session) -> ModelSpending:
    session.expire_all()
    assert isinstance(session, ReadSession)
    return spent_on(session, PROJECT, NOON.date())


@pytest.mark.parametrize(
    ("own", "plan_tokens", "default", "expected"),
    [
        ({}, None, BOUNDLESS, BOUNDLESS),
        ({}, None, Budget(tokens=5, cost=7), Budget(tokens=5, cost=7)),
        ({"tokens_per_day": 9}, None, Budget(tokens=5, cost=7), Budget(tokens=9, cost=7)),
        ({"tokens_per_day": 9, "cost_per_day": "0.5"}, 8, BOUNDLESS, Budget(tokens=8, cost=from_dollars("0.5"))),
        ({"tokens_per_day": 0}, 8, Budget(tokens=5), Budget(tokens=0)),
        ({}, 3, Budget(tokens=5), Budget(tokens=3)),
        ({}, 3, BOUNDLESS, Budget(tokens=3)),
    ],
)
def test_the_projects_own_bound_goes_before_the_default_and_the_plans_before_both(
    own: dict[str, object], plan_tokens: int | None, default: Budget, expected: Budget
) -> None:
    enterprise = PLANS["enterprise"]
    plan = Plan(per_minute=enterprise.per_minute, per_day=None, api_access=True, tokens_per_project_day=plan_tokens)

    assert effective_budget(Project(settings={"budget": own}), plan, default) == expected
