"""Conversations and their messages: those of a visitor, so that both sides of them can be called for."""

from typing import Any

from tests.make import Body, read
from tests.routes.route import MORE_THAN_SPACES, Customer, Ids, Route
from tests.routes.widget import headers

PATCH: Body = {"status": "human", "tags": ["vip"]}


async def make_conversation(customer: Customer) -> Ids:
    ids = await customer.ids_of(["source_id", "embed_key", "visitor_token"])
    asked = await customer.client.http.post(
        f"/v1/widget/{ids['embed_key']}/query",
        json={"message": "When does the shop open?"},
        headers={**headers(ids), "Authorization": ""},
    )
    assert asked.status_code == 200, asked.text
    answer = read(asked)
    return {"conversation_id": answer["conversation_id"], "message_id": answer["id"]}


OBJECTS = {"conversation_id": make_conversation, "message_id": make_conversation}


def _acting(**how: Any) -> Route:
    return Route(scope="conversations", write=True, **how)


ROUTES = {
    "listConversations": Route(
        scope="conversations", query={"status": "open", "channel": "widget", "assignee": "usr_1", "q": "shop"}
    ),
    "getConversation": Route(scope="conversations"),
    "getConversationFile": Route(scope="conversations", media_type="text/plain"),
    "unmaskConversation": _acting(),
    "exportConversations": Route(scope="conversations", query={"channel": "widget"}, media_type="application/jsonl"),
    "exportConversations: as a table": Route(scope="conversations", query={"format": "csv"}, media_type="text/csv"),
    "watchInbox": Route(
        scope="conversations",
        media_type="text/event-stream",
        endless=True,
        beyond_schema="a mark is of an event there was",
    ),
    "updateConversation": _acting(body=PATCH, beyond_schema="an assignee is a member; words are more than spaces"),
    "updateConversation: as a merge patch": _acting(
        body=PATCH, headers={"Content-Type": "application/merge-patch+json"}
    ),
    "deleteConversation": _acting(status=204, media_type=None),
    "replyToConversation": _acting(
        body={"content": "I have sent you a new link."}, status=201, beyond_schema=MORE_THAN_SPACES
    ),
    "escalateConversation": _acting(body={"reason": "sensitive_topic", "note": "Asks for a refund."}),
    "handBackConversation": _acting(),
    "closeConversation": _acting(body={"resolution": "confirmed"}),
    "closeConversation: without a word": _acting(),
    "showTyping": _acting(status=204, media_type=None),
    "rateMessage": _acting(
        body={"rating": "down", "comment": "The link does not work."},
        beyond_schema="an answer, not a question, is rated",
    ),
    "gradeMessage": _acting(body={"right": True}, beyond_schema="an answer, not a question, is graded"),
}
