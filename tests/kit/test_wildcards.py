"""Patterns with stars: what each takes, and that none takes long."""

import time

import pytest

from aivastark.kit.wildcards import matches, wildcards


@pytest.mark.parametrize(
    ("pattern", "text", "is_taken"),
    [
        ("", "", True),
        ("", "a", False),
        ("/a", "/a", True),
        ("/a", "/ab", False),
        ("/*", "/ab", True),
        ("/*", "/a/b", False),
        ("/**", "/a/b", True),
        ("/**/b", "/a/c/b", True),
        ("/a*c", "/ac", True),
        ("/a**", "/a", True),
        ("/a*b*c", "/abbc", True),
        ("/a*b*c", "/ab/c", False),
        ("**a*b", "xa/ab", True),
        ("*.pdf", "a.pdf", True),
        ("*.pdf", "a.pdfx", False),
        ("***x", "a/b/x", True),
        ("a.b", "axb", False),
        ("/ä*", "/äß", True),
    ],
)
def test_a_star_stops_at_a_slash_and_two_do_not(pattern: str, text: str, is_taken: bool) -> None:
    assert matches(wildcards(pattern), text) is is_taken


def test_where_one_star_may_cross_slashes_it_does() -> None:
    assert matches(wildcards("/a*c", stars_cross_slashes=True), "/a/b/c")


def test_no_pattern_takes_long() -> None:
    pattern = wildcards("**a" * 66)
    begun = time.monotonic()

    assert not matches(pattern, "a" * 2_000 + "b")

    assert time.monotonic() - begun < 1
