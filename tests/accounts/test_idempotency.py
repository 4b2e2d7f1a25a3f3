"""A POST sent again under the same Idempotency-Key is done once and answered as before."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from aivastark.accounts.gate import Application, Message, Receive, Scope, Send
from aivastark.accounts.idempotency import BODY_MAX_BYTES, Idempotency
from aivastark.accounts.kept_answers import KEPT_FOR, LEASE_S, forget_answers, forget_old_answers
from aivastark.accounts.keys import Principal
from aivastark.accounts.models import KeptAnswer
from aivastark.accounts.plans import PLANS
from aivastark.app import create_app
from aivastark.backends.base import Backends
from aivastark.conversations.models import Message as MessageRow
from aivastark.errors import Conflict
from aivastark.kit.clock import utc_now
from tests.make import Client, Tenant, assert_error, calling, events_in, make_key, read

RAW = {"type": "raw", "text": "The link is valid for two hours.", "title": "Passwords"}


async def post(api: Client, path: str, body: Any, key: str, **headers: str) -> httpx.Response:
    return await api.http.post(api.at(path), json=body, headers={"Idempotency-Key": key, **headers})


async def kept(backends: Backends) -> list[KeptAnswer]:
    return await backends.db.read(lambda session: list(session.scalars(select(KeptAnswer))))


async def change(backends: Backends, **values: Any) -> None:
    await backends.db.write(lambda session: session.execute(update(KeptAnswer).values(**values)))


async def test_the_same_request_is_done_once_and_answered_the_same(api: Client) -> None:
    first = await post(api, "sources", RAW, "source-1")
    again = await post(api, "sources", RAW, "source-1")

    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(read(await api.get("sources"))["data"]) == 1


async def test_a_quoted_key_is_the_same_key(api: Client) -> None:
    await post(api, "sources", RAW, "source-1")

    assert (await post(api, "sources", RAW, '"source-1"')).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(("path", "body"), [("sources", {**RAW, "text": "Another."}), ("search", RAW)])
async def test_another_body_or_path_under_the_key_is_a_422(api: Client, path: str, body: Any) -> None:
    await post(api, "sources", RAW, "source-1")

    answer = await post(api, path, body, "source-1")

    assert_error(answer, 422, "idempotency_key_reused", param="Idempotency-Key")
    assert len(read(await api.get("sources"))["data"]) == 1


async def test_many_at_once_do_the_work_once(api: Client) -> None:
    answers = await asyncio.gather(*(post(api, "sources", RAW, "source-1") for _ in range(12)))

    for answer in answers:
        if answer.status_code == 409:
            assert_error(answer, 409, "idempotency_in_progress")
            assert answer.headers["retry-after"] == "1"
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.content for answer in answers if answer.status_code == 202}) == 1
    assert len(read(await api.get("sources"))["data"]) == 1


async def test_an_upload_is_told_by_its_content_not_by_the_boundary_its_client_drew(api: Client) -> None:
    async def upload(content: bytes) -> httpx.Response:
        files = {"file": ("notes.txt", content, "text/plain")}
        return await api.http.post(api.at("sources"), files=files, headers={"Idempotency-Key": "upload-1"})

    content = b"The shop opens at nine. " * 100_000  # beyond what is held in memory
    first, again, other = await upload(content), await upload(content), await upload(content + b"!")

    assert first.status_code == 202
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert_error(other, 422, "idempotency_key_reused", param="Idempotency-Key")


async def test_a_question_is_asked_and_counted_once_whole_or_as_a_stream(api: Client, backends: Backends) -> None:
    for stream in (False, True):
        question = {"message": "Hello?", "stream": stream}
        first = await post(api, "query", question, f"question-{stream}")
        again = await post(api, "query", question, f"question-{stream}")

        assert again.headers["idempotent-replayed"] == "true"
        assert again.content == first.content
        assert again.headers["content-type"] == first.headers["content-type"]

    assert events_in(again.text)[-1].data == "[DONE]"
    assert again.headers["cache-control"] == "no-cache, no-transform"
    asked = select(func.count()).select_from(MessageRow).where(MessageRow.role == "user")
    assert await backends.db.read(lambda session: session.scalar(asked)) == 2


async def test_who_hangs_up_during_a_stream_finds_it_whole_when_asking_again(app: Application, api: Client) -> None:
    question = b'{"message": "Hello?", "stream": true}'
    headers = {
        "authorization": f"Bearer {api.tenant.key}",
        "content-type": "application/json",
        "idempotency-key": "k",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{api.tenant.base}/query",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    messages: Iterator[Message] = iter([{"type": "http.request", "body": question}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def nowhere(_: Message) -> None:
        """What a server does with what it is given for a line that is gone."""

    await app(scope, receive, nowhere)
    again = await api.http.post(api.at("query"), content=question, headers=headers)

    assert again.headers["idempotent-replayed"] == "true"
    assert events_in(again.text)[-1].data == "[DONE]"
    assert len(read(await api.get("conversations"))["data"]) == 1


async def test_what_cannot_be_served_as_it_stands_may_be_sent_again(api: Client, backends: Backends) -> None:
    assert_error(await post(api, "sources", {"type": "raw"}, "k"), 422, "invalid_request", param="text")
    _, reading = await make_key(backends.db, api.tenant, "sources:read")
    refused = await post(api, "sources", RAW, "k2", Authorization=f"Bearer {reading}")

    assert_error(refused, 403, "permission_denied")
    assert await kept(backends) == []
    assert (await post(api, "sources", RAW, "k")).status_code == 202


async def test_a_refusal_that_follows_from_the_state_is_kept_with_the_id_of_the_call_it_answers(api: Client) -> None:
    await post(api, "sources", {**RAW, "external_id": "a"}, "k1")
    same = {**RAW, "external_id": "a", "on_conflict": "error"}

    first, again = await post(api, "sources", same, "k2"), await post(api, "sources", same, "k2")

    assert_error(first, 409, "source_exists", param="on_conflict")
    assert_error(again, 409, "source_exists", param="on_conflict")
    assert again.headers["idempotent-replayed"] == "true"


async def test_keys_of_different_tenants_have_nothing_to_do_with_each_other(api: Client, stranger: Client) -> None:
    await post(api, "search", {"query": "Hello"}, "same-key")

    answer = await post(stranger, "search", {"query": "Hello"}, "same-key")

    assert answer.status_code == 200
    assert "idempotent-replayed" not in answer.headers


async def test_another_caller_of_the_project_is_not_shown_what_the_first_was_answered(
    api: Client, backends: Backends
) -> None:
    _, other = await make_key(backends.db, api.tenant, "query")
    await post(api, "sources", RAW, "source-1")

    answer = await post(api, "sources", RAW, "source-1", Authorization=f"Bearer {other}")

    assert_error(answer, 422, "idempotency_key_reused", param="Idempotency-Key")


@pytest.mark.parametrize("key", ["", "a b", "é".encode().decode("latin-1"), "x" * 256])
async def test_a_key_that_is_none_is_a_422(api: Client, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}

    answer = await api.http.post(api.at("sources"), json=RAW, headers=headers)  # type: ignore[arg-type]  # as bytes

    assert_error(answer, 422, "invalid_request", param="Idempotency-Key")


async def test_a_body_over_the_limit_is_still_a_413(backends: Backends, tenant: Tenant) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 500

    async with calling(create_app(backends, max_upload_bytes=1_000), tenant.key) as http:
        headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
        answer = await http.post(f"{tenant.base}/query", content=parts(), headers=headers)

    assert_error(answer, 413, "payload_too_large")
    assert await kept(backends) == []


async def test_a_bug_of_ours_may_be_tried_again(backends: Backends, tenant: Tenant) -> None:
    broken = create_app(backends)
    broken._app._app._app.state.backends = None  # type: ignore[attr-defined]  # any request now ends in a bug

    async with calling(broken, tenant.key) as http:
        answer = await http.post(f"{tenant.base}/search", json={"query": "a"}, headers={"Idempotency-Key": "k"})

    assert_error(answer, 500, "internal_error")
    assert await kept(backends) == []


async def test_a_key_whose_process_died_is_free_again_when_its_lease_has_run_out(
    api: Client, backends: Backends
) -> None:
    first = await post(api, "sources", RAW, "k")
    await change(backends, status=None, body=None, leased_until=utc_now() + timedelta(seconds=LEASE_S))
    running = await post(api, "sources", RAW, "k")
    await change(backends, leased_until=utc_now() - timedelta(seconds=1))
    other = await post(api, "sources", {**RAW, "text": "Another."}, "k")

    again = await post(api, "sources", RAW, "k")

    assert_error(running, 409, "idempotency_in_progress")
    assert_error(other, 422, "idempotency_key_reused", param="Idempotency-Key")
    assert again.status_code == 202
    assert "idempotent-replayed" not in again.headers
    assert read(again)["id"] != read(first)["id"]


async def test_after_a_day_the_key_means_nothing(api: Client, backends: Backends) -> None:
    await post(api, "sources", RAW, "k")
    old = utc_now() - KEPT_FOR
    await change(backends, created_at=old, leased_until=old)

    other = await post(api, "sources", {**RAW, "text": "Another."}, "k")
    await change(backends, created_at=old, leased_until=old)
    await backends.db.write(forget_old_answers)

    assert other.status_code == 202
    assert await kept(backends) == []


async def test_what_was_erased_is_not_told_again(api: Client, backends: Backends) -> None:
    await post(api, "query", {"message": "My name is Ada Byron"}, "k")

    await backends.db.write(lambda session: forget_answers(session, api.tenant.project_id))
    answer = await post(api, "query", {"message": "My name is Ada Byron"}, "k")

    assert_error(answer, 409, "conflict", param="Idempotency-Key")
    assert [row.body for row in await kept(backends)] == [None]


def answering(*, body: bytes, **headers: str) -> Application:
    """An application that answers anything with this."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 201, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return application


