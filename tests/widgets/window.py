"""A widget's window on somebody's page, as a browser would speak for it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from aivastark.accounts.gate import Application
from tests.make import Body, Client, calling, read

PAGE = "https://shop.example.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Calls with the embed key from one page; with `token` as one visitor."""

    http: httpx.AsyncClient
    embed_key: str
    origin: str | None = PAGE
    token: str | None = None
    identity: str | None = None

    def headers(self, **others: str) -> dict[str, str]:
        named = {"Origin": self.origin, "X-Visitor-Token": self.token, "X-Visitor-Identity": self.identity}
        return {name: value for name, value in named.items() if value is not None} | others

    async def get(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> httpx.Response:
        return await self.http.get(
            f"/v1/widget/{self.embed_key}/{path}", params=parameters or None, headers=self.headers(**(headers or {}))
        )

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.post(f"/v1/widget/{self.embed_key}/{path}", json=body, headers=self.headers())

    async def visit(self, **body: Any) -> "Window":
        """The same window with a visitor's token."""
        return replace(self, token=(await self.begin(**body))["visitor_token"])

    async def begin(self, **body: Any) -> Body:
        begun = await self.post("session", **body)
        assert begun.status_code == 200, begun.text
        return read(begun)

    async def ask(self, message: str = "Hello?", **fields: Any) -> Body:
        answered = await self.post("query", message=message, **fields)
        assert answered.status_code == 200, answered.text
        return read(answered)

    async def history(self) -> list[str]:
        return [one["id"] for one in read(await self.get("conversations"))["data"]]


@contextlib.asynccontextmanager
async def opened(app: Application, embed_key: str, *, origin: str | None = PAGE) -> AsyncIterator[Window]:
    """A window of this widget on a page of this origin."""
    async with calling(app, None) as http:
        yield Window(http=http, embed_key=embed_key, origin=origin)


async def make_widget(api: Client, **configuration: Any) -> Body:
    """A widget that `PAGE` may show."""
    security = {"allowed_domains": ["shop.example.com"], **configuration.pop("security", {})}
    made = await api.post("widgets", {"name": "Shop", "security": security, **configuration})
    assert made.status_code == 201, made.text
    return read(made)
