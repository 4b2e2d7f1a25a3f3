"""Pinned answers: fixed words for a question and for those like it, before anything is searched."""

import pytest

from aivastark.answers.pinned import says_otherwise
from aivastark.backends.base import Backends
from tests.conftest import Settle
from tests.make import Client, assert_conditional, assert_error, make_key, read

NORWAY = {"questions": ["Do you ship to Norway?"], "answer": "Yes, to Norway as well, in four days."}


@pytest.fixture
async def pinned(api: Client, settle: Settle) -> dict[str, object]:
    await api.add(text="Parcels to Norway cost 14 euros. We ship parcels to all of Europe.", title="Shipping")
    await settle()
    created = await api.post("pinned-answers", NORWAY)
    assert created.status_code == 201, created.text
    return read(created)


async def test_a_question_in_the_same_words_gets_the_pinned_answer(api: Client, pinned: dict[str, object]) -> None:
    given = await api.ask("do you SHIP to norway")

    assert given["answer"] == NORWAY["answer"]
    assert given["pinned_answer_id"] == pinned["id"]
    assert (given["answered"], given["citations"], given["model"]) == (True, [], "pinned")
    assert (given["confidence"], given["confidence_reasons"]) == (1.0, ["pinned_answer"])
    conversation = read(await api.get(f"conversations/{given['conversation_id']}"))
    assert [message["content"] for message in conversation["messages"]] == ["do you SHIP to norway", NORWAY["answer"]]


async def test_a_question_about_something_else_is_answered_from_the_knowledge(
    api: Client, pinned: dict[str, object]
) -> None:
    given = await api.ask("What do parcels to Norway cost?")

    assert given["model"] == "extractive"
    assert given["pinned_answer_id"] is None if "pinned_answer_id" in given else True


async def test_a_near_wording_leads_to_it_unless_only_exact_ones_may(api: Client, pinned: dict[str, object]) -> None:
    # The hashing model of the tests finds a question near when nearly all of its words are the same.
    near = "So do you ship to Norway, do you ship?"
    first = await api.ask(near)

    await api.patch(f"pinned-answers/{pinned['id']}", {"match": "exact"})
    second = await api.ask(near)

    assert first["model"] == "pinned"
    assert 0.86 <= first["confidence"] < 1.0
    assert second["model"] == "extractive"


async def test_what_was_asked_is_counted_and_logged(api: Client, pinned: dict[str, object]) -> None:
    for _ in range(3):
        await api.ask("Do you ship to Norway?")

    seen = read(await api.get(f"pinned-answers/{pinned['id']}"))
    first = read(await api.get(f"pinned-answers/{pinned['id']}/hits", limit=2))
    rest = read(await api.get(f"pinned-answers/{pinned['id']}/hits", limit=2, cursor=first["next_cursor"]))

    assert seen["hits"] == 3
    assert seen["last_hit_at"] is not None
    assert (len(first["data"]), first["has_more"], len(rest["data"]), rest["has_more"]) == (2, True, 1, False)
    assert {hit["kind"] for hit in first["data"]} == {"exact"}


async def test_a_disabled_or_deleted_one_answers_no_more(api: Client, pinned: dict[str, object]) -> None:
    path = f"pinned-answers/{pinned['id']}"
    assert read(await api.patch(path, {"enabled": False}))["enabled"] is False
    assert (await api.ask("Do you ship to Norway?"))["model"] == "extractive"

    await api.patch(path, {"enabled": True, "questions": ["Is Norway in your delivery area?"]})
    assert (await api.ask("Do you ship to Norway?"))["model"] == "extractive"
    assert (await api.ask("Is Norway in your delivery area?"))["model"] == "pinned"

    assert (await api.delete(path)).status_code == 204
    assert (await api.ask("Is Norway in your delivery area?"))["model"] == "extractive"
    assert_error(await api.get(path), 404, "not_found")


async def test_a_question_limited_to_some_sources_is_not_answered_from_elsewhere(
    api: Client, pinned: dict[str, object]
) -> None:
    given = await api.ask("Do you ship to Norway?", tags=["none of these"])

    assert given["model"] == "extractive"


