"""Documents of one source that say the same are kept once: through the API, and the comparing itself."""

import random
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from aivastark.backends.base import Backends
from aivastark.sources.duplicates import FEW_WORDS, MAX_BITS_APART, MAX_COMPARED, Originals, fingerprint, say_the_same
from tests.conftest import Settle
from tests.make import Client
from tests.sources.sites import Taught, article, articles, assert_books_agree, site_of

VOCABULARY = [f"{first}{second}" for first in "bcdfghjklm" for second in ("ado", "elu", "imo", "oru", "una", "ylo")]


@pytest.fixture
async def taught(api: Client, settle: Settle, backends: Backends) -> AsyncIterator[Taught]:
    """A site of the start page and six articles; the last says what the one before says."""
    async with site_of(articles(5) | {"/p/5": article(4)}, api, settle, backends) as site:
        yield site


# --- through the API


async def test_of_two_pages_that_say_the_same_one_is_kept_and_the_other_told(taught: Taught) -> None:
    source = await taught.teach()
    again = await taught.look()

    for looked in (source, again):
        assert (looked["status"], looked["version"], looked["progress"]["documents_skipped"]) == ("ready", 1, 1)
    assert set(await taught.documents()) == {"/", *articles(5)}
    [(path, row)] = (await taught.failures()).items()
    assert (path, row["code"], row["skipped"], row["retryable"]) == ("/p/5", "duplicate", True, False)
    assert taught.site.url("/p/4") in row["message"]
    await assert_books_agree(taught)


async def test_a_page_with_another_line_at_its_foot_is_a_copy(taught: Taught) -> None:
    body = article(4, *(f"Paragraph of {word} and what follows from it." for word in VOCABULARY))
    foot = b"<p>Printed version. Share this page with your friends or write to us.</p></main>"
    taught.show({"/p/4": body, "/p/5": body.replace(b"</main>", foot)})
    await taught.teach()

    assert "/p/5" not in await taught.documents()
    assert (await taught.failures())["/p/5"]["code"] == "duplicate"


async def test_the_copy_comes_in_when_its_original_goes(taught: Taught) -> None:
    await taught.teach()
    del taught.pages["/p/4"]
    looked = await taught.look()

    assert (looked["status"], looked["version"]) == ("ready", 2)
    assert await taught.finds("Marker4first") == {"/p/5"}
    assert await taught.changes(2) == {"/p/4": "removed", "/p/5": "added"}
    assert await taught.failures() == {}
    await assert_books_agree(taught)


async def test_the_copy_comes_in_when_its_original_says_something_else(taught: Taught) -> None:
    await taught.teach()
    taught.show({"/p/4": article(14)})
    await taught.look()

    assert await taught.finds("Marker4first") == {"/p/5"}
    assert await taught.finds("Marker14first") == {"/p/4"}
    assert await taught.changes(2) == {"/p/4": "changed", "/p/5": "added"}
    await assert_books_agree(taught)


async def test_a_copy_comes_in_when_it_says_something_of_its_own(taught: Taught) -> None:
    await taught.teach()
    taught.show({"/p/5": article(5)})
    await taught.look()

    assert await taught.changes(2) == {"/p/5": "added"}
    assert await taught.failures() == {}


async def test_two_pages_that_change_places_are_both_kept(taught: Taught) -> None:
    taught.show({"/p/5": article(5)})
    await taught.teach()
    taught.show({"/p/4": article(5), "/p/5": article(4)})
    await taught.look()

    assert await taught.finds("Marker4first") == {"/p/5"}
    assert await taught.finds("Marker5first") == {"/p/4"}
    assert await taught.changes(2) == {"/p/4": "changed", "/p/5": "changed"}
    await assert_books_agree(taught)


async def test_a_published_page_that_becomes_a_copy_goes(taught: Taught) -> None:
    taught.show({"/p/5": article(5)})
    await taught.teach()
    taught.show({"/p/5": article(4)})
    await taught.look()
    await taught.look()

    assert "/p/5" not in await taught.documents()
    assert (await taught.failures())["/p/5"]["code"] == "duplicate"
    assert await taught.finds("Marker5first") == set()
    await assert_books_agree(taught)


async def test_a_copy_of_a_copy_comes_in_when_both_originals_go(taught: Taught) -> None:
    taught.show({"/p/6": article(4), "/p/7": article(4)})
    await taught.teach()
    del taught.pages["/p/4"], taught.pages["/p/5"]
    await taught.look()
    await taught.look()

    assert set(await taught.documents()) == {"/", *articles(4), "/p/6"}
    assert {path: row["code"] for path, row in (await taught.failures()).items()} == {"/p/7": "duplicate"}
    await assert_books_agree(taught)


