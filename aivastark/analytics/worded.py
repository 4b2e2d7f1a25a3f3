"""A drafted article in a language model's words, each sentence proven by what a person replied."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from aivastark.analytics.articles import Draft
from aivastark.answers.passages import Passage
from aivastark.answers.prompt import PASSAGE_MAX_CHARS, QUOTED_RULE, in_one_line, new_mark, quoted, without_marks
from aivastark.answers.support import MAX_PASSAGES, MAX_SENTENCE_CHARS, find_support
from aivastark.answers.written import Sentences, Written
from aivastark.backends.llm.base import Finished, LanguageModel, Prompt, Said
from aivastark.backends.llm.waiting import in_time
from aivastark.conversations.masking import personal_in
from aivastark.conversations.models import Message
from aivastark.kit.languages import detect
from aivastark.projects.models import Project
from aivastark.projects.privacy import privacy_of

TIMEOUT_SECONDS = 60.0
MAX_TOKENS = 900
MAX_SENTENCES = 40
LEAST_PROVEN = 0.5
"""Of what was written, the share that must be proven: less, and the rest is no article."""

_RULES = """You write an article for a knowledge base from what support agents replied to a question.

- Use only what the replies say. Take over their words, numbers, names and conditions as they are; add nothing.
- Leave out greetings, thanks, names of customers and whatever concerns one customer alone.
- Plain sentences, without headings. End each with the number of the reply that says it, like this: [1].
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proven:
    """A sentence of the article, and the words of a reply that say it."""

    text: str
    reply: Message
    quote: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WordedDraft:
    """The article as a model words it."""

    text: str
    sentences: tuple[Proven, ...]
    model: str


async def worded(model: LanguageModel, project: Project, draft: Draft, *, max_tokens: int) -> WordedDraft | None:
    """The draft in the model's words; None where it fails, proves too little, or replies hold what is to be masked."""
    replies = draft.replies[:MAX_PASSAGES]
    privacy = privacy_of(project)
    if privacy is not None and personal_in(privacy, [draft.title, *(reply.content for reply in replies)]):
        return None
    language = detect("\n".join(reply.content for reply in replies))
    prompt = _prompt(draft.title, replies, min(MAX_TOKENS, max_tokens))
    written = await in_time(_written(model, prompt, language), TIMEOUT_SECONDS, "article_not_worded")
    if written is None:
        return None
    proven = [one for sentence in written if (one := _proven(sentence, replies, language)) is not None]
    if not proven or len(proven) < LEAST_PROVEN * len(written):
        return None
    text = f"# {draft.title}\n\n{' '.join(one.text for one in proven)}\n"
    return WordedDraft(text=text, sentences=tuple(proven), model=model.name)


async def _written(model: LanguageModel, prompt: Prompt, language: str | None) -> list[Written]:
    """The model's sentences, each once, headings left out; what was cut off in the middle is none."""
    sentences, found, is_whole = Sentences(language=language), list[Written](), False
    async with aclosing(model.write(prompt)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Finished):
                is_whole = piece.reason == "stop"
                break
            found += sentences.feed(piece)
            if sentences.is_looping or sentences.is_nonsense or len(found) > MAX_SENTENCES:
                break
    if is_whole:
        found += sentences.finish()
    different = {one.text.casefold(): one for one in found if not one.text.startswith("#")}
    return list(different.values())[:MAX_SENTENCES]


def _prompt(question: str, replies: Sequence[Message], max_tokens: int) -> Prompt:
    mark = new_mark()
    told = "\n\n".join(f"[{number}]\n{one.content[:PASSAGE_MAX_CHARS]}" for number, one in enumerate(replies, start=1))
    words = f"{quoted('Question', in_one_line(question), mark)}\n\n{quoted('Replies', told, mark)}"
    rules = _RULES + QUOTED_RULE.format(mark=mark)
    return Prompt(system=rules, messages=(Said(role="user", text=words),), max_tokens=max_tokens)


def _proven(sentence: Written, replies: Sequence[Message], language: str | None) -> Proven | None:
    text = without_marks(sentence.text)
    if not text or len(text) > MAX_SENTENCE_CHARS:
        return None
    found = find_support(
        text, [number - 1 for number in sentence.named], [_passage(one) for one in replies], language=language
    )
    if found is None:
        return None
    evidence = found.evidence
    [reply] = [one for one in replies if one.id == evidence.passage.chunk_id]
    return Proven(text=text, reply=reply, quote=reply.content[evidence.start : evidence.end])


def _passage(reply: Message) -> Passage:
    """A reply as something that can be quoted; without a title, so that the question proves nothing."""
    return Passage(
        chunk_id=reply.id,
        document_id=reply.conversation_id,
        source_id="",
        title="",
        heading_path=(),
        page=None,
        language=detect(reply.content),
        text=reply.content,
        char_start=0,
        score=0.0,
        keyword_score=None,
        vector_score=None,
        keyword_rank=None,
        vector_rank=None,
    )
