"""Who has a conversation: the bot, or a person. Passing on, silence, replying, handing back, closing."""

import asyncio
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from aivastark.answers.answer import answer
from aivastark.answers.question import Question
from aivastark.backends.base import Backends
from aivastark.conversations.record import Asked, Reply, record
from aivastark.conversations.words import HELD, PASSED_ON, PASSED_ON_OUTSIDE_HOURS
from aivastark.events import Event
from aivastark.projects.hours import hours_from
from aivastark.projects.store import find_project
from tests.conftest import Settle
from tests.make import Body, Client, assert_error, read

KNOWLEDGE = "The workshop in Leeds repairs every kettle within ten days."
QUESTION = "How long does the workshop take to repair a kettle?"


@pytest.fixture
async def conversation(api: Client, settle: Settle) -> str:
    """One question answered, one refused."""
    await api.add(text=KNOWLEDGE, title="Repairs")
    await settle()
    await api.ask(QUESTION, session_id="a")
    return str((await api.ask("Who painted the Sistine Chapel?", session_id="a"))["conversation_id"])


async def escalated(api: Client, conversation: str, **fields: Any) -> Body:
    answered = await api.post(f"conversations/{conversation}/escalate", {"reason": "agent", **fields})
    assert answered.status_code == 200, answered.text
    return read(answered)


async def test_escalating_without_a_body_says_that_an_agent_did(api: Client, conversation: str) -> None:
    answered = await api.post(f"conversations/{conversation}/escalate")

    assert (answered.status_code, answered.json()["escalation"]["reason"]) == (200, "agent")


async def events_of(backends: Backends, api: Client, type_: str = "conversation.escalated") -> list[Body]:
    return await backends.db.read(
        lambda session: [
            row.body
            for row in session.scalars(
                select(Event).where(Event.project_id == api.tenant.project_id, Event.type == type_).order_by(Event.id)
            )
        ]
    )


async def messages_of(api: Client, conversation: str) -> list[Body]:
    messages: list[Body] = read(await api.get(f"conversations/{conversation}"))["messages"]
    return messages


async def test_escalating_tells_the_visitor_and_publishes_a_pack(
    api: Client, backends: Backends, conversation: str
) -> None:
    state = await escalated(api, conversation, reason="sensitive_topic", note="Asks about an old order.")
    *_, told = await messages_of(api, conversation)
    [event] = await events_of(backends, api)

    assert state["status"] == "waiting_human"
    assert state["escalated_at"] == state["escalation"]["at"] == event["escalated_at"]
    assert (state["escalation"]["reason"], state["escalation"]["note"]) == (
        "sensitive_topic",
        "Asks about an old order.",
    )
    assert state["escalation"]["within_business_hours"] is True
    assert state["escalation"]["by"].startswith("key_")
    assert (told["role"], told["content"]) == ("system", PASSED_ON["en"])
    assert event["conversation_id"] == conversation
    assert event["reason"] == "sensitive_topic"
    assert event["message_id"] == told["id"]
    assert event["pack"] == state["escalation"]["pack"]


async def test_the_pack_has_what_was_tried_with_quotes_and_a_reply_to_send(api: Client, conversation: str) -> None:
    pack = (await escalated(api, conversation))["escalation"]["pack"]

    assert [one["answered"] for one in pack["tried"]] == [True, False]
    assert pack["tried"][0]["question"] == QUESTION
    assert pack["last_questions"] == [QUESTION, "Who painted the Sistine Chapel?"]
    assert pack["evidence"][0]["title"] == "Repairs"
    assert pack["evidence"][0]["quote"] in KNOWLEDGE
    assert pack["suggested_reply"] == KNOWLEDGE
    assert "Who painted the Sistine Chapel?" in pack["summary"]


async def test_escalating_twice_is_one_escalation_until_it_is_handed_back(
    api: Client, backends: Backends, conversation: str
) -> None:
    first = await escalated(api, conversation)
    again = await escalated(api, conversation, reason="other", note="Another")
    back = read(await api.post(f"conversations/{conversation}/handback"))
    anew = await escalated(api, conversation, reason="other")

    assert again == first
    assert (back["status"], back["escalation"]["reason"]) == ("open", "agent")
    assert back["escalation"]["ended_at"] is not None
    assert (anew["status"], anew["escalation"]["ended_at"]) == ("waiting_human", None)
    assert [event["reason"] for event in await events_of(backends, api)] == ["agent", "other"]


