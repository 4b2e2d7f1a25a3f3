"""Calls as values: what a method of either client sends, and whether and when it may be sent again."""

import json
import random
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from aivastark import __version__
from aivastark.client.errors import ApiError, ConnectionFailed, UnexpectedAnswer
from aivastark.client.events import Reading
from aivastark.client.shapes import Page

DEFAULT_BASE_URL = "http://127.0.0.1:8080"
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0  # longer than the pause between two pings of a stream
WRITE_TIMEOUT_S = 60.0
RETRIES = 3
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
STILL_RUNNING = "idempotency_in_progress"  # an attempt that we gave up on, and the server did not
BACK_OFF_S = 0.5
BACK_OFF_MAX_S = 8.0
RETRY_AFTER_MAX_S = 60.0  # whoever has to wait longer is told so instead
PAGE_SIZE = 100
WAIT_TIMEOUT_S = 300.0
POLL_FIRST_S = 0.1
POLL_MAX_S = 2.0
POLL_GROWTH = 1.5

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

Shaped = TypeVar("Shaped", bound=BaseModel)


class SourceFields(TypedDict, total=False):
    """What every new source may carry."""

    title: str
    tags: Sequence[str]
    external_id: str
    metadata: Mapping[str, Any]
    refresh_interval: int
    on_conflict: Literal["sync", "return", "error"]


class QuestionFields(TypedDict, total=False):
    """What a question may carry."""

    session_id: str
    tags: Sequence[str]
    source_ids: Sequence[str]
    language: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of the API; `file` is a name with its bytes, sent as a form with `body` as its fields."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    file: tuple[str, bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def repeatable(self) -> "Call":
        """The call as it may be sent twice: a POST gets the key by which the server knows it again."""
        if self.method != "POST" or any(name.lower() == "idempotency-key" for name in self.headers):
            return self
        return replace(self, headers={**self.headers, "Idempotency-Key": str(uuid.uuid4())})

    def arguments(self) -> dict[str, Any]:
        """The call as `httpx2` takes it."""
        sent: dict[str, Any] = {"method": self.method, "url": self.path, "headers": dict(self.headers)}
        if self.query:
            sent["params"] = {name: value for name, value in self.query.items() if value is not None}
        if self.file is not None:
            name, content = self.file
            sent["files"] = {"file": (name, content)}
            sent["data"] = {key: _form_value(value) for key, value in (self.body or {}).items()}
        elif self.body is not None:
            sent["json"] = self.body
        return sent


def connection(base_url: str, api_key: str) -> dict[str, Any]:
    """What both kinds of `httpx2` client are made with. Raises `ValueError` for what can never work."""
    if not api_key:
        raise ValueError("An API key is needed: aivastark key create makes one.")
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"base_url begins with http:// or https://, not like {base_url!r}.")
    return {
        "base_url": base_url.rstrip("/"),
        "headers": {"Authorization": f"Bearer {api_key}", "User-Agent": f"aivastark-python/{__version__}"},
        "timeout": httpx2.Timeout(
            connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S, write=WRITE_TIMEOUT_S, pool=CONNECT_TIMEOUT_S
        ),
        "follow_redirects": False,
    }


def below(project_id: str | None, path: str) -> str:
    """A path in the project; one that begins with `/` stays as it is. Raises `ValueError` without a project."""
    if path.startswith("/"):
        return path
    if project_id is None:
        raise ValueError("A project is needed: give project_id to the client, or use its with_project().")
    return f"/v1/projects/{segment(project_id)}/{path}"


def segment(id_: str) -> str:
    """An id for a path. Raises `ValueError` for what would lead elsewhere (servers take `%2F` for a slash)."""
    if not _ID.fullmatch(id_):
        raise ValueError(f"{id_!r} is not an id.")
    return id_


def no_answer(error: httpx2.RequestError) -> ConnectionFailed:
    """What a failed connection is told as."""
    reason = "took too long" if isinstance(error, httpx2.TimeoutException) else "failed"
    return ConnectionFailed(f"The call {reason}: {str(error) or type(error).__name__}")


def is_served(response: httpx2.Response) -> bool:
    """Whether the answer is what was asked for. Raises `UnexpectedAnswer` for one that leads elsewhere."""
    if response.has_redirect_location:
        raise UnexpectedAnswer(f"The server sends us to {response.headers['location']}: give that as base_url.")
    return response.status_code < 400


def pause_before_retry(failure: ApiError | ConnectionFailed, attempt: int, retries: int) -> float | None:
    """Seconds to wait before the next attempt (the first is 0); None when there should be none.

    Half of the pause is chance, so that many clients do not come back at the same moment.
    """
    if attempt >= retries:
        return None
    back_off = min(BACK_OFF_MAX_S, BACK_OFF_S * 2.0**attempt) * random.uniform(0.5, 1)
    if isinstance(failure, ConnectionFailed):
        return back_off
    if failure.status not in RETRIED_STATUSES and failure.code != STILL_RUNNING:
        return None
    if failure.retry_after_s is None:
        return back_off
    return None if failure.retry_after_s > RETRY_AFTER_MAX_S else failure.retry_after_s + back_off * 0.1


def shaped(shape: type[Shaped], body: bytes) -> Shaped:
    """An answer's body as its shape. Raises `UnexpectedAnswer`."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise UnexpectedAnswer(f"The answer is not what the API sends for {shape.__name__}: {error}") from error


def page_of(row: type[Shaped], body: bytes) -> Page[Shaped]:
    """One page of a list of these. Raises `UnexpectedAnswer`."""
    page: type[Page[Shaped]] = Page[row]  # type: ignore[valid-type]  # pydantic makes it of a class known when run
    return shaped(page, body)


def pauses_of_a_wait(timeout_s: float) -> Iterator[float]:
    """How long to wait between looks, a little longer each time, until the time is over."""
    give_up_at, pause = time.monotonic() + timeout_s, POLL_FIRST_S
    while time.monotonic() + pause <= give_up_at:
        yield pause
        pause = min(POLL_MAX_S, pause * POLL_GROWTH)


def named(file: Path | bytes, name: str | None) -> tuple[str, bytes]:
    """A file's name and its bytes."""
    if isinstance(file, bytes):
        return name or "file", file
    return name or file.name, file.read_bytes()


def question(project_id: str | None, message: str, fields: QuestionFields, *, stream: bool) -> Call:
    """The call that asks."""
    return Call(method="POST", path=below(project_id, "query"), body={"message": message, "stream": stream, **fields})


def stopping(project_id: str | None, message_id: str) -> Call:
    """The call that ends an answer."""
    return Call(method="POST", path=below(project_id, f"messages/{segment(message_id)}/cancel"))


def rest_of(project_id: str | None, reading: Reading) -> Call | None:
    """The call that takes a broken stream up again; None while nothing of it has come. What is half read is dropped."""
    reading.reconnected()
    if reading.message_id is None:
        return None
    headers = {} if reading.last_event_id is None else {"Last-Event-ID": reading.last_event_id}
    path = below(project_id, f"messages/{segment(reading.message_id)}/stream")
    return Call(method="GET", path=path, headers=headers)


def _form_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
