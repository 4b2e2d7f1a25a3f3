"""What the client does when a server is busy, gone, or not the one it should be: against bytes written out here."""

import asyncio
import time
from collections.abc import Mapping

import orjson
import pytest

from aivastark.client import (
    AivastarkError,
    ApiError,
    AsyncAivastark,
    ConnectionFailed,
    RateLimited,
    ServerFailed,
    Token,
    UnexpectedAnswer,
)
from aivastark.client.calls import RETRY_AFTER_MAX_S
from aivastark.client.events import Reading
from tests.loopback import Page, Request, Site, head, page, serving

PROJECT = "/v1/projects/prj_x"
FOUND = orjson.dumps({"data": []})


def in_turn(*pages: Page) -> Page:
    """One page after the other, the last one for ever."""
    left = list(pages)

    async def write(request: Request, out: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, out)

    return write


async def breaks_off(_: Request, out: asyncio.StreamWriter) -> None:
    """No answer at all."""


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None) -> Page:
    return page(status, orjson.dumps({"error": {"code": code, "message": "No.", "request_id": "req_1"}}), headers)


def client(site: Site, *, retries: int = 3) -> AsyncAivastark:
    return AsyncAivastark(api_key="akv_live_x", project_id="prj_x", base_url=site.url("").rstrip("/"), retries=retries)


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(503, "unavailable"),
        refusal(409, "idempotency_in_progress"),
        page(502, b"<html>Bad gateway</html>"),
        page(504),
        breaks_off,
    ],
)
async def test_a_call_is_sent_again_with_the_same_key(trouble: Page) -> None:
    async with serving({f"{PROJECT}/search": in_turn(trouble, page(200, FOUND))}) as site, client(site) as asking:
        found = await asking.search("Hello")

    keys = {request.headers["idempotency-key"] for request in site.requests}
    assert found == []
    assert len(site.requests) == 2
    assert len(keys) == 1


async def test_another_call_has_another_key_and_reading_has_none() -> None:
    pages = {f"{PROJECT}/search": page(200, FOUND), f"{PROJECT}/sources/src_1": refusal(404, "not_found")}
    async with serving(pages) as site, client(site) as asking:
        await asking.search("Hello")
        await asking.search("Hello")
        await asking.request("POST", "search", json={}, headers={"Idempotency-Key": "mine"})
        with pytest.raises(ApiError):
            await asking.sources.get("src_1")

    first, second, own, reading = (request.headers.get("idempotency-key") for request in site.requests)
    assert first != second
    assert own == "mine"
    assert reading is None


async def test_it_comes_back_when_it_was_told_to() -> None:
    busy = refusal(429, "rate_limited", {"Retry-After": "1"})
    async with serving({f"{PROJECT}/search": in_turn(busy, page(200, FOUND))}) as site, client(site) as asking:
        started = time.monotonic()
        await asking.search("Hello")

    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    ("answer", "attempts", "raised"),
    [
        (refusal(429, "quota_exceeded", {"Retry-After": str(int(RETRY_AFTER_MAX_S) + 1)}), 1, RateLimited),
        (refusal(429, "quota_exceeded", {"Retry-After": "Wed, 01 Jan 2200 00:00:00 GMT"}), 1, RateLimited),
        (refusal(429, "rate_limited", {"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}), 2, RateLimited),
        (refusal(503, "unavailable", {"Retry-After": "soon"}), 2, ServerFailed),
        (refusal(500, "internal_error"), 1, ServerFailed),
        (page(502, b"<html>Bad gateway</html>"), 2, ServerFailed),
        (page(200, b"<html>Welcome to the hotel's network</html>"), 1, UnexpectedAnswer),
        (page(200, b'{"data": "none"}'), 1, UnexpectedAnswer),
        (page(307, b"", {"Location": "https://elsewhere.example/"}), 1, UnexpectedAnswer),
        (breaks_off, 2, ConnectionFailed),
    ],
)
async def test_what_is_raised_and_after_how_many_attempts(
    answer: Page, attempts: int, raised: type[AivastarkError]
) -> None:
    async with serving({f"{PROJECT}/search": answer}) as site, client(site, retries=1) as asking:
        with pytest.raises(raised):
            await asking.search("Hello")

    assert len(site.requests) == attempts


async def test_nobody_there_is_a_failed_connection() -> None:
    async with serving({}) as site:
        pass

    async with client(site, retries=0) as asking:
        with pytest.raises(ConnectionFailed, match="The call failed"):
            await asking.query("Hello?")


def event(number: int, kind: str, **fields: object) -> bytes:
    body = orjson.dumps({"type": kind, **fields}).decode()
    return f"id: {number}\nevent: {kind}\ndata: {body}\n\n".encode()


START = event(0, "message.start", message_id="msg_1", conversation_id="conv_1", session_id="s", request_id="req_1")
BEGINNING = START + event(1, "token", delta="The shop ") + b": ping\n\n" + event(2, "token", delta="opens ")
REST = event(3, "token", delta="at\u2028nine.") + event(4, "done", message_id="msg_1") + b"data: [DONE]\n\n"


def stream_of(body: bytes) -> Page:
    """A stream that ends after these bytes, without an end that HTTP would know."""

    async def write(_: Request, out: asyncio.StreamWriter) -> None:
        out.write(head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}))
        out.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        if body.endswith(REST):
            out.write(b"0\r\n\r\n")

    return write


