"""Teaching the bot from all five kinds of sources, and looking after one, as somebody who never saw the API."""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import FilePayload, Page, expect

from aivastark.backends.base import Backends
from aivastark.settings import Settings
from tests.conftest import Settle
from tests.loopback import page as served
from tests.make import Client, make_settings
from tests.origins.drive import BOT, Drive, driving
from tests.origins.github import GitHub, github
from tests.sources.sites import article, articles, site_of
from tests.web.dashboard.desk import Desk

GUIDE = "# Returns\n\nReturns are free within 30 days."


@pytest.fixture
async def drive() -> AsyncIterator[Drive]:
    async with driving() as running:
        yield running


@pytest.fixture
async def hub() -> AsyncIterator[GitHub]:
    async with github() as served:
        yield served


@pytest.fixture
async def settings(settings: Settings, drive: Drive, hub: GitHub) -> Settings:
    """With Google and GitHub on loopback."""
    there = {**drive.settings, "github_api_url": hub.url}
    return make_settings(settings.data_dir, database_url=settings.database_url, **there)


async def test_all_five_kinds_of_sources_are_added_found_and_filtered(
    desktop: Desk, api: Client, settle: Settle, backends: Backends, drive: Drive, hub: GitHub
) -> None:
    page = desktop.page
    hub.repository("acme/handbook", {"docs/returns.md": GUIDE.encode()})
    folder = drive.folder("Help")
    drive.file("hours.md", b"# Hours\n\nThe shop opens at nine.", folder)
    drive.share(folder, BOT)
    async with site_of(articles(2), api, settle, backends) as site:
        await _site(desktop, site.site.url("/"))
        await _files(desktop, settle)
        await _text(desktop)
        await _github(desktop)
        await _drive(desktop, folder, json.dumps(drive.oauth.service_account(BOT)))
        await settle()
        await desktop.go("knowledge", title="Knowledge")
        await expect(page.get_by_role("row", name="Ready")).to_have_count(6)

    await page.get_by_label("Kind").select_option("github")
    await expect(page.get_by_role("rowheader")).to_have_count(1)
    await page.reload()
    await expect(page.get_by_role("rowheader", name="Returns")).to_be_visible()
    await page.get_by_role("button", name="Clear").click()
    await page.get_by_label("Tag", exact=True).fill("orders")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("rowheader", name="Shipping")).to_be_visible()
    await expect(page.get_by_role("rowheader")).to_have_count(3)
    desktop.assert_clean()


async def test_a_source_is_watched_held_published_brought_back_described_and_deleted(
    desktop: Desk, api: Client, settle: Settle, backends: Backends
) -> None:
    page = desktop.page
    async with site_of(articles(9), api, settle, backends) as site:
        site.pages["/p/9"] = served(200, b"%PDF-1.7 nothing", {"Content-Type": "application/pdf"})
        await site.teach(title="Help")
        await desktop.go(f"knowledge/{site.id}/failures", title="Help")
        await expect(page.get_by_role("row", name="/p/9")).to_contain_text("Failed")
        site.show({"/p/9": article(9)})
        await _do(page, "Try the failed ones again")
        await settle()
        await page.get_by_text("Nothing failed").wait_for()

        for number in range(4):
            del site.pages[f"/p/{number}"]
        site.show({"/p/5": article(5, edition="second")})
        await page.get_by_role("link", name="Documents").click()
        await page.get_by_role("link", name="Article 5").wait_for()
        await _do(page, "Read again")
        await settle()
        await expect(page.get_by_text("would add 0 documents, change 1 and remove 4 of 11")).to_be_visible()
        await _do(page, "Publish it")
        await settle()
        await expect(page.get_by_role("link", name="Article 1")).to_have_count(0)

        await _versions(page, settle)
        await _settings(page)
        assert (await api.source(site.id))["tags"] == ["help", "articles"]
        await settle()

        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("rowheader", name="Help desk")).to_be_visible()
    desktop.assert_clean()