async def test_of_many_who_escalate_at_once_one_does(api: Client, backends: Backends, conversation: str) -> None:
    states = await asyncio.gather(*(escalated(api, conversation) for _ in range(10)))

    assert all(state == states[0] for state in states)
    assert len(await events_of(backends, api)) == 1
    assert [message["role"] for message in await messages_of(api, conversation)].count("system") == 1


async def test_the_bot_is_silent_while_a_person_has_the_conversation(api: Client, conversation: str) -> None:
    await escalated(api, conversation)

    held = await api.ask(QUESTION, session_id="a")
    *_, last = await messages_of(api, conversation)

    assert held["answer"] == HELD["en"]
    assert (held["answered"], held["citations"], held["confidence"]) == (False, [], 0.0)
    assert held["confidence_reasons"] == ["person_has_conversation"]
    assert (last["id"], last["role"], last["content"]) == (held["id"], "user", QUESTION)
    assert (last["confidence_level"], last["confidence_reasons"], last["model"]) == (None, [], None)


async def test_what_is_written_to_a_person_is_no_question_of_the_plan(api: Client, conversation: str) -> None:
    await escalated(api, conversation)
    before = read(await api.get("usage"))["totals"]

    await api.ask(QUESTION, session_id="a")
    await api.ask("Can I talk to a human?", session_id="a")

    assert read(await api.get("usage"))["totals"] == before


async def test_silence_is_told_in_the_visitors_language(api: Client) -> None:
    conversation = (await api.ask("Wie lange dauert die Reparatur eines Wasserkessels?", session_id="b"))[
        "conversation_id"
    ]
    await escalated(api, conversation)

    held = await api.ask("Ist noch jemand da, der mir die Frage beantworten kann?", session_id="b")

    assert held["answer"] == HELD["de"]
    assert (await messages_of(api, conversation))[2]["content"] == PASSED_ON["de"]


async def test_silence_can_be_streamed_and_taken_up_again(api: Client, conversation: str) -> None:
    await escalated(api, conversation)
    held = await api.ask(QUESTION, session_id="a")

    streamed = await api.get(f"messages/{held['id']}/stream")

    assert streamed.status_code == 200
    assert HELD["en"] in streamed.text


async def test_the_bot_answers_again_after_it_was_handed_back(api: Client, conversation: str) -> None:
    await escalated(api, conversation)
    await api.ask("Hello?", session_id="a")
    await api.post(f"conversations/{conversation}/handback")

    assert (await api.ask(QUESTION, session_id="a"))["answered"] is True


async def test_an_answer_that_was_being_composed_is_dropped_when_a_person_took_over(
    api: Client, backends: Backends, conversation: str
) -> None:
    asked = Asked(session_id="a", channel="api", message="And a teapot?", metadata={})
    composed = Reply(
        content="Ten days.",
        answered=True,
        confidence=0.9,
        citations=[],
        language="en",
        body={"answer": "Ten days.", "answered": True, "confidence_level": "high", "confidence_reasons": []},
    )
    await escalated(api, conversation)  # after the question came in, before its answer is recorded

    given = await record(
        backends.db, api.tenant.project_id, asked, composed, organization_id=api.tenant.organization_id
    )
    said = await messages_of(api, conversation)

    assert given["answer"] == HELD["en"]
    assert [message["content"] for message in said[-2:]] == [PASSED_ON["en"], "And a teapot?"]


async def test_questions_and_an_escalation_at_the_same_moment_leave_no_answer_after_it(
    api: Client, conversation: str
) -> None:
    await asyncio.gather(
        *(api.ask(QUESTION, session_id="a") for _ in range(6)),
        escalated(api, conversation),
        *(api.ask(QUESTION, session_id="a") for _ in range(6)),
    )

    roles = [message["role"] for message in await messages_of(api, conversation)]
    assert set(roles[roles.index("system") + 1 :]) <= {"user"}
    assert len(roles) == read(await api.get(f"conversations/{conversation}"))["message_count"]


