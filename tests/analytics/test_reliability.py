"""Whether confidence keeps its word: read by people's verdicts, fitted to them, and set back."""

import pytest

from aivastark.analytics.reliability import wilson
from aivastark.answers.remap import LEAST_GRADED, LEAST_OF_EACH
from aivastark.backends.base import Backends
from aivastark.conversations.grade import REFIT
from aivastark.jobs import JobRow
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read

QUESTION = "When is the shop open on weekdays?"


@pytest.fixture
async def open_shop(api: Client, settle: Settle) -> Client:
    await api.add(text="The shop is open from nine to five on weekdays.", title="Opening hours")
    await settle()
    return api


async def graded(api: Client, number: int, *, right: bool) -> Body:
    answer = await api.ask(QUESTION, session_id=f"s{number}")
    path = f"conversations/{answer['conversation_id']}/messages/{answer['id']}/grade"
    read(await api.post(path, {"right": right}))
    return answer


async def test_without_a_verdict_the_curve_says_so(open_shop: Client) -> None:
    await open_shop.ask(QUESTION)

    seen = read(await open_shop.get("analytics/reliability"))

    assert seen["graded"] == 0
    assert seen["ece"] is seen["brier"] is seen["map"] is None
    assert "Nobody" in seen["note"]
    assert len(seen["bins"]) == len(seen["shipped"]["extractive"]["bins"]) == 10
    assert seen["shipped"]["extractive"]["auroc"] >= 0.8
    assert seen["shipped"]["extractive"]["ece"] <= 0.07
    assert seen["shipped"]["model"]["ece"] <= 0.07


async def test_the_teams_grade_counts_above_a_visitors_rating(open_shop: Client) -> None:
    answer = await graded(open_shop, 1, right=True)
    message = f"conversations/{answer['conversation_id']}/messages/{answer['id']}"
    rated = read(await open_shop.post(f"{message}/feedback", {"rating": "down"}))
    other = await open_shop.ask(QUESTION, session_id="s2")
    message = f"conversations/{other['conversation_id']}/messages/{other['id']}"
    read(await open_shop.post(f"{message}/feedback", {"rating": "down"}))
    third = await open_shop.ask(QUESTION, session_id="s3")
    read(await open_shop.post(f"conversations/{third['conversation_id']}/close", {"resolution": "confirmed"}))

    seen = read(await open_shop.get("analytics/reliability"))
    [held] = [one for one in seen["bins"] if one["answers"]]

    assert rated["grade"]["right"] is True
    assert (seen["graded"], seen["right"]) == (3, 2)
    assert seen["by"] == {"team": 1, "visitor": 1, "resolution": 1}
    assert held["stated"] == pytest.approx(answer["confidence"])
    assert held["observed"] == pytest.approx(2 / 3)
    assert held["observed_low"] < held["observed"] < held["observed_high"]
    assert seen["ece"] == pytest.approx(abs(answer["confidence"] - 2 / 3))
    assert read(await open_shop.get("analytics/reliability", model="another"))["graded"] == 0
    assert read(await open_shop.get("analytics/reliability", model="extractive"))["graded"] == 3


async def test_only_answers_of_the_bot_are_graded_and_not_across_tenants(open_shop: Client, stranger: Client) -> None:
    answer = await graded(open_shop, 1, right=True)
    conversation = f"conversations/{answer['conversation_id']}"
    by_person = read(await open_shop.post(f"{conversation}/messages", {"content": "Until five."}))

    refused = await open_shop.post(f"{conversation}/messages/{by_person['id']}/grade", {"right": True})
    unclear = await open_shop.post(f"{conversation}/messages/{answer['id']}/grade", {"right": "yes"})
    foreign = await stranger.post(f"{conversation}/messages/{answer['id']}/grade", {"right": False})

    assert_error(refused, 409, "conflict")
    assert_error(unclear, 422, "invalid_request", param="right")
    assert_error(foreign, 404, "not_found")
    assert read(await stranger.get("analytics/reliability"))["graded"] == 0


async def test_a_grade_asks_for_a_refit_within_a_day(open_shop: Client, backends: Backends, settle: Settle) -> None:
    await graded(open_shop, 1, right=True)
    await graded(open_shop, 2, right=True)

    def due(session: object) -> None:
        [job] = session.query(JobRow).filter_by(project_id=open_shop.tenant.project_id, name=REFIT)  # type: ignore[attr-defined]  # a test moves the clock
        job.run_at = job.created_at

    await backends.db.write(due)
    await settle()

    assert read(await open_shop.get("analytics/reliability"))["map"]["verdict"] == "too_few"


async def test_a_project_whose_answers_are_mostly_wrong_is_told_less_and_can_go_back(open_shop: Client) -> None:
    for number in range(LEAST_GRADED + 10):
        before = await graded(open_shop, number, right=number % 5 == 0)
    assert (LEAST_GRADED + 10) // 5 >= LEAST_OF_EACH

    fitted = read(await open_shop.post("analytics/reliability/refit"))
    after = await graded(open_shop, 1_000, right=False)
    again = read(await open_shop.post("analytics/reliability/refit"))
    await open_shop.patch("", {"thresholds": {"answer": before["confidence"]}})
    by_threshold = await open_shop.ask(QUESTION, session_id="threshold")
    gone = await open_shop.delete("analytics/reliability/refit")
    reset = await open_shop.ask(QUESTION, session_id="reset")

    assert fitted["verdict"] == "used"
    assert fitted["log_loss_after"] < fitted["log_loss_before"]
    assert after["confidence"] < before["confidence"] - 0.2
    assert again["slope"] == pytest.approx(fitted["slope"], abs=0.05)  # on the raw one: maps do not add up
    assert not by_threshold["answered"]
    assert gone.status_code == 204
    assert reset["confidence"] == before["confidence"]
    assert reset["answered"]
    assert "raw_confidence" not in reset


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = wilson(8, 10)

    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 3)[0] == 0.0
    assert wilson(3, 3)[1] == pytest.approx(1.0)
