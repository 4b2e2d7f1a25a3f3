"""A project's own questions: what is expected, what comes, what is held back; and gaps that become articles."""

from dataclasses import replace
from typing import Any

import pytest

from aivastark.backends.base import Backends
from aivastark.backends.llm.base import ModelFailed
from tests.answers.scripted import Scripted
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read, working

NINE = "The shop is open from nine to five on weekdays."
TEN = "The shop is open from ten to six on weekdays."
QUESTION = "When is the shop open on weekdays?"
UNKNOWN = "Do you sell gift cards?"
REPLY = "Yes, we sell gift cards from ten euros. They are valid for three years."


async def teach(api: Client, settle: Settle, text: str) -> Body:
    source = await api.add(text=text, title="Opening hours", external_id="hours")
    await settle()
    return await api.source(source["id"])


async def make_test(api: Client, **expected: Any) -> Body:
    made = await api.post("answer-tests", {"question": QUESTION, **expected})
    assert made.status_code == 201, made.text
    return read(made)


async def run(api: Client, settle: Settle) -> Body:
    asked = await api.post("answer-tests/run")
    assert (asked.status_code, asked.json()["status"]) == (202, "queued")
    await settle()
    return read(await api.get(f"answer-tests/runs/{asked.json()['id']}"))


async def runs(api: Client) -> list[Body]:
    rows: list[Body] = read(await api.get("answer-tests/runs"))["data"]
    return rows


async def hold_failing(api: Client) -> None:
    patched = await api.patch("", {"answers": {"hold_failing_publish": True}})
    assert patched.status_code == 200, patched.text


@pytest.mark.parametrize(
    ("expected", "reasons"),
    [
        ({"must_say": ["NINE to five"]}, []),
        ({"must_say": ["five to nine"]}, ["not_said"]),
        ({"must_not_say": ["weekday"]}, ["said"]),
        ({"must_cite": ["opening HOURS"]}, []),
        ({"must_cite": ["https://elsewhere.example/"]}, ["not_cited"]),
        ({"must_refuse": True}, ["answered"]),
        ({"question": "Who painted the ceiling?", "must_refuse": True}, []),
        ({"question": "Who painted the ceiling?", "must_say": ["Anna"]}, ["not_answered"]),
        ({"question": "Thank you!", "must_say": ["welcome"], "min_confidence": 0.5}, []),
    ],
)
async def test_an_answer_is_held_against_what_is_expected(
    api: Client, settle: Settle, expected: dict[str, Any], reasons: list[str]
) -> None:
    await teach(api, settle, NINE)
    test = await make_test(api, **expected)

    done = await run(api, settle)

    assert (done["status"], done["total"], done["passed"], done["failed"]) == ("done", 1, not reasons, bool(reasons))
    assert [one["code"] for one in done["results"][0]["reasons"]] == reasons
    assert read(await api.get(f"answer-tests/{test['id']}"))["last_result"]["passed"] is not reasons


async def test_a_run_leaves_no_trace_among_conversations(api: Client, settle: Settle) -> None:
    await teach(api, settle, NINE)
    await make_test(api, question="Who painted the ceiling?", must_refuse=True)

    await run(api, settle)

    assert read(await api.get("conversations"))["data"] == []
    assert read(await api.get("analytics/gaps"))["questions"] == 0
    assert read(await api.get("analytics/overview"))["messages"]["questions"] == 0


async def test_a_change_of_the_knowledge_is_a_run_that_says_how_answers_changed(api: Client, settle: Settle) -> None:
    await teach(api, settle, NINE)
    await make_test(api, must_say=["nine"])
    await run(api, settle)

    source = await teach(api, settle, TEN)

    newest = read(await api.get(f"answer-tests/runs/{(await runs(api))[0]['id']}"))
    result = newest["results"][0]
    assert (newest["cause"], newest["failed"], newest["held"]) == ("knowledge", 1, [])
    assert (result["changed"], result["before"]["passed"]) == (["text"], True)
    assert "nine" in result["before"]["answer"]
    assert "ten" in result["after"]["answer"]
    assert (source["status"], source["version"]) == ("ready", 2)


async def test_without_tests_no_change_is_a_run(api: Client, settle: Settle) -> None:
    test = await make_test(api, must_say=["nine"])
    assert (await api.delete(f"answer-tests/{test['id']}")).status_code == 204

    await teach(api, settle, NINE)

    assert await runs(api) == []


async def test_many_changes_are_one_run(api: Client, settle: Settle) -> None:
    await make_test(api, must_say=["nine"])
    for number in range(5):
        await api.add(text=f"{NINE} Note {number}.", title=f"Hours {number}")

    await settle()

    assert 1 <= len(await runs(api)) < 5


async def test_what_breaks_a_test_is_held_until_a_person_accepts_it(api: Client, settle: Settle) -> None:
    await hold_failing(api)
    await teach(api, settle, NINE)
    test = await make_test(api, must_say=["nine"])
    await run(api, settle)

    held = await teach(api, settle, TEN)
    while_held = await api.ask(QUESTION)
    taken_back = [one["held"] for one in await runs(api) if one["held"]]
    assert (await api.post(f"sources/{held['id']}/sync", {"accept_failing_tests": True})).status_code == 202
    await settle()
    accepted = await api.source(held["id"])

    assert (held["status"], held["held"]["failing_tests"]) == ("held", [test["id"]])
    assert held["held"]["documents"] == {"added": 0, "changed": 1, "removed": 0}
    assert "nine" in while_held["answer"]
    assert taken_back == [[held["id"]]]
    assert (accepted["status"], accepted["held"]) == ("ready", None)
    assert "ten" in (await api.ask(QUESTION))["answer"]
    assert (await runs(api))[0]["failed"] == 1


