"""A site, page by page: what is found, and what is left out."""

import asyncio
import gzip

import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.connectors.base import Expected
from tests.loopback import Page, Request, page
from tests.sources.crawling import HTML, crawl, crawler, html, markup

XML = {"Content-Type": "application/xml"}
CANONICAL = '<link rel="canonical" href="{}">'


def urlset(*paths: str, host: str = "") -> bytes:
    """A sitemap; the host is that of the test's server, which is not known before it runs."""
    return ("<urlset>" + "".join(f"<url><loc>{host}{path}</loc></url>" for path in paths) + "</urlset>").encode()


# --- links


@pytest.mark.parametrize(
    ("written", "is_followed"),
    [
        ('<a href="/b">', True),
        ("<A HREF=/b>", True),
        ("<a class=x href='b#part'>", True),
        ('<a href="?x=1" ><a href="/b?utm_source=mail">', True),
        ('<map><area shape="rect" href="/b"></map>', True),
        ('<link rel="next" href="/b">', True),
        ('<link rel="alternate" hreflang="de" href="/b">', True),
        ('<base href="/"><a href="b">', True),
        ('<a href="&#47;b">', True),
        ('<a rel="nofollow" href="/b">', False),
        ('<link rel="stylesheet" href="/b">', False),
        ('<link rel="alternate" type="application/rss+xml" href="/b">', False),
        ('<meta name="robots" content="nofollow"><a href="/b">', False),
        ('<!-- <a href="/b"> -->', False),
        ("<script>document.write('<a href=\"/b\">')</script>", False),
        ('<a data-href="/b">', False),
        ('<base href="http://elsewhere.example/"><a href="b">', False),
        ('<a href="javascript:go(\'/b\')"><a href="mailto:/b"><a href="ftp://x/b">', False),
    ],
)
async def test_links_are_what_a_reader_could_follow(written: str, is_followed: bool) -> None:
    look = await crawl({"/": page(200, written.encode(), HTML), "/b": html()})

    assert ("/b" in look.documents) is is_followed


async def test_each_page_is_one_document_in_the_order_it_was_found() -> None:
    pages = {"/": html("/b", "/a"), "/a": html("/", "/c"), "/b": html("/c#x", "/c"), "/c": html()}

    look = await crawl(pages)

    assert look.documents == ["/", "/b", "/a", "/c"]
    assert look.asked("/c") == look.asked("/") == 1
    assert [found for found in look.found if isinstance(found, Expected)][-1] == Expected(documents=4)
    assert look.document("/a").url == look.site.url("/a")


@pytest.mark.parametrize(
    ("settings", "documents"),
    [
        ({"max_depth": 0}, ["/"]),
        ({"max_depth": 1}, ["/", "/a"]),
        ({"max_depth": 2}, ["/", "/a", "/a/b"]),
        ({"max_pages": 1}, ["/"]),
        ({"max_pages": 2}, ["/", "/a"]),
    ],
)
async def test_a_crawl_ends_at_its_bounds(settings: dict[str, int], documents: list[str]) -> None:
    look = await crawl({"/": html("/a"), "/a": html("/a/b"), "/a/b": html("/a/b/c"), "/a/b/c": html()}, **settings)

    assert look.documents == documents
    assert ("over_max_pages" in look.skipped.values()) is ("max_pages" in settings)


async def test_endless_sites_end() -> None:
    numbers = iter(range(10_000))

    async def endless(request: Request, out: asyncio.StreamWriter) -> None:
        body = markup(f"/calendar?day={next(numbers)}", "deeper/deeper/", f"?{next(numbers)}=1&sort=a")
        await page(200, body, HTML)(request, out)

    look = await crawl({"/": html("/calendar", "/d/"), "/calendar": endless, "/d/": endless}, max_pages=60)

    assert 10 < len(look.documents) <= 60
    assert all(document.count("deeper") <= 4 for document in look.documents)