async def test_copies_in_two_sources_are_both_kept(taught: Taught) -> None:
    await taught.teach()
    other = await taught.api.add(url=taught.site.url("/p/4"))
    await taught.settle()

    assert (await taught.api.source(other["id"]))["progress"]["documents_done"] == 1
    assert await taught.finds("Marker4first") == {"/p/4"}


# --- comparing


def texts(least: int, most: int) -> some.SearchStrategy[list[str]]:
    return some.lists(some.sampled_from(VOCABULARY), min_size=least, max_size=most)


@given(texts(0, 300))
def test_a_text_is_its_own_copy_in_any_spelling_of_its_spaces(words: list[str]) -> None:
    one, other = " ".join(words), "\n\n".join(words).upper() + "."

    assert say_the_same(one, other)
    assert fingerprint(one) == fingerprint(other)
    assert -(2**63) <= fingerprint(one) < 2**63


@given(texts(0, 120), texts(0, 120))
def test_it_is_the_same_from_both_sides(one: list[str], other: list[str]) -> None:
    assert say_the_same(" ".join(one), " ".join(other)) == say_the_same(" ".join(other), " ".join(one))


@given(texts(1, FEW_WORDS - 1), some.data())
def test_short_texts_are_copies_only_when_they_are_equal(words: list[str], data: some.DataObject) -> None:
    at = data.draw(some.integers(0, len(words) - 1))
    other = [*words[:at], "zebra", *words[at + 1 :]]

    assert not say_the_same(" ".join(words), " ".join(other))


@given(texts(FEW_WORDS, 400), some.integers(0, 9))
def test_another_number_makes_another_text(words: list[str], digit: int) -> None:
    one, other = [*words, f"v1{digit}"], [*words, f"v2{digit}"]

    assert not say_the_same(" ".join(one), " ".join(other))


@given(some.randoms(use_true_random=False), some.integers(300, 600), some.integers(1, 8))
def test_a_line_more_is_found_by_its_fingerprint(chance: random.Random, length: int, more: int) -> None:
    words = chance.choices(VOCABULARY, k=length)
    one, other = " ".join(words), " ".join([*words, *chance.choices(VOCABULARY, k=more)])

    apart = (fingerprint(one) ^ fingerprint(other)) & (2**64 - 1)
    assert say_the_same(one, other)
    assert apart.bit_count() <= 2 * MAX_BITS_APART


async def test_pages_of_one_template_are_compared_with_the_nearest_alone() -> None:
    body = " ".join(VOCABULARY * 4)
    asked: list[str] = []

    async def text(document_id: str) -> str | None:
        asked.append(document_id)
        return f"{body} {document_id}"

    originals = Originals(text)
    for number in range(500):
        originals.keep(f"/{number}", str(number), fingerprint(f"{body} {number}"))
    original = await originals.of("/500", f"{body} 500", fingerprint(f"{body} 500"))
    compared = len(asked)
    again = await originals.of("/copy", f"{body} 77", fingerprint(f"{body} 77"))

    assert (original, compared) == (None, MAX_COMPARED)
    assert again == "/77"


async def test_a_footer_more_is_a_copy_and_a_stranger_is_none() -> None:
    chance = random.Random(20_261_125)
    bodies = {number: " ".join(chance.choices(VOCABULARY, k=400)) for number in range(200)}

    async def text(document_id: str) -> str | None:
        return bodies[int(document_id)]

    originals = Originals(text)
    for number, body in bodies.items():
        originals.keep(f"/{number}", str(number), fingerprint(body))
    copy = f"{bodies[7]} all rights reserved"
    alone = " ".join(chance.choices(VOCABULARY, k=400))

    assert say_the_same(copy, bodies[7])
    assert await originals.of("/copy", bodies[7], fingerprint(bodies[7])) == "/7"
    assert await originals.of("/7", bodies[7], fingerprint(bodies[7])) is None
    assert await originals.of("/alone", alone, fingerprint(alone)) is None
    originals.drop("/7")
    assert await originals.of("/copy", bodies[7], fingerprint(bodies[7])) is None
    originals.keep("/7", "8", fingerprint(bodies[8]))
    originals.keep("/7", "7", fingerprint(bodies[7]))
    assert await originals.of("/copy", bodies[7], fingerprint(bodies[7])) == "/7"
    assert await originals.of("/other", bodies[8], fingerprint(bodies[8])) == "/8"
