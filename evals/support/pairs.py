"""Labelled sentences for `answers/support.py`, honest and fabricated, derived by rule from the public question sets.

Nothing is stored: the same seed gives the same pairs. A pair is a sentence, six passages (the one it was made from and
its neighbours in the corpus, which speak of the same things), and whether it may be accepted.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from aivastark.answers.passages import Passage
from aivastark.answers.sentences import split
from evals.sets import EvaluationSet, Item, Question, load
from evals.support import changes

SEED = 20261125
LANGUAGES = {"squad2-mini": "en", "saas-docs-anthropic": "en", "stackfaq": "en", "xquad-de": "de", "xquad-es": "es"}
PASSAGES = 6
PASSAGE_WORDS = 130
LEAST_WORDS = 6
MOST_WORDS = 60
PARAGRAPHS_OF_A_BLOCK = 10
"""Neighbouring paragraphs that fall into the same half: an article has five."""
A_KIND_FROM_A_SET = 400
"""At most so many pairs of one kind from one set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One labelled sentence."""

    kind: str
    honest: bool
    sentence: str
    passages: tuple[Passage, ...]
    named: tuple[int, ...]
    language: str
    question: str | None
    source: str
    half: Literal["tuned", "held"]


def pairs() -> Iterator[Pair]:
    """All pairs of the sets that are on this machine."""
    for name, language in LANGUAGES.items():
        found = load(name)
        if found is None:
            continue
        other = load("xquad-es" if language == "de" else "xquad-de")
        counts: dict[tuple[str, str], int] = {}
        for pair in _of_set(found, language, other):
            key = (pair.kind, pair.half)
            counts[key] = counts.get(key, 0) + 1
            if counts[key] <= A_KIND_FROM_A_SET // 2:
                yield pair


def _of_set(found: EvaluationSet, language: str, other: EvaluationSet | None) -> Iterator[Pair]:
    chance = random.Random(f"{SEED} {found.name}")
    cut = [_cut(item, language) for item in found.corpus]
    asked = _asked(found)
    for at in chance.sample(range(len(cut)), len(cut)):
        passage = cut[at]
        sentences = _sentences(passage, language)
        if not sentences:
            continue
        near = [cut[n % len(cut)] for n in range(at - 2, at + 4) if n % len(cut) != at][: PASSAGES - 1]
        place = chance.randrange(PASSAGES)
        passages = (*near[:place], passage, *near[place:])
        far = cut[(at + len(cut) // 2) % len(cut)]
        beside = [each for other_passage in near for each in _sentences(other_passage, language)]
        afar = _sentences(far, language)
        foreign = _sentences(_cut(other.corpus[at % len(other.corpus)], None), None) if other else []
        drawn: list[tuple[str, bool, str, str | None]] = []
        for sentence, following in zip(sentences, [*sentences[1:], None], strict=True):
            drawn += [(*each, None) for each in changes.honest(sentence, following, language, chance)]
            elsewhere = changes.Elsewhere(
                distant=_distant(sentence, sentences, passage, language), near=beside, far=afar, foreign=foreign
            )
            drawn += [(*each, None) for each in changes.fabricated(sentence, sentences, elsewhere, language, chance)]
        drawn += _restated(asked.get(found.corpus[at].id, ()), language, passage.text, chance)
        for kind, honest, text, question in drawn:
            yield Pair(
                kind=kind,
                honest=honest,
                sentence=text,
                passages=passages,
                named=(place,) if chance.random() < 0.8 else (),
                language=language,
                question=question,
                source=found.name,
                half="tuned" if at // PARAGRAPHS_OF_A_BLOCK % 2 == 0 else "held",
            )


def _asked(found: EvaluationSet) -> Mapping[str, list[Question]]:
    asked: dict[str, list[Question]] = {}
    for question in found.questions:
        for id in list(question.relevant)[:1]:
            asked.setdefault(id, []).append(question)
    return asked


def _restated(
    asked: Sequence[Question], language: str, text: str, chance: random.Random
) -> Iterator[tuple[str, bool, str, str | None]]:
    """Questions that people wrote, turned into statements with their answer, and with another one's."""
    answers = [question.answers[0] for question in asked if question.answers and len(question.answers[0]) < 60]
    for question in asked:
        if not question.answers or question.answers[0] not in text:
            continue
        stated = changes.stated(question.text, question.answers[0], language)
        if stated is None:
            continue
        yield "restated question and answer", True, stated, question.text
        wrong = [each for each in answers if not changes.share_words(each, question.answers[0])]
        wrong = [each for each in wrong if not changes.share_words(each, question.text)]
        if wrong:
            lie = changes.stated(question.text, chance.choice(wrong), language)
            yield "restated question, another answer", False, lie or "", question.text
    for question in asked[:1]:
        yield "question repeated", False, question.text, question.text
        yield "question repeated", False, question.text.rstrip("?") + ".", question.text


def _cut(item: Item, language: str | None) -> Passage:
    """The beginning of a document as a stored chunk would be."""
    end = 0
    for unit in split(item.text, language):
        if end and len(item.text[: unit.end].split()) > PASSAGE_WORDS:
            break
        end = unit.end
    return Passage(
        chunk_id=item.id, document_id=item.id, source_id="", title=item.title, heading_path=(), page=None,
        language=language, text=item.text[:end], char_start=0, score=0.5, keyword_score=1.0, vector_score=0.5,
        keyword_rank=1, vector_rank=1,
    )  # fmt: skip


def _distant(sentence: str, sentences: Sequence[str], passage: Passage, language: str | None) -> list[str]:
    """Sentences that stand nowhere within three units of this one: no span could hold both."""
    texts = [" ".join(passage.text[unit.start : unit.end].split()) for unit in split(passage.text, language)]
    own = [at for at, text in enumerate(texts) if sentence in text]
    return [
        other
        for other in sentences
        if all(abs(at - place) > 3 for at, text in enumerate(texts) if other in text for place in own)
    ]


def _sentences(passage: Passage, language: str | None) -> list[str]:
    units = [unit for unit in split(passage.text, language) if unit.kind == "sentence"]
    texts = [" ".join(passage.text[unit.start : unit.end].split()) for unit in units]
    whole = [text for text in texts if text[-1:] in ".!" and LEAST_WORDS <= len(text.split()) <= MOST_WORDS]
    return [text for text, following in pairwise([*whole, ""]) if text != following]