async def test_another_tenants_pinned_answers_are_his_own(
    api: Client, stranger: Client, pinned: dict[str, object]
) -> None:
    assert (await stranger.ask("Do you ship to Norway?"))["answered"] is False
    assert_error(await stranger.get(f"pinned-answers/{pinned['id']}"), 404, "not_found")
    assert_error(await stranger.patch(f"pinned-answers/{pinned['id']}", {"enabled": False}), 404, "not_found")


async def test_pins_are_listed_newest_first_by_pages(api: Client, pinned: dict[str, object]) -> None:
    second = read(await api.post("pinned-answers", {"questions": ["Who are you?"], "answer": "A bot."}))

    first_page = read(await api.get("pinned-answers", limit=1))
    last_page = read(await api.get("pinned-answers", limit=1, cursor=first_page["next_cursor"]))

    assert [row["id"] for row in first_page["data"] + last_page["data"]] == [second["id"], pinned["id"]]
    assert last_page["has_more"] is False


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"answer": "A."}, "questions"),
        ({"questions": [], "answer": "A."}, "questions"),
        ({"questions": ["Q?"], "answer": " "}, "answer"),
        ({"questions": ["Q?"], "answer": "A.", "match": "fuzzy"}, "match"),
        ({"questions": ["Q?"], "answer": "A.", "unknown": 1}, "unknown"),
    ],
)
async def test_a_pin_that_says_too_little_is_refused(api: Client, body: dict[str, object], param: str) -> None:
    assert_error(await api.post("pinned-answers", body), 422, "invalid_request", param=param)


async def test_reading_needs_the_sources_scope(api: Client, backends: Backends) -> None:
    _, secret = await make_key(backends.db, api.tenant, "query")

    refused = await api.http.get(api.at("pinned-answers"), headers={"Authorization": f"Bearer {secret}"})

    assert_error(refused, 403, "permission_denied")


async def test_a_pinned_answer_is_not_fetched_twice_or_overwritten_unseen_however_often_it_is_given(
    api: Client, pinned: dict[str, object]
) -> None:
    path = f"pinned-answers/{pinned['id']}"
    await assert_conditional(api, path, {"match": "exact"}, {"answer": "Yes."})

    before = (await api.get(path)).headers["etag"]
    await api.ask("Do you ship to Norway?")
    given = await api.get(path)

    assert (read(given)["hits"], given.headers["etag"]) == (1, before)


@pytest.mark.parametrize(
    ("pinned_question", "asked"),
    [
        ("Do you have a course on C++?", "Do you have a course on C#?"),
        ("Is it above -5 degrees?", "Is it above 5 degrees?"),
        ("क्या आप दिन में खुले हैं?", "क्या आप दान में खुले हैं?"),
    ],
)
async def test_what_differs_by_a_sign_alone_is_another_question(api: Client, pinned_question: str, asked: str) -> None:
    await api.post("pinned-answers", {"questions": [pinned_question], "answer": "Yes.", "match": "exact"})

    assert (await api.ask(asked))["model"] == "extractive"
    assert (await api.ask(f"  {pinned_question.upper()} "))["model"] == "pinned"


async def test_a_wording_without_any_word_is_refused(api: Client) -> None:
    refused = await api.post("pinned-answers", {"questions": ["???"], "answer": "Yes."})

    assert_error(refused, 422, "invalid_request", param="questions.0")


@pytest.mark.parametrize(
    ("question", "wording"),
    [
        ("Do you ship from Norway?", "Do you ship to Norway?"),
        ("Why does it not start?", "Why does it start?"),
        ("What is new in version 3?", "What is new in version 4?"),
        ("Can I pay without a card?", "Can I pay with a card?"),
    ],
)
def test_near_wordings_that_ask_for_something_else_are_told_apart(question: str, wording: str) -> None:
    assert says_otherwise(question, wording)
    assert says_otherwise(wording, question)


def test_a_paraphrase_does_not_say_otherwise() -> None:
    assert not says_otherwise("Do you deliver to Norway?", "Do you ship to Norway?")
