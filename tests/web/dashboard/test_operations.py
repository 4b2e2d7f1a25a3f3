"""Everything the API offers to a person is reachable from the dashboard, or there is a written reason why not."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.routes.table import Operation, operations

SOURCES = Path(__file__).parents[3] / "web" / "dashboard" / "src"
# The typed client's calls name a path of the document: `api.GET("/v1/projects/{project_id}", …)`.
CALL = re.compile(r"\.(GET|POST|PUT|PATCH|DELETE)\(\s*\"(/v1/[^\"]+)\"")
# Streams and links are addresses: `/v1/projects/${id}/sources/${sourceId}/events`, to="/v1/auth/oidc/start".
ADDRESS = re.compile(r"(?:`|\bto=\")(/v1/[^`\"\s?]+)[?`\"]")
SIMULATED = "/v1/widget/"  # the designer names the widget's own addresses to answer them, not to call them

OF_MACHINES = "It speaks another program's protocol; people use it through that program."
OF_PROBES = "It is for what watches the process: a load balancer, an orchestrator."
OF_VISITORS = "The widget calls it, with a visitor's token; the designer's preview is that same widget."
OF_BROWSERS = "A provider sends the browser here on its way back; no page of ours links to it."
IN_LIST = "The list, which the page already has, says the same of each."

NOT_CALLED = {
    "mcp": OF_MACHINES,
    "createChatCompletion": OF_MACHINES,
    "listModels": OF_MACHINES,
    "getModel": OF_MACHINES,
    "healthLive": OF_PROBES,
    "healthReady": OF_PROBES,
    "finishOidc": OF_BROWSERS,
    "finishConnection": OF_BROWSERS,
    "getOrganization": "Whose organisations a person is in comes with /v1/auth/me.",
    "getOrganizationKey": IN_LIST,
    "getKey": IN_LIST,
    "getMember": IN_LIST,
    "rateMessage": "A rating is the word of who asked.",
    "resumeAnswer": "It is for a client that lost its stream; the playground just asks again.",
    "getWidgetConfig": OF_VISITORS,
    "listVisitorConversations": OF_VISITORS,
    "getVisitorConversation": OF_VISITORS,
    "askForPerson": OF_VISITORS,
    "watchVisitorConversation": OF_VISITORS,
    "rateAnswer": OF_VISITORS,
    "leaveAddress": OF_VISITORS,
    "cancelVisitorAnswer": OF_VISITORS,
    "resumeVisitorAnswer": OF_VISITORS,
    "askWidget": OF_VISITORS,
    "beginVisit": OF_VISITORS,
    "visitorTypes": OF_VISITORS,
    "sendFile": OF_VISITORS,
    "getVisitorFile": OF_VISITORS,
}


def test_every_operation_is_called_or_there_is_a_written_reason() -> None:
    accounted = set(called()) | NOT_CALLED.keys()

    assert sorted(operation.id for operation in operations() if operation.id not in accounted) == []


def test_no_reason_outlives_what_it_is_about() -> None:
    without_a_call = {operation.id for operation in operations()} - called()

    assert sorted(NOT_CALLED.keys() - without_a_call) == []


def test_every_call_is_of_an_operation_of_the_document() -> None:
    known = {(operation.method, shape(operation.path)) for operation in operations()}

    assert sorted(set(calls()) - known) == []


@cache
def called() -> frozenset[str]:
    """The operations the dashboard's sources call, by id."""
    made = set(calls())
    return frozenset(operation.id for operation in operations() if is_called(operation, made))


def is_called(operation: Operation, made: set[tuple[str, str]]) -> bool:
    return (operation.method, shape(operation.path)) in made


def calls() -> Iterator[tuple[str, str]]:
    """Method and path of every call, parameters without their names."""
    for path in sorted(SOURCES.rglob("*.ts*")):
        if path.name == "schema.d.ts":
            continue
        text = path.read_text(encoding="utf-8")
        yield from ((method.lower(), shape(template)) for method, template in CALL.findall(text))
        posts = "readStream(" in text  # a stream that answers what is sent
        for address in ADDRESS.findall(text):
            if not address.startswith(SIMULATED):
                yield "post" if posts else "get", shape(address)


def shape(path: str) -> str:
    """`/v1/projects/{project_id}` and `/v1/projects/${id}` alike."""
    return re.sub(r"\$?{[^}]*}", "{}", path)
