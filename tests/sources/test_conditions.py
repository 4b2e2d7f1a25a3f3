"""`ETag`, `If-None-Match` and `If-Match` on a source: no copy fetched twice, no change overwritten unseen."""

import asyncio

import httpx

from tests.make import Client, assert_error, assert_limit_headers, read


async def patch(api: Client, source_id: str, title: str, etag: str) -> httpx.Response:
    return await api.http.patch(api.at(f"sources/{source_id}"), json={"title": title}, headers={"If-Match": etag})


async def test_a_copy_that_is_the_present_state_is_a_304(api: Client) -> None:
    source = await api.add(text="Hello.")
    first = await api.get(f"sources/{source['id']}")
    etag = first.headers["etag"]

    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await api.http.get(api.at(f"sources/{source['id']}"), headers={"If-None-Match": known})

        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert_limit_headers(answer)


async def test_another_state_is_shown_with_another_tag(api: Client) -> None:
    source = await api.add(text="Hello.")
    before = (await api.get(f"sources/{source['id']}")).headers["etag"]
    changed = await api.patch(f"sources/{source['id']}", {"tags": ["new"]})

    answer = await api.http.get(api.at(f"sources/{source['id']}"), headers={"If-None-Match": before})

    assert answer.status_code == 200
    assert answer.headers["etag"] == changed.headers["etag"] != before


async def test_of_two_who_change_the_same_state_one_is_told(api: Client) -> None:
    source = await api.add(text="Hello.")
    etag = (await api.get(f"sources/{source['id']}")).headers["etag"]

    answers = await asyncio.gather(*(patch(api, source["id"], f"Title {number}", etag) for number in range(5)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 4
    for answer in refused:
        assert_error(answer, 412, "precondition_failed", param="If-Match")
    [done] = [answer for answer in answers if answer.status_code == 200]
    assert (await api.source(source["id"]))["title"] == read(done)["title"]
    assert (await patch(api, source["id"], "Next", done.headers["etag"])).status_code == 200


async def test_a_weak_tag_is_not_good_enough_for_a_change_but_a_star_is(api: Client) -> None:
    source = await api.add(text="Hello.")
    etag = (await api.get(f"sources/{source['id']}")).headers["etag"]

    weak = await patch(api, source["id"], "Weakly", f"W/{etag}")
    star = await patch(api, source["id"], "Whatever is there", "*")

    assert_error(weak, 412, "precondition_failed", param="If-Match")
    assert star.status_code == 200


async def test_a_source_that_is_not_there_is_a_404_whatever_the_condition(api: Client) -> None:
    assert_error(await patch(api, "src_01ARZ3NDEKTSV4RRFFQ69G5FAV", "Title", '"x"'), 404, "not_found")
