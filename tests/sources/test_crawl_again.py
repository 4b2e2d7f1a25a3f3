"""What a crawl does where pages cannot be had, and what the next look at a site costs."""

import pytest

from aivastark.fetch_failures import FetchFailed
from aivastark.sources.extract import extract
from tests.loopback import Page, page
from tests.sources.crawling import HTML, crawl, crawler, html, markup, tagged

# --- failures


@pytest.mark.parametrize(
    ("answer", "failed", "skipped"),
    [
        (page(404), {}, {}),
        (page(410), {}, {}),
        (page(500), {"/a": "upstream_error"}, {}),
        (page(403), {"/a": "forbidden"}, {}),
        (page(401), {}, {"/a": "login_required"}),
        (page(302, headers={"Location": "http://login.elsewhere.example/start"}), {}, {"/a": "login_required"}),
        (page(302, headers={"Location": "/login?next=/a"}), {}, {"/a": "login_required"}),
        (page(200, b"x", {"Content-Encoding": "gzip", **HTML}), {"/a": "decoding_failed"}, {}),
    ],
)
async def test_a_page_that_cannot_be_had_says_why_and_the_rest_goes_on(
    answer: Page, failed: dict[str, str], skipped: dict[str, str]
) -> None:
    look = await crawl({"/": html("/a", "/b"), "/a": answer, "/b": html()})

    assert (look.documents, look.failed, look.skipped) == (["/", "/b"], failed, skipped)


async def test_a_published_page_that_asks_for_a_login_now_has_failed() -> None:
    pages = {"/": html("/a"), "/a": html()}
    async with crawler(pages) as it:
        first = await it.look()
        pages["/a"] = page(302, headers={"Location": "https://sso.elsewhere.example/"})
        second = await it.look(after=first)

    assert second.failed == {"/a": "login_required"}


@pytest.mark.parametrize("status", [404, 403, 401, 500])
async def test_a_start_page_that_cannot_be_had_fails_the_crawl(status: int) -> None:
    with pytest.raises(FetchFailed) as caught:
        await crawl({"/": page(status)})

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("cp1252", "text/html; charset=windows-1252"), ("shift_jis", "text/html"), ("utf-16", "text/html")],
)
async def test_words_come_out_right_in_any_charset(encoding: str, declared: str) -> None:
    words = "Größe & Qualität – naïve café" if encoding == "cp1252" else "返品は三十日以内にお願いします"
    head = '<meta charset="shift_jis">' if encoding == "shift_jis" else ""
    text = f"<html><head>{head}</head><body><p>{words}</p><a href='/b'>b</a></body></html>".replace("&", "&amp;")
    pages = {"/": page(200, text.encode(encoding), {"Content-Type": declared}), "/b": html()}

    look = await crawl(pages)

    first = look.document("/")
    assert words in extract(first.content, media_type=first.media_type).text
    assert look.documents == ["/", "/b"]


# --- the next look


async def test_an_unchanged_site_is_only_asked_whether_it_changed() -> None:
    pages = {"/": tagged(markup("/a")), "/a": tagged(markup("/b")), "/b": tagged(markup())}
    async with crawler(pages) as it:
        first = await it.look()
        second = await it.look(after=first)

    assert (second.documents, second.unchanged) == ([], ["/", "/a", "/b"])


async def test_new_pages_are_found_behind_unchanged_and_hidden_ones() -> None:
    hidden = '<meta name="robots" content="noindex">'
    pages = {
        "/": tagged(markup("/a", "/hidden")),
        "/a": tagged(markup("/b")),
        "/b": tagged(markup()),
        "/hidden": html("/c", head=hidden),
        "/c": tagged(markup()),
    }
    async with crawler(pages) as it:
        first = await it.look()
        pages["/b"] = tagged(markup("/new", words="Changed."))
        pages["/hidden"] = html("/newer", head=hidden)
        pages |= {"/new": html(), "/newer": html()}
        del pages["/c"]
        second = await it.look(after=first)

    assert set(second.documents) == {"/b", "/new", "/newer"}
    assert (set(second.unchanged), second.failed) == ({"/", "/a"}, {})


async def test_links_do_not_lead_farther_with_every_look() -> None:
    pages = {"/": tagged(markup("/a")), "/a": tagged(markup("/b")), "/b": tagged(markup())}
    async with crawler(pages) as it:
        first = await it.look(max_depth=2)
        pages |= {"/b": tagged(markup("/too-far")), "/too-far": html()}
        second = await it.look(after=first, max_depth=2)

    assert (second.documents, second.unchanged) == (["/b"], ["/", "/a"])


async def test_other_settings_reach_what_the_old_ones_left_out() -> None:
    pages = {"/": tagged(markup("/a", "/b")), "/a": tagged(markup("/c")), "/b": tagged(markup()), "/c": html()}
    async with crawler(pages) as it:
        first = await it.look(exclude=["/b", "/c"])
        second = await it.look(after=first, exclude=["/a"])

    assert first.documents == ["/", "/a"]
    assert (second.documents, second.unchanged) == (["/", "/b"], [])
    assert second.skipped == {"/a": "out_of_scope"}


async def test_at_its_bound_a_crawl_keeps_the_pages_it_has() -> None:
    pages = {"/": tagged(markup("/a", "/b")), "/a": tagged(markup()), "/b": tagged(markup())}
    async with crawler(pages) as it:
        first = await it.look(max_pages=3)
        pages |= {"/": tagged(markup("/0", "/a", "/b")), "/0": html()}
        full = await it.look(after=first, max_pages=3)
        del pages["/b"]
        free = await it.look(after=first, max_pages=3)

    assert (full.documents, full.unchanged, full.skipped) == (["/"], ["/a", "/b"], {"/0": "over_max_pages"})
    assert (free.documents, free.unchanged) == (["/", "/0"], ["/a"])


async def test_what_failed_is_tried_again() -> None:
    pages = {"/": tagged(markup("/a")), "/a": page(500)}
    async with crawler(pages) as it:
        first = await it.look()
        pages["/a"] = html("/b")
        second = await it.look(after=first, failed_before=frozenset(first.site.url(path) for path in first.failed))

    assert first.failed == {"/a": "upstream_error"}
    assert second.documents == ["/a"]


async def test_a_retry_looks_at_what_failed_alone() -> None:
    pages = {"/": html("/a", "/b"), "/a": html("/c"), "/b": html(), "/c": html()}
    async with crawler(pages) as it:
        first = await it.look()
        retry = await it.look(after=first, only=frozenset({it.site.url("/a")}))
        asked = [request.path for request in it.site.requests]

    assert (retry.documents, asked) == (["/a"], ["/robots.txt", "/a"])
