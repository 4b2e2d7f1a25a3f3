"""What a widget's visitors call: on a page that may show it, with a token of their own."""

from typing import Any

from aivastark.kit.tokens import new_token
from aivastark.widgets.visitors import TOKEN_PREFIX, TOKEN_RANDOM_CHARS
from tests.make import Body, read
from tests.routes.route import Caller, Customer, Headers, Ids, Route

PAGE = "https://shop.example.com"
ELSEWHERE = "https://elsewhere.example.com"
WIDGET: Body = {
    "name": "Visited",
    "security": {"allowed_domains": ["shop.example.com"]},
    "lead_capture": {"enabled": True},
    "attachments": {"enabled": True},
}
FILE = {"file": ("order.txt", b"Order 42, two umbrellas.", "text/plain")}
WORDS = "words are more than spaces, and can be shown"


async def make_visitor(customer: Customer) -> Ids:
    widget = read(await customer.client.post("widgets", WIDGET))
    key = widget["embed_key"]
    begun = await customer.client.http.post(
        f"/v1/widget/{key}/session", json={}, headers={"Origin": PAGE, "Authorization": ""}
    )
    assert begun.status_code == 200, begun.text
    return {"embed_key": key, "visitor_token": read(begun)["visitor_token"]}


async def make_file(customer: Customer) -> Ids:
    ids = await customer.ids_of(["embed_key", "visitor_token", "conversation_id"])
    sent = await customer.client.http.post(
        f"/v1/widget/{ids['embed_key']}/attachments",
        files=FILE,
        data={"conversation_id": ids["conversation_id"]},
        headers={**headers(ids), "Authorization": ""},
    )
    assert sent.status_code == 201, sent.text
    [attachment] = read(sent)["message"]["attachments"]
    return {"attachment_id": attachment["id"]}


OBJECTS = {"embed_key": make_visitor, "visitor_token": make_visitor, "attachment_id": make_file}


def headers(ids: Ids) -> Headers:
    """Of a visitor."""
    return {"Origin": PAGE, "X-Visitor-Token": ids["visitor_token"]}


def _on_the_page(ids: Ids) -> Headers:
    return {"Origin": PAGE}


async def _visitor(customer: Customer, route: Route) -> Headers:
    return headers({"visitor_token": await customer.id_of("visitor_token")})


async def _elsewhere(customer: Customer, route: Route) -> Headers:
    return {**await _visitor(customer, route), "Origin": ELSEWHERE}


async def _nowhere(customer: Customer, route: Route) -> Headers:
    return {"X-Visitor-Token": await customer.id_of("visitor_token")}


async def _anybody(customer: Customer, route: Route) -> Headers:
    return {"Origin": PAGE}


VISITOR = Caller(
    entitled=_visitor,
    short=lambda route: {"a page of another site": _elsewhere, "no page": _nowhere},
    refusal="origin_not_allowed",
    unknown=[
        {"Origin": PAGE},
        {"Origin": PAGE, "X-Visitor-Token": ""},
        {"Origin": PAGE, "X-Visitor-Token": "nonsense"},
        {
            "Origin": PAGE,
            "X-Visitor-Token": new_token(TOKEN_PREFIX, TOKEN_RANDOM_CHARS),
        },  # of the right form, and unknown
    ],
    public=["embed_key"],
    says=headers,
)
ANYBODY_ON_THE_PAGE = Caller(
    entitled=_anybody,
    short=lambda route: {"a page of another site": _elsewhere, "no page": _nowhere},
    refusal="origin_not_allowed",
    public=["embed_key"],
    says=_on_the_page,
)


def _own(**fields: Any) -> Any:
    return lambda ids: {"conversation_id": ids["conversation_id"], **fields}


ROUTES = {
    "getWidgetConfig": Route(caller=ANYBODY_ON_THE_PAGE),
    "beginVisit": Route(caller=ANYBODY_ON_THE_PAGE, body={}, beyond_schema="the widget takes this identity"),
    "askWidget": Route(
        caller=VISITOR,
        body=_own(message="When does the shop open?"),
        named_in_body=["conversation_id"],
        beyond_schema=WORDS,
    ),
    "askWidget: as a stream": Route(
        caller=VISITOR, body={"message": "When does the shop open?", "stream": True}, media_type="text/event-stream"
    ),
    "resumeVisitorAnswer": Route(caller=VISITOR, media_type="text/event-stream"),
    "cancelVisitorAnswer": Route(caller=VISITOR),
    "sendFile": Route(caller=VISITOR, files=FILE, status=201, beyond_schema="a file is of a kind that is taken"),
    "getVisitorFile": Route(caller=VISITOR, media_type="text/plain"),
    "listVisitorConversations": Route(caller=VISITOR),
    "getVisitorConversation": Route(caller=VISITOR),
    "watchVisitorConversation": Route(
        caller=VISITOR,
        query=_own(),
        named_in_body=["conversation_id"],
        media_type="text/event-stream",
        endless=True,
    ),
    "visitorTypes": Route(caller=VISITOR, body=_own(), named_in_body=["conversation_id"], status=204, media_type=None),
    "leaveAddress": Route(
        caller=VISITOR,
        body=_own(email="visitor@example.com"),
        named_in_body=["conversation_id"],
        status=201,
        beyond_schema="the form has these fields, and all it needs is there",
    ),
    "askForPerson": Route(
        caller=VISITOR, body=_own(note="It is urgent."), named_in_body=["conversation_id"], beyond_schema=WORDS
    ),
    "rateAnswer": Route(
        caller=VISITOR,
        body=lambda ids: {"message_id": ids["message_id"], "rating": "up"},
        named_in_body=["message_id"],
    ),
}
