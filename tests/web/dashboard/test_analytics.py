"""What was asked, in numbers; and a gap that becomes an answer."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from tests.conftest import Settle
from tests.make import Client, read
from tests.moving.test_install import questions_about
from tests.web.dashboard.desk import Desk

ANSWERED = 24
DOCS = Path(__file__).parents[3] / "docs"
QUESTIONS, AT_ONCE = 200, 8
LACKING = ("Do you sell gift cards?", "do you sell  gift cards?", "Who painted the ceiling?")


async def test_a_gap_is_found_answered_and_published(desktop: Desk, shop: Client, settle: Settle) -> None:
    for number in range(ANSWERED):
        await shop.ask("When does the shop open?", session_id=f"s{number}")
    for number, question in enumerate(LACKING):
        await shop.ask(question, session_id=f"r{number}")
    page = desktop.page

    await desktop.go("analytics", title="Analytics")
    await expect(page.get_by_text(f"{ANSWERED} answered, {len(LACKING)} refused")).to_be_visible()
    await page.get_by_text("Questions per day as a table").click()
    table = page.get_by_role("region", name="Questions per day, table")
    await expect(table.get_by_role("row").last).to_contain_text(str(ANSWERED + len(LACKING)))
    await expect(page.get_by_role("row", name="Hours")).to_contain_text(str(ANSWERED))
    await page.get_by_label("Period").select_option("Last 7 days")
    assert page.url.endswith("?days=7")

    await page.get_by_role("link", name="Confidence").click()
    await desktop.heading("Confidence").wait_for()
    await page.get_by_text("Reliability as a table").click()
    await page.get_by_role("button", name="Fit now").click()
    await expect(page.get_by_text("Too few answers were judged to adjust it: it takes 100.").first).to_be_visible()

    await page.get_by_role("link", name="Gaps").click()
    await expect(page.get_by_role("row", name="gift cards").get_by_role("cell").nth(1)).to_have_text("2")
    await page.get_by_role("button", name="Dismiss “Who painted the ceiling?”").click()
    await expect(page.get_by_role("row", name="ceiling")).to_have_count(0)
    await page.get_by_role("link", name="Do you sell gift cards?").click()
    await desktop.heading("Do you sell gift cards?").wait_for()
    await page.get_by_role("button", name="Draft from replies").click()
    await expect(page.get_by_text("Nobody on your team has replied")).to_be_visible()
    await page.get_by_label("Answer", exact=True).fill("We sell gift cards from 10 euros on.")
    await page.get_by_role("button", name="Publish answer").click()
    await page.get_by_text("The bot is reading it now.").wait_for()
    await settle()

    assert (await shop.ask("Do you sell gift cards?", session_id="again"))["answered"] is True
    assert [gap["status"] for gap in read(await shop.get("analytics/gaps", status="answered"))["data"]] == ["answered"]
    desktop.assert_clean()


async def test_two_hundred_questions_are_seen_as_they_were_answered(desktop: Desk, api: Client, settle: Settle) -> None:
    texts = {path.stem: path.read_text() for path in sorted(DOCS.glob("*.md")) if path.stem != "api"}
    for title, text in texts.items():
        await api.add(text=text, title=title)
    await settle()
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(number: int, question: str) -> Any:
        async with turns:
            return await api.ask(question, session_id=f"s{number}")

    asked = questions_about(texts, QUESTIONS)
    answers = await asyncio.gather(*(ask(number, one) for number, one in enumerate(asked)))
    answered = sum(answer["answered"] for answer in answers)
    cited = [{citation["title"] for citation in answer["citations"]} for answer in answers if answer["answered"]]
    most = max(texts, key=lambda title: sum(title in titles for titles in cited))
    gaps = read(await api.get("analytics/gaps", limit=100))["data"]
    page = desktop.page

    assert len(answers) == QUESTIONS
    assert 0 < answered < QUESTIONS
    await desktop.go("analytics", title="Analytics")
    await expect(page.get_by_text(f"{answered} answered, {QUESTIONS - answered} refused")).to_be_visible()
    await page.get_by_text("Questions per day as a table").click()
    day = page.get_by_role("region", name="Questions per day, table").get_by_role("row").last
    for number in (QUESTIONS, answered, QUESTIONS - answered):
        await expect(day.get_by_role("cell", name=str(number), exact=True).first).to_be_visible()
    said = str(sum(most in titles for titles in cited))
    await expect(page.get_by_role("row", name=most)).to_contain_text(said)
    await page.get_by_role("link", name="Gaps").click()
    await expect(page.get_by_role("row")).to_have_count(1 + len(gaps))
    await page.get_by_role("link", name=gaps[0]["question"], exact=True).click()
    await desktop.heading(gaps[0]["question"]).wait_for()
    desktop.assert_clean()
