"""A browser, and a bot that knows a shop."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.conftest import Settle
from tests.make import Client
from tests.web.chromium import launch


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
async def shop(api: Client, settle: Settle) -> Client:
    """The bot's owner."""
    await api.add(
        text="The shop opens at nine. It closes at five on Fridays.",
        title="Hours",
        external_id="hours",
        tags=["shop"],
    )
    await api.add(text="A parcel is shipped within two days of the order.", title="Shipping")
    await settle()
    return api
