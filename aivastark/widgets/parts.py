"""What every part of a configuration is made of: closed objects, plain words, https addresses."""

import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Part(BaseModel):
    """An object that takes no field it does not know."""

    model_config = ConfigDict(extra="forbid")


def checked_words(value: str) -> str:
    """The value itself. Raises `ValueError` for what cannot be shown: control characters other than line breaks."""
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in value):
        raise ValueError("holds a control character")
    return value


def checked_url(value: str) -> str:
    """The value itself. Raises `ValueError` for anything but a plain https address."""
    parts = urlsplit(value)
    if (
        parts.scheme != "https"
        or not parts.hostname
        or parts.username is not None
        or any(character.isspace() or character in "\"'<>\\" for character in value)
    ):
        raise ValueError("is not an https address")
    return value


Words = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(checked_words)]
