"""Keyset lists: no row twice, none left out, and cursors that fit one list with one set of filters only."""

import base64
from collections.abc import AsyncIterator

import pytest

from tests.make import Client, assert_error, read


async def pages(client: Client, path: str, **parameters: str | int) -> AsyncIterator[list[str]]:
    """The ids of each page, one page after the other."""
    cursor: str | None = None
    while True:
        page = read(await client.get(path, **parameters, **({"cursor": cursor} if cursor else {})))
        assert page["has_more"] is (page["next_cursor"] is not None)
        yield [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return


async def test_pages_join_to_the_whole_list_newest_first(api: Client) -> None:
    made = [(await api.add(text=f"Text {number}."))["id"] for number in range(7)]

    seen = [page async for page in pages(api, "sources", limit=3)]

    assert [len(page) for page in seen] == [3, 3, 1]
    assert [id_ for page in seen for id_ in page] == made[::-1]


async def test_rows_added_and_gone_while_paging_cause_no_gap_and_no_double(api: Client) -> None:
    made = [(await api.add(text=f"Text {number}."))["id"] for number in range(6)]
    seen: list[str] = []

    async for page in pages(api, "sources", limit=2):
        seen += page
        await api.add(text="Added in the middle.")
        await api.delete(f"sources/{page[-1]}")

    assert seen == made[::-1]


async def test_a_page_that_is_exactly_full_is_the_last(api: Client) -> None:
    for number in range(2):
        await api.add(text=f"Text {number}.")

    page = read(await api.get("sources", limit=2))

    assert (page["has_more"], page["next_cursor"]) == (False, None)


async def test_conversations_are_paged_by_when_they_were_last_spoken_in(api: Client) -> None:
    first = await api.ask("The first question?")
    others = [(await api.ask(f"Question {number}?"))["conversation_id"] for number in range(3)]
    await api.ask("Once more?", session_id=first["session_id"])

    seen = [page async for page in pages(api, "conversations", limit=2)]

    assert [id_ for page in seen for id_ in page] == [first["conversation_id"], *others[::-1]]


@pytest.fixture
async def cursor(api: Client) -> str:
    for number in range(3):
        await api.add(text=f"Text {number}.", tags=["docs"])
    return str(read(await api.get("sources", limit=1, tag="docs"))["next_cursor"])


async def test_a_cursor_works_where_it_was_made(api: Client, cursor: str) -> None:
    page = await api.get("sources", limit=1, tag="docs", cursor=cursor)

    assert len(read(page)["data"]) == 1


async def test_a_cursor_that_was_tampered_with_is_refused(api: Client, cursor: str) -> None:
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-3] ^= 1
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    for bad in (forged, "nonsense", "é", "AAAA", cursor[:-4], ""):
        answer = await api.get("sources", tag="docs", cursor=bad)

        assert_error(answer, 400, "invalid_cursor", param="cursor")


async def test_a_cursor_is_good_for_its_filters_its_list_and_its_project_only(
    api: Client, stranger: Client, cursor: str
) -> None:
    answers = [
        await api.get("sources", cursor=cursor),
        await api.get("sources", tag="other", cursor=cursor),
        await api.get("conversations", tag="docs", cursor=cursor),
        await stranger.get("sources", tag="docs", cursor=cursor),
    ]

    for answer in answers:
        assert_error(answer, 400, "invalid_cursor", param="cursor")
