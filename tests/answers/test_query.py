"""Questions over the whole app, with the model that ships: the right sentence, verified, whole or as a stream."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from aivastark.app import create_app
from aivastark.bootstrap import open_backends
from aivastark.kit.ids import is_id
from tests.loopback import page, serving
from tests.make import Body, Client, assert_error, calling, events_in, make_settings, make_tenant, read, working

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANDBOOK = """# Annual leave

Every employee has 28 days of annual leave a year. Unused days expire on 31 March.

# Parental leave

Parental leave lasts 14 months and is paid for 12 of them.

# Working from home

You may work from home three days a week. Ask your manager for more.
"""
WARRANTY = """The warranty on every kettle lasts two years from the day of purchase.
Send the receipt together with the kettle to our workshop in Leeds.
The warranty does not cover damage by limescale."""
PASSWORD = """<html><head><title>Reset your password</title></head><body>
<nav><a href="/">Home</a> <a href="/pricing">Pricing</a></nav>
<main><h1>Reset your password</h1>
<p>Choose Forgot password on the sign-in page and enter your e-mail address.</p>
<p>The link in the e-mail works for 30 minutes. After that you need to ask for a new one.</p></main>
<footer>© Example Ltd. All rights reserved.</footer></body></html>"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowing:
    """A client whose project knows three sources, their ids by kind, and another tenant of that install."""

    api: Client
    sources: dict[str, str]
    stranger: Client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def knowing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Knowing]:
    """One project with three sources of three kinds, on the real model."""
    folder: Path = tmp_path_factory.mktemp("knowing")
    async with open_backends(make_settings(folder, embedding_model="minilm")) as backends:
        tenant = await make_tenant(backends.db)
        async with (
            calling(create_app(backends), tenant.key) as http,
            working(backends) as worker,
            serving({"/password": page(200, PASSWORD.encode(), {"Content-Type": "text/html"})}) as site,
        ):
            api = Client(http=http, tenant=tenant)
            sources = {
                "raw": (await api.add(text=WARRANTY, title="Warranty", tags=["shop"]))["id"],
                "url": (await api.add(url=site.url("/password"), tags=["account"]))["id"],
                "file": read(await api.upload(HANDBOOK.encode(), "handbook.md", tags="hr", title="Handbook"))["id"],
            }
            await worker.run_until_idle()
            other = await make_tenant(backends.db)
            async with calling(create_app(backends), other.key) as their_http:
                yield Knowing(api=api, sources=sources, stranger=Client(http=their_http, tenant=other))


def assert_holds_together(answer: Body) -> None:
    """What is promised of every answer, whatever it says."""
    marked = [int(number) for number in re.findall(r"\[(\d+)\]", answer["answer"])]
    assert sorted(set(marked)) == [citation["index"] for citation in answer["citations"]]
    for citation in answer["citations"]:
        span = answer["answer"][citation["answer_span"]["start"] : citation["answer_span"]["end"]]
        assert span.endswith(f"[{citation['index']}]")
        assert is_id(citation["id"], "cit")
    assert bool(answer["citations"]) is answer["answered"]
    assert 0 <= answer["confidence"] <= 1


async def assert_verbatim(api: Client, answer: Body) -> None:
    """Every quote is in the stored document where it says."""
    for citation in answer["citations"]:
        document = read(await api.get(f"sources/{citation['source_id']}/documents/{citation['document_id']}"))
        place = citation["locator"]
        assert citation["quote"] == document["text"][place["char_start"] : place["char_end"]]
        assert citation["source_version"] == document["version"]
        chunk = next(chunk for chunk in document["data"] if chunk["id"] == citation["chunk_id"])
        assert chunk["char_start"] <= place["char_start"] < place["char_end"] <= chunk["char_end"]


@pytest.mark.parametrize(
    ("question", "kind", "words"),
    [
        ("How long is the warranty on a kettle?", "raw", "lasts two years"),
        ("How do I reset my password?", "url", "Choose Forgot password"),
        ("How many days of annual leave do I have?", "file", "28 days of annual leave"),
    ],
)
async def test_each_source_answers_its_question_with_the_right_sentence(
    knowing: Knowing, question: str, kind: str, words: str
) -> None:
    api, sources = knowing.api, knowing.sources

    answer = await api.ask(question)

    assert answer["answered"], answer
    assert words in answer["answer"]
    cited = next(citation for citation in answer["citations"] if words in citation["quote"])
    assert (cited["source_id"], cited["source_type"]) == (sources[kind], kind)
    assert_holds_together(answer)
    await assert_verbatim(api, answer)
    assert answer["confidence_level"] in ("high", "medium")
    assert (answer["model"], answer["language"]) == ("extractive", "en")


