"""The OpenAI door, where a model is a project."""

from tests.make import Body
from tests.routes.route import Ids, Route


def chat(ids: Ids) -> Body:
    return {"model": ids["project_id"], "messages": [{"role": "user", "content": "When does the shop open?"}]}


ROUTES = {
    "createChatCompletion": Route(
        scope="query",
        write=True,
        body=chat,
        named_in_body=["project_id"],
        beyond_schema="a message of a user has words",
    ),
    "createChatCompletion: as a stream": Route(
        scope="query",
        write=True,
        body=lambda ids: {**chat(ids), "stream": True},
        named_in_body=["project_id"],
        media_type="text/event-stream",
    ),
    "listModels": Route(scope="query"),
    "getModel": Route(scope="query"),
}
