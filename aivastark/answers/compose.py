"""Who words the answer: a language model where there is one, the documents themselves, or nobody."""

from functools import partial

from aivastark.answers.attempt import Attempt, stored_text, threshold_of
from aivastark.answers.model_answer import Task, write_answer
from aivastark.answers.other_language import opening_for
from aivastark.answers.outcome import Outcome, is_forbidden, outcome_of, refused
from aivastark.answers.policy import policy_of
from aivastark.answers.prompt import prompt_for
from aivastark.answers.question import Question, Watcher
from aivastark.answers.remap import map_of
from aivastark.answers.topics import speaks_of
from aivastark.backends.base import Backends
from aivastark.conversations.recall import Past
from aivastark.conversations.record import Ids
from aivastark.projects.models import Project
from aivastark.telemetry.steps import step


async def compose(
    backends: Backends,
    project: Project,
    question: Question,
    attempt: Attempt,
    past: Past,
    *,
    ids: Ids | None,
    watcher: Watcher | None,
) -> Outcome:
    """The answer by the project's policy: as a language model writes it, where there is one, or as it was drafted."""
    model = backends.llm
    policy, language = policy_of(project, max_tokens=backends.llm_max_tokens), attempt.retrieved.result.query_language
    topics = policy.forbidden_topics
    if speaks_of(topics, question.message, language) or (
        model is None and is_forbidden(attempt.outcome, topics, language)
    ):
        return refused("forbidden_topic", attempt.outcome)
    if model is None or not attempt.examined.rated:
        return attempt.outcome
    earlier = [turn.question for turn in past.turns]
    asked = attempt.text if attempt.read_by == "model" else question.message
    task = Task(
        prompt=prompt_for(asked, attempt.examined.passages, policy=policy, earlier=earlier),
        examined=attempt.examined,
        drafted=attempt.outcome.signals,
        stored=stored_text(attempt.retrieved.passages),
        policy=policy,
        told=map_of(project.confidence_map),
        threshold=threshold_of(project),
        question=attempt.text,
        language=language,
        opening=opening_for(question.message, wanted=question.language),
        release=None if watcher is None or ids is None else partial(watcher.released, ids),
        stop=None if watcher is None else watcher.stop,
    )
    if watcher is not None and ids is not None:
        watcher.begins(ids)
    with step("write"):
        written = await write_answer(model, task)
    return outcome_of(written, task, attempt.outcome, model=model.name)
