"""Export: everything, once, filtered, and safe to open in a spreadsheet."""

import csv
import io
import json

import pytest

from aivastark.conversations import export
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read


async def lines_of(api: Client, **filters: object) -> list[Body]:
    exported = await api.get("conversations/export", **filters)
    assert exported.status_code == 200, exported.text
    return [json.loads(line) for line in exported.text.splitlines()]


async def rows_of(api: Client, **filters: object) -> list[dict[str, str]]:
    exported = await api.get("conversations/export", format="csv", **filters)
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in exported.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(exported.text)))


async def test_a_line_is_the_conversation_as_it_is_read_alone(api: Client, settle: Settle) -> None:
    await api.add(text="The workshop in Leeds repairs every kettle within ten days.")
    await settle()
    answer = await api.ask("How long does the workshop take to repair a kettle?")
    await api.post(f"conversations/{answer['conversation_id']}/escalate", {"reason": "agent"})

    [line] = await lines_of(api)
    alone = read(await api.get(f"conversations/{answer['conversation_id']}"))

    assert line == {name: value for name, value in alone.items() if name != "has_more_messages"}
    assert line["messages"][1]["citations"] == answer["citations"]


async def test_nothing_is_left_out_or_repeated_between_batches(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CONVERSATIONS_A_BATCH", 3)
    monkeypatch.setattr(export, "MESSAGES_A_BATCH", 2)
    asked = [await api.ask(f"Question {number}?", session_id=f"s{number % 7}") for number in range(14)]

    lines = await lines_of(api)
    rows = await rows_of(api)

    assert [line["id"] for line in lines] == sorted({answer["conversation_id"] for answer in asked})
    assert [len(line["messages"]) for line in lines] == [4] * 7
    assert [row["message_id"] for row in rows] == [message["id"] for line in lines for message in line["messages"]]


async def test_an_export_has_what_the_filters_leave(api: Client) -> None:
    kettle = (await api.ask("Where is my kettle?"))["conversation_id"]
    await api.ask("Where is my teapot?")
    await api.patch(f"conversations/{kettle}", {"tags": ["vip"]})

    assert [line["id"] for line in await lines_of(api, tag="vip")] == [kettle]
    assert {row["conversation_id"] for row in await rows_of(api, q="kettle")} == {kettle}
    assert await lines_of(api, status="closed") == []
    assert_error(await api.get("conversations/export", format="pdf"), 422, "invalid_request", param="format")


async def test_cells_that_a_spreadsheet_would_run_are_defused(api: Client) -> None:
    hostile = ['=HYPERLINK("http://evil.example";"x")', "+1+1", "-1+1", "@SUM(A1)", "＝1+1"]
    for number, message in enumerate(hostile):
        await api.ask(message, session_id=f"s{number}")

    rows = await rows_of(api)

    questions = [row["content"] for row in rows if row["role"] == "user"]
    assert questions == ["'" + message for message in hostile]
    assert {row["subject"][0] for row in rows} == {"'"}
    assert [row["confidence"] for row in rows if row["role"] == "assistant"] == ["0.0"] * len(hostile)


async def test_anothers_conversations_are_not_exported(api: Client, stranger: Client) -> None:
    await stranger.ask("Where is my kettle?")

    assert await lines_of(api) == []
    assert await rows_of(api) == []
