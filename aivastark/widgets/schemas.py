"""What a widget looks like to those who run it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aivastark.kit.clock import to_wire
from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.sources.receive import validate
from aivastark.widgets.configuration import Configuration
from aivastark.widgets.legibility import warnings
from aivastark.widgets.models import Widget, WidgetVersion
from aivastark.widgets.store import OVERLAP_DEFAULT_S, OVERLAP_MAX_S


class Remark(BaseModel):
    """Something that works, but not well."""

    param: str
    message: str


class WidgetIds(BaseModel):
    """What names a widget."""

    id: str
    project_id: str
    embed_key: str


class WidgetOut(Configuration, WidgetIds):
    """A widget with everything it does, defaults included."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={})

    version: int
    warnings: list[Remark]
    created_at: str
    updated_at: str


class NewWidget(WidgetOut):
    """A widget just made, with its identity secret, which is shown this once."""

    identity_secret: str


class WidgetList(BaseModel):
    """One page of widgets, newest first."""

    data: list[WidgetOut]
    next_cursor: str | None
    has_more: bool


class VersionOut(BaseModel):
    """The configuration as one change left it. `created_by` is the key or person who made the change."""

    version: int
    configuration: Configuration
    created_by: str
    restored_from: int | None
    created_at: str


class VersionList(BaseModel):
    """One page of versions, newest first."""

    data: list[VersionOut]
    next_cursor: str | None
    has_more: bool


class Overlap(BaseModel):
    """How long what was before goes on working."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"expires_in": OVERLAP_DEFAULT_S}]})

    expires_in: Annotated[int, Field(ge=0, le=OVERLAP_MAX_S, description="Seconds."), JUST_A_NUMBER] = OVERLAP_DEFAULT_S


class EmbedKeyOut(BaseModel):
    """The new key, and until when the one before it is good."""

    embed_key: str
    previous_embed_key: str
    previous_expires_at: str


class IdentitySecretOut(BaseModel):
    """The new secret, shown this once, and until when the one before it is accepted."""

    identity_secret: str
    previous_expires_at: str


def checked(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as they are kept: only what was set, in its one spelling. Raises `InvalidRequest` naming the field."""
    return validate(Configuration, settings).model_dump(mode="json", exclude_unset=True)


def configuration_of(widget: Widget) -> Configuration:
    """Everything a widget does, defaults filled in."""
    return Configuration.model_validate(widget.settings)


def widget_fields(widget: Widget) -> dict[str, Any]:
    """The row as it goes out."""
    configuration = configuration_of(widget)
    return {
        **configuration.model_dump(mode="json"),
        "id": widget.id,
        "project_id": widget.project_id,
        "embed_key": widget.embed_key,
        "version": widget.version,
        "warnings": warnings(configuration.branding.colors),
        "created_at": to_wire(widget.created_at),
        "updated_at": to_wire(widget.updated_at),
    }


def widget_out(widget: Widget) -> WidgetOut:
    """The row as it goes out."""
    return WidgetOut.model_validate(widget_fields(widget))


def version_out(row: WidgetVersion) -> VersionOut:
    """An earlier form as it goes out."""
    return VersionOut(
        version=row.version,
        configuration=Configuration.model_validate(row.settings),
        created_by=row.created_by,
        restored_from=row.restored_from,
        created_at=to_wire(row.created_at),
    )


_PARTS = Configuration.model_json_schema(ref_template="#/components/schemas/{model}")
_WHOLE = {name: value for name, value in _PARTS.items() if name != "$defs"}  # the answers name the same parts
_PATCH = {name: value for name, value in _WHOLE.items() if name != "required"} | {"title": "WidgetPatch"}

CONFIGURATION_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _WHOLE}}}}
PATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _PATCH},
            "application/merge-patch+json": {"schema": _PATCH},
        },
    }
}
