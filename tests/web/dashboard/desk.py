"""Somebody before the dashboard: what they press, and what may not be seen on any page."""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page

from aivastark.widgets.script_endpoints import built
from tests.web.chromium import packages
from tests.web.stage import Visit

TABS_MAX = 60
SCRIPT_MAX_BYTES = 250_000
AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.map(one => one.id + ": " + one.help + " " + one.nodes.map(node => node.target.flat().join(" ") + " " + node.failureSummary).join(" / "));
}"""  # noqa: E501
FOCUSED = """() => {
  const at = document.activeElement;
  return at.getAttribute("aria-label") || (at.labels && at.labels.length ? at.labels[0].innerText : at.innerText) || "";
}"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A tab on the dashboard of a served install."""

    visit: Visit
    address: str
    project_id: str

    @property
    def page(self) -> Page:
        return self.visit.page

    def url(self, path: str) -> str:
        """Where something of the project is."""
        return (
            path
            if "://" in path
            else self.address + (path if path[:1] == "/" else f"/projects/{self.project_id}/{path}")
        )

    async def go(self, path: str, *, title: str) -> None:
        """Open an address, and wait for the page with that title."""
        await self.page.goto(self.url(path))
        await self.heading(title).wait_for()

    def heading(self, title: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=title)

    async def tab_to(self, name: str) -> None:
        """By keyboard alone, to the control with that name."""
        for _ in range(TABS_MAX):
            if (await self.page.evaluate(FOCUSED)).strip() == name:
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {name!r}")

    async def type_into(self, name: str, text: str) -> None:
        await self.tab_to(name)
        await self.page.keyboard.type(text)

    async def press(self, name: str) -> None:
        await self.tab_to(name)
        await self.page.keyboard.press("Enter")

    async def violations(self) -> list[str]:
        """What axe-core has against the page as it is now."""
        await self.page.evaluate((packages() / "axe-core" / "axe.min.js").read_text())
        found: list[str] = await self.page.evaluate(AXE)
        return found

    async def look(self, name: str) -> list[str]:
        """A picture where SCREENSHOTS names a folder; and what axe-core has against it."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=Path(folder) / f"dashboard-{name}.png")
        return [f"{name}: {line}" for line in await self.violations()]

    def assert_clean(self) -> None:
        """No script broke, and the policy kept nothing out that we sent."""
        lines = [line for line in self.visit.console if "thrown" in line or "Security Policy" in line]
        assert not lines, lines

    def script_bytes(self) -> int:
        """How much script was loaded so far, as it comes over the wire."""
        names = {url.rpartition("/")[2] for url in self.visit.requests if url.endswith(".js")}
        return sum(len(built(f"dashboard/assets/{name}").packed) for name in names)


def desk(visit: Visit, address: str, project_id: str) -> Desk:
    return Desk(visit=visit, address=address, project_id=project_id)