async def call(app: Application, *, hangs_up: bool = False) -> list[Message]:
    """One POST below the gate, by a caller who may hang up when its request is sent."""
    principal = Principal(
        actor_id="key_A", organization_id="org_A", project_id="prj_A", plan=PLANS["growth"], scopes=frozenset("*")
    )
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/keys",
        "headers": [(b"idempotency-key", b"k")],
        "state": {"principal": principal, "request_id": "req_A"},
    }
    sent: list[Message] = []
    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"{}", "more_body": hangs_up}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("headers", [{"cache_control": "no-store"}, {"set_cookie": "session=secret"}])
async def test_a_secret_shown_once_is_written_down_nowhere(backends: Backends, headers: dict[str, str]) -> None:
    app = Idempotency(answering(body=b"akv_live_secret", **headers), db=backends.db)

    first = await call(app)
    with pytest.raises(Conflict, match="done before"):
        await call(app)

    assert first[1]["body"] == b"akv_live_secret"
    [row] = await kept(backends)
    assert (row.status, row.body) == (201, None)
    assert "set-cookie" not in row.headers


async def test_an_answer_that_is_too_large_is_not_kept_but_the_work_is_not_done_again(backends: Backends) -> None:
    app = Idempotency(answering(body=b"x" * (BODY_MAX_BYTES + 1)), db=backends.db)

    await call(app)

    assert [row.body for row in await kept(backends)] == [None]


async def test_who_hangs_up_before_the_request_is_whole_takes_no_key(backends: Backends) -> None:
    sent = await call(Idempotency(answering(body=b"{}"), db=backends.db), hangs_up=True)

    assert sent == []
    assert await kept(backends) == []
