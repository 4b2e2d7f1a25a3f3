"""One spelling for each page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aivastark.kit.urls import canonical_url, normalise_url


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Example.COM", "https://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:80", "http://example.com/"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("https://example.com:/a", "https://example.com/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://example.com/docs", "https://example.com/docs"),
        ("https://example.com/docs/", "https://example.com/docs/"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/a/..", "https://example.com/"),
        ("https://example.com/../../a", "https://example.com/a"),
        ("https://example.com/a/%2e%2e/b", "https://example.com/b"),
        ("https://example.com//a", "https://example.com//a"),
        ("https://example.com/%7euser/%c3%a4", "https://example.com/~user/%C3%A4"),
        ("https://example.com/a%2Fb", "https://example.com/a%2Fb"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/two words?q=a b", "https://example.com/two%20words?q=a%20b"),
        ("https://example.com/straße", "https://example.com/stra%C3%9Fe"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://example.com/?utm_source=x&b=2&a=1&gclid=y", "https://example.com/?b=2&a=1"),
        ("https://example.com/?UTM_Campaign=x&fbclid=1&mc_cid=2", "https://example.com/"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/?a=&b&&c=1", "https://example.com/?a=&b&c=1"),
        ("  https://example.com/a \n", "https://example.com/a"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_spellings_of_one_page_have_one_key(url: str, normal: str) -> None:
    assert normalise_url(url) == normal


def test_the_canonical_url_keeps_the_parameters_a_server_may_read() -> None:
    assert canonical_url("https://example.com/?utm_source=x#y") == "https://example.com/?utm_source=x"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("example.com/docs", "must begin with http"),
        ("ftp://example.com/", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("javascript:alert(1)", "must begin with http"),
        ("", "must begin with http"),
        ("https://", "no host name"),
        ("https:///path", "no host name"),
        ("https://user:secret@example.com/", "user name or password"),
        ("https://user@example.com/", "user name or password"),
        ("https://good.example\\@evil.example/", "user name or password"),
        ("https://good.example\\evil.example/", "backslash"),
        ("https://exa mple.com/", "valid host name"),
        ("https://-a.example/", "valid host name"),
        ("https://a..b/", "valid host name"),
        ("https://" + "a" * 64 + ".com/", "valid host name"),
        ("https://" + "a." * 150 + "com/", "valid host name"),
        ("https://example.com:99999/", "host or port"),
        ("https://example.com:port/", "host or port"),
        ("https://[::1/", "host or port"),
        ("https://1.2.3.4.5/", "neither a host name nor an IP address"),
        ("https://example.com/a\nb", "control characters"),
        ("https://example.com/" + "a" * 5_000, "longer than"),
    ],
)
def test_an_invalid_url_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        normalise_url(url)


@given(st.text(max_size=40), st.text(max_size=40))
def test_normalising_twice_changes_nothing(path: str, query: str) -> None:
    try:
        once = normalise_url(f"https://example.com/{path}?{query}")
    except ValueError:
        return
    assert once.isascii()
    assert normalise_url(once) == once