async def test_a_visitor_who_asks_for_a_person_is_passed_on_at_once(api: Client, backends: Backends) -> None:
    given = await api.ask("Can I talk to a human?", session_id="c")
    state = read(await api.get(f"conversations/{given['conversation_id']}"))
    [event] = await events_of(backends, api)

    assert (given["answer"], given["answered"]) == (PASSED_ON["en"], False)
    assert given["confidence_reasons"] == ["person_requested"]
    assert state["status"] == "waiting_human"
    assert state["escalation"]["reason"] == event["reason"] == "requested_by_visitor"
    assert state["escalation"]["by"] == "visitor"
    assert [message["role"] for message in state["messages"]] == ["user", "system"]
    assert state["messages"][0]["id"] == given["id"]


async def test_asking_for_a_person_again_is_answered_with_silence(api: Client, backends: Backends) -> None:
    await api.ask("Can I talk to a human?", session_id="c")

    again = await api.ask("Can I talk to a human?", session_id="c")

    assert again["answer"] == HELD["en"]
    assert len(await events_of(backends, api)) == 1


async def test_outside_business_hours_the_visitor_reads_so(api: Client, backends: Backends) -> None:
    never = hours_from({"timezone": "UTC", "weekly": {}})
    project = await backends.db.read(
        lambda session: find_project(session, api.tenant.organization_id, api.tenant.project_id)
    )
    assert project is not None

    given = await answer(backends, project, Question(message="Can I talk to a human?", hours=never))
    escalation = read(await api.get(f"conversations/{given['conversation_id']}"))["escalation"]

    assert given["answer"] == PASSED_ON_OUTSIDE_HOURS["en"]
    assert (escalation["within_business_hours"], escalation["opens_at"]) == (False, None)


async def test_a_refusal_offers_a_person_and_a_sure_answer_does_not(api: Client, settle: Settle) -> None:
    await api.add(text=KNOWLEDGE)
    await settle()

    assert (await api.ask("Who painted the Sistine Chapel?"))["handoff_offered"] is True
    assert (await api.ask(QUESTION))["handoff_offered"] is False


async def test_the_offer_may_wait_for_several_refusals_in_a_row(api: Client, backends: Backends) -> None:
    project = await backends.db.read(
        lambda session: find_project(session, api.tenant.organization_id, api.tenant.project_id)
    )
    assert project is not None
    asked = Question(message="Who painted the Sistine Chapel?", session_id="d", offer_after_refusals=3)

    offered = [(await answer(backends, project, asked))["handoff_offered"] for _ in range(4)]

    assert offered == [False, False, True, True]


async def test_an_agents_reply_takes_the_conversation(api: Client, conversation: str) -> None:
    await escalated(api, conversation)
    replied = await api.post(f"conversations/{conversation}/messages", {"content": " Ten days. "})
    named = await api.post(f"conversations/{conversation}/messages", {"content": "Promised.", "author_name": "Care"})
    state = read(await api.get(f"conversations/{conversation}"))

    assert replied.status_code == 201
    assert (read(replied)["role"], read(replied)["content"]) == ("agent", "Ten days.")
    assert read(replied)["author"].startswith("key_")
    assert read(named)["author"] == "Care"
    assert state["status"] == "human"
    assert state["messages"][-1] == read(named)
    assert state["last_message"]["id"] == read(named)["id"]


async def test_a_reply_opens_a_closed_conversation_again(api: Client, conversation: str) -> None:
    await api.post(f"conversations/{conversation}/close", {"resolution": "confirmed"})
    await api.post(f"conversations/{conversation}/messages", {"content": "One more thing."})

    state = read(await api.get(f"conversations/{conversation}"))

    assert (state["status"], state["closed_at"], state["resolution"]) == ("human", None, None)


async def test_closing_ends_an_escalation_and_the_visitors_next_message_opens_again(
    api: Client, conversation: str
) -> None:
    await escalated(api, conversation)
    closed = read(await api.post(f"conversations/{conversation}/close"))
    again = read(await api.post(f"conversations/{conversation}/close", {"resolution": "abandoned"}))
    asked = await api.ask(QUESTION, session_id="a")
    state = read(await api.get(f"conversations/{conversation}"))

    assert (closed["status"], closed["resolution"]) == ("closed", None)
    assert closed["closed_at"] is not None
    assert closed["escalation"]["ended_at"] is not None
    assert (again["closed_at"], again["resolution"]) == (closed["closed_at"], "abandoned")
    assert (asked["conversation_id"], asked["answered"]) == (conversation, True)
    assert (state["status"], state["closed_at"], state["resolution"]) == ("open", None, None)


