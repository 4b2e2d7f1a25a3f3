"""Pinned answers."""

from typing import Any

from tests.make import read
from tests.routes.route import MORE_THAN_SPACES, Customer, Ids, Route

PINNED: dict[str, Any] = {"questions": ["Do you ship to Norway?"], "answer": "Yes, in four days.", "match": "exact"}


async def make_pinned_answer(customer: Customer) -> Ids:
    pinned = read(await customer.client.post("pinned-answers", PINNED))
    await customer.client.ask("Do you ship to Norway?")
    return {"pinned_id": pinned["id"]}


OBJECTS = {"pinned_id": make_pinned_answer}

ROUTES = {
    "createPinnedAnswer": Route(scope="sources", write=True, body=PINNED, status=201, beyond_schema=MORE_THAN_SPACES),
    "listPinnedAnswers": Route(scope="sources"),
    "getPinnedAnswer": Route(scope="sources"),
    "updatePinnedAnswer": Route(scope="sources", write=True, body={"enabled": False}, beyond_schema=MORE_THAN_SPACES),
    "deletePinnedAnswer": Route(scope="sources", write=True, status=204, media_type=None),
    "listPinnedAnswerHits": Route(scope="sources"),
}
