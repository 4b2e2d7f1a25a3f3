"""What is counted, and what the knowledge lacks."""

from tests.routes.route import Customer, Ids, Route


async def make_gap(customer: Customer) -> Ids:
    answer = await customer.client.ask("Which colour has the moon of Jupiter?")
    return {"gap_id": answer["id"].replace("msg_", "gap_")}


PERIOD = "a period is not empty and has two years at most"

OBJECTS = {"gap_id": make_gap}

ROUTES = {
    "getAnalyticsOverview": Route(scope="analytics", beyond_schema=PERIOD),
    "getAnalyticsVolume": Route(
        scope="analytics", query={"interval": "hour", "from": "2026-01-01", "to": "2026-01-09"}, beyond_schema=PERIOD
    ),
    "getAnalyticsSources": Route(scope="analytics", beyond_schema=PERIOD),
    "listGaps": Route(scope="analytics", beyond_schema=PERIOD),
    "updateGap": Route(scope="analytics", write=True, body={"status": "dismissed"}),
    "getReliability": Route(scope="analytics", beyond_schema=PERIOD),
    "refitConfidence": Route(scope="analytics", write=True),
    "resetConfidence": Route(scope="analytics", write=True, status=204, media_type=None),
}
