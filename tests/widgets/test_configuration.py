"""Whatever is sent as a configuration is taken, or refused with a field's name; what is taken stays as it is."""

from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from aivastark.errors import InvalidRequest
from aivastark.widgets.configuration import Configuration
from aivastark.widgets.legibility import contrast, on_primary, warnings
from aivastark.widgets.merging import merged
from aivastark.widgets.schemas import checked


def names(model: type[BaseModel] = Configuration) -> set[str]:
    """Every field's name, however deep."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for one in (field.annotation, *get_args(field.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                found |= names(one)
    return found


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
LIKELY = st.sampled_from(["#fff", "https://example.com", "auto", "bottom-left", "email", "Europe/Berlin", "09:00"])
JSON = st.recursive(
    SCALARS | LIKELY,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(names())) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
PATCH = st.dictionaries(st.sampled_from(sorted(Configuration.model_fields)) | st.text(max_size=8), JSON, max_size=4)


@settings(max_examples=150, deadline=None)
@given(PATCH, PATCH)
def test_any_patch_is_taken_or_refused_with_a_name(first: dict[str, Any], second: dict[str, Any]) -> None:
    kept = {"name": "Shop"}
    for patch in (first, second):
        fault: str | None = "none"
        try:
            kept = checked(merged(Configuration, kept, patch))
        except InvalidRequest as refused:
            fault = refused.param
        assert fault is not None

    whole = Configuration.model_validate(kept)
    assert checked(kept) == kept
    assert Configuration.model_validate(whole.model_dump(mode="json")) == whole


@given(st.from_regex(r"\A#[0-9a-fA-F]{6}\Z"), st.from_regex(r"\A#[0-9a-fA-F]{3}\Z"))
def test_words_on_the_primary_colour_can_be_read_unless_they_were_chosen_otherwise(one: str, other: str) -> None:
    for colour in (one, other):
        colors = Configuration.model_validate(
            {"name": "x", "branding": {"colors": {"primary": colour}}}
        ).branding.colors

        assert 1 <= contrast(one, other) <= 21.01
        assert contrast(on_primary(colors), colour) >= 4.5
        assert warnings(colors) == []
