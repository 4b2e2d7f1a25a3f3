"""A caller's own fields: bounded, plain, and patched as RFC 7386 says."""

import pytest

from aivastark.kit.metadata import BYTES_MAX, checked, merge_patch


def _nested(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [{"a": "\ud800"}, {"a": 2**64}, {"a": "x" * BYTES_MAX}, _nested(17), _nested(900)],
    ids=["lone surrogate", "huge number", "too large", "too deep", "far too deep"],
)
def test_what_could_not_go_out_again_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"plain JSON|bytes of JSON|levels deep"):
        checked(value)


def test_plain_fields_pass_as_they_are() -> None:
    value = {"plan": "growth", "seats": 40, "tags": ["a", {"b": None}]}

    assert checked(value) == value


def test_a_patch_merges_objects_and_null_removes() -> None:
    kept = {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}

    assert merge_patch(kept, {"b": {"c": None, "x": 5}, "e": None, "f": [1]}) == {
        "a": 1,
        "b": {"d": 3, "x": 5},
        "f": [1],
    }
    assert kept == {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="too large for JSON"):
        checked({"a": [{"b": float("inf")}]})
