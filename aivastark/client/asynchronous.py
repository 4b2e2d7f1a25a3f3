"""The client that awaits. `blocking.py` is the same without: a test holds them together."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
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


class AsyncAivastark:
    """One server, one key, and the project that calls are about. Close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        api_key: str,
        project_id: str | None = None,
        base_url: str = calls.DEFAULT_BASE_URL,
        retries: int = calls.RETRIES,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        http = httpx2.AsyncClient(transport=transport, **calls.connection(base_url, api_key))
        self._set(http, project_id, retries)

    def _set(self, http: httpx2.AsyncClient, project_id: str | None, retries: int) -> None:
        self._http = http
        self._retries = retries
        self.project_id = project_id
        self.sources = AsyncSources(self, "sources", Source)
        self.conversations = AsyncListing(self, "conversations", Conversation)

    def with_project(self, project_id: str) -> "AsyncAivastark":
        """The same connection and key for another project; closed with this one."""
        other = object.__new__(AsyncAivastark)
        other._set(self._http, project_id, self._retries)
        return other

    def resource(self, path: str) -> "AsyncResource[Record]":
        """Objects that have no methods of their own here yet: `resource("webhooks").list()`."""
        return AsyncResource(self, path, Record)

    async def query(self, message: str, **fields: Unpack[QuestionFields]) -> Answer:
        """Ask. The same `session_id` continues a conversation."""
        response = await self.send(calls.question(self.project_id, message, fields, stream=False))
        return shaped(Answer, response.content)

    async def stream(self, message: str, **fields: Unpack[QuestionFields]) -> AsyncGenerator[StreamEvent, None]:
        """Ask, and get the answer event by event; a line that breaks is taken up where it was."""
        reading = Reading()
        call = calls.question(self.project_id, message, fields, stream=True).repeatable()
        attempt = 0
        while not reading.is_done:
            response = await self.send(call, stream=True)
            failure = ConnectionFailed("The stream ended before the answer did.")
            try:
                async for received in response.aiter_bytes():
                    for event in reading.take(received):
                        yield event
            except httpx2.RequestError as error:
                failure = calls.no_answer(error)
            finally:
                await response.aclose()
            if not reading.is_done:
                await self._pause(failure, attempt)
                attempt += 1
                call = calls.rest_of(self.project_id, reading) or call

    async def stop(self, message_id: str) -> bool:
        """End an answer that is being written: what is proven by then is the answer. False where none is any more."""
        response = await self.send(calls.stopping(self.project_id, message_id))
        return shaped(Stopped, response.content).stopped

    async def search(
        self, query: str, *, limit: int = 10, tags: Sequence[str] = (), source_ids: Sequence[str] = ()
    ) -> Sequence[Found]:
        """Passages, best first."""
        body = {"query": query, "limit": limit, "tags": list(tags), "source_ids": list(source_ids)}
        response = await self.send(Call(method="POST", path=below(self.project_id, "search"), body=body))
        return shaped(FoundList, response.content).data

    async def request(
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
        return await self.send(call)

    async def send(self, call: Call, *, stream: bool = False) -> httpx2.Response:
        """The answer, read unless it is a stream. Raises `ApiError` or `ConnectionFailed` after the last attempt."""
        call = call.repeatable()
        attempt = 0
        while True:
            failure: ApiError | ConnectionFailed
            try:
                response = await self._http.send(self._http.build_request(**call.arguments()), stream=stream)
                if calls.is_served(response):
                    return response
                failure = error_from(response.status_code, response.headers, await response.aread())
            except httpx2.RequestError as error:
                failure = calls.no_answer(error)
            await self._pause(failure, attempt)
            attempt += 1

    async def _pause(self, failure: ApiError | ConnectionFailed, attempt: int) -> None:
        """Wait until the next attempt; raises the failure where there should be none."""
        pause = calls.pause_before_retry(failure, attempt, self._retries)
        if pause is None:
            raise failure
        await asyncio.sleep(pause)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class AsyncListing(Generic[Row]):
    """Objects of one kind that can be read."""

    def __init__(self, client: AsyncAivastark, path: str, row: type[Row]) -> None:
        self._client = client
        self._path = path
        self._row = row

    async def list(self, *, page_size: int = calls.PAGE_SIZE, **filters: Any) -> AsyncIterator[Row]:
        """All of them, page by page as they are needed."""
        cursor = None
        while True:
            page = await self.page(limit=page_size, cursor=cursor, **filters)
            for row in page.data:
                yield row
            if not page.has_more:
                return
            cursor = page.next_cursor

    async def page(self, *, limit: int = calls.PAGE_SIZE, cursor: str | None = None, **filters: Any) -> Page[Row]:
        """One page."""
        call = Call(method="GET", path=self._at(), query={"limit": limit, "cursor": cursor, **filters})
        response = await self._client.send(call)
        return calls.page_of(self._row, response.content)

    async def get(self, id: str) -> Row:
        """One of them."""
        return await self._one("GET", id)

    def _at(self, *ids: str) -> str:
        return below(self._client.project_id, "/".join((self._path, *map(segment, ids))))

    async def _one(self, method: str, *ids: str, body: Any = None, file: tuple[str, bytes] | None = None) -> Row:
        response = await self._client.send(Call(method=method, path=self._at(*ids), body=body, file=file))
        return shaped(self._row, response.content)


class AsyncResource(AsyncListing[Row]):
    """Objects of one kind that can be read, made, changed and deleted."""

    async def create(self, **fields: Any) -> Row:
        """Make one."""
        return await self._one("POST", body=fields)

    async def update(self, id: str, **changes: Any) -> Row:
        """Change one: what is not named stays, `None` clears."""
        return await self._one("PATCH", id, body=changes)

    async def delete(self, id: str) -> None:
        """Delete one."""
        await self._client.send(Call(method="DELETE", path=self._at(id)))


class AsyncSources(AsyncResource[Source]):
    """What the bot knows."""

    async def create_raw(self, text: str, *, format: str = "plain", **fields: Unpack[SourceFields]) -> Source:
        """Teach it a text: `plain`, `markdown` or `html`."""
        return await self.create(type="raw", text=text, format=format, **fields)

    async def create_url(
        self, url: str, *, crawl: Mapping[str, Any] | None = None, **fields: Unpack[SourceFields]
    ) -> Source:
        """Teach it a web page or, with `crawl` (`{}` for its defaults), the site from there on."""
        site = {} if crawl is None else {"crawl": crawl}
        return await self.create(type="url", url=url, **site, **fields)

    async def create_file(
        self, file: Path | bytes, *, name: str | None = None, **fields: Unpack[SourceFields]
    ) -> Source:
        """Teach it a file, by its path or, with a `name`, by its bytes."""
        return await self._one("POST", body=fields, file=await asyncio.to_thread(calls.named, file, name))

    async def create_github(self, repository: str, *, token: str | None = None, **fields: Any) -> Source:
        """Teach it a repository, or (`path`, `ref`, `include`, `exclude`) a part of one."""
        return await self.create(type="github", repository=repository, token=token, **fields)

    async def create_drive(self, url: str, **fields: Any) -> Source:
        """Teach it a file or a folder in Google Drive, read with `credentials` or by an `account_id`."""
        return await self.create(type="drive", url=url, **fields)

    async def sync(self, id: str, *, only: str | None = None, accept_removals: bool = False) -> Source:
        """Look at its origin again; `only="failed"` for what failed, `accept_removals` for what is held."""
        return await self._one("POST", id, "sync", body={"only": only, "accept_removals": accept_removals})

    async def roll_back(self, id: str, version: int) -> Source:
        """Bring back what an older version held; refreshes pause until the next `sync`."""
        return await self._one("POST", id, "rollback", body={"version": version})

    async def cancel(self, id: str) -> Source:
        """Stop a sync."""
        return await self._one("POST", id, "cancel")

    async def wait(self, id: str, *, timeout_s: float = calls.WAIT_TIMEOUT_S) -> Source:
        """The source once it has settled: published, or failed for good. Raises `StillWorking`."""
        source = await self.get(id)
        for pause in calls.pauses_of_a_wait(timeout_s):
            if source.has_settled:
                return source
            await asyncio.sleep(pause)
            source = await self.get(id)
        if source.has_settled:
            return source
        raise StillWorking(f"{source.id} is still {source.status} ({source.stage}).")

    def documents(self, id: str) -> AsyncListing[Document]:
        """Its documents: `list()`, and `get()` for one with its text."""
        return AsyncListing(self._client, f"{self._path}/{segment(id)}/documents", Document)

    def failures(self, id: str) -> AsyncListing[SourceFailure]:
        """What its last sync could not have or read, or left out."""
        return AsyncListing(self._client, f"{self._path}/{segment(id)}/failures", SourceFailure)

    def versions(self, id: str) -> AsyncListing[SourceVersion]:
        """Its history, newest first."""
        return AsyncListing(self._client, f"{self._path}/{segment(id)}/versions", SourceVersion)

    def changes(self, id: str, version: int) -> AsyncListing[ChangedDocument]:
        """What a version added, changed and removed."""
        return AsyncListing(self._client, f"{self._path}/{segment(id)}/versions/{version}/changes", ChangedDocument)
