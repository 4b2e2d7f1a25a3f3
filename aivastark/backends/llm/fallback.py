"""Several models as one: a passing failure is tried again, a lasting one is handed to the next model.

Only while nothing was said: after the first text a failure goes to the caller, who knows what is worth keeping.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import structlog

from aivastark.backends.llm.base import Finished, LanguageModel, ModelFailed, Prompt, Took
from aivastark.kit.money import TRILLIONTHS
from aivastark.telemetry.metrics import MODEL_CALLS, MODEL_DOLLARS, MODEL_TOKENS

PAUSES_S = (0.25, 1.0)  # before the second and the third try of one model, half as long or half as much again
WAIT_MAX_S = 4.0  # what somebody may wait for a provider that says when to come back
REST_MAX_S = 60.0  # how long a provider that says so is left alone, at most
PATIENCE_S = 10.0  # after which no model is tried a second time

log = structlog.get_logger()


class WithFallback:
    """Asks the first of `models`, and the next ones when it fails; `pauses_s` as in `PAUSES_S`."""

    def __init__(self, models: Sequence[LanguageModel], *, pauses_s: Sequence[float] = PAUSES_S) -> None:
        if not models:
            raise ValueError("at least one model is needed")
        self._models = tuple(models)
        self._pauses_s = tuple(pauses_s)
        self._resting: dict[LanguageModel, float] = {}  # those to be left alone, until when on the loop's clock
        self.name = ", else ".join(model.name for model in self._models)

    async def close(self) -> None:
        """Close every model."""
        for model in self._models:
            await model.close()

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Finished, None]:
        """The text of the first model that says anything. Raises the last one's ModelFailed when none does."""
        no_more_tries = _now() + PATIENCE_S
        last: ModelFailed | None = None
        for place, model in enumerate(self._models):
            failed = self._rest_of(model)
            last = failed or last
            for pause_s in (0.0, *self._pauses_s):
                if failed is not None:
                    wait_s = _wait_s(failed, pause_s)
                    if wait_s is None or _now() + wait_s > no_more_tries:
                        break
                    await asyncio.sleep(wait_s)
                spoke = False
                try:
                    async with contextlib.aclosing(counted(model, prompt, "fallback" if place else "first")) as parts:
                        async for part in parts:
                            spoke = True
                            yield part
                    return
                except ModelFailed as failure:
                    self._note(model, failure)
                    if spoke:
                        raise
                    failed = last = failure
        assert last is not None
        raise last

    def _rest_of(self, model: LanguageModel) -> ModelFailed | None:
        """Why a model is not asked now: it wanted to be left alone."""
        left_s = self._resting.get(model, 0.0) - _now()
        if left_s <= 0:
            self._resting.pop(model, None)
            return None
        return ModelFailed("rate_limited", f"{model.name} asked not to be called yet.", retry_after_s=left_s)

    def _note(self, model: LanguageModel, failure: ModelFailed) -> None:
        log.warning("model_failed", model=model.name, code=failure.code, reason=failure.message)
        if failure.retry_after_s is not None and failure.retry_after_s > WAIT_MAX_S:
            self._resting[model] = _now() + min(failure.retry_after_s, REST_MAX_S)


async def counted(model: LanguageModel, prompt: Prompt, role: str) -> AsyncGenerator[str | Finished, None]:
    """As `model.write`, counted: what came of the call, and what it took."""

    def unfinished(took: Took) -> None:
        _count(role, took)
        if prompt.unfinished is not None:
            prompt.unfinished(took)

    outcome = "stopped"  # whoever reads may have enough at any time
    try:
        async with contextlib.aclosing(model.write(replace(prompt, unfinished=unfinished))) as parts:
            async for part in parts:
                if isinstance(part, Finished):
                    outcome = "done"
                    _count(role, part.took)
                yield part
    except ModelFailed as failure:
        outcome = failure.code
        raise
    finally:
        MODEL_CALLS.labels(role, outcome).inc()


def _count(role: str, took: Took) -> None:
    MODEL_TOKENS.labels(role, "input").inc(took.input_tokens)
    MODEL_TOKENS.labels(role, "output").inc(took.output_tokens)
    MODEL_DOLLARS.labels(role).inc(took.cost / TRILLIONTHS)


def _wait_s(failure: ModelFailed, pause_s: float) -> float | None:
    """Seconds until the same model is asked again; None when it is not: one long silence is enough for anybody."""
    if not failure.retryable or failure.code == "timeout":
        return None
    wait_s = max(pause_s * random.uniform(0.5, 1.5), failure.retry_after_s or 0.0)
    return wait_s if wait_s <= WAIT_MAX_S else None


def _now() -> float:
    return asyncio.get_running_loop().time()
