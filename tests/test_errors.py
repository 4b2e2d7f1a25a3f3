"""Every error of every kind comes in one envelope, with a request id and the rate-limit headers."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.backends.search.base import SearchQuery, SearchResult
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.database import ReadSession
from tests.make import Client, Tenant, assert_error, assert_limit_headers, calling, make_key, read

REQUEST_ID = re.compile(r"^req_[0-9A-HJKMNP-TV-Z]{26}$")


async def test_every_answer_has_a_request_id_of_its_own(api: Client) -> None:
    first, second = await api.get("sources"), await api.get("sources")

    assert REQUEST_ID.match(first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert_limit_headers(first)


@pytest.mark.parametrize("path", ["sources", "query"])
@pytest.mark.parametrize("body", [b"{", b"\xff\xfe{}", b'{"message": "\xc3\x28"}', b"[]", b'"text"'])
async def test_a_body_that_is_no_json_object_is_a_400_or_422(api: Client, path: str, body: bytes) -> None:
    answer = await api.http.post(api.at(path), content=body, headers={"Content-Type": "application/json"})

    if path == "sources" or body[:1] not in (b"[", b'"'):
        assert_error(answer, 400, "invalid_request")
    else:
        assert_error(answer, 422, "invalid_request", param="body")


@pytest.mark.parametrize("key", [None, "", "nonsense", "akv_live_" + "0" * 36])
async def test_without_a_key_that_opens_anything_it_is_a_401(api: Client, key: str | None) -> None:
    headers = {"Authorization": "" if key is None else f"Bearer {key}"}

    answer = await api.http.get(api.at("sources"), headers=headers)

    assert_error(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_without_the_scope_is_a_403(api: Client, backends: Backends) -> None:
    _, secret = await make_key(backends.db, api.tenant, "sources:read")
    headers = {"Authorization": f"Bearer {secret}"}

    reading = await api.http.get(api.at("sources"), headers=headers)
    writing = await api.http.post(api.at("sources"), headers=headers, json={"type": "raw", "text": "Hello."})
    asking = await api.http.post(api.at("query"), headers=headers, json={"message": "When do you open?"})

    assert reading.status_code == 200
    assert "sources" in assert_error(writing, 403, "permission_denied")
    assert "query" in assert_error(asking, 403, "permission_denied")


async def test_an_unknown_path_is_a_404(api: Client) -> None:
    for path in ("/v1/nothing", "/nothing", api.at("nothing")):
        assert_error(await api.get(path), 404, "not_found")


def _but_for_the_request_id(answer: httpx.Response) -> bytes:
    return answer.content.replace(answer.headers["x-request-id"].encode(), b"")


async def test_anothers_object_is_byte_for_byte_one_that_does_not_exist(api: Client, stranger: Client) -> None:
    theirs = await stranger.add(text="The strangers' secret.")
    nobodys = "src_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    paths = {
        f"/v1/projects/{stranger.tenant.project_id}/sources": "/v1/projects/prj_01ARZ3NDEKTSV4RRFFQ69G5FAV/sources",
        api.at(f"sources/{theirs['id']}"): api.at(f"sources/{nobodys}"),
        api.at(f"sources/{theirs['id']}/documents"): api.at(f"sources/{nobodys}/documents"),
        stranger.at(f"sources/{theirs['id']}"): stranger.at(f"sources/{nobodys}"),
    }

    for existing, missing in paths.items():
        found, not_found = await api.get(existing), await api.get(missing)

        assert_error(found, 404, "not_found")
        assert _but_for_the_request_id(found) == _but_for_the_request_id(not_found)


async def test_a_method_the_path_does_not_take_is_a_405(api: Client) -> None:
    answer = await api.http.put(api.at("sources"))

    assert_error(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["allow"] or "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["sources", "query"])
async def test_a_body_over_the_limit_is_a_413_declared_or_not(backends: Backends, tenant: Tenant, path: str) -> None:
    app = create_app(backends, max_upload_bytes=1_000)
    declared = b'{"message": "' + b"x" * 2_000 + b'"}'

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(declared), 500):
            yield declared[start : start + 500]

    async with calling(app, tenant.key) as http:
        headers = {"Content-Type": "application/json"}
        for content in (declared, parts()):
            answer = await http.post(f"{tenant.base}/{path}", content=content, headers=headers)

            assert "MB" in assert_error(answer, 413, "payload_too_large")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "sources"), ("POST", "query"), ("POST", "search"), ("PATCH", "sources/src_X")]
)
async def test_a_media_type_that_is_not_read_is_a_415(api: Client, method: str, path: str) -> None:
    headers = {"Content-Type": "text/plain"}

    answer = await api.http.request(method, api.at(path), content=b'{"message": "When do you open?"}', headers=headers)

    assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "body", "param", "message"),
    [
        ("sources", {"type": "url"}, "url", "source.url is required for type=url"),
        ("sources", {"type": "raw"}, "text", "source.text is required for type=raw"),
        ("sources", {"type": "raw", "text": " \n "}, "text", "source.text is empty"),
        ("sources", {"type": "raw", "text": "a", "url": "https://a.b"}, "url", None),
        ("sources", {"type": "url", "url": "ftp://a.b"}, "url", None),
        ("sources", {"type": "smoke", "text": "a"}, "type", None),
        ("sources", {"text": "a"}, "type", "type is required"),
        ("sources", {"type": "raw", "text": "a", "colour": "red"}, "colour", "colour is not a known field"),
        ("sources", {"type": "raw", "text": "a", "tags": [""]}, "tags.0", None),
        ("sources", {"type": "raw", "text": "a", "refresh_interval": 1}, "refresh_interval", None),
        ("query", {}, "message", "message is required"),
        ("query", {"message": ""}, "message", None),
        ("query", {"message": "   "}, "message", None),
        ("query", {"message": "x" * 8_001}, "message", None),
        ("query", {"message": "When do you open?", "mood": 1}, "mood", "mood is not a known field"),
        ("query", {"message": "When do you open?", "session_id": "a\nb"}, "session_id", None),
        ("query", {"message": "When do you open?", "stream": "perhaps"}, "stream", None),
        ("search", {"query": "When do you open?", "limit": 51}, "limit", None),
    ],
)
async def test_a_field_at_fault_is_a_422_that_names_it(
    api: Client, path: str, body: dict[str, object], param: str, message: str | None
) -> None:
    answer = await api.post(path, body)

    said = assert_error(answer, 422, "invalid_request", param=param)
    assert message in (None, said)


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "101"), ("status", "asleep"), ("type", "rss")])
async def test_a_query_parameter_at_fault_is_a_422_that_names_it(api: Client, name: str, value: str) -> None:
    answer = await api.get("sources", **{name: value})

    assert_error(answer, 422, "invalid_request", param=name)


@pytest.mark.parametrize("cursor", ["x" * 1_025, "x", "", "ü", "AAAAAAAAAAAAAAAAAAAAAA"])
async def test_a_cursor_that_is_none_is_a_400_however_long(api: Client, cursor: str) -> None:
    for path in ("sources", "conversations"):
        assert_error(await api.get(path, cursor=cursor), 400, "invalid_cursor", param="cursor")


@pytest.mark.parametrize("id_", ["src_" + "0" * 61, "x" * 4_000, "1", "src_%00", "%F0%9F%92%A9"])
async def test_what_is_no_id_is_nobodys_id(api: Client, id_: str) -> None:
    for path in (f"sources/{id_}", f"sources/{id_}/documents", f"conversations/{id_}", f"messages/{id_}/stream"):
        assert_error(await api.http.get(f"{api.at(path)}"), 404, "not_found")
    assert_error(await api.http.get(f"/v1/projects/{id_}/sources"), 404, "not_found")
    assert_error(await api.http.delete(api.at(f"sources/{id_}")), 404, "not_found")


class BrokenSearch(SqliteSearch):
    """An engine with a bug."""

    async def search(self, project_id: str, query: SearchQuery, **coming: object) -> SearchResult:
        raise ZeroDivisionError("a bug with a secret in its message")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_bug_of_ours_is_a_500_that_tells_nothing_but_its_id(
    backends: Backends, tenant: Tenant, stream: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(replace(backends, search=BrokenSearch(tmp_path)))

    async with calling(app, tenant.key) as http:
        answer = await http.post(f"{tenant.base}/query", json={"message": "When do you open?", "stream": stream})

    message = assert_error(answer, 500, "internal_error")
    assert "secret" not in message
    logged = capsys.readouterr().out
    assert answer.headers["x-request-id"] in logged
    assert "ZeroDivisionError" in logged


async def test_a_probe_writes_nothing_and_is_told_the_truth(api: Client, backends: Backends) -> None:
    def rows(session: ReadSession) -> Any:
        return session.scalar(text("SELECT count(*) FROM rate_windows"))

    first = await api.http.get("/v1/health/live", headers={"Authorization": ""})
    written = await backends.db.read(rows)
    await api.http.get("/v1/nothing", headers={"Authorization": ""})
    probes = [await api.http.get("/v1/health/live", headers={"Authorization": ""}) for _ in range(3)]

    assert written == 0
    assert first.headers["x-ratelimit-remaining"] == "300"
    assert {probe.headers["x-ratelimit-remaining"] for probe in probes} == {"299"}


async def test_a_process_is_alive_also_when_the_counts_cannot_be_read(api: Client, backends: Backends) -> None:
    await backends.db.write(lambda session: session.execute(text("DROP TABLE rate_windows")))

    answer = await api.http.get("/v1/health/live", headers={"Authorization": ""})

    assert answer.status_code == 200
    assert_limit_headers(answer)


async def test_health_needs_no_key_and_has_the_headers_too(api: Client) -> None:
    for path in ("/v1/health/live", "/v1/health/ready"):
        answer = await api.http.get(path, headers={"Authorization": ""})

        assert read(answer)["status"] == "ok"
        assert_limit_headers(answer)
