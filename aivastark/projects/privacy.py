"""Which personal values a project keeps out of what is recorded and out of models."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from aivastark.kit.personal.found import KINDS, Kind
from aivastark.kit.personal.phones import REGIONS
from aivastark.projects.models import Project
from aivastark.projects.settings_group import SettingsGroup

REGIONS_MAX = 20


def _known(region: str) -> str:
    if region not in REGIONS:
        raise ValueError("is no country with a numbering plan")
    return region


Region = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(REGIONS)})]


class ProjectPrivacy(SettingsGroup):
    """What is masked in what visitors write, before it is recorded or shown to a model; nothing unless told."""

    mask: Annotated[list[Kind], Field(max_length=len(KINDS))] = Field(
        default_factory=list, description="Kinds of values that placeholders stand for from now on."
    )
    phone_regions: Annotated[list[Region], Field(max_length=REGIONS_MAX)] = Field(
        default_factory=list,
        description="Countries (ISO 3166) whose national telephone numbers are looked for; "
        "empty: those where the language of the text is spoken.",
    )


def privacy_of(row: Project) -> ProjectPrivacy | None:
    """The project's own settings; None where nothing is masked."""
    kept = row.settings.get("privacy")
    if not kept or not kept.get("mask"):
        return None
    return ProjectPrivacy.model_construct(**kept)
