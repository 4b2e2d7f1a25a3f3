"""Signs and markup that turn a sentence around although its words stand in the quote."""

import pytest

from aivastark.answers.signs import says_otherwise


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Store it at 5 degrees.", "Store it at -5 degrees."),
        ("Store it at -5 degrees.", "Store it at 5 degrees."),
        ("Returns within 30+ days.", "Returns within 30 days."),
        ("Returns within 30 days.", "Returns within <30 days."),
        ("The fee is $30.", "The fee is 30 euros."),
        ("~~Returns within 30 days.~~", "Returns within 30 days."),
        ("❌ Returns within 30 days.", "Returns within 30 days."),
        ("The [page](header).", "The page header."),
        ("The ![page](//header).", "The page header."),
        ("<script>The script of the page.</script>", "The script of the page."),
        ("Open www.page.header now.", "Open page header now."),
        ("The header prints `row][ 0 ]`.", "The header prints row[0]."),
        ("Write `{name}`.", "Write [name]."),
    ],
)
def test_what_the_quote_does_not_show_is_not_said(sentence: str, quote: str) -> None:
    assert says_otherwise(sentence, quote)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Store it at -5 degrees.", "Store it at -5 degrees."),
        ("Within 3–5 days.", "Within 3-5 days."),
        ("The fee is €30.", "The fee is 30 euros."),
        ("Open Settings > Account.", "Open Settings, then Account."),
        ("**Use** `a < b`.", "Use a < b."),
        ("- Open https://shop.example/returns.", "Open https://shop.example/returns."),
        ("It prints `row[0]`, the first (see [rows]).", "It prints row[0], the first (see [rows])."),
        ("Use C++ for plugins.", "Plugins are written in C++."),
    ],
)
def test_what_the_quote_shows_or_means_may_be_said(sentence: str, quote: str) -> None:
    assert not says_otherwise(sentence, quote)
