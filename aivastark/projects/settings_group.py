"""Settings of a project that belong together and are changed one by one."""

from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import CoreSchema

NOTHING = {"type": "null"}


class SettingsGroup(BaseModel):
    """JSON merge patch within the group: what is absent stays, `null` goes back to the default."""

    model_config = ConfigDict(extra="forbid")

    _cleared: frozenset[str] = PrivateAttr(default=frozenset())

    @model_validator(mode="wrap")
    @classmethod
    def _clear(cls, posted: Any, handler: ModelWrapValidatorHandler["SettingsGroup"]) -> "SettingsGroup":
        if not isinstance(posted, dict):
            return handler(posted)
        cleared = frozenset(name for name, value in posted.items() if value is None and name in cls.model_fields)
        group = handler({name: value for name, value in posted.items() if name not in cleared})
        group._cleared = cleared
        return group

    def changes(self) -> dict[str, Any]:
        """What was sent, as JSON; None for what goes back to its default."""
        return {**dict.fromkeys(self._cleared), **self.model_dump(mode="json", exclude_unset=True)}


class Changeable:
    """Beside a group in a body: its schema there says that each field may be null, which no answer ever is for that."""

    @staticmethod
    def __get_pydantic_json_schema__(core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        group = handler.resolve_ref_schema(handler(core))
        fields = {name: _or_null(field) for name, field in group["properties"].items()}
        return {**group, "properties": fields}


def _or_null(field: dict[str, Any]) -> dict[str, Any]:
    if NOTHING in field.get("anyOf", []):
        return field
    said = {name: value for name, value in field.items() if name in ("title", "description", "default")}
    value = {name: value for name, value in field.items() if name not in said}
    return {**said, "anyOf": [value, NOTHING]}
