"""Leads."""

from tests.make import Body, read
from tests.routes.route import Customer, Ids, Route

CONTACT: Body = {
    "name": "A visitor",
    "email": "visitor@example.com",
    "consent": {"given": True, "text": "You may write to me."},
}
REACHABLE = "somebody can be reached; an address is one; words are more than spaces"


async def make_lead(customer: Customer) -> Ids:
    return {"lead_id": read(await customer.client.post("leads", CONTACT))["id"]}


OBJECTS = {"lead_id": make_lead}

ROUTES = {
    "createLead": Route(
        scope="leads",
        write=True,
        body=lambda ids: {**CONTACT, "conversation_id": ids["conversation_id"]},
        named_in_body=["conversation_id"],
        refuses_named=True,
        status=201,
        beyond_schema=REACHABLE,
    ),
    "createLead: out of the blue": Route(scope="leads", write=True, body={"phone": "+44 20 7946 0000"}, status=201),
    "listLeads": Route(scope="leads", query={"stage": "new", "q": "visitor"}),
    "exportLeads": Route(scope="leads", query={"stage": "new"}, media_type="text/csv"),
    "exportLeads: a line each": Route(scope="leads", query={"format": "jsonl"}, media_type="application/jsonl"),
    "getLead": Route(scope="leads"),
    "updateLead": Route(scope="leads", write=True, body={"stage": "contacted"}, beyond_schema=REACHABLE),
    "updateLead: as a merge patch": Route(
        scope="leads",
        write=True,
        body={"fields": {"company": None}},
        headers={"Content-Type": "application/merge-patch+json"},
    ),
    "deleteLead": Route(scope="leads", write=True, status=204, media_type=None),
}
