"""Sources over HTTP, from the post to the passages: every kind, again and again, changed, unchanged and gone."""

import asyncio

import pytest
from sqlalchemy import select

from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.kit.ids import is_id
from aivastark.settings import Settings
from aivastark.sources.models import Document
from tests.conftest import Settle
from tests.loopback import Page, Request, page, serving
from tests.make import Client, assert_error, blobs_in, events_in, published, read

HOURS = "# Opening hours\n\nThe shop is open from nine to five.\n\n# Returns\n\nReturns are free within 30 days."
PAGE = "<html><head><title>Delivery</title></head><body><main><h1>Delivery</h1><p>{}</p></main></body></html>"


def html(words: str) -> bytes:
    return PAGE.format(words).encode()


def versioned(content: list[bytes], etag: list[str]) -> Page:
    """A page with a validator; what it shows may be changed under it."""

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == etag[0]
        headers = {"ETag": etag[0], "Content-Type": "text/html"}
        await page(304 if same else 200, b"" if same else content[0], headers)(request, out)

    return write


# --- taking in


async def test_a_tag_with_a_control_character_is_refused(api: Client) -> None:
    response = await api.post("sources", {"type": "raw", "text": "Hello.", "tags": ["a\0b"]})

    assert_error(response, 422, "invalid_request", param="tags.0")


async def test_a_posted_source_is_acknowledged_and_becomes_ready(api: Client, settle: Settle) -> None:
    posted = await api.post("sources", {"type": "raw", "text": HOURS, "format": "markdown", "title": "Hours"})
    made = read(posted)
    await settle()
    source = await api.source(made["id"])

    assert posted.status_code == 202
    assert posted.headers["location"] == api.at(f"sources/{made['id']}")
    assert is_id(made["id"], "src")
    assert (made["status"], made["stage"], made["version"]) == ("pending", "queued", 0)
    assert (source["status"], source["stage"], source["version"]) == ("ready", None, 1)
    assert source["progress"]["documents_total"] == source["progress"]["documents_done"] == 1
    assert source["progress"]["chunks"] >= 1
    assert source["sync"]["last_changed_at"] is not None
    assert source["error"] is None
    assert source["created_at"].endswith("Z")


async def test_each_kind_becomes_ready_with_its_words(api: Client, settle: Settle) -> None:
    async with serving({"/delivery": page(200, html("We deliver within two days."))}) as site:
        raw = await api.add(text="The shop is open from nine to five.")
        url = await api.add(url=site.url("/delivery"))
        file = read(await api.upload(b"# Returns\n\nReturns are free.", "returns.md", tags="docs,legal"))
        await settle()

    for source, words in ((raw, "nine to five"), (url, "two days"), (file, "Returns are free")):
        assert (await api.source(source["id"]))["status"] == "ready"
        documents = read(await api.get(f"sources/{source['id']}/documents"))["data"]
        document = read(await api.get(f"sources/{source['id']}/documents/{documents[0]['id']}"))
        assert words in document["text"]
    assert (file["type"], file["locator"], file["tags"]) == ("file", "returns.md", ["docs", "legal"])


async def test_a_document_shows_its_canonical_text_and_the_passages_cut_from_it(api: Client, settle: Settle) -> None:
    text = "\n\n".join(f"# Part {number}\n\n" + "The quick brown fox jumps. " * 80 for number in range(4))
    source = await api.add(text=text, format="markdown")
    await settle()

    [listed] = read(await api.get(f"sources/{source['id']}/documents"))["data"]
    document = read(await api.get(f"sources/{source['id']}/documents/{listed['id']}"))

    assert is_id(document["id"], "doc")
    assert len(document["data"]) == listed["chunks"] > 1
    for chunk in document["data"]:
        assert is_id(chunk["id"], "chk")
        assert chunk["text"] == document["text"][chunk["char_start"] : chunk["char_end"]]
        assert chunk["text"].strip()
    assert document["data"][0]["heading_path"] == ["Part 0"]


async def test_progress_is_told_as_events_until_it_is_done(api: Client, settle: Settle) -> None:
    source = await api.add(text="The shop is open from nine to five.")

    watching = asyncio.create_task(api.get(f"sources/{source['id']}/events"))
    await asyncio.sleep(0.1)
    await settle()
    told = events_in((await watching).text)

    assert told[0].kind == "progress"
    assert told[0].body["source"]["status"] == "pending"
    assert told[-1].kind == "done"
    assert told[-1].body["source"] == await api.source(source["id"])


# --- the same again


async def test_the_same_page_in_another_spelling_is_the_same_source(api: Client) -> None:
    first = await api.post("sources", {"type": "url", "url": "https://Example.com:443/a?utm_source=x#top"})
    again = await api.post("sources", {"type": "url", "url": "https://example.com/a"})

    assert (first.status_code, again.status_code) == (202, 200)
    assert read(first)["id"] == read(again)["id"]