async def test_what_is_no_text_is_not_read() -> None:
    kinds = {
        "/a.pdf": "application/pdf", "/b.md": "text/markdown", "/c.csv": "text/csv",
        "/d.docx": "application/octet-stream",
        "/next.js": "text/html", "/e.zip": "application/zip", "/f": "image/png", "/g": "application/json",
        "/h.css": "text/css", "/i.js": "text/javascript", "/j.bin": "application/octet-stream", "/k.mp4": "video/mp4",
    }  # fmt: skip
    pages = {path: page(200, b"some bytes", {"Content-Type": kind}) for path, kind in kinds.items()}

    look = await crawl({"/": html(*kinds), **pages})

    assert look.documents == ["/", "/a.pdf", "/b.md", "/c.csv", "/d.docx", "/next.js"]
    assert (look.skipped, look.failed) == ({}, {})
    assert look.asked("/e.zip") == look.asked("/h.css") == 0


# --- scope


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"/docs/", "/docs/a", "/docs/de/a", "/docs/a.pdf", "/docs/q?v=1"}),
        ({"exclude": ["/docs/de/**"]}, {"/docs/", "/docs/a", "/docs/a.pdf", "/docs/q?v=1"}),
        ({"exclude": ["de/"]}, {"/docs/", "/docs/a", "/docs/a.pdf", "/docs/q?v=1"}),
        ({"exclude": ["*.pdf", "*v=1"]}, {"/docs/", "/docs/a", "/docs/de/a"}),
        ({"include": ["/docs/*"]}, {"/docs/", "/docs/a", "/docs/a.pdf", "/docs/q?v=1"}),
        (
            {"include": ["/blog/**", "/docs/"]},
            {"/docs/", "/docs/a", "/docs/de/a", "/docs/a.pdf", "/docs/q?v=1", "/blog/x/"},
        ),
        ({"include": ["/blog/*"]}, {"/blog/x/"}),
        ({"include": ["**/a"], "exclude": ["de/*"]}, {"/docs/a"}),
    ],
)
async def test_a_crawl_stays_where_it_belongs(settings: dict[str, list[str]], expected: set[str]) -> None:
    links = (
        "/docs/a",
        "/docs/de/a",
        "/docs/a.pdf",
        "/docs/q?v=1",
        "/blog/x/",
        "http://elsewhere.example/docs/b",
        "/docsx",
    )
    pages = {link.partition("?")[0]: html() for link in links if link.startswith("/")}

    look = await crawl({"/docs/": html(*links), **pages}, "/docs/", **settings)

    assert set(look.documents) == expected


async def test_a_page_that_the_settings_leave_out_still_shows_the_way() -> None:
    look = await crawl({"/": html("/a.md"), "/a.md": html()}, include=["*.md"])

    assert (look.documents, look.skipped) == (["/a.md"], {"/": "out_of_scope"})


async def test_the_directory_of_a_start_page_is_what_its_server_takes_for_one() -> None:
    pages = {
        "/docs": page(301, headers={"Location": "/docs/intro"}),
        "/docs/intro": html("/docs/a", "/b"),
        "/docs/a": html(),
    }

    look = await crawl({**pages, "/b": html()}, "/docs")

    assert look.documents == ["/docs/intro", "/docs/a"]


# --- redirects and other names of a page


async def test_a_page_is_filed_once_where_its_redirects_end() -> None:
    pages = {
        "/": html("/old", "/older", "/new"),
        "/old": page(302, headers={"Location": "/new"}),
        "/older": page(301, headers={"Location": "/old"}),
        "/new": html(),
    }

    look = await crawl(pages)

    assert look.documents == ["/", "/new"]
    assert look.asked("/new") == 1