async def test_a_citation_says_where_it_stands(knowing: Knowing) -> None:
    api = knowing.api

    answer = await api.ask("How many days of annual leave do I have?")

    cited = answer["citations"][0]
    assert (cited["title"], cited["tags"]) == ("Handbook", ["hr"])
    assert cited["locator"]["page"] is None
    assert cited["score"] > 0
    assert cited["fetched_at"].endswith("Z")


async def test_a_page_is_cited_with_its_address_and_without_its_menu(knowing: Knowing) -> None:
    api, sources = knowing.api, knowing.sources

    answer = await api.ask("How do I reset my password?")
    [listed] = read(await api.get(f"sources/{sources['url']}/documents"))["data"]
    document = read(await api.get(f"sources/{sources['url']}/documents/{listed['id']}"))

    assert answer["citations"][0]["url"].endswith("/password")
    assert "Pricing" not in document["text"]
    assert "rights reserved" not in document["text"]


@pytest.mark.parametrize(
    "question", ["What is the capital of Mongolia?", "Who won the chess championship in 1985?", "asdf qwer zxcv"]
)
async def test_a_question_the_knowledge_does_not_answer_is_refused(knowing: Knowing, question: str) -> None:
    api = knowing.api

    answer = await api.ask(question)

    assert (answer["answered"], answer["citations"]) == (False, [])
    assert "don't know" in answer["answer"]
    assert answer["confidence_level"] == "low"
    assert answer["confidence_reasons"] != []
    assert_holds_together(answer)


async def test_a_refusal_is_told_in_the_language_of_the_question(knowing: Knowing) -> None:
    api = knowing.api

    answer = await api.ask("Wie heißt die Hauptstadt der Mongolei und wie viele Menschen wohnen dort?")

    assert answer["answer"].startswith("Das weiß ich nicht.")


async def test_a_stream_has_its_events_in_order_and_says_the_same(knowing: Knowing) -> None:
    api = knowing.api

    response = await api.post("query", {"message": "How long is the warranty on a kettle?", "stream": True})
    events = events_in(response.text)

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"
    kinds = [event.kind for event in events]
    tokens, cited = kinds.count("token"), kinds.count("citation")
    assert tokens > 1
    assert kinds == ["message.start", *["token"] * tokens, *["citation"] * cited, "answer", "done", ""]
    assert events[-1].data == "[DONE]"
    assert [event.id for event in events[:-1]] == [str(number) for number in range(len(events) - 1)]
    assert all(event.body["type"] == event.kind for event in events[:-1])

    start, answer = events[0].body, events[-3].body
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == answer["answer"]
    assert [event.body["citation"] for event in events if event.kind == "citation"] == answer["citations"]
    assert start["request_id"] == response.headers["x-request-id"]
    assert (start["message_id"], start["session_id"]) == (answer["id"], answer["session_id"])
    assert_holds_together(answer)


async def test_the_streams_answer_is_the_body_of_the_same_question_asked_whole(
    knowing: Knowing,
) -> None:
    api = knowing.api
    question = "How long is the warranty on a kettle?"

    whole = await api.ask(question)
    streamed = events_in((await api.post("query", {"message": question, "stream": True})).text)[-3].body

    assert streamed.keys() - {"type"} == whole.keys()
    same = ("answer", "answered", "confidence", "confidence_level", "confidence_reasons", "suggestions", "language")
    assert {name: streamed[name] for name in same} == {name: whole[name] for name in same}
    assert [c["quote"] for c in streamed["citations"]] == [c["quote"] for c in whole["citations"]]


async def test_a_stream_is_taken_up_after_the_last_event_received(knowing: Knowing) -> None:
    api = knowing.api
    response = await api.post("query", {"message": "How long is the warranty on a kettle?", "stream": True})
    events = events_in(response.text)
    path = api.at(f"messages/{events[0].body['message_id']}/stream")

    rest = events_in((await api.http.get(path, headers={"Last-Event-ID": "2"})).text)
    again = events_in((await api.http.get(path)).text)

    assert rest == events[3:]
    assert again[1:] == events[1:]


async def test_an_unknown_message_cannot_be_taken_up(knowing: Knowing) -> None:
    api = knowing.api

    assert_error(await api.get("messages/msg_01ARZ3NDEKTSV4RRFFQ69G5FAV/stream"), 404, "not_found")


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({"tags": ["hr"]}, "file"),
        ({"tags": ["hr", "account"]}, "file"),
        ({"tags": ["account"]}, None),
        ({"tags": ["nobody's"]}, None),
        ({"source_ids": ["file"]}, "file"),
        ({"source_ids": ["raw", "url"]}, None),
        ({"source_ids": ["src_01ARZ3NDEKTSV4RRFFQ69G5FAV"]}, None),
        ({"tags": ["hr"], "source_ids": ["raw"]}, None),
    ],
)
async def test_tags_and_source_ids_narrow_what_is_answered_from(
    knowing: Knowing, scope: dict[str, list[str]], found: str | None
) -> None:
    api, sources = knowing.api, knowing.sources
    fields = {name: [sources.get(value, value) for value in values] for name, values in scope.items()}

    answer = await api.ask("How many days of annual leave do I have?", **fields)

    if found is None:
        assert "28 days" not in answer["answer"]
    else:
        assert {citation["source_id"] for citation in answer["citations"]} == {sources[found]}