async def test_a_model_that_is_not_there_breaks_no_test(api: Client, backends: Backends) -> None:
    model = Scripted(text="On weekdays the shop is open from nine to five. [1]")
    async with working(replace(backends, llm=model)) as worker:
        await hold_failing(api)
        await teach(api, worker.run_until_idle, NINE)
        test = await make_test(api, must_say=["On weekdays the shop"])
        passed = await run(api, worker.run_until_idle)
        model.failure, model.text = ModelFailed("unavailable", "The provider has trouble."), ""

        taught = await teach(api, worker.run_until_idle, f"{NINE} On Sundays it is closed.")
        last = (await runs(api))[0]
        kept = read(await api.get(f"answer-tests/{test['id']}"))["last_result"]

    assert (passed["passed"], last["failed"], last["held"]) == (1, 1, [])
    assert taught["status"] == "ready"
    assert (kept["run_id"], kept["passed"]) == (passed["id"], True)


async def test_what_breaks_no_test_is_not_held(api: Client, settle: Settle) -> None:
    await hold_failing(api)
    await teach(api, settle, NINE)
    await make_test(api, must_say=["weekdays"])
    await run(api, settle)

    assert (await teach(api, settle, TEN))["status"] == "ready"


@pytest.mark.parametrize("expected", [{}, {"must_refuse": True, "must_say": ["x"]}, {"must_say": [""]}])
async def test_expectations_that_make_no_sense_are_refused(api: Client, expected: dict[str, Any]) -> None:
    made = await api.post("answer-tests", {"question": QUESTION, **expected})

    assert (made.status_code, made.json()["error"]["code"]) == (422, "invalid_request")


async def test_tests_are_replaced_and_belong_to_their_project(api: Client, stranger: Client) -> None:
    test = await make_test(api, must_say=["nine"])

    changed = await api.http.put(api.at(f"answer-tests/{test['id']}"), json={"question": "When?", "must_refuse": True})

    assert (changed.status_code, changed.json()["must_say"], changed.json()["must_refuse"]) == (200, [], True)
    assert_error(await stranger.get(f"answer-tests/{test['id']}"), 404, "not_found")
    assert read(await stranger.get("answer-tests"))["data"] == []


async def gap_with_reply(api: Client) -> tuple[str, str]:
    answer = await api.ask(UNKNOWN, session_id="a")
    assert answer["answered"] is False
    conversation = answer["conversation_id"]
    await api.post(f"conversations/{conversation}/escalate", {"reason": "agent"})
    replied = await api.post(f"conversations/{conversation}/messages", {"content": REPLY})
    assert replied.status_code < 300, replied.text
    gap = read(await api.get("analytics/gaps"))["data"][0]["id"]
    return gap, conversation


async def test_a_gap_without_replies_has_no_draft(api: Client, stranger: Client, settle: Settle) -> None:
    await teach(api, settle, NINE)
    answer = await api.ask(UNKNOWN)
    gap = answer["id"].replace("msg_", "gap_")

    assert_error(await api.post(f"analytics/gaps/{gap}/draft"), 409, "conflict")
    assert_error(await stranger.post(f"analytics/gaps/{gap}/draft"), 404, "not_found")


async def test_what_people_replied_closes_the_gap_and_what_breaks_it_again_is_held(api: Client, settle: Settle) -> None:
    await hold_failing(api)
    await teach(api, settle, NINE)
    gap, conversation = await gap_with_reply(api)

    draft = read(await api.post(f"analytics/gaps/{gap}/draft"))
    published = await api.post(f"analytics/gaps/{gap}/publish", {"title": draft["title"], "text": draft["text"]})
    await settle()
    source = published.json()["source"]
    answer = await api.ask(UNKNOWN)

    assert (draft["title"], draft["questions"]) == (UNKNOWN, [UNKNOWN])
    assert [(one["conversation_id"], one["text"]) for one in draft["quotes"]] == [(conversation, REPLY)]
    assert all(one["text"] in draft["text"] for one in draft["quotes"])
    assert published.status_code == 202, published.text
    assert read(await api.get("analytics/gaps"))["data"] == []
    assert (answer["answered"], {one["source_id"] for one in answer["citations"]}) == (True, {source["id"]})
    assert [(one["passed"], one["failed"]) for one in await runs(api)] == [(1, 0)]

    again = read(await api.post(f"analytics/gaps/{gap}/publish", {"title": "Parking", "text": "Parking is free."}))
    await settle()
    held = await api.source(source["id"])

    assert (again["source"]["id"], again["test"]["id"]) == (source["id"], published.json()["test"]["id"])
    assert (held["status"], held["held"]["failing_tests"]) == ("held", [again["test"]["id"]])
    assert (await api.ask(UNKNOWN))["answered"] is True
