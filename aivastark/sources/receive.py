"""What a caller posted → a source to add: JSON or a multipart upload, checked before anything is stored."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from aivastark.backends.blobs.base import BlobStore
from aivastark.errors import InvalidRequest, MalformedBody, Refused
from aivastark.kit.urls import normalise_url
from aivastark.sources.add import Candidate
from aivastark.sources.drive_fields import drive_place
from aivastark.sources.faults import SOURCE_FIELD
from aivastark.sources.github_fields import github_place
from aivastark.sources.schemas import NewSource, SourceFields, SourcePatch
from aivastark.sources.url_fields import web_location

READ_BYTES = 1 << 20
FILE_NAME_MAX_CHARS = 255
FILE_MAX_BYTES = 2_048_000_000  # never reached: the gate refuses a body over the operator's own limit

Body = TypeVar("Body", bound=BaseModel)


class Upload(Protocol):
    """A file part of a multipart body, spooled to disk by the web framework."""

    @property
    def filename(self) -> str | None: ...
    @property
    def content_type(self) -> str | None: ...

    async def read(self, size: int = -1) -> bytes:
        """The next bytes; empty at the end."""
        ...


def parse(model: type[Body], body: bytes) -> Body:
    """A JSON body as its model. Raises `MalformedBody` or `InvalidRequest` naming the field."""
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody("The body is not valid JSON.") from error
    if not isinstance(decoded, dict):
        raise MalformedBody("The body is not a JSON object.")
    return validate(model, decoded)


def validate(model: type[Body], decoded: Mapping[str, Any]) -> Body:
    """Raises `InvalidRequest` naming the first field at fault."""
    try:
        return model.model_validate(decoded)
    except ValidationError as error:
        raise fault(error.errors()[0]) from error


def fault(found: Mapping[str, Any]) -> Refused:
    """One validation fault as an error that names its field. Shared with the framework's own validation."""
    if found["type"] == "json_invalid":
        return MalformedBody("The body is not valid JSON.")
    if found["type"] == SOURCE_FIELD:
        return InvalidRequest(found["msg"], param=found["ctx"]["param"])
    where = [str(part) for part in found["loc"] if part not in ("body", "query", "path", "header")]
    name = ".".join(where) or "body"
    if found["type"] == "extra_forbidden":
        return InvalidRequest(f"{name} is not a known field", param=name)
    if found["type"] == "missing":
        return InvalidRequest(f"{name} is required", param=name)
    return InvalidRequest(f"{name}: {found['msg'].removeprefix('Value error, ')}", param=name)


async def from_json(posted: NewSource, blobs: BlobStore, project_id: str) -> Candidate:
    """A page, a site, a repository, a place in Drive, or a text. A text is stored before it is acknowledged."""
    shared = _shared(posted)
    if posted.type == "url":
        config = web_location(posted)
        url = str(config["url"])
        return Candidate(type="url", config=config, identity=normalise_url(url), locator=url, blob=None, **shared)
    if posted.type == "drive":
        folder = drive_place(posted, posted.url)
        return Candidate(
            type="drive",
            config={"id": folder.id},
            identity=folder.id,
            locator=folder.link,
            secrets=folder.secrets,
            **shared,
        )
    if posted.type == "github":
        place = github_place(posted)
        return Candidate(
            type="github",
            config=place.config,
            identity=place.identity,
            locator=place.locator,
            secrets=place.secrets,
            **shared,
        )
    assert posted.text is not None
    key = await blobs.put(project_id, posted.text.encode())
    config = {"blob": key, "format": posted.format or "plain"}
    return Candidate(type="raw", config=config, identity=None, locator=None, blob=key, **shared)


async def from_form(
    fields: Sequence[tuple[str, str]], upload: Upload | None, blobs: BlobStore, project_id: str
) -> tuple[Candidate, SourceFields]:
    """An uploaded file with its fields; the gate has bounded its size. Raises `InvalidRequest`."""
    posted = validate(SourceFields, _form_fields(fields))
    if upload is None:
        raise InvalidRequest("source.file is required for type=file", param="file")
    stored = await blobs.put_stream(project_id, _parts(upload), max_bytes=FILE_MAX_BYTES)
    name = (upload.filename or "file").replace("\\", "/").rsplit("/", 1)[-1][:FILE_NAME_MAX_CHARS]
    config = {"blob": stored.sha256, "name": name, "media_type": upload.content_type}
    candidate = Candidate(
        type="file",
        config=config,
        identity=stored.sha256,
        locator=name,
        blob=stored.sha256,
        **_shared(posted),
    )
    return candidate, posted


def _shared(posted: SourceFields) -> dict[str, Any]:
    return {
        "title": posted.title,
        "tags": tuple(posted.tags),
        "external_id": posted.external_id,
        "metadata": posted.metadata,
        "refresh_interval": posted.refresh_interval,
    }


def _form_fields(fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Form fields as JSON would have them: `tags` may repeat, be a JSON list, or be parted by commas."""
    decoded: dict[str, Any] = {}
    for name, value in fields:
        if name == "type":
            if value != "file":
                raise InvalidRequest("type is file in a multipart body", param="type")
        elif name in ("tags", "tags[]"):
            decoded.setdefault("tags", []).extend(_tags(value))
        elif name in decoded:
            raise InvalidRequest(f"{name} is sent twice", param=name)
        elif name == "metadata":
            decoded[name] = _json_field(name, value)
        elif name == "refresh_interval":
            decoded[name] = _json_field(name, value) if value else None
        else:
            decoded[name] = value
    return decoded


def _tags(value: str) -> list[Any]:
    if value.lstrip().startswith("["):
        listed = _json_field("tags", value)
        return listed if isinstance(listed, list) else [listed]
    return [tag.strip() for tag in value.split(",") if tag.strip()]


def _json_field(name: str, value: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"{name} is not valid JSON", param=name) from error


async def _parts(upload: Upload) -> AsyncIterator[bytes]:
    while part := await upload.read(READ_BYTES):
        yield part


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(ref_template="#/components/schemas/{model}")


_FORM = _schema(SourceFields)
_FORM["properties"] = {
    "type": {"const": "file", "type": "string"},
    "file": {"type": "string", "format": "binary"},
    **_FORM["properties"],
}
_FORM["required"] = ["file"]
_FORM["examples"] = [{"file": "(the bytes of handbook.pdf)", "title": "Handbook", "tags": ["docs"]}]

SOURCE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _schema(NewSource)},
            "multipart/form-data": {"schema": _FORM},
        },
    }
}
PATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _schema(SourcePatch)},
            "application/merge-patch+json": {"schema": _schema(SourcePatch)},
        },
    }
}