async def test_redirects_out_of_scope_and_in_circles_lead_nowhere() -> None:
    pages = {
        "/d/": html("/d/out", "/d/round", "/d/away"),
        "/d/out": page(302, headers={"Location": "/e"}),
        "/d/round": page(302, headers={"Location": "/d/round"}),
        "/d/away": page(302, headers={"Location": "http://elsewhere.example/"}),
        "/e": html(),
    }

    look = await crawl(pages, "/d/")

    assert (look.documents, look.failed, look.asked("/e")) == (["/d/"], {}, 0)


@pytest.mark.parametrize(
    ("pages", "documents", "copies"),
    [
        ({"/a": html(head=CANONICAL.format("/b")), "/b": html(head=CANONICAL.format("/b"))}, ["/b"], {"/a"}),
        ({"/a": html(head=CANONICAL.format("/b?utm_source=x#y")), "/b": html()}, ["/b"], {"/a"}),
        ({"/a": html(head=CANONICAL.format("/c")), "/b": html(), "/c": html()}, ["/b", "/c"], {"/a"}),
        ({"/a": html(head=CANONICAL.format("/gone")), "/b": html()}, ["/b", "/a"], set()),
        ({"/a": html(head=CANONICAL.format("/b")), "/b": html(head=CANONICAL.format("/a"))}, ["/b"], {"/a"}),
        ({"/a": html(head=CANONICAL.format("/c")), "/b": html(), "/c": page(301, headers={"Location": "/a"})},
         ["/b", "/a"], set()),
        ({"/a": html(head=CANONICAL.format("http://elsewhere.example/a")), "/b": html()}, ["/a", "/b"], set()),
        ({"/a": html(head=CANONICAL.format("/b")), "/b": html(head='<meta name="robots" content="noindex">')},
         ["/a"], set()),
    ],
)  # fmt: skip
async def test_of_copies_the_one_they_name_is_read(
    pages: dict[str, Page], documents: list[str], copies: set[str]
) -> None:
    look = await crawl({"/": html("/a", "/b"), **pages})

    assert look.documents == ["/", *documents]
    assert {path for path, code in look.skipped.items() if code == "duplicate"} == copies


async def test_each_language_is_a_document_of_its_own() -> None:
    alternates = "".join(f'<link rel="alternate" hreflang="{name}" href="/{name}/">' for name in ("en", "de", "ja"))
    pages = {f"/{name}/": html(head=alternates, words=name) for name in ("en", "de", "ja")}

    look = await crawl({"/": html(head=alternates), **pages})

    assert set(look.documents) == {"/", "/en/", "/de/", "/ja/"}


# --- sitemaps


async def test_pages_that_nothing_links_to_are_found_by_the_sitemap() -> None:
    pages: dict[str, Page] = {"/": html(), "/a": html(), "/b": html(), "/c": html(), "/d": html()}
    async with crawler(pages) as it:
        host = it.site.url("")
        index = "".join(f"<sitemap><loc>{host}{path}</loc></sitemap>" for path in ("/1.xml", "/2.xml.gz", "/index.xml"))
        pages["/index.xml"] = page(200, f"<?xml version='1.0'?><sitemapindex>{index}</sitemapindex>".encode(), XML)
        pages["/1.xml"] = page(200, urlset("/a", "/missing", host=host) + b"<not well-formed", XML)
        pages["/2.xml.gz"] = page(200, gzip.compress(urlset("/b", host=host)), {"Content-Type": "application/gzip"})
        pages["/3.txt"] = page(200, f"{host}/c\n{host}/a\n".encode(), {"Content-Type": "text/plain"})
        pages["/robots.txt"] = page(200, f"Sitemap: {host}/index.xml\nSitemap: {host}/3.txt".encode())
        pages["/sitemap.xml"] = page(
            200, urlset("/d", host=host) + b"<image:image><image:loc>/x</image:loc></image:image>", XML
        )

        everything = await it.look()
        indexes = everything.asked("/index.xml")
        nothing = await it.look(sitemap=False)
        named = await it.look(sitemap=it.site.url("/1.xml"))
        with pytest.raises(FetchFailed, match="no such page"):
            await it.look(sitemap=it.site.url("/missing.xml"))

    assert everything.documents == ["/", "/c", "/a", "/d", "/b"]
    assert indexes == 1
    assert nothing.documents == ["/"]
    assert named.documents == ["/", "/a"]


