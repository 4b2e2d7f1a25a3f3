"""The packaged int8 model: the right file, close to the published one, polite under load."""

import asyncio
import hashlib
import time
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from aivastark.backends.embedding import minilm
from aivastark.backends.embedding.minilm import MAX_WORD_PIECES, MiniLm, ModelFileError
from aivastark.backends.embedding.minilm_table import rows_before_floats
from tests.backends.embedding.bert_reference import embed, model_folder, read_safetensors

PUBLISHED_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SENTENCES = 200


def sentences() -> list[str]:
    """Runs of 4 to 22 words from this repository: no network, and harder for the model than prose."""
    text = " ".join(path.read_text() for path in sorted(Path(minilm.__file__).parents[2].rglob("*.py")))
    words = [word for word in text.split() if word.isascii() and word.isalpha()]
    lengths = [4 + 3 * (number % 7) for number in range(SENTENCES)]
    starts = np.linspace(0, len(words) - 80, SENTENCES).astype(int)
    return [" ".join(words[start : start + length]) for start, length in zip(starts, lengths, strict=True)]


async def test_the_int8_model_agrees_with_the_published_fp32_weights() -> None:
    weights_file = model_folder() / "model.safetensors"
    assert hashlib.sha256(weights_file.read_bytes()).hexdigest() == PUBLISHED_WEIGHTS_SHA256
    weights = read_safetensors(weights_file)
    tokenizer = Tokenizer.from_file(str(minilm.TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_WORD_PIECES)
    texts = sentences()
    published = embed(weights, [tokenizer.encode(text).ids for text in texts])
    packaged = MiniLm()
    cosines = (published * await packaged.embed_documents(texts)).sum(axis=1)
    await packaged.close()
    print(f"cosine mean {cosines.mean():.4f}, min {cosines.min():.4f}")  # noqa: T201
    assert cosines.mean() >= 0.99


def test_the_tokenizer_is_the_published_one() -> None:
    published = (model_folder() / "tokenizer.json").read_bytes()
    assert minilm.TOKENIZER_FILE.read_bytes() == published


def test_a_changed_model_file_refuses_to_start(tmp_path: Path) -> None:
    tampered = tmp_path / "model.onnx"
    tampered.write_bytes(b"not the model")
    with pytest.raises(ModelFileError, match=r"not the expected file"):
        minilm._verified(tampered, minilm.MODEL_SHA256)
    with pytest.raises(ModelFileError, match=r"Cannot read"):
        minilm._verified(tmp_path / "missing", minilm.MODEL_SHA256)


async def test_a_question_does_not_wait_for_an_ingest() -> None:
    embedder = MiniLm(threads=1)
    await embedder.embed_query("warm up")
    ingest = asyncio.create_task(embedder.embed_documents(["a passage of many words " * 60] * 24))
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    await embedder.embed_query("Is it fast?")
    waited = time.perf_counter() - started
    assert not ingest.done()
    started = time.perf_counter()
    await ingest
    assert waited < time.perf_counter() - started
    await embedder.close()


async def test_texts_beyond_the_models_reach_are_cut() -> None:
    embedder = MiniLm()
    start = "word " * (MAX_WORD_PIECES * 2)
    a, b = await embedder.embed_documents([start + "cats", start + "dogs"])
    await embedder.close()
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_table_of_another_model_is_not_touched() -> None:
    with pytest.raises(ValueError, match="not made as expected"):
        rows_before_floats(b"another model")


def test_the_model_stays_as_long_as_its_file_when_its_table_is_left_small() -> None:
    model = minilm._model_file().read_bytes()

    changed = rows_before_floats(model)

    assert len(changed) == len(model)
    assert changed != model
