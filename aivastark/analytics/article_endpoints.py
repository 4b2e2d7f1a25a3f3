"""HTTP for closing a gap: a draft of what people replied, and publishing it once a person has read it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aivastark.analytics.articles import draft_article, keep_test
from aivastark.analytics.gaps import find_gap, settle_gap
from aivastark.analytics.worded import worded
from aivastark.answer_tests.schemas import AnswerTestOut, wire_test
from aivastark.database import WriteSession
from aivastark.projects.endpoints import Here, in_project
from aivastark.projects.within_budget import within_budget
from aivastark.sources.add import Candidate, add_source
from aivastark.sources.endpoints import announce
from aivastark.sources.models import Source
from aivastark.sources.schemas import SourceOut, source_out

ARTICLE_MAX_CHARS = 200_000
TITLE_MAX_CHARS = 500

router = APIRouter(prefix="/v1/projects/{project_id}/analytics/gaps/{gap_id}", tags=["Analytics"])

Reading = Annotated[Here, Depends(in_project("conversations"))]
Writing = Annotated[Here, Depends(in_project("sources", write=True))]
GapId = Annotated[str, Path(description="The gap's id, `gap_…`.", max_length=64)]


class ArticleQuote(BaseModel):
    """A reply, word for word, and where it was given."""

    message_id: str
    conversation_id: str
    text: str


class ArticleSentence(BaseModel):
    """A sentence of a model, and the words of a reply that prove it, as they stand there."""

    text: str
    message_id: str
    quote: str


class ArticleDraft(BaseModel):
    """Markdown made of what people replied, for a person to read and change before it is published."""

    gap_id: str
    title: str
    text: str
    questions: list[str]
    quotes: list[ArticleQuote]
    model: str | None = Field(description="Whose words `text` is in; null: those of the replies.")
    sentences: list[ArticleSentence] = Field(description="Of a model's text, each sentence with its proof.")


class ArticleIn(BaseModel):
    """Body of `POST …/gaps/{id}/publish`: the draft as a person wants it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Gift cards", "text": "# Gift cards\n\nWe sell them from 10 euros."}]
        },
    )

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MAX_CHARS)]
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=ARTICLE_MAX_CHARS, pattern=r"^[^\x00]+$")
    ]


class ArticleOut(BaseModel):
    """What became of the gap: a source, on its way into the knowledge, and a test that it is cited."""

    gap_id: str
    source: SourceOut
    test: AnswerTestOut


@router.post("/draft", operation_id="draftGapArticle", summary="Draft an article from replies")
async def draft(here: Reading, gap_id: GapId) -> ArticleDraft:
    """What people replied to the gap's questions, as an article. 409 where nobody has. Nothing is kept of it.

    With a language model, in its words: only sentences that a reply proves. Where it fails, in those of the replies.
    """
    model_id = here.backends.embedder.model_id
    made = await here.backends.db.read(
        lambda session: draft_article(session, here.project_id, gap_id, model_id=model_id)
    )
    model = within_budget(here.backends, here.project)
    written = None
    if model is not None:
        written = await worded(model, here.project, made, max_tokens=here.backends.llm_max_tokens)
    return ArticleDraft(
        gap_id=made.gap.id,
        title=made.title[:TITLE_MAX_CHARS],
        text=made.text if written is None else written.text,
        model=None if written is None else written.model,
        sentences=[
            ArticleSentence(text=one.text, message_id=one.reply.id, quote=one.quote)
            for one in (() if written is None else written.sentences)
        ],
        questions=list(dict.fromkeys(one.question for one in made.gap.questions)),
        quotes=[
            ArticleQuote(message_id=one.id, conversation_id=one.conversation_id, text=one.content)
            for one in made.replies
        ],
    )


@router.post("/publish", status_code=202, operation_id="publishGapArticle", summary="Publish an article for a gap")
async def publish(here: Writing, gap_id: GapId, body: ArticleIn) -> ArticleOut:
    """The article becomes a source (again: its new content), its question an answer test, and the gap is answered."""
    model_id = here.backends.embedder.model_id
    await here.backends.db.read(lambda session: find_gap(session, here.project_id, gap_id, model_id=model_id))
    key = await here.backends.blobs.put(here.project_id, body.text.encode())

    def work(session: WriteSession) -> tuple[Source, Any]:
        gap = settle_gap(session, here.project_id, gap_id, model_id=model_id, status="answered")
        candidate = Candidate(
            type="raw",
            config={"blob": key, "format": "markdown"},
            identity=None,
            locator=None,
            blob=key,
            title=body.title,
            external_id=f"gap:{gap.id}",
        )
        source, _ = add_source(session, here.project_id, candidate, secret_key=here.backends.secret_key)
        test = keep_test(session, here.project, gap, source)
        here.note(session, "gap.published", source.id, gap=gap.id)
        return source, test

    source, test = await here.backends.db.write(work)
    announce(here.backends, source)
    return ArticleOut(gap_id=gap_id, source=source_out(source), test=wire_test(test))
