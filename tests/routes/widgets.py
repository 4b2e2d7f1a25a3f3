"""Widgets, for those who run them; their visitors have `widget.py`, with a widget of its own."""

from typing import Any

from tests.make import Body, read
from tests.routes.route import Customer, Ids, Route

WIDGET: Body = {"name": "Shop", "security": {"allowed_domains": ["shop.example.com"]}}
MEANINGFUL = "words, colours, addresses and domains mean something, and rules can be kept"


async def make_widget(customer: Customer) -> Ids:
    widget = read(await customer.client.post("widgets", WIDGET))
    return {"widget_id": widget["id"], "version": str(widget["version"])}


OBJECTS = {"widget_id": make_widget, "version": make_widget}


def _changing(**how: Any) -> Route:
    return Route(scope="widgets", write=True, **how)


ROUTES = {
    "createWidget": _changing(body=WIDGET, status=201, beyond_schema=MEANINGFUL),
    "listWidgets": Route(scope="widgets", query={"limit": "1"}),
    "getWidget": Route(scope="widgets"),
    "updateWidget": _changing(body={"enabled": False}, beyond_schema=MEANINGFUL),
    "updateWidget: as a merge patch": _changing(
        body={"branding": None}, headers={"Content-Type": "application/merge-patch+json"}
    ),
    "deleteWidget": _changing(status=204, media_type=None),
    "listWidgetVersions": Route(scope="widgets"),
    "restoreWidgetVersion": _changing(),
    "rotateEmbedKey": _changing(body={"expires_in": 60}),
    "rotateEmbedKey: as usual": _changing(),
    "rotateIdentitySecret": _changing(body={"expires_in": 60}),
    "rotateIdentitySecret: as usual": _changing(),
}
