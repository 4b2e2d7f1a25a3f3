"""What a language model takes is counted to the last token, and a spent budget costs the visitor only its words."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from aivastark.accounts.bounds import set_plan
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.llm.completions import estimated_tokens
from aivastark.kit.clock import utc_now
from aivastark.kit.money import Budget, in_dollars
from aivastark.projects.spending import ModelSpending
from aivastark.settings import Settings
from tests.answers.priced import HONEST, MAX_TOKENS, PRICE, QUESTION, WROTE, asking, budget_of, taking, totals_of
from tests.answers.proof import assert_proven, texts_of
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Body, Client, Tenant, assert_error, events_in, read
from tests.people import mails, make_person

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def model() -> Scripted:
    return Scripted(text=HONEST, price=PRICE)


@pytest.fixture
def install(backends: Backends, model: Scripted) -> Backends:
    return replace(backends, llm=model, llm_price=PRICE)


@pytest.fixture
async def bot(install: Backends, tenant: Tenant, settle: Settle) -> AsyncIterator[Client]:
    async with asking(install, tenant, settle) as client:
        yield client


def reserved_for(model: Scripted) -> int:
    """What is kept for one question like the last one."""
    return estimated_tokens(model.prompts[-1].text_bytes) + MAX_TOKENS


async def test_an_answer_tells_what_it_took_and_so_do_project_and_organisation(bot: Client) -> None:
    answer = await bot.ask(QUESTION)
    [streamed] = [
        event.body
        for event in events_in((await bot.post("query", {"message": QUESTION, "stream": True})).text)
        if event.kind == "answer"
    ]

    expected = taking(100, WROTE)
    assert answer["usage"] == streamed["usage"] == expected
    assert Decimal(expected["cost"]) == (Decimal("0.15") * 100 + Decimal("0.6") * WROTE) / 1_000_000
    twice = {**taking(200, 2 * WROTE), "questions": 2, "answers_refused": 0}
    assert await totals_of(bot) == twice
    budget = await budget_of(bot)
    assert budget["tokens"] == {"limit": None, "spent": 200 + 2 * WROTE, "reserved": 0}
    assert budget["cost"] == {"limit": None, "spent": twice["cost"], "reserved": "0"}
    assert budget["resets_at"] == f"{utc_now().date() + timedelta(days=1)}T00:00:00.000Z"


@pytest.mark.parametrize("said", ["NO_ANSWER", "Every item is made of gold. [1]", "You can return any item within"])
async def test_what_nobody_was_shown_is_counted_all_the_same(bot: Client, model: Scripted, said: str) -> None:
    model.text = said
    if said.endswith("within"):
        model.failure = ModelFailed("cut_off", "The answer broke off.")

    answer = await bot.ask(QUESTION)

    assert answer["usage"]["input_tokens"] == 100
    assert answer["usage"]["output_tokens"] in (len(said) // 4, 7 // 4)
    told = {name: value for name, value in (await totals_of(bot)).items() if name in answer["usage"]}
    assert told == answer["usage"]


@both_databases
async def test_of_fifty_questions_exactly_those_that_fit_get_the_model(bot: Client, model: Scripted) -> None:
    await bot.ask(QUESTION)
    spent = (await budget_of(bot))["tokens"]["spent"]
    each = reserved_for(model)
    await bot.patch("", {"budget": {"tokens_per_day": spent + 10 * each + each - 1}})
    model.gate = asyncio.Event()  # nothing is settled before all have decided

    tasks = [asyncio.create_task(bot.ask(QUESTION)) for _ in range(50)]
    while sum(task.done() for task in tasks) < 40:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    under_way = await budget_of(bot)
    model.gate.set()
    answers = await asyncio.gather(*tasks)

    assert len(model.prompts) == 11
    assert sorted(answer["model"] for answer in answers) == ["extractive"] * 40 + ["scripted"] * 10
    assert all("budget_spent" in one["confidence_reasons"] for one in answers if one["model"] == "extractive")
    assert under_way["tokens"] == {"limit": spent + 11 * each - 1, "spent": spent, "reserved": 10 * each}
    settled = await budget_of(bot)
    assert settled["tokens"]["reserved"] == 0
    assert settled["tokens"]["spent"] == 11 * (100 + WROTE)
    assert settled["calls_refused"] == 40
    assert (await totals_of(bot))["questions"] == 51


async def test_a_degraded_answer_keeps_every_promise(bot: Client, model: Scripted) -> None:
    await bot.patch("", {"budget": {"tokens_per_day": 0}})
    texts = await texts_of(bot, *[source["id"] for source in read(await bot.get("sources"))["data"]])

    whole = await bot.ask(QUESTION)
    events = events_in((await bot.post("query", {"message": QUESTION, "stream": True})).text)
    unknown = await bot.ask("Do you sell gift cards for astronauts?")
    [streamed] = [event.body for event in events if event.kind == "answer"]

    assert model.prompts == []
    for answer in (whole, streamed):
        assert answer["answered"]
        assert answer["model"] == "extractive"
        assert answer["confidence_reasons"][0] == "budget_spent"
        assert answer["usage"] == {"input_tokens": 0, "output_tokens": 0, "cost": "0"}
        assert_proven(answer, texts)
    assert [event.kind for event in events][-3:-1] == ["answer", "done"]
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == streamed["answer"]
    assert not unknown["answered"]
    assert_proven(unknown, texts)


async def test_a_budget_in_dollars_bounds_by_the_price(bot: Client, model: Scripted) -> None:
    await bot.ask(QUESTION)
    worst = PRICE.of(estimated_tokens(model.prompts[-1].text_bytes), MAX_TOKENS)
    spent = PRICE.of(100, WROTE)
    await bot.patch("", {"budget": {"cost_per_day": "0.000001"}})
    poor = await bot.ask(QUESTION)
    exact = Decimal(in_dollars(spent + worst)).quantize(Decimal("0.000001"), rounding="ROUND_UP")
    await bot.patch("", {"budget": {"cost_per_day": str(exact)}})
    fits = await bot.ask(QUESTION)

    assert poor["model"] == "extractive"
    assert fits["model"] == "scripted"
    assert (await budget_of(bot))["cost"]["spent"] == in_dollars(2 * spent)


async def test_the_next_day_has_a_budget_of_its_own(bot: Client, backends: Backends) -> None:
    await bot.patch("", {"budget": {"tokens_per_day": 1_500}})
    first = await bot.ask(QUESTION)
    while (spent := await bot.ask(QUESTION))["model"] == "scripted":
        pass
    # Midnight passes: what is today's row was yesterday's.
    now = utc_now()
    yesterday = (
        update(ModelSpending)
        .where(ModelSpending.project_id == bot.tenant.project_id)
        .values(day=(now - timedelta(days=1)).date().isoformat())
    )
    await backends.db.write(lambda session: session.execute(yesterday))
    anew = await bot.ask(QUESTION)

    assert (first["model"], spent["model"], anew["model"]) == ("scripted", "extractive", "scripted")
    assert (await budget_of(bot))["tokens"]["spent"] == 100 + WROTE


async def test_administrators_are_told_once_when_it_runs_out(
    bot: Client, model: Scripted, install: Backends, settings: Settings, settle: Settle
) -> None:
    owner = await make_person(install, bot.tenant)
    admin = await make_person(install, bot.tenant, "admin")
    await make_person(install, bot.tenant, "agent")
    await bot.ask(QUESTION)
    model.text = HONEST + " We do." * 40
    each = reserved_for(model)
    await bot.patch("", {"budget": {"tokens_per_day": 100 + WROTE + each}})

    with capture_logs() as lines:
        while (await bot.ask(QUESTION))["model"] != "extractive":
            pass
        await bot.ask(QUESTION)

    spent = [line for line in lines if line["event"] == "model_budget_spent"]
    assert len(spent) == 1
    assert spent[0]["project_id"] == bot.tenant.project_id
    assert spent[0]["tokens_per_day"] == 100 + WROTE + each
    await settle()
    assert sorted(str(mail["To"]) for mail in mails(settings)) == sorted([owner.email, admin.email])


async def test_four_fifths_of_a_budget_are_a_line_in_the_log(bot: Client) -> None:
    await bot.patch("", {"budget": {"cost_per_day": "0.0005"}})

    with capture_logs() as lines:
        while (await bot.ask(QUESTION))["model"] != "extractive":
            pass

    spent = Decimal((await budget_of(bot))["cost"]["spent"])
    told = [line["percent"] for line in lines if line["event"] == "model_budget_used"]
    assert told == ([80] if spent >= Decimal("0.0004") else [])


async def test_a_visitor_who_stops_an_answer_frees_what_was_reserved(
    bot: Client, model: Scripted, install: Backends
) -> None:
    await bot.patch("", {"budget": {"tokens_per_day": 100_000}})
    model.text = f"{HONEST} The item must be unused and in its original packaging. [1]"
    model.gate, model.gate_at_chars = asyncio.Event(), 70

    asking = asyncio.create_task(bot.post("query", {"message": QUESTION, "stream": True}))
    while not install.answers_under_way:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    [key] = install.answers_under_way
    await bot.post(f"messages/{key.partition(':')[2]}/cancel")
    [answer] = [event.body for event in events_in((await asking).text) if event.kind == "answer"]

    assert answer["usage"] == taking(100, 70 // 4)
    assert (await budget_of(bot))["tokens"] == {"limit": 100_000, "spent": 100 + 70 // 4, "reserved": 0}


async def test_a_caller_that_is_gone_before_the_first_word_leaves_nothing_reserved(
    bot: Client, model: Scripted, install: Backends
) -> None:
    await bot.patch("", {"budget": {"tokens_per_day": 100_000}})
    model.gate = asyncio.Event()

    for pause_s in (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.3):
        asking = asyncio.create_task(bot.ask(QUESTION))
        await asyncio.sleep(pause_s)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    while install.tasks:
        await asyncio.gather(*install.tasks)

    assert (await budget_of(bot))["tokens"]["reserved"] == 0
    assert len(model.prompts) >= 1


async def test_a_budget_is_told_and_changed_bound_by_bound(bot: Client, install: Backends) -> None:
    one = read(await bot.patch("", {"budget": {"tokens_per_day": 5}}))["budget"]
    other = read(await bot.patch("", {"budget": {"cost_per_day": "2.50"}}))["budget"]
    freed = read(await bot.patch("", {"budget": {"tokens_per_day": None}}))["budget"]
    gone = read(await bot.patch("", {"budget": None}))["budget"]

    assert one == {"tokens_per_day": 5, "cost_per_day": None}
    assert other == {"tokens_per_day": 5, "cost_per_day": "2.50"}
    assert freed == {"tokens_per_day": None, "cost_per_day": "2.50"}
    assert gone == {"tokens_per_day": None, "cost_per_day": None}


@pytest.mark.parametrize(
    "wrong",
    [{"tokens_per_day": -1}, {"cost_per_day": "-1"}, {"cost_per_day": "1e3"}, {"cost_per_day": "0.0000001"}, {"a": 1}],
)
async def test_a_budget_that_is_none_is_a_422(bot: Client, wrong: Body) -> None:
    [name] = wrong
    refused = await bot.patch("", {"budget": wrong})

    assert_error(refused, 422, "invalid_request", param=f"budget.{name}")


async def test_installs_and_plans_bound_projects_that_do_not(
    install: Backends, tenant: Tenant, settle: Settle, model: Scripted
) -> None:
    async with asking(replace(install, llm_budget=Budget(tokens=0)), tenant, settle) as bot:
        by_default = await bot.ask(QUESTION)
        await bot.patch("", {"budget": {"tokens_per_day": 100_000}})
        by_itself = await bot.ask(QUESTION)
        await install.db.write(
            lambda session: set_plan(
                session, tenant.organization_id, plan=None, overrides={"tokens_per_project_day": 50}
            )
        )
        by_plan = await bot.ask(QUESTION)
        told = await budget_of(bot)

    assert [one["model"] for one in (by_default, by_itself, by_plan)] == ["extractive", "scripted", "extractive"]
    assert told["tokens"]["limit"] == 50