async def test_a_patch_changes_what_it_names(api: Client, conversation: str) -> None:
    at = f"conversations/{conversation}"
    tagged = read(await api.patch(at, {"tags": ["vip", "refund"], "assignee": "usr_1"}))
    cleared = read(await api.patch(at, {"assignee": None}))

    assert (tagged["tags"], tagged["assignee"], tagged["status"]) == (["vip", "refund"], "usr_1", "open")
    assert (cleared["tags"], cleared["assignee"]) == (["vip", "refund"], None)
    assert [row["id"] for row in read(await api.get("conversations", tag="refund"))["data"]] == [conversation]


async def test_a_list_can_be_narrowed_to_what_somebody_has(api: Client, conversation: str) -> None:
    other = (await api.ask(QUESTION, session_id="other"))["conversation_id"]
    for id_, assignee in ((conversation, "usr_1"), (other, "usr_2")):
        await api.patch(f"conversations/{id_}", {"status": "human", "assignee": assignee})

    mine = read(await api.get("conversations", status="human", assignee="usr_1"))
    nobodys = read(await api.get("conversations", assignee="usr_3"))
    exported = await api.get("conversations/export", assignee="usr_2")

    assert [row["id"] for row in mine["data"]] == [conversation]
    assert (nobodys["data"], nobodys["has_more"]) == ([], False)
    assert [orjson.loads(line)["id"] for line in exported.text.splitlines()] == [other]
    assert_error(await api.get("conversations", assignee=""), 422, "invalid_request", param="assignee")


async def test_a_status_is_patched_as_the_action_for_it_does(
    api: Client, backends: Backends, conversation: str
) -> None:
    at = f"conversations/{conversation}"

    taken = read(await api.patch(at, {"status": "human"}))
    passed_on = read(await api.patch(at, {"status": "waiting_human"}))
    queued = [read(await api.patch(at, {"status": status}))["status"] for status in ("human", "waiting_human")]
    opened = read(await api.patch(at, {"status": "open"}))
    await api.post(f"{at}/close", {"resolution": "confirmed"})
    reopened = read(await api.patch(at, {"status": "open"}))
    closed = read(await api.patch(at, {"status": "closed"}))

    assert (taken["status"], taken["escalation"]) == ("human", None)
    assert (passed_on["status"], passed_on["escalation"]["reason"]) == ("waiting_human", "agent")
    assert queued == ["human", "waiting_human"]
    assert opened["escalation"]["ended_at"] is not None
    assert (reopened["status"], reopened["closed_at"], reopened["resolution"]) == ("open", None, None)
    assert closed["closed_at"] is not None
    assert len(await events_of(backends, api)) == 1


async def test_a_pack_is_bounded_however_long_the_conversation(api: Client, backends: Backends) -> None:
    for number in range(12):
        given = await api.ask(f"Question {number}: " + "why " * 500, session_id="long")

    pack = (await escalated(api, given["conversation_id"]))["escalation"]["pack"]

    assert len(pack["tried"]) == 5
    assert all(len(one["question"]) <= 300 and len(one["answer"]) <= 600 for one in pack["tried"])
    assert pack["suggested_reply"] is None
    assert len(str(pack)) < 10_000


async def test_only_the_newest_messages_of_a_long_conversation_are_shown(api: Client, conversation: str) -> None:
    for number in range(200):
        await api.post(f"conversations/{conversation}/messages", {"content": f"Message {number}"})

    state = read(await api.get(f"conversations/{conversation}"))

    assert (state["message_count"], len(state["messages"]), state["has_more_messages"]) == (204, 200, True)
    assert [state["messages"][0]["content"], state["messages"][-1]["content"]] == ["Message 0", "Message 199"]


async def test_escalating_what_is_not_there_is_not_found(api: Client, backends: Backends) -> None:
    assert_error(await api.post("conversations/conv_nobody/escalate", {"reason": "agent"}), 404, "not_found")
