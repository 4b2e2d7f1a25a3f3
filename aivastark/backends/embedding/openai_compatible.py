"""Any endpoint that speaks OpenAI's embeddings: OpenAI, Ollama, vLLM, llama.cpp, text-embeddings-inference.

The wire format is that of `POST /v1/embeddings` (https://platform.openai.com/docs/api-reference/embeddings). What
comes back is believed only after it was checked: as many vectors as texts, each in its place, all of one length.
"""

import asyncio
import base64
import binascii
import hashlib
import random
import re
from collections.abc import Iterator, Sequence

import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from aivastark.backends.embedding.base import EmbeddingFailed
from aivastark.backends.llm.base import ModelFailed
from aivastark.backends.llm.completions import said_error
from aivastark.backends.llm.provider import Patience, Provider
from aivastark.backends.llm.waiting import Rest

PATH = "/embeddings"
BATCH_TEXTS = 64
BATCH_CHARS = 60_000
TEXT_MAX_CHARS = 20_000  # the rest of a longer text is not sent
DIMENSIONS_MAX = 8_192
QUERY_S = 3.0  # what a visitor waits for a vector, in all
BATCH_S = 60.0  # what an ingest waits for a batch
PAUSES_S = (0.5, 2.0, 8.0)  # before a batch is sent again, half as long or half as much again
WAIT_MAX_S = 30.0  # for a provider that says when to come back; the job tries again later where it says more
EMPTY = " "  # stands for an empty text, which providers refuse

Vectors = NDArray[np.float32]
log = structlog.get_logger()


class EmbeddingEndpoint:
    """`Embedder` at `url`, such as `https://api.openai.com/v1`. Prefixes go before each text, as some models want."""

    languages: frozenset[str] | None = None  # nobody says which; what is used in its place knows many

    def __init__(
        self,
        url: str,
        *,
        model: str,
        api_key: str | None,
        query_prefix: str = "",
        passage_prefix: str = "",
        pauses_s: Sequence[float] = PAUSES_S,
        query_s: float = QUERY_S,
    ) -> None:
        """Sends nothing yet. Raises ValueError for a `url` that is none."""
        self._provider = Provider(url, api_key=api_key)
        self._model = model
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._pauses_s, self._query_s = tuple(pauses_s), query_s
        self._rest = Rest()
        self.dimensions = 0  # known with the first answer
        self.name = f"{model} at {self._provider.host}"
        self.model_id = model_id_of(model, query_prefix, passage_prefix)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Shape `(len(texts), dimensions)`. A passing failure of a batch is tried again. Raises EmbeddingFailed."""
        parts = [await self._patiently(batch) for batch in _batches([self._passage_prefix + text for text in texts])]
        return np.concatenate(parts) if parts else np.empty((0, self.dimensions), dtype=np.float32)

    async def embed_query(self, text: str) -> Vectors:
        """Shape `(dimensions,)`. Asked once and not for long: somebody waits. Raises EmbeddingFailed."""
        if self._rest.is_on:
            raise EmbeddingFailed("unavailable", f"{self.name} failed a moment ago.", retryable=True)
        try:
            vector: Vectors = (await self._ask([_sent(self._query_prefix + text)], seconds=self._query_s))[0]
        except EmbeddingFailed as failure:
            self._rest.begin(failure.retry_after_s)
            raise
        return vector

    async def close(self) -> None:
        """Close the kept connections."""
        await self._provider.close()

    async def _patiently(self, batch: list[str]) -> Vectors:
        for pause_s in self._pauses_s:
            try:
                return await self._ask(batch, seconds=BATCH_S)
            except EmbeddingFailed as failure:
                wait_s = max(pause_s * random.uniform(0.5, 1.5), failure.retry_after_s or 0.0)
                if not failure.retryable or wait_s > WAIT_MAX_S:
                    raise
                log.warning("embedding_failed", model=self.name, code=failure.code, reason=failure.message)
                await asyncio.sleep(wait_s)
        return await self._ask(batch, seconds=BATCH_S)

    async def _ask(self, texts: list[str], *, seconds: float) -> Vectors:
        body = orjson.dumps({"model": self._model, "input": texts, "encoding_format": "float"})
        patience = Patience(silence_s=seconds, whole_s=seconds)
        try:
            async with self._provider.post(PATH, body, patience=patience) as answer:
                if answer.status != 200:
                    raise said_error(answer.host, answer.status, answer.headers, await answer.beginning())
                vectors = _vectors(await answer.whole(), len(texts), self._provider.host)
        except ModelFailed as failed:
            raise EmbeddingFailed(
                failed.code, failed.message, retryable=failed.retryable, retry_after_s=failed.retry_after_s
            ) from failed
        if self.dimensions not in (0, vectors.shape[1]):
            sentence = f"{self.name} sent vectors of {vectors.shape[1]} dimensions, and of {self.dimensions} before."
            raise EmbeddingFailed("nonsense", sentence)
        self.dimensions = vectors.shape[1]
        return vectors


def model_id_of(model: str, query_prefix: str, passage_prefix: str) -> str:
    """A name for what makes equal vectors: the model and its prefixes, wherever it runs."""
    digest = hashlib.sha256("\0".join((model, query_prefix, passage_prefix)).encode()).hexdigest()
    return f"endpoint-{re.sub(r'[^A-Za-z0-9.-]+', '-', model)[:40]}-{digest[:12]}"


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in their order, in batches of at most `BATCH_TEXTS` and `BATCH_CHARS`."""
    batch: list[str] = []
    size = 0
    for text in map(_sent, texts):
        if batch and (len(batch) == BATCH_TEXTS or size + len(text) > BATCH_CHARS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _sent(text: str) -> str:
    # A surrogate by itself is no text that JSON can carry.
    return text[:TEXT_MAX_CHARS].encode(errors="replace").decode() if text.strip() else EMPTY


def _vectors(said: object, count: int, host: str) -> Vectors:
    """Unit rows in the order of the texts. Raises EmbeddingFailed, with what is wrong, for anything else."""
    rows = said.get("data") if isinstance(said, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EmbeddingFailed("nonsense", f"{host} sent something that is no list of embeddings.")
    if len(rows) != count:
        raise EmbeddingFailed("nonsense", f"{host} sent {len(rows)} embeddings for {count} texts.")
    places = [row.get("index", place) for place, row in enumerate(rows)]
    if not all(type(place) is int for place in places) or sorted(places) != list(range(count)):
        raise EmbeddingFailed("nonsense", f"{host} sent embeddings that belong to no text, or two to one.")
    numbers = [_numbers(row.get("embedding"), host) for row in rows]
    lengths = {len(vector) for vector in numbers}
    if len(lengths) != 1 or not 1 <= max(lengths) <= DIMENSIONS_MAX:
        raise EmbeddingFailed("nonsense", f"{host} sent embeddings of different or of impossible lengths.")
    vectors = np.empty((count, len(numbers[0])))
    vectors[places] = numbers
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or not (norms > 0).all():
        raise EmbeddingFailed("nonsense", f"{host} sent an embedding without direction.")
    unit: Vectors = (vectors / norms).astype(np.float32)
    return unit


def _numbers(sent: object, host: str) -> NDArray[np.float64]:
    """A list of numbers or, from those who send it unasked, base64 of little-endian float32."""
    try:
        if isinstance(sent, str):
            return np.frombuffer(base64.b64decode(sent, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(sent, list) and all(type(number) in (int, float) for number in sent):
            return np.array(sent, dtype=np.float64)
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise EmbeddingFailed("nonsense", f"{host} sent an embedding that is not made of numbers.")
