"""Counting what was asked; gathering what the knowledge lacks."""

from datetime import timedelta
from typing import Any

import pytest

from aivastark.analytics.gaps import gathered
from aivastark.answers.models import OpenQuestion
from aivastark.backends.base import Backends
from aivastark.kit.clock import to_wire, utc_now
from tests.conftest import Settle
from tests.make import Client, assert_error, make_key, read


@pytest.fixture
async def asked(api: Client, settle: Settle) -> dict[str, Any]:
    """One source, one question it answers, three it does not."""
    source = await api.add(text="The shop is open from nine to five on weekdays.", title="Opening hours")
    await settle()
    answered = await api.ask("When is the shop open on weekdays?", session_id="s1")
    assert answered["answered"] is True
    unknown = ("Do you sell gift cards?", "do you sell  gift cards?", "Who painted the ceiling?")
    for number, question in enumerate(unknown):
        assert (await api.ask(question, session_id=f"r{number}"))["answered"] is False
    return source


async def test_a_period_at_a_glance(api: Client, asked: dict[str, Any]) -> None:
    seen = read(await api.get("analytics/overview"))

    assert seen["conversations"]["total"] == 4
    assert seen["conversations"]["by_channel"] == {"api": 4}
    assert seen["conversations"]["by_resolution"] == {"none": 4}
    assert seen["messages"] == {"questions": 4, "answered": 1, "refused": 3, "agent_replies": 0, "answer_rate": 0.25}
    assert sum(one["answers"] for one in seen["confidence"]["histogram"]) == 4
    assert 0 < seen["confidence"]["mean"] < 1
    assert seen["latency_ms"]["measured"] == 4
    assert 0 < seen["latency_ms"]["p50"] <= seen["latency_ms"]["p95"]
    assert seen["usage"] == {"input_tokens": 0, "output_tokens": 0}


async def test_an_empty_period_is_all_zeros(api: Client, asked: dict[str, Any]) -> None:
    seen = read(await api.get("analytics/overview", **{"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}))

    assert seen["conversations"]["total"] == seen["messages"]["questions"] == 0
    assert seen["messages"]["answer_rate"] is seen["confidence"]["mean"] is seen["latency_ms"]["p50"] is None


@pytest.mark.parametrize(("interval", "buckets"), [("day", (2, 3)), ("hour", (25, 26))])
async def test_volume_has_every_bucket(
    api: Client, asked: dict[str, Any], interval: str, buckets: tuple[int, int]
) -> None:
    now = utc_now()
    period = {"from": to_wire(now - timedelta(days=1)), "to": to_wire(now + timedelta(minutes=1))}

    seen = read(await api.get("analytics/volume", interval=interval, **period))["data"]

    assert buckets[0] <= len(seen) <= buckets[1]
    assert [one["start"] for one in seen] == sorted(one["start"] for one in seen)
    assert sum(one["questions"] for one in seen) == 4
    assert sum(one["refused"] for one in seen) == 3


async def test_sources_say_how_often_they_are_cited(api: Client, asked: dict[str, Any]) -> None:
    silent = await api.add(text="Nobody asks about this.", title="Silence")

    seen = read(await api.get("analytics/sources"))["data"]

    assert [(row["source_id"], row["citations"] > 0) for row in seen] == [(asked["id"], True), (silent["id"], False)]
    assert seen[0]["last_cited_at"] is not None


async def test_what_the_knowledge_lacks_is_gathered_and_can_be_settled(api: Client, asked: dict[str, Any]) -> None:
    seen = read(await api.get("analytics/gaps"))

    assert seen["questions"] == 3
    assert [(gap["question"], gap["count"]) for gap in seen["data"]] == [
        ("Do you sell gift cards?", 2),
        ("Who painted the ceiling?", 1),
    ]
    gap = seen["data"][0]
    wordings = {example["question"] for example in gap["examples"]}
    assert wordings == {"Do you sell gift cards?", "do you sell  gift cards?"}

    settled = read(await api.patch(f"analytics/gaps/{gap['id']}", {"status": "dismissed"}))
    left = read(await api.get("analytics/gaps"))["data"]
    dismissed = read(await api.get("analytics/gaps", status="dismissed"))["data"]

    assert (settled["count"], settled["status"]) == (2, "dismissed")
    assert [one["question"] for one in left] == ["Who painted the ceiling?"]
    assert [one["id"] for one in dismissed] == [gap["id"]]


async def test_a_gap_that_is_not_there_is_a_404(api: Client, stranger: Client, asked: dict[str, Any]) -> None:
    gap = read(await api.get("analytics/gaps"))["data"][0]["id"]

    assert_error(await stranger.patch(f"analytics/gaps/{gap}", {"status": "dismissed"}), 404, "not_found")
    assert_error(await api.patch("analytics/gaps/nonsense", {"status": "dismissed"}), 404, "not_found")
    assert read(await api.get("analytics/gaps"))["questions"] == 3


def test_questions_of_two_models_are_gathered_by_their_words_alone() -> None:
    def question(number: int, text: str, model_id: str) -> OpenQuestion:
        return OpenQuestion(message_id=f"msg_{number}", question=text, model_id=model_id, vector=b"\0\0\x80\x3f")

    gaps = gathered(
        [question(1, "A?", "new"), question(2, "B?", "new"), question(3, "C?", "old"), question(4, "c?", "old")], "new"
    )

    assert [len(gap.questions) for gap in gaps] == [2, 2]


@pytest.mark.parametrize(
    ("path", "parameters", "param"),
    [
        ("overview", {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
        ("overview", {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
        ("overview", {"to": "0001-01-01T00:00:00Z"}, "to"),
        ("volume", {"interval": "hour", "from": "2026-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}, "interval"),
        ("volume", {"interval": "year"}, "interval"),
        ("gaps", {"status": "lost"}, "status"),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(
    api: Client, path: str, parameters: dict[str, str], param: str
) -> None:
    assert_error(await api.get(f"analytics/{path}", **parameters), 422, "invalid_request", param=param)


async def test_analytics_need_their_scope(api: Client, backends: Backends) -> None:
    _, other = await make_key(backends.db, api.tenant, "query")
    _, reader = await make_key(backends.db, api.tenant, "analytics:read")

    for secret, path, status in ((other, "overview", 403), (reader, "overview", 200)):
        answer = await api.http.get(api.at(f"analytics/{path}"), headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == status
    refused = await api.http.patch(
        api.at("analytics/gaps/gap_x"), json={"status": "open"}, headers={"Authorization": f"Bearer {reader}"}
    )
    assert_error(refused, 403, "permission_denied")
