"""Plan and usage."""

from tests.routes.route import ORGANIZATION_KEY, Route

PERIOD = "a period begins before it ends and is not too long"

ROUTES = {
    "getPlan": Route(caller=ORGANIZATION_KEY, scope="analytics"),
    "getOrganizationUsage": Route(caller=ORGANIZATION_KEY, scope="analytics", beyond_schema=PERIOD),
    "getProjectUsage": Route(scope="analytics", beyond_schema=PERIOD),
}
