"""Any endpoint that puts texts in order for a question, in the form that Cohere's rerank has.

The wire format is that of `POST /rerank` as Cohere, Jina, vLLM, Infinity and llama.cpp speak it
(https://docs.cohere.com/reference/rerank). What comes back is believed only after it was checked. There is one way to
ask, so this is no port.
"""

import math
from collections.abc import Sequence

import orjson

from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.llm.completions import said_error
from aivastark.backends.llm.provider import Patience, Provider
from aivastark.backends.llm.waiting import Rest

PATH = "/rerank"
RERANK_S = 2.0  # what a visitor waits for an order, in all
QUESTION_MAX_CHARS = 4_000
TEXT_MAX_CHARS = 4_000  # the rest of a longer text is not sent


class Reranker:
    """A reranking model at `url`, such as `https://api.jina.ai/v1`."""

    def __init__(self, url: str, *, model: str, api_key: str | None, rerank_s: float = RERANK_S) -> None:
        """Sends nothing yet. Raises ValueError for a `url` that is none."""
        self._provider = Provider(url, api_key=api_key)
        self._model = model
        self._rerank_s = rerank_s
        self._rest = Rest()
        self.name = f"{model} at {self._provider.host}"

    async def order(self, question: str, texts: Sequence[str]) -> list[int]:
        """Places of the texts, the most relevant first; those it does not name are left out. Of equals, the earlier.

        Asked once and not for long: somebody waits. Raises ModelFailed, also for an answer that makes no sense.
        """
        if self._rest.is_on:
            raise ModelFailed("unavailable", f"{self.name} failed a moment ago.", retryable=True)
        try:
            scores = await self._ask(question, texts)
        except ModelFailed as failure:
            self._rest.begin(failure.retry_after_s)
            raise
        return sorted(scores, key=lambda place: (-scores[place], place))

    async def close(self) -> None:
        """Close the kept connections."""
        await self._provider.close()

    async def _ask(self, question: str, texts: Sequence[str]) -> dict[int, float]:
        documents = [_sent(text, TEXT_MAX_CHARS) for text in texts]
        asked = {"model": self._model, "query": _sent(question, QUESTION_MAX_CHARS), "documents": documents}
        patience = Patience(silence_s=self._rerank_s, whole_s=self._rerank_s)
        body = orjson.dumps({**asked, "top_n": len(documents)})
        async with self._provider.post(PATH, body, patience=patience) as answer:
            if answer.status != 200:
                raise said_error(answer.host, answer.status, answer.headers, await answer.beginning())
            return _scores(await answer.whole(), len(texts), self._provider.host)


def _sent(text: str, most: int) -> str:
    # A surrogate by itself is no text that JSON can carry; an empty text is refused by some.
    return text[:most].encode(errors="replace").decode() or " "


def _scores(said: object, count: int, host: str) -> dict[int, float]:
    """Scores by place. Raises ModelFailed, with what is wrong, for anything else."""
    results = said.get("results") if isinstance(said, dict) else None
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise ModelFailed("nonsense", f"{host} sent something that is no list of results.")
    scores: dict[int, float] = {}
    for one in results:
        place, score = one.get("index"), one.get("relevance_score")
        if type(place) is not int or not 0 <= place < count or place in scores:
            raise ModelFailed("nonsense", f"{host} named a text that was not sent, or one twice.")
        if type(score) not in (int, float) or not math.isfinite(score):
            raise ModelFailed("nonsense", f"{host} sent a score that is no number.")
        scores[place] = float(score)
    if not scores:
        raise ModelFailed("nonsense", f"{host} sent no results.")
    return scores
