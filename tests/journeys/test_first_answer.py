"""The main job against a real server: knowledge in, watched live, a cited answer out, as JSON and as a stream."""

import asyncio
from typing import Any

import httpx

from tests.journeys.server import Server
from tests.loopback import page, serving
from tests.make import events_in, read

PAGE = b"""<html><head><title>Repairs</title></head><body><main><h1>Repairs</h1>
<p>The workshop in Leeds repairs every kettle within ten days.</p></main></body></html>"""


async def _ready(http: httpx.AsyncClient, base: str, *ids: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(30):
        while True:
            sources = [read(await http.get(f"{base}/sources/{id_}")) for id_ in ids]
            if all(source["status"] == "ready" for source in sources):
                return sources
            await asyncio.sleep(0.05)


async def test_three_sources_in_and_cited_answers_out(real_server: tuple[Server, str, str]) -> None:
    server, project_id, key = real_server
    base = f"/v1/projects/{project_id}"

    async with server.client(key) as http, serving({"/repairs": page(200, PAGE)}) as site:
        posted = [
            await http.post(f"{base}/sources", json={"type": "raw", "text": "The shop is open from nine to five."}),
            await http.post(f"{base}/sources", json={"type": "url", "url": site.url("/repairs")}),
            await http.post(f"{base}/sources", files={"file": ("a.md", b"# Returns\n\nReturns are free of charge.")}),
        ]
        watched = events_in((await http.get(f"{base}/sources/{read(posted[1])['id']}/events")).text)
        await _ready(http, base, *(read(answer)["id"] for answer in posted))
        answers = [
            read(await http.post(f"{base}/query", json={"message": question}))
            for question in ("When is the shop open?", "How long does repairing a kettle take?", "Are returns free?")
        ]
        refused = read(await http.post(f"{base}/query", json={"message": "Who wrote the opera Carmen?"}))

    assert [answer.status_code for answer in posted] == [202, 202, 202]
    assert watched[-1].kind == "done"
    assert watched[-1].body["source"]["status"] == "ready"
    for answer, words, source in zip(answers, ("nine to five", "ten days", "free of charge"), posted, strict=True):
        assert words in answer["answer"]
        assert answer["citations"][0]["source_id"] == read(source)["id"]
    assert (refused["answered"], refused["citations"]) == (False, [])


async def test_a_stream_arrives_over_the_wire_in_the_order_of_the_contract(
    real_server: tuple[Server, str, str],
) -> None:
    server, project_id, key = real_server
    base = f"/v1/projects/{project_id}"

    async with server.client(key) as http:
        source = read(await http.post(f"{base}/sources", json={"type": "raw", "text": "Parking costs two euros."}))
        await _ready(http, base, source["id"])
        body = {"message": "What does parking cost?", "stream": True, "source_ids": [source["id"]]}
        async with http.stream("POST", f"{base}/query", json=body) as response:
            text = "".join([piece async for piece in response.aiter_text()])

    events = events_in(text)
    order = list(dict.fromkeys(event.kind for event in events))
    assert order == ["message.start", "token", "citation", "answer", "done", ""]
    assert events[-1].data == "[DONE]"
    answer = events[-3].body
    assert "".join(event.body["delta"] for event in events if event.kind == "token") == answer["answer"]
    assert "content-encoding" not in response.headers


async def test_a_watcher_sees_a_source_move_while_it_moves(real_server: tuple[Server, str, str]) -> None:
    server, project_id, key = real_server
    base = f"/v1/projects/{project_id}"
    text = "\n\n".join(f"# Part {number}\n\n" + f"Sentence {number} of many. " * 60 for number in range(60))

    async with server.client(key) as http:
        source = read(await http.post(f"{base}/sources", json={"type": "raw", "text": text, "format": "markdown"}))
        async with asyncio.timeout(60):
            watched = events_in((await http.get(f"{base}/sources/{source['id']}/events")).text)

    stages = list(dict.fromkeys(event.body["source"]["stage"] for event in watched))
    assert len(watched) >= 3
    assert stages[-1] is None
    assert "embedding" in stages
