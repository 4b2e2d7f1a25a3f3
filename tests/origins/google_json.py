"""How Google's APIs write their answers: refusals, and of the others only the fields that were asked for."""

from typing import Any

import orjson

from tests.origins.google_oauth import Answer


def error(status: int, reason: str, message: str, *, location: str | None = None, **headers: str) -> Answer:
    """A refusal as "Resolve errors" shows it."""
    one = {"domain": "global", "reason": reason, "message": message}
    if location is not None:
        one |= {"locationType": "parameter", "location": location}
    body = {"error": {"errors": [one], "code": status, "message": message}}
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json; charset=UTF-8", **fields}, orjson.dumps(body)


def shown(body: dict[str, Any], fields: str) -> Answer:
    """What was asked for of an answer, and no more: what nobody asks for does not come."""
    return 200, {"Content-Type": "application/json; charset=UTF-8"}, orjson.dumps(_masked(body, _mask(fields)))


def _masked(told: Any, mask: dict[str, Any] | None) -> Any:
    if mask is None or "*" in mask:
        return told
    if isinstance(told, list):
        return [_masked(one, mask) for one in told]
    return {name: _masked(value, mask[name]) for name, value in told.items() if name in mask}


def _mask(fields: str) -> dict[str, Any]:
    """`a,b(c,d)` → `{"a": None, "b": {"c": None, "d": None}}`."""
    mask: dict[str, Any] = {}
    above = [mask]
    name = ""
    for character in f"{fields},":
        if character == "(":
            above[-1][name] = {}
            above.append(above[-1][name])
            name = ""
        elif character in ",)":
            if name:
                above[-1][name] = None
            name = ""
            if character == ")":
                above.pop()
        else:
            name += character
    return mask