# --- what robots are asked


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /a", {"/b"}),
        ("User-agent: *\nDisallow: /\nAllow: /$\nAllow: /a", {"/a"}),
        ("User-agent: *\nDisallow: /a$\nDisallow: /*b", set()),
        ("User-agent: *\nDisallow: /*?", {"/a", "/b"}),
        ("User-agent: *\nDisallow:", {"/a", "/b"}),
        ("User-agent: *\nDisallow: /a\n\nUser-agent: Aivastark/1.0 # us\nDisallow: /b", {"/a"}),
        ("user-agent: other\nuser-agent: aivastark\ndisallow: /b\nUser-agent: *\nDisallow: /", {"/a"}),
        ("User-agent: other\nDisallow: /", {"/a", "/b"}),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\nnonsense\r\nCrawl-delay: soon", {"/b"}),
        ("<html>Disallow: /</html>", {"/a", "/b"}),
    ],
)
async def test_robots_txt_is_obeyed(robots: str, allowed: set[str]) -> None:
    look = await crawl({"/robots.txt": page(200, robots.encode()), "/": html("/a", "/b"), "/a": html(), "/b": html()})

    assert set(look.documents) == {"/", *allowed}
    assert look.skipped == {path: "robots_disallowed" for path in {"/a", "/b"} - allowed}
    assert all(look.asked(path) == 0 for path in look.skipped)


@pytest.mark.parametrize(
    ("robots", "code"),
    [(page(503), "upstream_error"), (page(429), "upstream_error"), (page(404), None), (page(403), None)],
)
async def test_a_robots_txt_that_cannot_be_had_now_forbids_everything_for_now(robots: Page, code: str | None) -> None:
    pages = {"/robots.txt": robots, "/": html()}
    if code is None:
        assert (await crawl(pages)).documents == ["/"]
        return

    with pytest.raises(FetchFailed) as caught:
        await crawl(pages)

    assert (caught.value.code, caught.value.retryable) == (code, True)


async def test_a_start_page_that_robots_may_not_read_fails_the_crawl() -> None:
    with pytest.raises(FetchFailed) as caught:
        await crawl({"/robots.txt": page(200, b"User-agent: *\nDisallow: /"), "/": html()})

    assert caught.value.code == "robots_disallowed"


@pytest.mark.parametrize(
    ("head", "header", "documents"),
    [
        ('<meta name="robots" content="noindex">', "", ["/", "/b"]),
        ('<META CONTENT="NoIndex, NoFollow" NAME=robots>', "", ["/"]),
        ('<meta name="aivastark" content="none">', "", ["/"]),
        ("", "noindex", ["/", "/b"]),
        ("", "googlebot: noindex", ["/", "/a", "/b"]),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, aivastark: noindex, nofollow", ["/"]),
        ('<meta name="robots" content="nofollow, max-snippet:-1">', "", ["/", "/a"]),
    ],
)
async def test_a_page_is_left_out_where_it_asks_for_it(head: str, header: str, documents: list[str]) -> None:
    hidden = page(200, markup("/b", head=head), {**HTML, **({"X-Robots-Tag": header} if header else {})})

    look = await crawl({"/": html("/a"), "/a": hidden, "/b": html()})

    assert look.documents == documents
    assert look.skipped == ({} if "/a" in documents else {"/a": "noindex"})


async def test_what_is_left_out_is_told_up_to_a_bound() -> None:
    look = await crawl(
        {
            "/": html(*(f"/{number}" for number in range(250))),
            "/robots.txt": page(200, b"User-agent: *\nDisallow: /1\nDisallow: /2"),
        }
    )

    assert len(look.skipped) == 100
