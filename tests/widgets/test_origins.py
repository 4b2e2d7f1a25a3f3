"""Which pages may show a widget, and what browsers are told of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.accounts.gate import Application
from aivastark.widgets.origins import checked_domain, is_allowed, origin_of
from tests.make import Client, assert_error, assert_limit_headers
from tests.widgets.window import PAGE, make_widget, opened


@pytest.mark.parametrize(
    ("domain", "origin", "allowed"),
    [
        ("example.com", "https://example.com", True),
        ("example.com", "http://example.com", True),
        ("EXAMPLE.com.", "https://Example.COM", True),
        ("example.com", "https://example.com:443", True),
        ("example.com", "https://example.com:8443", False),
        ("example.com:8443", "https://example.com:8443", True),
        ("example.com:8443", "https://example.com", False),
        ("example.com", "https://www.example.com", False),
        ("example.com", "https://example.com.evil.com", False),
        ("example.com", "https://evilexample.com", False),
        ("example.com", "https://example.com@evil.com", False),
        ("example.com", "https://evil.com#example.com", False),
        ("example.com", "https://evil.com/example.com", False),
        ("example.com", "https://example.com\\.evil.com", False),
        ("example.com", "https://еxample.com", False),  # a Cyrillic е
        ("example.com", "https://exa\tmple.com", False),
        ("example.com", " https://example.com", False),
        ("example.com", "https://example.com\n", False),
        ("example.com", "ftp://example.com", False),
        ("example.com", "null", False),
        ("example.com", "", False),
        ("*.example.com", "https://a.example.com", True),
        ("*.example.com", "https://a.b.example.com", True),
        ("*.example.com", "https://example.com", False),
        ("*.example.com", "https://evilexample.com", False),
        ("*.example.com", "https://a.example.com.evil.com", False),
        ("*.example.com", "https://.example.com", False),
        ("*.example.com:3000", "http://a.example.com:3000", True),
        ("bücher.example", "https://xn--bcher-kva.example", True),
        ("localhost:3000", "http://localhost:3000", True),
        ("localhost:3000", "http://localhost:3001", False),
        ("[::1]:3000", "http://[::1]:3000", True),
        ("10.0.0.7", "http://10.0.0.7", True),
    ],
)
def test_a_domain_means_what_it_says(domain: str, origin: str, allowed: bool) -> None:
    assert is_allowed(origin, [checked_domain(domain)]) is allowed


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:80", "http://a.localhost"]
)
def test_without_domains_localhost_may_show_it(origin: str) -> None:
    assert is_allowed(origin, [])
    assert not is_allowed("https://localhost.evil.com", [])
    assert not is_allowed("https://example.com", [])


@given(st.text())
def test_no_origin_breaks_the_check(origin: str) -> None:
    assert is_allowed(origin, ["example.com"]) in (True, False)
    assert origin_of(origin) is None or origin_of(origin)


@given(st.text())
def test_a_domain_is_refused_or_taken_in_one_spelling(domain: str) -> None:
    try:
        taken = checked_domain(domain)
    except ValueError:
        return
    assert checked_domain(taken) == taken


async def test_the_server_enforces_the_origin_by_itself(api: Client, app: Application) -> None:
    widget = await make_widget(api)

    for origin in ("https://evil.com", "null", f"{PAGE}.evil.com", None):
        async with opened(app, widget["embed_key"], origin=origin) as window:
            for path in ("config", "conversations"):
                assert_error(await window.get(path), 403, "origin_not_allowed")
            refused = await window.post("session")
            assert_error(refused, 403, "origin_not_allowed")
            assert "access-control-allow-origin" not in refused.headers
            assert refused.headers["vary"] == "Origin"


async def test_a_referer_stands_in_for_an_origin_that_is_not_sent(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"], origin=None) as window:
        ours = await window.get("config", headers={"Referer": f"{PAGE}/orders?id=1"})
        theirs = await window.get("config", headers={"Referer": f"https://evil.com/?{PAGE}"})
        both = await window.get("config", headers={"Origin": "https://evil.com", "Referer": f"{PAGE}/"})

    assert ours.status_code == 200
    assert_error(theirs, 403, "origin_not_allowed")
    assert_error(both, 403, "origin_not_allowed")


async def test_a_preflight_is_answered_to_the_widgets_own_pages(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-visitor-token"}
    async with opened(app, widget["embed_key"]) as window:
        path = f"/v1/widget/{window.embed_key}/query"
        ours = await window.http.options(path, headers={"Origin": PAGE, **asked})
        theirs = await window.http.options(path, headers={"Origin": "https://evil.com", **asked})
        nobodys = await window.http.options("/v1/widget/akv_pub_nobodys/query", headers={"Origin": PAGE, **asked})

    assert ours.status_code == 204
    assert ours.headers["access-control-allow-origin"] == PAGE
    assert "X-Visitor-Token" in ours.headers["access-control-allow-headers"]
    assert "POST" in ours.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in ours.headers
    assert_limit_headers(ours)
    for refused in (theirs, nobodys):
        assert_error(refused, 403, "origin_not_allowed")
        assert "access-control-allow-origin" not in refused.headers


async def test_a_page_may_read_every_answer_errors_included(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        answers = [
            await window.get("config"),
            await window.get("conversations"),
            await window.get("nothing-here"),
            await window.post("query"),
        ]

    assert [answer.status_code for answer in answers] == [200, 401, 404, 401]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["vary"] == "Origin"
        exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
        assert {"x-request-id", "retry-after", "x-ratelimit-remaining", "etag"} <= set(exposed)
        assert_limit_headers(answer)