async def test_the_same_bytes_are_the_same_source_under_any_name(api: Client) -> None:
    first, again = await api.upload(b"The same.", "a.txt"), await api.upload(b"The same.", "b.txt")

    assert (first.status_code, again.status_code) == (202, 200)
    assert read(first)["id"] == read(again)["id"]


async def test_the_same_external_id_replaces_the_text(
    api: Client, settle: Settle, backends: Backends, settings: Settings
) -> None:
    first = await api.add(text="We open at nine.", external_id="hours", title="Hours", tags=["a"], metadata={"x": 1})
    await settle()
    again = await api.add(text="We open at ten.", external_id="hours", tags=["b"], metadata={"y": 2})
    await settle()
    source = await api.source(first["id"])

    assert again["id"] == first["id"]
    assert (source["title"], source["tags"], source["metadata"]) == ("Hours", ["a", "b"], {"x": 1, "y": 2})
    assert source["version"] == 2
    found = read(await api.post("search", {"query": "open"}))["data"]
    assert [hit["text"] for hit in found] == ["We open at ten."]
    assert len(blobs_in(settings)) == 1
    changes = [event["documents"] for event in await published(backends, api.tenant.project_id)]
    assert changes == [
        {"added": 1, "changed": 0, "removed": 0},
        {"added": 0, "changed": 1, "removed": 0},
    ]


async def test_a_text_without_an_external_id_is_always_new(api: Client) -> None:
    first, second = await api.add(text="The same."), await api.add(text="The same.")

    assert first["id"] != second["id"]


async def test_on_conflict_return_changes_nothing_and_error_is_a_409(api: Client, settle: Settle) -> None:
    made = await api.add(text="We open at nine.", external_id="hours")
    await settle()
    fields = {"type": "raw", "text": "We open at ten.", "external_id": "hours", "title": "New"}

    returned = await api.post("sources", {**fields, "on_conflict": "return"})
    refused = await api.post("sources", {**fields, "on_conflict": "error"})
    await settle()

    assert (returned.status_code, read(returned)["id"], read(returned)["title"]) == (200, made["id"], None)
    assert made["id"] in assert_error(refused, 409, "source_exists", param="on_conflict")
    assert (await api.source(made["id"]))["version"] == 1


async def test_an_external_id_of_one_source_and_the_locator_of_another_is_a_conflict(api: Client) -> None:
    await api.add(url="https://example.com/a", external_id="a")
    await api.add(url="https://example.com/b")

    refused = await api.post("sources", {"type": "url", "url": "https://example.com/b", "external_id": "a"})

    assert_error(refused, 409, "conflict", param="external_id")


# --- changing and looking


async def test_a_merge_patch_changes_what_it_names_and_null_clears(api: Client, settle: Settle) -> None:
    source = await api.add(text="Hello there.", tags=["a"], metadata={"x": 1}, external_id="e")
    await settle()

    patched = read(await api.patch(f"sources/{source['id']}", {"tags": ["b"], "external_id": None}))
    cleared = read(await api.patch(f"sources/{source['id']}", {"tags": None, "metadata": None}))

    assert (patched["tags"], patched["external_id"], patched["metadata"]) == (["b"], None, {"x": 1})
    assert (cleared["tags"], cleared["metadata"], cleared["status"]) == ([], {}, "ready")


async def test_a_new_title_is_taken_into_the_index_without_an_event(
    api: Client, settle: Settle, backends: Backends
) -> None:
    source = await api.add(text="We open at nine.", title="Old")
    await settle()

    await api.patch(f"sources/{source['id']}", {"title": "Kangaroo"})
    await settle()

    [hit] = read(await api.post("search", {"query": "kangaroo"}))["data"]
    assert (hit["title"], hit["ranks"]["keyword"]) == ("Kangaroo", 1)
    assert len(await published(backends, api.tenant.project_id)) == 1


async def test_a_patch_may_not_take_anothers_external_id(api: Client) -> None:
    first = await api.add(text="One.", external_id="one")
    second = await api.add(text="Two.")

    refused = await api.patch(f"sources/{second['id']}", {"external_id": "one"})

    assert first["id"] in assert_error(refused, 409, "conflict", param="external_id")


async def test_a_refresh_interval_is_planned_and_null_ends_it(api: Client, settle: Settle) -> None:
    source = await api.add(text="Hello there.")
    await settle()

    planned = read(await api.patch(f"sources/{source['id']}", {"refresh_interval": 3_600}))
    cancelled = read(await api.post(f"sources/{source['id']}/cancel"))
    ended = read(await api.patch(f"sources/{source['id']}", {"refresh_interval": None}))

    assert planned["sync"]["next_sync_at"] > planned["sync"]["last_synced_at"]
    assert (cancelled["status"], cancelled["sync"]["next_sync_at"] is None) == ("ready", False)
    assert ended["sync"]["next_sync_at"] is None


