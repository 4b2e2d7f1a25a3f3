"""Conversations and their messages."""

from tests.routes.route import Customer, Ids, Route


async def make_conversation(customer: Customer) -> Ids:
    await customer.id_of("source_id")
    answer = await customer.client.ask("When does the shop open?")
    return {"conversation_id": answer["conversation_id"], "message_id": answer["id"]}


OBJECTS = {"conversation_id": make_conversation, "message_id": make_conversation}

ROUTES = {
    "listConversations": Route(scope="conversations", query={"status": "open", "channel": "api", "q": "shop"}),
    "getConversation": Route(scope="conversations"),
}
