"""Answers of scripted language models to questions with known outcomes: what confidence in a model is fitted on.

No model is needed: what counts is which proven sentences an answer rests on. For each question there are up to four
answers, of one to two sentences as they stand in the passages:

    good       the sentence that holds a reference answer; says nothing where no passage read has one
    fooled     the sentence nearest to the question, whether or not anything is answered by it
    mediocre   a proven sentence beside the point or not: any of the passage found first
    careless   any of the passages read

Right is an answer whose sentences hold a reference answer; so questions with answers in prose (`stackfaq`,
`saas-docs-anthropic`) are only asked where nothing answers them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from aivastark.answers.choice import Chosen, choice
from aivastark.answers.extractive import Evidence, Examined, draft
from aivastark.backends.search.sqlite import SqliteSearch
from evals.calibration_rows import SPAN_SETS, Asker, Row, Sets, plain

SECOND_SENTENCES = 0.3
"""Share of the answers that say another sentence of the same passage as well."""
SEED = 20261125


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenRow:
    """One scripted answer: by whom, what it was judged by, and whether it was right."""

    behaviour: str
    scenario: str
    group: str
    chosen: Chosen
    right: bool


class ModelAsker(Asker):
    """Answers each question from the documents, and beside it as the scripted models do (`written`)."""

    def __init__(self, sets: Sets, search: SqliteSearch) -> None:
        super().__init__(sets, search)
        self.written: list[WrittenRow] = []

    async def ask(self, project: str, name: str, number: int, *, scenario: str, answerable: bool) -> Row:
        """As without a model; what the models say is put into `written`."""
        row = await super().ask(project, name, number, scenario=scenario, answerable=answerable)
        question, vector = self._sets.questions[name][number], self._sets.vectors[name][number]
        if not answerable or name in SPAN_SETS:
            examined = await self._examined(project, question["text"], vector)
            self.written += answers(examined, question["answers"] if answerable else (), row, number)
        return row


def answers(examined: Examined, gold: Sequence[str], row: Row, number: int) -> list[WrittenRow]:
    """What each of the models says to one question; `gold` are its reference answers, none where it has none."""
    sentences = [(at, unit) for at, unit, kind, *_ in examined.rated if kind != "heading"]
    if not sentences:
        return []
    chance = random.Random(f"{SEED} {row.scenario} {number}")
    told = [plain(one) for one in gold]
    held = [one for one in sentences if any(answer in plain(_text(examined, one)) for answer in told)]
    nearest = max(examined.rated, key=lambda unit: unit.score)
    first = [one for one in sentences if one[0] == 0] or sentences
    picked = {
        "good": held[0] if held else None,
        "fooled": (nearest.passage, nearest.unit),
        "mediocre": chance.choice(first),
        "careless": chance.choice(sentences),
    }
    signals = draft(examined).signals
    found = []
    for behaviour, start in picked.items():
        if start is None:
            continue
        said = [start]
        if chance.random() < SECOND_SENTENCES:
            said.append(chance.choice([one for one in sentences if one[0] == start[0]] or [start]))
        evidence = [_evidence(examined, one) for one in said]
        text = plain(" ".join(_text(examined, one) for one in said))
        found.append(
            WrittenRow(
                behaviour=behaviour,
                scenario=row.scenario,
                group=row.group,
                chosen=choice(examined, evidence, signals),
                right=any(answer in text for answer in told),
            )
        )
    return found


def _text(examined: Examined, place: tuple[int, int]) -> str:
    return examined.readings[place[0]].texts[place[1]]


def _evidence(examined: Examined, place: tuple[int, int]) -> Evidence:
    unit = examined.readings[place[0]].units[place[1]]
    return Evidence(passage=examined.passages[place[0]], start=unit.start, end=unit.end)
