"""What holds of every answer, whoever composed it: said once, for all tests that try to break it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from aivastark.answers.other_language import FOUND_IN, NAMES
from tests.make import Body, Client, Event, events_in, read

MARKER = re.compile(r"\[(\d+)\]")
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories of characters that nobody sees, or that turn around what is seen."""
OPENINGS = {words.format(language=name) for words in FOUND_IN.values() for name in NAMES.values()}
JOINERS = "\u200c\u200d"
"""Persian and the scripts of India write words with them."""


async def texts_of(client: Client, *sources: str) -> Mapping[str, str]:
    """The stored text of every document of these sources."""
    texts = {}
    for source_id in sources:
        for document in read(await client.get(f"sources/{source_id}/documents", limit=100))["data"]:
            path = f"sources/{source_id}/documents/{document['id']}"
            texts[document["id"]] = read(await client.get(path))["text"]
    return texts


def assert_proven(answer: Body, texts: Mapping[str, str]) -> None:
    """Quotes are letter for letter stored text, and markers and citations belong together one by one."""
    shown, citations = answer["answer"], answer["citations"]
    if not answer["answered"]:
        assert citations == []
        assert MARKER.findall(shown) == []
        return
    assert [int(number) for number in MARKER.findall(shown)] == [citation["index"] for citation in citations]
    assert citations
    end = 0
    for citation in citations:
        place, span = citation["locator"], citation["answer_span"]
        assert citation["quote"].strip()
        assert texts[citation["document_id"]][place["char_start"] : place["char_end"]] == citation["quote"]
        outside = shown[end : span["start"]].strip()
        assert outside == "" or (end == 0 and outside in OPENINGS), "something is said outside of all citations"
        assert shown[span["start"] : span["end"]].endswith(f" [{citation['index']}]")
        end = span["end"]
    assert shown[end:] == ""


def assert_seen(answer: Body) -> None:
    """Nothing of it is hidden from who reads it, or reads otherwise than it was checked."""
    quoted = {character for citation in answer["citations"] for character in citation["quote"]}
    unseen = {one for one in answer["answer"] if unicodedata.category(one) in UNSEEN and one not in "\n\t" + JOINERS}
    assert unseen <= quoted


def sentences_of(answer: Body) -> list[tuple[str, str]]:
    """What is shown before each marker, with the quote behind it."""
    spans = [(citation["answer_span"], citation["quote"]) for citation in answer["citations"]]
    return [(answer["answer"][span["start"] : span["end"]].rpartition(" [")[0], quote) for span, quote in spans]


async def streamed(client: Client, message: str, **fields: object) -> list[Event]:
    """The events of an answer that is told as it is written."""
    given = await client.post("query", {"message": message, "stream": True, **fields})
    assert given.status_code == 200, given.text
    return events_in(given.text)


async def assert_stream_holds(client: Client, events: Sequence[Event]) -> Body:
    """Its pieces are the answer, nothing was taken back, and taken up again it is the same; gives the answer."""
    kinds = [event.kind for event in events]
    cited = kinds.count("citation")
    tokens = len(kinds) - 4 - cited
    assert kinds == ["message.start", *["token"] * tokens, *["citation"] * cited, "answer", "done", ""]
    answer: Body = events[-3].body
    assert "".join(event.body["delta"] for event in events[1 : 1 + tokens]) == answer["answer"]
    assert [event.body["citation"] for event in events[1 + tokens : -3]] == answer["citations"]
    resumed = events_in((await client.get(f"messages/{answer['id']}/stream")).text)
    assert [(event.kind, event.id) for event in resumed] == [(event.kind, event.id) for event in events]
    assert [event.data for event in resumed[1:]] == [event.data for event in events[1:]]
    return answer
