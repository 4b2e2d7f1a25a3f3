"""A caller's own fields: whatever is kept must be able to go out again, in lists of a hundred."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field

KEYS_MAX = 50
BYTES_MAX = 16_384
DEPTH_MAX = 16


def checked(value: dict[str, Any]) -> dict[str, Any]:
    """The value itself. Raises `ValueError` for what JSON cannot carry and for what is too large or too deep."""
    try:
        size = len(orjson.dumps(value))
    except TypeError as error:  # lone surrogates, numbers over 64 bits, hundreds of levels
        raise ValueError("holds something that plain JSON cannot carry") from error
    if size > BYTES_MAX:
        raise ValueError(f"may hold {BYTES_MAX:,} bytes of JSON at most")
    if len(value) > KEYS_MAX:
        raise ValueError(f"may have {KEYS_MAX} fields at most")
    if not _is_finite(value):  # JSON has no word for it: it would come back as null
        raise ValueError("holds a number too large for JSON")
    if _depth(value) > DEPTH_MAX:
        raise ValueError(f"may be nested {DEPTH_MAX} levels deep at most")
    return value


Metadata = Annotated[dict[str, Any], Field(max_length=KEYS_MAX), AfterValidator(checked)]


def merge_patch(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7386): objects merge, `null` removes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def merged_metadata(kept: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """What is there after a patch. Raises `ValueError` where that is too large, though the patch alone was not."""
    merged: dict[str, Any] = merge_patch(dict(kept), dict(patch))
    return checked(merged)


def _is_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(inner) for inner in value), default=0)
    return 0
