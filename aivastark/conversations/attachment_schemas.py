"""What a file in a conversation looks like on the wire."""

from pydantic import BaseModel, Field


class AttachmentOut(BaseModel):
    """A file that a visitor sent. Its media type was told by its bytes."""

    id: str
    name: str
    media_type: str
    size: int = Field(description="Bytes.")
