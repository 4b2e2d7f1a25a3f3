"""What is counted, and what the knowledge lacks."""

from tests.routes.route import Customer, Ids, Route


async def make_gap(customer: Customer) -> Ids:
    answer = await customer.client.ask("Which colour has the moon of Jupiter?")
    return {"gap_id": answer["id"].replace("msg_", "gap_")}


OBJECTS = {"gap_id": make_gap}

ROUTES = {
    "getAnalyticsOverview": Route(scope="analytics"),
    "getAnalyticsVolume": Route(
        scope="analytics", query={"interval": "hour", "from": "2026-01-01", "to": "2026-01-09"}
    ),
    "getAnalyticsSources": Route(scope="analytics"),
    "listGaps": Route(scope="analytics"),
    "updateGap": Route(scope="analytics", write=True, body={"status": "dismissed"}),
}
