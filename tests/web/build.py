"""`make web`: builds the widget and the dashboard with the node and the packages that the tests use too."""

import os
from pathlib import Path

from tests.web.chromium import WEB, node, packages
from tests.web.dashboard_types import TYPES, write_types


def build_dashboard(to: Path | None = None) -> None:
    """`web/dashboard` → `aivastark/web/dashboard`, or into another folder."""
    places = (WEB / "dashboard" / "node_modules", packages())  # npm puts it where it gets on with the others' versions
    vite = next(place / "vite" / "bin" / "vite.js" for place in places if (place / "vite").exists())
    if to is not None:
        os.environ["DASHBOARD_OUT"] = str(to)
    try:
        node(str(vite), "build", "--config", "dashboard/vite.config.ts", "--logLevel", "warn")
    finally:
        os.environ.pop("DASHBOARD_OUT", None)


if __name__ == "__main__":
    node("widget/build.mjs")
    write_types(TYPES)
    build_dashboard()
