"""Crawls over HTTP: what may be asked for, and that asking again replaces it."""

from typing import Any

import pytest
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.sources.models import Source
from tests.conftest import Settle
from tests.loopback import page, serving
from tests.make import Client, assert_error, read
from tests.sources.crawling import HTML, html, markup

URL = "https://docs.example.com/guide/"


async def locations(backends: Backends, project_id: str) -> list[dict[str, Any]]:
    def look(session: ReadSession) -> Any:
        return [dict(row) for row in session.scalars(select(Source.config).where(Source.project_id == project_id))]

    found: list[dict[str, Any]] = await backends.db.read(look)
    return found


@pytest.mark.parametrize(
    ("crawl", "param"),
    [
        (True, "crawl"),
        ([], "crawl"),
        ({"pages": 5}, "crawl.pages"),
        ({"max_pages": 0}, "crawl.max_pages"),
        ({"max_pages": 10_001}, "crawl.max_pages"),
        ({"max_pages": "5"}, "crawl.max_pages"),
        ({"max_pages": True}, "crawl.max_pages"),
        ({"max_depth": -1}, "crawl.max_depth"),
        ({"max_depth": 21}, "crawl.max_depth"),
        ({"include": "/docs/**"}, "crawl.include"),
        ({"include": [""]}, "crawl.include.0"),
        ({"exclude": ["/a"] * 51}, "crawl.exclude"),
        ({"exclude": ["a" * 201]}, "crawl.exclude.0"),
        ({"exclude": ["a\x00"]}, "crawl.exclude.0"),
        ({"sitemap": 1}, "crawl.sitemap"),
        ({"sitemap": None}, "crawl.sitemap"),
        ({"sitemap": "sitemap.xml"}, "crawl.sitemap"),
    ],
)
async def test_a_crawl_that_cannot_be_is_refused(api: Client, crawl: Any, param: str) -> None:
    answer = await api.post("sources", {"type": "url", "url": URL, "crawl": crawl})

    assert_error(answer, 422, "invalid_request", param=param)


async def test_only_the_web_is_crawled(api: Client) -> None:
    answer = await api.post("sources", {"type": "raw", "text": "Hello.", "crawl": {}})

    assert_error(answer, 422, "invalid_request", param="crawl")


async def test_a_crawl_has_defaults_and_posting_again_replaces_it(api: Client, backends: Backends) -> None:
    first = await api.add(url=URL, crawl={})
    [before] = await locations(backends, api.tenant.project_id)
    again = await api.add(url=URL, crawl={"max_pages": 7, "exclude": ["/old/**"], "sitemap": f"{URL}map.xml"})
    [after] = await locations(backends, api.tenant.project_id)
    await api.add(url=URL)
    [alone] = await locations(backends, api.tenant.project_id)

    assert first["id"] == again["id"]
    defaults = {"max_pages": 500, "max_depth": 10, "include": [], "exclude": [], "sitemap": True}
    assert before == {"url": URL, "crawl": defaults}
    assert after["crawl"] == {**defaults, "max_pages": 7, "exclude": ["/old/**"], "sitemap": f"{URL}map.xml"}
    assert alone == {"url": URL}


async def test_the_pages_of_a_site_become_documents_that_answer(api: Client, settle: Settle) -> None:
    pages = {
        "/": html("/delivery", "/returns", words="Welcome to the shop."),
        "/delivery": html(words="We deliver within two days."),
        "/returns": page(200, markup(words="Returns are free within 30 days."), HTML),
    }
    async with serving(pages) as site:
        source = await api.add(url=site.url("/"), crawl={})
        await settle()
        documents = read(await api.get(f"sources/{source['id']}/documents"))["data"]
        locators = {document["locator"] for document in documents}
        expected = {site.url(path) for path in pages}

    assert (await api.source(source["id"]))["status"] == "ready"
    assert locators == expected
    found = read(await api.post("search", {"query": "Do you deliver within days?"}))["data"]
    assert "two days" in found[0]["text"]