async def test_lists_are_filtered_by_status_type_tag_and_words(api: Client, settle: Settle) -> None:
    raw = await api.add(text="Hello there.", tags=["docs"], title="100% cotton")
    await settle()
    url = await api.add(url="https://example.com/handbook", tags=["docs", "hr"])

    async def found(**filters: str) -> list[str]:
        return [source["id"] for source in read(await api.get("sources", **filters))["data"]]

    assert await found() == [url["id"], raw["id"]]
    assert await found(status="ready") == [raw["id"]]
    assert await found(type="url") == [url["id"]]
    assert await found(tag="docs") == [url["id"], raw["id"]]
    assert await found(tag="hr") == [url["id"]]
    assert await found(q="HANDBOOK") == [url["id"]]
    assert await found(q="100%") == [raw["id"]]
    assert await found(q="0_c") == []


# --- syncing


@pytest.mark.parametrize("validator", [True, False])
async def test_an_unchanged_page_raises_no_version_and_fires_no_event(
    api: Client, settle: Settle, backends: Backends, validator: bool
) -> None:
    content = html("We deliver within two days.")
    shown = versioned([content], ['"1"']) if validator else page(200, content)
    async with serving({"/": shown}) as site:
        source = await api.add(url=site.url())
        await settle()
        before = await api.source(source["id"])
        synced = await api.post(f"sources/{source['id']}/sync")
        await settle()
        after = await api.source(source["id"])

        assert len(site.requests) == 2
        assert ("if-none-match" in site.requests[1].headers) is validator
    assert synced.status_code == 202
    assert after["version"] == 1
    assert after["progress"] == before["progress"]
    assert after["sync"]["last_changed_at"] == before["sync"]["last_changed_at"]
    assert after["sync"]["last_synced_at"] > before["sync"]["last_synced_at"]
    assert len(await published(backends, api.tenant.project_id)) == 1


async def test_a_changed_page_is_swapped_with_one_event(api: Client, settle: Settle, backends: Backends) -> None:
    content, etag = [html("We deliver within two days.")], ['"1"']
    async with serving({"/": versioned(content, etag)}) as site:
        source = await api.add(url=site.url())
        await settle()
        content[0], etag[0] = html("We deliver within five days."), '"2"'
        await api.post(f"sources/{source['id']}/sync")
        await settle()

    first, second = await published(backends, api.tenant.project_id)
    assert second["documents"] == {"added": 0, "changed": 1, "removed": 0}
    assert (first["source_version"], second["source_version"]) == (1, 2)
    [hit] = read(await api.post("search", {"query": "deliver"}))["data"]
    assert "five days" in hit["text"]

    def work(session: ReadSession) -> None:
        ours = select(Document.version, Document.until).where(Document.source_id == source["id"])
        assert sorted(map(tuple, session.execute(ours))) == [(1, 2), (2, None)]

    await backends.db.read(work)


async def test_a_failed_sync_keeps_what_was_published(api: Client, settle: Settle) -> None:
    pages: dict[str, Page] = {"/": page(200, html("We deliver within two days."))}
    async with serving(pages) as site:
        source = await api.add(url=site.url())
        await settle()
        pages["/"] = page(404)
        await api.post(f"sources/{source['id']}/sync")
        await settle()

    failed = await api.source(source["id"])
    assert (failed["status"], failed["error"]["code"], failed["version"]) == ("failed", "not_found", 1)
    [hit] = read(await api.post("search", {"query": "deliver"}))["data"]
    assert "two days" in hit["text"]


async def test_a_failure_that_may_pass_says_when_it_is_tried_again(api: Client, settle: Settle) -> None:
    async with serving({"/": page(503, headers={"Retry-After": "120"})}) as site:
        source = await api.add(url=site.url())
        await settle()

    failed = await api.source(source["id"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "upstream_error")
    assert (failed["error"]["retryable"], failed["error"]["attempts"]) == (True, 1)
    assert failed["error"]["next_retry_at"] == failed["sync"]["next_sync_at"]
    assert failed["error"]["next_retry_at"] > failed["updated_at"]


async def test_a_sync_of_a_failed_source_does_not_wait_for_its_retry(api: Client, settle: Settle) -> None:
    pages: dict[str, Page] = {"/": page(503)}
    async with serving(pages) as site:
        source = await api.add(url=site.url())
        await settle()
        pages["/"] = page(200, html("We deliver within two days."))
        queued = read(await api.post(f"sources/{source['id']}/sync"))
        await settle()

    assert (queued["status"], queued["error"]) == ("pending", None)
    assert (await api.source(source["id"]))["status"] == "ready"


async def test_a_cancelled_source_is_failed_if_nothing_was_published_and_can_be_taken_up(
    api: Client, settle: Settle
) -> None:
    source = await api.add(text="The shop is open from nine to five.")

    cancelled = read(await api.post(f"sources/{source['id']}/cancel"))
    await settle()
    still = await api.source(source["id"])
    await api.post(f"sources/{source['id']}/sync")
    await settle()

    assert (cancelled["status"], cancelled["error"]["code"]) == ("failed", "cancelled")
    assert still["status"] == "failed"
    assert (await api.source(source["id"]))["status"] == "ready"