async def _do(page: Page, action: str) -> None:
    """Press what begins a reading, and wait until the server has begun it."""
    await page.get_by_role("button", name=action).click()
    await page.get_by_role("button", name="Stop reading").wait_for()


async def _versions(page: Page, settle: Settle) -> None:
    await page.get_by_role("link", name="Versions").click()
    await page.get_by_role("link", name="Version 3").click()
    await expect(page.get_by_role("row", name="Article 5")).to_contain_text("Changed")
    await expect(page.get_by_role("row", name="Removed")).to_have_count(4)
    await page.get_by_role("link", name="Article 5").click()
    await expect(page.get_by_text("Marker5second stands here")).to_be_visible()
    await page.go_back()
    await page.get_by_role("link", name="Versions").click()
    await page.get_by_role("button", name="Bring back").last.click()
    await page.get_by_role("button", name="Bring it back").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await settle()
    await expect(page.get_by_role("row", name="Version 1, brought back")).to_contain_text("Served")
    await expect(page.get_by_text("An older version is served.")).to_be_visible()


async def _settings(page: Page) -> None:
    await page.get_by_role("navigation", name="Parts of the source").get_by_role("link", name="Settings").click()
    await page.get_by_label("Title").fill("Help desk")
    await page.get_by_label("Tags").fill("help, articles")
    await page.get_by_label("Read it again").select_option("86400")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1, name="Help desk")).to_be_visible()


async def _site(desktop: Desk, url: str) -> None:
    page = desktop.page
    await desktop.go("knowledge/new", title="Add a source")
    await page.get_by_label("Address").fill(url)
    await page.get_by_label("What to read").select_option("site")
    await page.get_by_label("Not these addresses").fill("/p/1")
    await page.get_by_role("button", name="Add site").click()
    await desktop.heading(url).wait_for()


async def _files(desktop: Desk, settle: Settle) -> None:
    page = desktop.page
    await desktop.go("knowledge/new?kind=file", title="Add a source")
    await page.get_by_label("Tags").fill("orders")
    files = [("shipping.md", b"# Shipping\n\nTwo days."), ("costs.md", b"# Costs\n\nFive euros."), ("none.md", b"")]
    await page.locator("input[type=file]").set_input_files(
        [FilePayload(name=name, mimeType="text/markdown", buffer=content) for name, content in files]
    )
    sent = page.get_by_role("list", name="Files").get_by_role("listitem")
    await expect(sent.filter(has_text="none.md")).to_contain_text("Waiting")
    await page.get_by_role("link", name="Go to the list").wait_for()
    await settle()
    await expect(sent.filter(has_text="none.md")).to_contain_text("Failed")
    await expect(sent.filter(has_text="costs.md")).to_contain_text("Ready")


async def _text(desktop: Desk) -> None:
    page = desktop.page
    await page.get_by_role("tab", name="Text").click()
    await page.get_by_label("Title").fill("Passwords")
    await page.get_by_label("Your text").fill("A reset link is valid for two hours.")
    await page.get_by_role("button", name="Add text").click()
    await desktop.heading("Knowledge").wait_for()


async def _github(desktop: Desk) -> None:
    page = desktop.page
    await desktop.go("knowledge/new?kind=github", title="Add a source")
    await page.get_by_label("Repository").fill("not a repository")
    await page.get_by_role("button", name="Add repository").click()
    await expect(page.get_by_label("Repository")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Repository").fill("acme/handbook")
    await page.get_by_label("Folder or file").fill("docs")
    await page.get_by_role("button", name="Add repository").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("acme/handbook")


async def _drive(desktop: Desk, folder: str, key: str) -> None:
    page = desktop.page
    await desktop.go("knowledge/new?kind=drive", title="Add a source")
    await page.get_by_label("Link to the file or folder").fill(f"https://drive.google.com/drive/folders/{folder}")
    await page.get_by_label("Key of the service account").fill(key)
    await page.get_by_role("button", name="Add from Drive").click()
    await page.get_by_role("button", name="Stop reading").wait_for()
