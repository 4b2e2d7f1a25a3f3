"""For probes, which hold no key."""

from tests.routes.route import EVERYONE, Route

ROUTES = {"healthLive": Route(caller=EVERYONE), "healthReady": Route(caller=EVERYONE)}
