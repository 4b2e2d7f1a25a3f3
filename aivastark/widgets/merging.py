"""A JSON merge patch on a configuration, guided by its model: so deep as the model is, and no deeper."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from aivastark.errors import InvalidRequest

NAME_SHOWN_CHARS = 200  # of a field that nobody knows


def merged(
    model: type[BaseModel], target: Mapping[str, Any], patch: Mapping[str, Any], where: str = ""
) -> dict[str, Any]:
    """RFC 7386 on known fields: objects merge, `null` goes back to the default, everything else replaces.

    Raises `InvalidRequest` naming a field that there is not. Values are not looked at; the model does that.
    """
    result = dict(target)
    for name, value in patch.items():
        path = f"{where}{name}"
        field = model.model_fields.get(name)
        if field is None:
            shown = path[:NAME_SHOWN_CHARS]
            raise InvalidRequest(f"{shown} is not a known field", param=shown)
        inner = _object_in(field.annotation)
        if value is None:
            result.pop(name, None)
        elif inner is not None and isinstance(value, dict):
            there = result.get(name)
            result[name] = merged(inner, there if isinstance(there, dict) else {}, value, f"{path}.")
            if value and not result[name]:  # nothing is left that differs from the defaults
                del result[name]
        elif isinstance(value, dict):
            there = result.get(name)
            both = {**(there if isinstance(there, dict) else {}), **value}
            result[name] = {key: one for key, one in both.items() if one is not None}
        else:
            result[name] = value
    return result


def _object_in(annotation: Any) -> type[BaseModel] | None:
    """The model in `Model` or `Model | None`; None for lists, dictionaries and plain values."""
    candidates = [annotation] if get_origin(annotation) is None else get_args(annotation)
    if get_origin(annotation) in (list, dict):
        return None
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)
