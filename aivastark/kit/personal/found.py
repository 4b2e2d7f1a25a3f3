"""What is looked for, and where one was found."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["email", "phone", "card", "iban", "ip"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A personal value at a place of a text."""

    kind: Kind
    start: int
    end: int
    value: str
    """What all its spellings share."""
