"""The pages of knowledge and the playground, looked at one after the other."""

from tests.web.dashboard.desk import Desk


async def through_knowledge(at: Desk, look: str, source_id: str) -> list[str]:
    await at.go("knowledge?q=nowhere", title="Knowledge")
    await at.page.get_by_text("No source is like that").wait_for()
    found = await at.look(f"{look}-knowledge-filtered")
    for kind, button in (("file", "Choose files"), ("github", "Add repository"), ("drive", "Add from Drive")):
        await at.go(f"knowledge/new?kind={kind}", title="Add a source")
        await at.page.get_by_role("button", name=button).wait_for()
        found += await at.look(f"{look}-new-source-{kind}")
    await at.go(f"knowledge/{source_id}", title="Hours")
    await at.page.get_by_role("table", name="Documents").wait_for()
    found += await at.look(f"{look}-source")
    await at.page.get_by_role("link", name="Failed and left out").click()
    await at.page.get_by_text("Nothing failed").wait_for()
    found += await at.look(f"{look}-source-failures")
    await at.page.get_by_role("link", name="Versions").click()
    await at.page.get_by_role("link", name="Version 1").wait_for()
    found += await at.look(f"{look}-source-versions")
    await at.page.get_by_role("link", name="Version 1").click()
    await at.page.get_by_role("table", name="Changes").wait_for()
    found += await at.look(f"{look}-source-version")
    await at.go(f"knowledge/{source_id}/settings", title="Hours")
    await at.page.get_by_role("button", name="Save").wait_for()
    return found + await at.look(f"{look}-source-settings")


async def through_playground(at: Desk, look: str) -> list[str]:
    await at.go("playground?question=When+does+the+shop+open%3F&from=tags&name=shop", title="Playground")
    await at.page.get_by_role("button", name="Ask", exact=True).click()
    await at.page.get_by_role("button", name="Why this answer?").click()
    await at.page.get_by_role("table", name="Passages").wait_for()
    found = await at.look(f"{look}-playground")
    await at.page.get_by_role("list", name="Sources of the answer").get_by_role("link", name="Hours").click()
    await at.heading("Hours").wait_for()
    await at.page.locator("mark").wait_for()
    return found + await at.look(f"{look}-document")
