"""Numbers as callers send them in JSON."""

from pydantic import BeforeValidator

INTEGER_MAX = 2**53 - 1  # what a JavaScript client can read


def _is_number(sent: object) -> object:
    """Neither a boolean nor a word, which Pydantic would take for numbers; 60.0 is as whole as 60 in JSON."""
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        raise ValueError("must be a number")
    return sent


JUST_A_NUMBER = BeforeValidator(_is_number)  # behind the bounds of its field, or the document loses them
