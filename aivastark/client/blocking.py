"""The client that blocks: `asynchronous.py` without its `await`s; a test holds them together."""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, Unpack

import httpx2
from pydantic import BaseModel

from aivastark.client import calls
from aivastark.client.calls import Call, QuestionFields, SourceFields, below, segment, shaped
from aivastark.client.errors import ApiError, ConnectionFailed, StillWorking, error_from
from aivastark.client.events import Reading, StreamEvent
from aivastark.client.shapes import (
    Answer,
    ChangedDocument,
    Conversation,
    Document,
    Found,
    FoundList,
    Page,
    Record,
    Source,
    SourceFailure,
    SourceVersion,
    Stopped,
)

Row = TypeVar("Row", bound=BaseModel)


class Aivastark:
    """One server, one key, and the project that calls are about. Close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        api_key: str,
        project_id: str | None = None,
        base_url: str = calls.DEFAULT_BASE_URL,
        retries: int = calls.RETRIES,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        http = httpx2.Client(transport=transport, **calls.connection(base_url, api_key))
        self._set(http, project_id, retries)

    def _set(self, http: httpx2.Client, project_id: str | None, retries: int) -> None:
        self._http = http
        self._retries = retries
        self.project_id = project_id
        self.sources = Sources(self, "sources", Source)
        self.conversations = Listing(self, "conversations", Conversation)

    def with_project(self, project_id: str) -> "Aivastark":
        """The same connection and key for another project; closed with this one."""
        other = object.__new__(Aivastark)
        other._set(self._http, project_id, self._retries)
        return other

    def resource(self, path: str) -> "Resource[Record]":
        """Objects that have no methods of their own here yet: `resource("webhooks").list()`."""
        return Resource(self, path, Record)

    def query(self, message: str, **fields: Unpack[QuestionFields]) -> Answer:
        """Ask. The same `session_id` continues a conversation."""
        response = self.send(calls.question(self.project_id, message, fields, stream=False))
        return shaped(Answer, response.content)

    def stream(self, message: str, **fields: Unpack[QuestionFields]) -> Generator[StreamEvent, None]:
        """Ask, and get the answer event by event; a line that breaks is taken up where it was."""
        reading = Reading()
        call = calls.question(self.project_id, message, fields, stream=True).repeatable()
        attempt = 0
        while not reading.is_done:
            response = self.send(call, stream=True)
            failure = ConnectionFailed("The stream ended before the answer did.")
            try:
                for received in response.iter_bytes():
                    for event in reading.take(received):
                        yield event
            except httpx2.RequestError as error:
                failure = calls.no_answer(error)
            finally:
                response.close()
            if not reading.is_done:
                self._pause(failure, attempt)
                attempt += 1
                call = calls.rest_of(self.project_id, reading) or call

    def stop(self, message_id: str) -> bool:
        """End an answer that is being written: what is proven by then is the answer. False where none is any more."""
        response = self.send(calls.stopping(self.project_id, message_id))
        return shaped(Stopped, response.content).stopped

    def search(
        self, query: str, *, limit: int = 10, tags: Sequence[str] = (), source_ids: Sequence[str] = ()
    ) -> Sequence[Found]:
        """Passages, best first."""
        body = {"query": query, "limit": limit, "tags": list(tags), "source_ids": list(source_ids)}
        response = self.send(Call(method="POST", path=below(self.project_id, "search"), body=body))
        return shaped(FoundList, response.content).data

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Any call, with this client's key, retries and errors; a path without `/` in front is below the project."""
        path = below(self.project_id, path)
        call = Call(method=method.upper(), path=path, body=json, query=params or {}, headers=headers or {})
        return self.send(call)

    def send(self, call: Call, *, stream: bool = False) -> httpx2.Response:
        """The answer, read unless it is a stream. Raises `ApiError` or `ConnectionFailed` after the last attempt."""
        call = call.repeatable()
        attempt = 0
        while True:
            failure: ApiError | ConnectionFailed
            try:
                response = self._http.send(self._http.build_request(**call.arguments()), stream=stream)
                if calls.is_served(response):
                    return response
                failure = error_from(response.status_code, response.headers, response.read())
            except httpx2.RequestError as error:
                failure = calls.no_answer(error)
            self._pause(failure, attempt)
            attempt += 1

    def _pause(self, failure: ApiError | ConnectionFailed, attempt: int) -> None:
        """Wait until the next attempt; raises the failure where there should be none."""
        pause = calls.pause_before_retry(failure, attempt, self._retries)
        if pause is None:
            raise failure
        time.sleep(pause)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Listing(Generic[Row]):
    """Objects of one kind that can be read."""

    def __init__(self, client: Aivastark, path: str, row: type[Row]) -> None:
        self._client = client
        self._path = path
        self._row = row

    def list(self, *, page_size: int = calls.PAGE_SIZE, **filters: Any) -> Iterator[Row]:
        """All of them, page by page as they are needed."""
        cursor = None
        while True:
            page = self.page(limit=page_size, cursor=cursor, **filters)
            for row in page.data:
                yield row
            if not page.has_more:
                return
            cursor = page.next_cursor

    def page(self, *, limit: int = calls.PAGE_SIZE, cursor: str | None = None, **filters: Any) -> Page[Row]:
        """One page."""
        call = Call(method="GET", path=self._at(), query={"limit": limit, "cursor": cursor, **filters})
        response = self._client.send(call)
        return calls.page_of(self._row, response.content)

    def get(self, id: str) -> Row:
        """One of them."""
        return self._one("GET", id)

    def _at(self, *ids: str) -> str:
        return below(self._client.project_id, "/".join((self._path, *map(segment, ids))))

    def _one(self, method: str, *ids: str, body: Any = None, file: tuple[str, bytes] | None = None) -> Row:
        response = self._client.send(Call(method=method, path=self._at(*ids), body=body, file=file))
        return shaped(self._row, response.content)


