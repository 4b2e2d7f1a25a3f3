"""What the document forbids is refused, also where the framework would make something of it."""

from typing import Any

import pytest

from tests.make import Client, assert_error


@pytest.mark.parametrize(
    "path", ["conversations", "analytics/overview", "analytics/volume", "analytics/gaps", "usage", "events", "leads"]
)
@pytest.mark.parametrize("moment", ["0.5", "0", "1764000000", "-1"])
async def test_a_bare_number_is_no_time(api: Client, path: str, moment: str) -> None:
    answer = await api.get(path, to=moment)

    assert_error(answer, 422, "invalid_request", param="to")


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("query", {"message": "Hello?", "stream": 0}, "stream"),
        ("query", {"message": "Hello?", "stream": "no"}, "stream"),
        ("pinned-answers", {"questions": ["Hello?"], "answer": "Hello.", "enabled": 1}, "enabled"),
    ],
)
async def test_a_number_or_a_word_is_no_boolean(api: Client, path: str, body: dict[str, Any], param: str) -> None:
    answer = await api.post(path, body)

    assert_error(answer, 422, "invalid_request", param=param)


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("search", {"query": "password reset", "limit": "5"}, "limit"),
        ("search", {"query": "password reset", "limit": True}, "limit"),
        ("sources", {"type": "raw", "text": "Hello.", "refresh_interval": "3600"}, "refresh_interval"),
    ],
)
async def test_a_word_or_a_boolean_is_no_number(api: Client, path: str, body: dict[str, Any], param: str) -> None:
    answer = await api.post(path, body)

    assert_error(answer, 422, "invalid_request", param=param)


@pytest.mark.parametrize(("sent", "taken"), [("3600", 3_600), ("null", None), ("", None)])
async def test_a_number_of_a_form_is_written_as_in_json(api: Client, sent: str, taken: int | None) -> None:
    form: list[tuple[str, Any]] = [("refresh_interval", (None, sent)), ("file", ("a.txt", b"Hello.", "text/plain"))]

    answer = await api.http.post(api.at("sources"), files=form)

    assert answer.json()["refresh_interval"] == taken


async def test_a_field_of_a_form_is_sent_once(api: Client) -> None:
    form: list[tuple[str, Any]] = [
        ("title", (None, "One")),
        ("title", (None, "Two")),
        ("file", ("a.txt", b"Hello.", "text/plain")),
    ]

    answer = await api.http.post(api.at("sources"), files=form)

    assert_error(answer, 422, "invalid_request", param="title")


async def test_several_tags_are_as_many_fields(api: Client) -> None:
    form: list[tuple[str, Any]] = [
        ("tags", (None, "one")),
        ("tags", (None, "two")),
        ("file", ("a.txt", b"Hello.", "text/plain")),
    ]

    answer = await api.http.post(api.at("sources"), files=form)

    assert answer.json()["tags"] == ["one", "two"]
