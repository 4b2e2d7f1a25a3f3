"""The install's language model as one project may use it: no call without room in the budget, and every call counted.

Whoever lets a model write for a project, for whatever purpose, has it from here.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace

import structlog

from aivastark.accounts.bounds import plan_in
from aivastark.accounts.metering import meter
from aivastark.backends.base import Backends
from aivastark.backends.llm.base import Finished, LanguageModel, ModelFailed, Prompt, Took
from aivastark.backends.llm.completions import estimated_tokens
from aivastark.database import Result, WriteSession
from aivastark.kit.clock import utc_now
from aivastark.kit.money import BOUNDLESS, Budget, in_dollars
from aivastark.projects.budget_mail import tell_administrators
from aivastark.projects.models import Project
from aivastark.projects.spending import Refusal, Reservation, effective_budget, reserve, settle

TOLD_AT_PERCENT = (80, 100)

log = structlog.get_logger()


def within_budget(backends: Backends, project: Project) -> "WithinBudget | None":
    """The model for one answer, or whatever else the project needs; None where the install has none.

    It fails with `budget_spent`, and asks nobody, when the day's budget has no room for a call.
    """
    return None if backends.llm is None else WithinBudget(backends, backends.llm, project)


class WithinBudget:
    """Adds up in `took` what its calls took, finished or not."""

    def __init__(self, backends: Backends, model: LanguageModel, project: Project) -> None:
        self.name = model.name
        self.took = Took()
        self._backends = backends
        self._model = model
        self._project = project
        self._budget = BOUNDLESS

    async def close(self) -> None:
        """Nothing: the connections are the install's."""

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        """As the model writes. Raises its ModelFailed, or one of ours before it is asked."""
        reserved = await self._reserve(prompt)
        took: list[Took] = []
        try:
            async with aclosing(self._model.write(replace(prompt, unfinished=took.append))) as parts:
                async for part in parts:
                    if isinstance(part, Finished):
                        took.append(part.took)
                    yield part
        finally:
            used = sum(took, Took())
            self.took += used
            await asyncio.shield(self._kept(self._settle(reserved, used)))

    async def _reserve(self, prompt: Prompt) -> Reservation:
        """What the call may take, kept for it. Raises ModelFailed when there is no room."""
        reserving = asyncio.create_task(self._reserve_what_fits(prompt))
        try:
            reserved = await asyncio.shield(reserving)
        except asyncio.CancelledError:  # which undoes no transaction that is under way
            self._kept(self._give_back(reserving))
            raise
        if isinstance(reserved, Refusal):
            if reserved.number == 1:
                log.warning("model_budget_spent", project_id=self._project.id, **_told(self._budget))
            raise ModelFailed("budget_spent", "The project's budget for today has no room for another call.")
        return reserved

    async def _reserve_what_fits(self, prompt: Prompt) -> Reservation | Refusal:
        project, now = self._project, utc_now()
        plan = await self._backends.db.read(lambda session: plan_in(session, project.organization_id))
        self._budget = effective_budget(project, plan, self._backends.llm_budget)
        if self._budget == BOUNDLESS:
            return Reservation(at=now)
        read = estimated_tokens(prompt.text_bytes)
        cost = self._backends.llm_price.of(read, prompt.max_tokens)
        wanted = Reservation(at=now, tokens=read + prompt.max_tokens, cost=cost)
        budget = self._budget
        is_never = 0 in (budget.tokens, budget.cost)  # then nobody wonders

        def work(session: WriteSession) -> Reservation | Refusal:
            reserved = reserve(session, project.id, wanted, budget)
            if reserved == Refusal(number=1) and not is_never:
                tell_administrators(session, self._backends.secret_key, project)
            return reserved

        return await self._write(work)

    async def _give_back(self, reserving: asyncio.Task[Reservation | Refusal]) -> None:
        reserved = await reserving
        if isinstance(reserved, Reservation):
            await self._settle(reserved, Took())

    async def _settle(self, reserved: Reservation, took: Took) -> None:
        """Count what was used, in the budget and in the usage of the day the call began on."""
        if took == Took() and not reserved.tokens and not reserved.cost:
            return
        project = self._project

        def work(session: WriteSession) -> Budget:
            meter(
                session,
                project.organization_id,
                project.id,
                {"input_tokens": took.input_tokens, "output_tokens": took.output_tokens, "cost": took.cost},
                now=reserved.at,
            )
            return settle(session, project.id, reserved, took)

        spent = await self._write(work)
        self._tell("tokens", spent.tokens, took.input_tokens + took.output_tokens, self._budget.tokens)
        self._tell("cost", spent.cost, took.cost, self._budget.cost)

    async def _write(self, work: Callable[[WriteSession], Result]) -> Result:
        """In turn with whoever counts for the same organisation: those who are overtaken have to begin again."""
        return await self._backends.db.write(work, turn=self._project.organization_id)

    def _tell(self, of_what: str, spent: int | None, used: int, allowed: int | None) -> None:
        """A line in the log for whoever used the last of so many percent: there is one such call a day."""
        if spent is None or not allowed:
            return
        for percent in TOLD_AT_PERCENT:
            if (spent - used) * 100 < percent * allowed <= spent * 100:
                log.warning(
                    "model_budget_used",
                    project_id=self._project.id,
                    of_what=of_what,
                    percent=percent,
                    **_told(self._budget),
                )

    def _kept(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """A task that is run to its end, also when the process ends in good order."""
        task = asyncio.create_task(work)
        self._backends.tasks.add(task)
        task.add_done_callback(self._backends.tasks.discard)
        return task


def _told(budget: Budget) -> dict[str, object]:
    cost = None if budget.cost is None else in_dollars(budget.cost)
    return {"tokens_per_day": budget.tokens, "cost_per_day": cost}