async def test_a_follow_up_is_understood_in_its_session(knowing: Knowing) -> None:
    api = knowing.api
    first = await api.ask("What do I get as parental leave?")

    second = await api.ask("And how long does it last?", session_id=first["session_id"])

    assert second["conversation_id"] == first["conversation_id"]
    assert "14 months" in second["answer"]
    assert_holds_together(second)


async def test_a_new_subject_that_sounds_like_a_follow_up_is_answered_on_its_own(knowing: Knowing) -> None:
    api = knowing.api
    first = await api.ask("What do I get as parental leave?")

    second = await api.ask("And how long is the warranty on a kettle?", session_id=first["session_id"])

    assert second["answered"]
    assert "14 months" not in second["answer"]
    assert "warranty" in second["answer"].lower()
    assert_holds_together(second)


async def test_a_conversation_is_kept_with_its_citations(knowing: Knowing) -> None:
    api = knowing.api
    first = await api.ask("How long is the warranty on a kettle?", session_id="a visitor's own", metadata={"page": 1})
    refused = await api.ask("What is the capital of Mongolia?", session_id="a visitor's own")
    last = await api.ask("How many days of annual leave do I have?", session_id="a visitor's own")

    conversation = read(await api.get(f"conversations/{first['conversation_id']}"))

    assert [message["role"] for message in conversation["messages"]] == ["user", "assistant"] * 3
    assert conversation["messages"][0]["content"] == "How long is the warranty on a kettle?"
    for message, answer in zip(conversation["messages"][1::2], (first, refused, last), strict=True):
        assert message["id"] == answer["id"]
        assert message["content"] == answer["answer"]
        assert message["citations"] == answer["citations"]
        assert message["confidence"] == answer["confidence"]
        assert message["created_at"] == answer["created_at"]
    assert (conversation["session_id"], conversation["metadata"]) == ("a visitor's own", {"page": 1})
    assert conversation["subject"] == "How long is the warranty on a kettle?"
    assert conversation["message_count"] == 6
    assert conversation["last_message"]["id"] == last["id"]
    assert conversation["min_confidence"] == min(a["confidence"] for a in (first, refused, last))


async def test_questions_at_once_in_one_session_share_one_conversation(knowing: Knowing) -> None:
    api = knowing.api

    answers = await asyncio.gather(*(api.ask("How do I reset my password?", session_id="at once") for _ in range(5)))

    assert len({answer["conversation_id"] for answer in answers}) == 1
    conversation = read(await api.get(f"conversations/{answers[0]['conversation_id']}"))
    assert conversation["message_count"] == len(conversation["messages"]) == 10


async def test_search_shows_passages_with_why(knowing: Knowing) -> None:
    api, sources = knowing.api, knowing.sources

    hits = read(await api.post("search", {"query": "annual leave", "limit": 2}))["data"]

    assert len(hits) <= 2
    best = hits[0]
    assert (best["source_id"], best["title"]) == (sources["file"], "Handbook")
    assert best["ranks"] == {"keyword": 1, "vector": 1, "rerank": None}
    document = read(await api.get(f"sources/{best['source_id']}/documents/{best['document_id']}"))
    assert best["text"] == document["text"][best["locator"]["char_start"] : best["locator"]["char_end"]]


async def test_an_empty_project_refuses_everything(tmp_path: Path) -> None:
    async with open_backends(make_settings(tmp_path)) as backends:
        tenant = await make_tenant(backends.db)
        async with calling(create_app(backends), tenant.key) as http:
            answer = await Client(http=http, tenant=tenant).ask("How long is the warranty on a kettle?")

    assert (answer["answered"], answer["citations"], answer["confidence"]) == (False, [], 0.0)
    assert answer["confidence_reasons"] == ["no_evidence"]


async def test_a_bot_never_answers_from_anothers_knowledge(knowing: Knowing) -> None:
    stranger, sources = knowing.stranger, knowing.sources

    answer = await stranger.ask("How long is the warranty on a kettle?", source_ids=[sources["raw"]])
    found = read(await stranger.post("search", {"query": "warranty", "source_ids": [sources["raw"]]}))

    assert (answer["answered"], found["data"]) == (False, [])
