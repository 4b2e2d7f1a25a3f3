"""HTTP for trying the language model: one short call, and what came of it in a sentence that tells the way out."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from aivastark.accounts.plans import Plan
from aivastark.accounts.throttle import slow_down
from aivastark.backends.llm.base import Finished, LanguageModel, ModelFailed, ModelFailureCode, Prompt, Said
from aivastark.projects.endpoints import Here, in_project
from aivastark.projects.within_budget import within_budget

TIMEOUT_SECONDS = 20.0
MAX_TOKENS = 200
"""A model that thinks before it speaks needs more than a word's worth."""
TRIES = Plan(per_minute=6, per_day=200, api_access=True)  # each is a call that somebody pays for

_NO_MODEL = "No language model is set, so answers are in the words of your documents. The operator sets one with AIVASTARK_LLM_URL."  # noqa: E501
_WAYS_OUT: Mapping[ModelFailureCode, str] = {
    "timeout": "The model did not answer in time. Try again, and look at whether its provider has trouble.",
    "rate_limited": "The provider takes no more calls for now. Wait a moment, or have the quota raised there.",
    "unavailable": "The provider has trouble of its own. Try again in a few minutes.",
    "unreachable": "The provider cannot be reached. The operator should look at AIVASTARK_LLM_URL and at the network.",
    "rejected": "The provider refuses the call. The operator should look at the key and at the name of the model.",
    "cut_off": "The answer broke off. Try again, and look at whether something between here and the provider cuts it.",
    "nonsense": "What came back is no answer of a language model. The operator should look at AIVASTARK_LLM_URL.",
    "budget_spent": "Nobody was asked: this project's budget for today is spent.",
}

router = APIRouter(prefix="/v1/projects/{project_id}", tags=["Answers"])

Trying = Annotated[Here, Depends(in_project("*", write=True))]


class ModelCheck(BaseModel):
    """What came of one short call."""

    works: bool
    model: str | None = Field(description="Which model, and at which host; null = none is set.")
    code: ModelFailureCode | None = Field(description="Why it does not work; null = it does, or none is set.")
    message: str = Field(description="The same as a sentence, with the way out.")
    latency_ms: int | None = Field(description="From the call to its end; null = nobody was asked.")


@router.post("/language-model/check", operation_id="checkLanguageModel", summary="Try the language model")
async def check(here: Trying) -> ModelCheck:
    """One call of a few words, counted in the budget as every call is. Six a minute at most."""
    model = within_budget(here.backends, here.project)
    if model is None:
        return ModelCheck(works=False, model=None, code=None, message=_NO_MODEL, latency_ms=None)
    await slow_down(here.backends.db, "model-check", here.project_id, plan=TRIES)
    started = time.monotonic()
    code = await _failure_of(model)
    took_ms = round((time.monotonic() - started) * 1000)
    return ModelCheck(
        works=code is None,
        model=model.name,
        code=code,
        message="The model answers." if code is None else _WAYS_OUT[code],
        latency_ms=None if code == "budget_spent" else took_ms,
    )


async def _failure_of(model: LanguageModel) -> ModelFailureCode | None:
    """Why the model does not write; None where it does, whatever it writes."""
    prompt = Prompt(
        system="Answer with one word.", messages=(Said(role="user", text="Say: yes"),), max_tokens=MAX_TOKENS
    )
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS), aclosing(model.write(prompt)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finished):
                    return None
    except TimeoutError:
        return "timeout"
    except ModelFailed as failed:
        return failed.code
    return "cut_off"
