"""What is wrong with a field of a posted source, as the validation of its model tells it."""

from pydantic_core import PydanticCustomError

SOURCE_FIELD = "source_field"


def source_fault(field: str, message: str) -> PydanticCustomError:
    """An error to raise in a validator: `message` is for people, `field` the one at fault."""
    return PydanticCustomError(SOURCE_FIELD, "{message}", {"message": message, "param": field})
