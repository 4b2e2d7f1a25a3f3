"""Asking and searching."""

import httpx

from tests.make import events_in
from tests.routes.route import MORE_THAN_SPACES, Route


def _ends_as_streams_do(response: httpx.Response) -> None:
    assert events_in(response.text)[-1].data == "[DONE]"


ROUTES = {
    "checkLanguageModel": Route(write=True),
    "query": Route(
        scope="query", write=True, body={"message": "When does the shop open?"}, beyond_schema=MORE_THAN_SPACES
    ),
    "query: as a stream": Route(
        scope="query",
        write=True,
        body={"message": "When does the shop open?", "stream": True},
        media_type="text/event-stream",
        check=_ends_as_streams_do,
    ),
    "resumeAnswer": Route(scope="query", write=True, media_type="text/event-stream", check=_ends_as_streams_do),
    "cancelAnswer": Route(scope="query", write=True),
    "search": Route(
        scope="query", write=True, body={"query": "opening hours", "limit": 3}, beyond_schema=MORE_THAN_SPACES
    ),
}
