"""Settings of a project that belong together and are changed one by one."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, PrivateAttr, model_validator


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
