"""What an evaluation does through the HTTP API: teach a corpus, ask questions, look quotes up."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx
import orjson

from evals.server import Server
from evals.sets import Item, Question

CLIENTS = 4
"""Requests under way at the same time."""
TIMEOUT_S = 60.0
EVENT = "data: "
SEARCH_LIMIT = 50
TAUGHT_WITHIN_S = 1_800.0

One = TypeVar("One")
Result = TypeVar("Result")


class EvaluationFailed(RuntimeError):
    """The product did not do what every evaluation takes for granted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One question asked: what search found and what the bot said."""

    question: Question
    ranked: tuple[str, ...]
    """Ids of the corpus' documents, by their best chunk."""
    answer: str
    answered: bool
    confidence: float
    cited: tuple[str, ...]
    """Ids of the documents cited, in the order of the citations."""
    verbatim: tuple[bool, ...]
    """Whether each quote stands in the stored text where the citation says."""
    milliseconds: float
    """Of `POST /query`, seen by the client."""
    model: str
    """Who composed it: a language model by its name, or `extractive`."""
    reasons: tuple[str, ...]
    first_token_ms: float | None = None
    """To the first `token` event; None where it was not streamed."""


@dataclass(kw_only=True)
class KnowledgeBase:
    """A project with a corpus in it."""

    http: httpx.AsyncClient
    corpus_ids: dict[str, str] = field(default_factory=dict)
    """The corpus' id of each source."""
    _texts: dict[str, str] = field(default_factory=dict)

    async def teach(self, corpus: Sequence[Item]) -> None:
        """Post every item as a source of its own and wait until all are ready."""
        ids = await _each(corpus, self._post)
        self.corpus_ids.update(zip(ids, (item.id for item in corpus), strict=True))
        deadline = time.monotonic() + TAUGHT_WITHIN_S
        while await self._count("pending") or await self._count("processing"):
            if time.monotonic() > deadline:
                raise EvaluationFailed("the sources did not become ready in time")
            await asyncio.sleep(0.5)
        if await self._count("failed") or await self._count("partial"):
            raise EvaluationFailed("a source failed; ask the API which and why")

    async def ask(self, questions: Sequence[Question], *, search: bool = True) -> list[Outcome]:
        """Every question once, each in a session of its own."""

        async def one(question: Question) -> Outcome:
            ranked = await self._search(question.text) if search else ()
            return await self._query(question, ranked)

        return await _each(questions, one)

    async def _post(self, item: Item) -> str:
        body = {"type": "raw", "text": item.text, "title": item.title.strip() or None, "external_id": item.id}
        return str((await self._call("POST", "/sources", body))["id"])

    async def _count(self, status: str) -> int:
        return len((await self._call("GET", f"/sources?limit=1&status={status}"))["data"])

    async def _search(self, text: str) -> tuple[str, ...]:
        found = await self._call("POST", "/search", {"query": text, "limit": SEARCH_LIMIT})
        return tuple(dict.fromkeys(self.corpus_ids[hit["source_id"]] for hit in found["data"]))

    async def ask_streamed(self, question: Question) -> Outcome:
        """One question as a stream, read as it comes."""
        begun = time.perf_counter()
        first_token_s, said = None, None
        async with self.http.stream("POST", "/query", json={"message": question.text, "stream": True}) as stream:
            async for line in stream.aiter_lines():
                event = orjson.loads(line[len(EVENT) :]) if line.startswith(EVENT + "{") else {}
                if event.get("type") == "token" and first_token_s is None:
                    first_token_s = time.perf_counter() - begun
                if event.get("type") == "answer":
                    said = event
        took = time.perf_counter() - begun
        if said is None or first_token_s is None:
            raise EvaluationFailed(f"the stream ended without an answer: {stream.status_code}")
        return replace(await self._told(question, (), said, took), first_token_ms=first_token_s * 1000)

    async def _query(self, question: Question, ranked: tuple[str, ...]) -> Outcome:
        begun = time.perf_counter()
        said = await self._call("POST", "/query", {"message": question.text})
        return await self._told(question, ranked, said, time.perf_counter() - begun)

    async def _told(self, question: Question, ranked: tuple[str, ...], said: dict[str, Any], took: float) -> Outcome:
        return Outcome(
            question=question,
            ranked=ranked,
            answer=said["answer"],
            answered=said["answered"],
            confidence=said["confidence"],
            cited=tuple(self.corpus_ids[citation["source_id"]] for citation in said["citations"]),
            verbatim=tuple([await self._is_verbatim(citation) for citation in said["citations"]]),
            milliseconds=took * 1000,
            model=said["model"],
            reasons=tuple(said["confidence_reasons"]),
        )

    async def _is_verbatim(self, citation: dict[str, Any]) -> bool:
        source, document = citation["source_id"], citation["document_id"]
        if document not in self._texts:
            self._texts[document] = (await self._call("GET", f"/sources/{source}/documents/{document}"))["text"]
        locator = citation["locator"]
        return bool(citation["quote"] == self._texts[document][locator["char_start"] : locator["char_end"]])

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.http.request(method, path, json=body)
        if answer.is_error:
            raise EvaluationFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()


def open_knowledge_base(server: Server, *, timeout_s: float = TIMEOUT_S) -> KnowledgeBase:
    """The install's own project."""
    http = httpx.AsyncClient(
        base_url=server.project_url,
        headers={"Authorization": f"Bearer {server.organization_key}"},
        timeout=timeout_s,
        trust_env=False,
    )
    return KnowledgeBase(http=http)


async def _each(items: Iterable[One], work: Callable[[One], Awaitable[Result]]) -> list[Result]:
    """`work` on every item, `CLIENTS` at a time; results in the order of the items."""
    turns = asyncio.Semaphore(CLIENTS)

    async def one(item: One) -> Result:
        async with turns:
            return await work(item)

    return await asyncio.gather(*(one(item) for item in items))