async def test_a_broken_stream_is_taken_up_where_it_was() -> None:
    pages = {
        f"{PROJECT}/query": stream_of(BEGINNING + REST[:20]),
        f"{PROJECT}/messages/msg_1/stream": stream_of(REST),
    }
    async with serving(pages) as site, client(site) as asking:
        events = [event async for event in asking.stream("When?")]

    assert "".join(event.delta for event in events if isinstance(event, Token)) == "The shop opens at\u2028nine."
    assert [request.path for request in site.requests] == list(pages)
    assert site.requests[1].headers["last-event-id"] == "2"


async def test_a_stream_that_broke_before_its_first_event_is_asked_for_again_with_the_same_key() -> None:
    answers = in_turn(stream_of(START[:30]), stream_of(BEGINNING + REST))
    async with serving({f"{PROJECT}/query": answers}) as site, client(site) as asking:
        events = [event async for event in asking.stream("When?")]

    first, second = site.requests
    assert len(events) == 5
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_stream_that_goes_on_breaking_is_a_failed_connection() -> None:
    broken = stream_of(BEGINNING)
    pages = {f"{PROJECT}/query": broken, f"{PROJECT}/messages/msg_1/stream": stream_of(b"")}
    async with serving(pages) as site, client(site, retries=1) as asking:
        with pytest.raises(ConnectionFailed):
            [event async for event in asking.stream("When?")]

    assert len(site.requests) == 2


def test_events_are_the_same_however_their_bytes_arrive() -> None:
    unknown = event(9, "mood", mood="merry")
    whole = BEGINNING + unknown + REST
    at_once, in_drops = Reading(), Reading()

    expected = list(at_once.take(whole.replace(b"\n", b"\r\n")))
    dropped = [found for byte in whole for found in in_drops.take(bytes([byte]))]

    assert dropped == expected
    assert [found.type for found in expected] == ["message.start", "token", "token", "token", "done"]
    assert at_once.is_done
    assert in_drops.is_done


@pytest.mark.parametrize(
    ("data", "raised"),
    [
        (b"data: {oh no\n\n", UnexpectedAnswer),
        (b"data: [1]\n\n", UnexpectedAnswer),
        (b'data: {"type": "token"}\n\n', UnexpectedAnswer),
        (b"data: " + b"a" * 16_000_001, UnexpectedAnswer),
        (b'event: error\ndata: {"error": {"code": "internal_error", "message": "No."}}\n\n', ServerFailed),
    ],
)
def test_what_is_no_event_is_said(data: bytes, raised: type[AivastarkError]) -> None:
    with pytest.raises(raised):
        list(Reading().take(data))
