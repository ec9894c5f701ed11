"""The survey by a link in a real browser: by keyboard, on a phone, without scripts, without barriers."""

from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Conversation, Customer
from escalation import casework, service
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.ports import SystemClock
from escalation.service_levels import load_default_service_levels
from escalation.testing import make_opening
from tests.browser.barriers import find_barriers
from tests.browser.conftest import PHONE, SCREENSHOTS, WIDE
from tests.patience import PATIENCE_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


async def ask(sessions: Sessions) -> str:
    """A resolved ticket of a customer; returns the path of the link that asks how it went."""
    now = SystemClock().now()
    async with sessions.begin() as session:
        customer = Customer(created_at=now)
        session.add(customer)
        await session.flush()
        talk = Conversation(
            channel="widget", customer_id=customer.id, language="zh-Hant", created_at=now, updated_at=now
        )
        session.add(talk)
        await session.flush()
        opening = make_opening(conversation_id=talk.id, customer_id=customer.id, language="zh-Hant", opened_at=now)
        view = await service.open_ticket(session, opening, levels=load_default_service_levels(), now=now)
        owner = (await session.scalars(select(PersonRow).where(PersonRow.login == view.owner_login))).one()
        _, token = await casework.resolve(session, view.number, by=owner, outcome="solved", now=now)
    return f"/survey/{token}"


async def visit(browser: Browser, address: str, **screen: Any) -> Page:
    """Open the page where scripts are switched off, as its own policy asks."""
    context = await browser.new_context(**screen)
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = await context.new_page()
    await page.goto(address)
    return page


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")


async def test_filled_by_keyboard_on_a_wide_screen(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Tab to a scale, arrows within it, Enter sends; thanks in the conversation's language."""
    page = await visit(browser, str(server.make_url(await ask(sessions))), **WIDE)
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    await page.locator("nav a").last.focus()
    for keys in (("Tab", "Space"), ("Tab", "End"), ("Tab", "Space", "ArrowRight"), ("Tab", "Space")):
        for key in keys:
            if key == "End":
                await page.keyboard.press("ArrowLeft")
            else:
                await page.keyboard.press(key)
    await page.keyboard.press("Tab")
    await page.keyboard.type("處理得很快")
    await keep(page, "survey-wide-zh-hant")
    assert [] == await find_barriers(page)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="謝謝您").wait_for()
    await keep(page, "survey-thanks-zh-hant")
    assert [] == await find_barriers(page)
    async with sessions() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
    assert (True, 5, 2, 1, "處理得很快") == (
        survey.solved,
        survey.outcome,
        survey.service,
        survey.process,
        survey.comment,
    )


async def test_not_solved_on_a_phone(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """In English and in the dark: an empty form says what is missing; targets are large; nothing overflows."""
    page = await visit(browser, f"{server.make_url(await ask(sessions))}?lang=en", **PHONE)
    await page.get_by_role("button", name="Send").tap()
    await page.get_by_role("alert").wait_for()
    for target in await page.locator(".scale label, nav a, button").all():
        box = await target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    await page.get_by_role("radio", name="Not solved").check(force=True)
    await page.get_by_role("group", name="The outcome").get_by_role("radio", name="2, poor").check(force=True)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await keep(page, "survey-phone-en-dark")
    assert [] == await find_barriers(page)
    await page.get_by_role("button", name="Send").tap()
    await page.get_by_role("heading", name="Thank you").wait_for()
    async with sessions() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
    assert "in_progress" == ticket.state
    await page.get_by_text(f"{ticket.number} is open").wait_for()
    await keep(page, "survey-reopened-phone-en-dark")
    assert [] == await find_barriers(page)
    await page.goto(str(server.make_url("/survey/lost?lang=en")))
    await keep(page, "survey-unknown-phone-en-dark")
    assert [] == await find_barriers(page)
