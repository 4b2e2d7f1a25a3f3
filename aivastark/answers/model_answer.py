"""An answer a language model writes, released sentence by sentence, each with the quote that proves it.

Nothing a model says is believed. A sentence is shown when words of one passage support it (`support.py`) and stand
letter for letter in the stored version; anything else is left out, or refuses the answer, as the project wants. So what
a visitor has read is never taken back: a sentence is released when it is proven, not before.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace

from aivastark.answers.choice import choice, sureness
from aivastark.answers.citations import Cited, Citing, Stored, is_stored, verify
from aivastark.answers.confidence import Signals
from aivastark.answers.extractive import Evidence, Examined, Statement
from aivastark.answers.other_language import Opening
from aivastark.answers.policy import MAX_SENTENCES, Policy
from aivastark.answers.prompt import NO_ANSWER, without_marks
from aivastark.answers.remap import ConfidenceMap
from aivastark.answers.support import find_support, prepare
from aivastark.answers.topics import speaks_of
from aivastark.answers.written import Sentences, Written
from aivastark.backends.llm.base import Finished, LanguageModel, ModelFailed, Prompt
from aivastark.kit.stopping import stopped_by

MAX_UNSUPPORTED = 4
"""Sentences without support after which nothing more is expected of an answer."""
READ_AHEAD_AFTER_S = 0.03
"""By then the provider has its prompt, and seldom its first word."""

Release = Callable[[str], Awaitable[None]]
"""Takes a piece of the answer to the visitor. What was released is part of the answer for good."""


@dataclass(kw_only=True, slots=True)
class ModelAnswer:
    """What came of a model's answer."""

    citing: Citing = field(default_factory=Citing)
    evidence: list[Evidence] = field(default_factory=list)
    strengths: list[float] = field(default_factory=list)
    """How well each sentence is proven."""
    unsupported: int = 0
    """Sentences left out, because nothing supports them."""
    is_declined: bool = False
    """The model says that the passages do not answer."""
    is_refused: bool = False
    """By the policy of the project; nothing of it was released then."""
    is_forbidden: bool = False
    """It came to speak of what the project does not want spoken of; what was to be shown before stays."""
    is_over: bool = False
    """Nothing more of what the model says is wanted."""
    probability: float = 0.0
    """That it is right, by all that was said so far."""
    raw: float = 0.0
    """The same before the project's own map."""
    is_sure: bool = False
    """It was, at some sentence, sure enough to be shown: from there on it is an answer, watched or not."""
    released: list[str] = field(default_factory=list)
    """What the visitor has read of it: all, or nothing yet."""
    failure: ModelFailed | None = None
    finished: Finished | None = None

    @property
    def cited(self) -> Cited:
        """The proven sentences."""
        return self.citing.cited()


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One answer to be written."""

    prompt: Prompt
    examined: Examined
    drafted: Signals
    """Of the documents' own answer."""
    stored: Stored
    policy: Policy
    told: ConfidenceMap
    """The project's own, on top of the shipped confidence."""
    threshold: float
    """From which probability an answer is shown."""
    question: str
    language: str | None
    opening: Opening | None = None
    """What the answer opens with, by where its first sentence is from."""
    release: Release | None = None
    """None where nobody watches it grow."""
    stop: asyncio.Event | None = None
    """Set when nobody wants to read on."""


async def write_answer(model: LanguageModel, task: Task) -> ModelAnswer:
    """Let the model write, and keep what is proven. Never raises for what a model or its provider does."""
    answer = ModelAnswer(citing=Citing(task.opening))
    sentences = Sentences(language=task.language)
    waiting: list[str] = []
    try:
        async with stopped_by(task.stop), _reading_ahead(task), aclosing(model.write(task.prompt)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finished):
                    answer.finished = piece
                    break
                await _take_all(answer, task, sentences.feed(piece), waiting)
                if answer.is_over or sentences.is_looping or sentences.is_nonsense:
                    break  # which ends the call at the provider
    except ModelFailed as failure:
        answer.failure = failure
    # What was cut off in the middle of a sentence may say the opposite of the whole.
    if answer.finished is not None and answer.finished.reason == "stop":
        await _take_all(answer, task, sentences.finish(), waiting)
    verify(answer.cited, task.stored)
    return answer


@asynccontextmanager
async def _reading_ahead(task: Task) -> AsyncIterator[None]:
    """Takes the passages apart while the model thinks, so that its first sentence need not wait for that."""

    async def read() -> None:
        await asyncio.sleep(READ_AHEAD_AFTER_S)
        for passage in task.examined.passages:
            prepare(passage, language=task.language)
            await asyncio.sleep(0)  # one at a time: others have their turn between them

    reading = asyncio.create_task(read())
    try:
        yield
    finally:
        reading.cancel()


async def _take_all(answer: ModelAnswer, task: Task, found: Iterable[Written], waiting: list[str]) -> None:
    for written in found:
        text = without_marks(written.text)
        if text and not answer.is_over:
            await _take(answer, task, replace(written, text=text), waiting)


async def _take(answer: ModelAnswer, task: Task, written: Written, waiting: list[str]) -> None:
    """One whole sentence: into the answer when it is proven, and out to the visitor once that is to be shown."""
    if NO_ANSWER in written.text:
        answer.is_declined = answer.is_over = True
        return
    if speaks_of(task.policy.forbidden_topics, written.text, task.language):
        _forbid(answer)
        return
    support = find_support(
        written.text,
        [number - 1 for number in written.named],
        task.examined.passages,
        language=task.language,
        question=task.question,
    )
    if support is None or not is_stored(support.evidence, task.stored):
        answer.unsupported += 1
        answer.is_refused = task.policy.refuses_when_unsupported
        answer.is_over = answer.is_refused or answer.unsupported == MAX_UNSUPPORTED
        _weigh(answer, task)
        return
    if _is_forbidden(written.text, support.evidence, task):
        _forbid(answer)
        return
    answer.evidence.append(support.evidence)
    answer.strengths.append(support.strength)
    statement = Statement(text=written.text, evidence=support.evidence, layout=written.layout)
    waiting.append(answer.citing.add([statement]))
    _weigh(answer, task)
    answer.is_over = len(answer.evidence) == MAX_SENTENCES[task.policy.length]
    # One sentence without support may yet refuse it all: then nothing is shown before the end.
    if task.release is None or task.policy.refuses_when_unsupported or not answer.is_sure:
        return
    for piece in waiting:
        answer.released.append(piece)
        await task.release(piece)
    waiting.clear()


def _weigh(answer: ModelAnswer, task: Task) -> None:
    """How sure it is by now."""
    chosen = choice(task.examined, answer.evidence, task.drafted)
    answer.raw = sureness(chosen, strengths=answer.strengths, unproven=answer.unsupported)
    answer.probability = task.told(answer.raw)
    answer.is_sure = answer.is_sure or (bool(answer.evidence) and answer.probability >= task.threshold)


def _forbid(answer: ModelAnswer) -> None:
    """End it: what was to be shown by now stays; where nothing was, nothing will be."""
    answer.is_forbidden = answer.is_over = True
    answer.is_refused = not answer.is_sure


def _is_forbidden(text: str, evidence: Evidence, task: Task) -> bool:
    """Whether sentence or quote speak of what the project does not want spoken of: both are shown."""
    passage = evidence.passage
    quote = passage.text[evidence.start : evidence.end]
    return speaks_of(task.policy.forbidden_topics, f"{text}\n{quote}", task.language, passage.language)


def may_be_shown(answer: ModelAnswer) -> bool:
    """Whether it is an answer, and sure enough."""
    return answer.is_sure and not answer.is_refused