class Resource(Listing[Row]):
    """Objects of one kind that can be read, made, changed and deleted."""

    def create(self, **fields: Any) -> Row:
        """Make one."""
        return self._one("POST", body=fields)

    def update(self, id: str, **changes: Any) -> Row:
        """Change one: what is not named stays, `None` clears."""
        return self._one("PATCH", id, body=changes)

    def delete(self, id: str) -> None:
        """Delete one."""
        self._client.send(Call(method="DELETE", path=self._at(id)))


class Sources(Resource[Source]):
    """What the bot knows."""

    def create_raw(self, text: str, *, format: str = "plain", **fields: Unpack[SourceFields]) -> Source:
        """Teach it a text: `plain`, `markdown` or `html`."""
        return self.create(type="raw", text=text, format=format, **fields)

    def create_url(self, url: str, *, crawl: Mapping[str, Any] | None = None, **fields: Unpack[SourceFields]) -> Source:
        """Teach it a web page or, with `crawl` (`{}` for its defaults), the site from there on."""
        site = {} if crawl is None else {"crawl": crawl}
        return self.create(type="url", url=url, **site, **fields)

    def create_file(self, file: Path | bytes, *, name: str | None = None, **fields: Unpack[SourceFields]) -> Source:
        """Teach it a file, by its path or, with a `name`, by its bytes."""
        return self._one("POST", body=fields, file=calls.named(file, name))

    def create_github(self, repository: str, *, token: str | None = None, **fields: Any) -> Source:
        """Teach it a repository, or (`path`, `ref`, `include`, `exclude`) a part of one."""
        return self.create(type="github", repository=repository, token=token, **fields)

    def create_drive(self, url: str, **fields: Any) -> Source:
        """Teach it a file or a folder in Google Drive, read with `credentials` or by an `account_id`."""
        return self.create(type="drive", url=url, **fields)

    def sync(self, id: str, *, only: str | None = None, accept_removals: bool = False) -> Source:
        """Look at its origin again; `only="failed"` for what failed, `accept_removals` for what is held."""
        return self._one("POST", id, "sync", body={"only": only, "accept_removals": accept_removals})

    def roll_back(self, id: str, version: int) -> Source:
        """Bring back what an older version held; refreshes pause until the next `sync`."""
        return self._one("POST", id, "rollback", body={"version": version})

    def cancel(self, id: str) -> Source:
        """Stop a sync."""
        return self._one("POST", id, "cancel")

    def wait(self, id: str, *, timeout_s: float = calls.WAIT_TIMEOUT_S) -> Source:
        """The source once it has settled: published, or failed for good. Raises `StillWorking`."""
        source = self.get(id)
        for pause in calls.pauses_of_a_wait(timeout_s):
            if source.has_settled:
                return source
            time.sleep(pause)
            source = self.get(id)
        if source.has_settled:
            return source
        raise StillWorking(f"{source.id} is still {source.status} ({source.stage}).")

    def documents(self, id: str) -> Listing[Document]:
        """Its documents: `list()`, and `get()` for one with its text."""
        return Listing(self._client, f"{self._path}/{segment(id)}/documents", Document)

    def failures(self, id: str) -> Listing[SourceFailure]:
        """What its last sync could not have or read, or left out."""
        return Listing(self._client, f"{self._path}/{segment(id)}/failures", SourceFailure)

    def versions(self, id: str) -> Listing[SourceVersion]:
        """Its history, newest first."""
        return Listing(self._client, f"{self._path}/{segment(id)}/versions", SourceVersion)

    def changes(self, id: str, version: int) -> Listing[ChangedDocument]:
        """What a version added, changed and removed."""
        return Listing(self._client, f"{self._path}/{segment(id)}/versions/{version}/changes", ChangedDocument)
