"""Things tests need, made by the same code that makes them in a real install."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from sqlalchemy import select

from aivastark.accounts.bounds import set_plan
from aivastark.accounts.directory import create_organization
from aivastark.accounts.gate import Application
from aivastark.accounts.keys import create_key
from aivastark.backends.base import Backends
from aivastark.database import Database, ReadSession, WriteSession
from aivastark.events import Event as EventRow
from aivastark.projects.store import create_project
from aivastark.settings import Settings
from aivastark.sources.extract.base import NO_RECOGNITION, Recognition
from aivastark.sources.extract.sandbox import ExtractionSandbox
from aivastark.worker import Worker, make_worker

SECRET_KEY = "a secret of the tests, long enough to be one"
BASE_URL = "http://aivastark.test"

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenant:
    """A customer with one project and a key to it."""

    organization_id: str
    project_id: str
    key: str

    @property
    def base(self) -> str:
        return f"/v1/projects/{self.project_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """HTTP as one tenant; paths that do not begin with `/` are below its project."""

    http: httpx.AsyncClient
    tenant: Tenant

    async def get(self, path: str = "", **parameters: Any) -> httpx.Response:
        return await self.http.get(self.at(path), params=parameters or None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        return await self.http.post(self.at(path), json=body)

    async def patch(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self.http.patch(self.at(path), json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(self.at(path))

    async def upload(
        self, content: bytes, name: str, *, media_type: str = "application/octet-stream", **fields: str
    ) -> httpx.Response:
        files = {"file": (name, content, media_type)}
        return await self.http.post(self.at("sources"), files=files, data=fields)

    async def source(self, source_id: str) -> Body:
        return read(await self.get(f"sources/{source_id}"))

    async def add(self, **fields: Any) -> Body:
        """Post a source; a raw one unless told otherwise."""
        posted = await self.post("sources", {"type": "url" if "url" in fields else "raw", **fields})
        assert posted.status_code in (200, 202), posted.text
        return read(posted)

    async def ask(self, message: str, **fields: Any) -> Body:
        answered = await self.post("query", {"message": message, **fields})
        assert answered.status_code == 200, answered.text
        return read(answered)

    def at(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.tenant.base}/{path}".rstrip("/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One Server-Sent Event as it came."""

    kind: str
    id: str
    data: str

    @property
    def body(self) -> Body:
        decoded: Body = orjson.loads(self.data)
        return decoded


def make_settings(data_dir: Path, **others: Any) -> Settings:
    """Settings of a fast install: the embedding that needs no model, pages on loopback allowed."""
    chosen = {"embedding_model": "hashing", "allow_private_networks": True, "secret_key": SECRET_KEY, **others}
    return Settings(data_dir=data_dir, **chosen)


async def make_tenant(
    db: Database,
    *,
    plan: str = "enterprise",
    scopes: Sequence[str] = ("*",),
    expires_at: datetime | None = None,
    whole_organization: bool = False,
    **overrides: Any,
) -> Tenant:
    """A customer that no other test knows; further arguments override its plan."""

    def work(session: WriteSession) -> Any:
        owner = create_organization(session, name="A customer", plan=plan)
        session.flush()
        set_plan(session, owner.id, plan=None, overrides=overrides)
        project = create_project(session, organization_id=owner.id, name="A bot")
        _, key = create_key(
            session,
            organization_id=owner.id,
            project_id=None if whole_organization else project.id,
            name="test",
            scopes=tuple(scopes),
            expires_at=expires_at,
        )
        return owner, project, key

    owner, project, key = await db.write(work)
    return Tenant(organization_id=owner.id, project_id=project.id, key=key)


async def make_key(
    db: Database,
    tenant: Tenant,
    *scopes: str,
    expires_at: datetime | None = None,
    whole_organization: bool = False,
) -> tuple[str, str]:
    """Another key to the tenant's project, or to its whole organisation: its id and its secret."""

    def work(session: WriteSession) -> Any:
        row, secret = create_key(
            session,
            organization_id=tenant.organization_id,
            project_id=None if whole_organization else tenant.project_id,
            name="another",
            scopes=scopes,
            expires_at=expires_at,
        )
        return row, secret

    row, secret = await db.write(work)
    return row.id, secret


@contextlib.asynccontextmanager
async def calling(app: Application, key: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP into the whole app, gate included, without a socket."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as http:
        yield http


@contextlib.asynccontextmanager
async def listening(app: Application) -> AsyncIterator[str]:
    """The app on a port of this machine, for clients that bring their own HTTP; gives the address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 (the server has no event to wait for)
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def working(backends: Backends, *, recognition: Recognition = NO_RECOGNITION) -> AsyncIterator[Worker]:
    """A worker with all it needs, text recognition only where asked for; `run_until_idle` works off what is due."""
    sandbox = ExtractionSandbox(recognition=recognition)
    yield make_worker(backends, sandbox=sandbox, concurrency=2)
    await sandbox.close()


async def published(backends: Backends, project_id: str) -> list[Body]:
    """The bodies of the project's `knowledge.updated` events, oldest first."""

    def work(session: ReadSession) -> Any:
        rows = session.scalars(
            select(EventRow)
            .where(EventRow.project_id == project_id, EventRow.type == "knowledge.updated")
            .order_by(EventRow.id)
        )
        return [row.body for row in rows]

    return await backends.db.read(work)


def blobs_in(settings: Settings) -> list[Path]:
    """The uploads on disk."""
    return [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()]


def read(response: httpx.Response) -> Body:
    """A JSON object."""
    body = response.json()
    assert isinstance(body, dict)
    return body


def events_in(text: str) -> list[Event]:
    """The events of an SSE body, comments left out."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in fields:
            events.append(Event(kind=fields.get("event", ""), id=fields.get("id", ""), data=fields["data"]))
    return events


def assert_error(response: httpx.Response, status: int, code: str, *, param: str | None = None) -> str:
    """The envelope every error comes in; gives its message."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert error["code"] == code
    assert error.get("param") == param
    assert error["request_id"] == response.headers["x-request-id"]
    assert_limit_headers(response)
    message = error["message"]
    assert isinstance(message, str)
    assert message
    return message


def assert_limit_headers(response: httpx.Response) -> None:
    """The rate-limit headers that every answer has."""
    limit, remaining = (int(response.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining"))
    assert 0 <= remaining <= limit
    assert int(response.headers["x-ratelimit-reset"]) > 1_700_000_000
    assert f"q={limit};" in response.headers["ratelimit-policy"]
    assert f"r={remaining};" in response.headers["ratelimit"]


async def assert_conditional(client: Client, path: str, first: Body, second: Body) -> None:
    """What every object with an `ETag` promises: no copy is sent twice, and no change unseen is overwritten."""

    async def patch(body: Body, etag: str) -> httpx.Response:
        return await client.http.patch(client.at(path), json=body, headers={"If-Match": etag})

    before = (await client.get(path)).headers["etag"]
    known = await client.http.get(client.at(path), headers={"If-None-Match": before})
    changed = await patch(first, before)
    late = await patch(second, before)
    anew = await client.http.get(client.at(path), headers={"If-None-Match": before})
    again = await patch(second, changed.headers["etag"])

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", before)
    assert changed.status_code == again.status_code == 200, changed.text + again.text
    assert_error(late, 412, "precondition_failed", param="If-Match")
    assert (anew.status_code, anew.headers["etag"]) == (200, changed.headers["etag"])
    assert len({before, changed.headers["etag"], again.headers["etag"]}) == 3
    assert (await client.get(path)).headers["etag"] == again.headers["etag"]
