"""The MCP door."""

from tests.routes.route import Route

SPEAKS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}

ROUTES = {
    "mcp": Route(scope="query", write=True, body={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=SPEAKS),
    "mcp: a notification": Route(
        scope="query",
        write=True,
        body={"jsonrpc": "2.0", "method": "notifications/initialized"},
        headers=SPEAKS,
        status=202,
        media_type=None,
    ),
}
