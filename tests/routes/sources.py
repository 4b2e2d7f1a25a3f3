"""Sources and their documents."""

from uuid import uuid4

from tests.make import read
from tests.routes.route import MORE_THAN_SPACES, Customer, Ids, Route

HANDBOOK = b"# Opening hours\n\nThe shop opens at nine.\n"


async def make_source(customer: Customer) -> Ids:
    """With a second version, so that there is one to go back to."""
    mine = str(uuid4())
    for hour in ("eight", "nine"):
        text = f"The shop opens at {hour}."
        source = await customer.client.add(text=text, title="Opening hours", external_id=mine)
        await customer.settle()
    [document] = read(await customer.client.get(f"sources/{source['id']}/documents"))["data"]
    return {"source_id": source["id"], "document_id": document["id"]}


OBJECTS = {"source_id": make_source, "document_id": make_source}

ROUTES = {
    "getEmbedding": Route(scope="sources"),
    "createSource": Route(
        scope="sources",
        write=True,
        body={"type": "raw", "text": "Hello.", "tags": ["greeting"]},
        status=202,
        beyond_schema="what its type needs is there, and nothing of another type",
    ),
    "createSource: a file": Route(
        scope="sources",
        write=True,
        files={"file": ("hours.md", HANDBOOK, "text/markdown")},
        fields={"title": "Opening hours", "tags": "shop"},
        status=202,
    ),
    "createSource: in Google Drive": Route(
        scope="sources",
        write=True,
        named_in_body=["account_id"],
        body=lambda ids: {
            "type": "drive",
            "folder_id": "1dyUEebJaFnWa3Z4n0BFMVAXQ7mfUH11g",
            "account_id": ids["account_id"],
        },
        status=202,
    ),
    "listSources": Route(scope="sources", query={"status": "ready", "limit": "1"}),
    "getSource": Route(scope="sources"),
    "updateSource": Route(scope="sources", write=True, body={"title": "Hours"}, beyond_schema=MORE_THAN_SPACES),
    "updateSource: as a merge patch": Route(
        scope="sources",
        write=True,
        body={"title": None, "tags": ["shop"]},
        headers={"Content-Type": "application/merge-patch+json"},
    ),
    "deleteSource": Route(scope="sources", write=True, status=202),
    "syncSource": Route(scope="sources", write=True, status=202),
    "syncSource: also where much is gone": Route(
        scope="sources", write=True, body={"accept_removals": True}, status=202
    ),
    "cancelSourceSync": Route(scope="sources", write=True),
    "listSourceVersions": Route(scope="sources"),
    "listSourceVersionChanges": Route(scope="sources"),
    "listSourceFailures": Route(scope="sources"),
    "rollBackSource": Route(scope="sources", write=True, body={"version": 1}, status=202),
    "listDocuments": Route(scope="sources"),
    "getDocument": Route(scope="sources"),
    "watchSource": Route(scope="sources", media_type="text/event-stream", endless=True),
}
