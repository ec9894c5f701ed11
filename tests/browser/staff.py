"""People who work here, in windows of their own."""

from dataclasses import dataclass
from typing import Any

from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation.people import add_person
from escalation.ports import SystemClock
from tests.browser.conftest import SCREENSHOTS
from tests.patience import PATIENCE_SECONDS

OWN_PASSWORD = "a password of my own"


@dataclass
class Staff:
    """Somebody's window."""

    page: Page
    faults: list[str]

    async def pick(self, number: str) -> None:
        """Open a ticket from the list."""
        # What nobody hints at the list finds by itself, every ten seconds; a word in the search box has it look now.
        await self.page.locator("#search").dispatch_event("input")
        await self.page.locator(f".entry[data-number='{number}']").click()
        await self.page.locator("#head", has_text=number).wait_for()

    async def say(self, text: str, *, how: str = "Send") -> None:
        """Write to the customer."""
        await self.page.locator("#box textarea").fill(text)
        await self.page.locator("#box").get_by_role("button", name=how, exact=True).click()

    async def hear(self, part: str) -> None:
        """Wait for words in the conversation."""
        await self.page.locator("#log .bubble", has_text=part).last.wait_for()

    async def keep(self, name: str) -> None:
        """Keep a picture of the window."""
        SCREENSHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


async def sign_in(
    browser: Browser,
    server: TestServer,
    sessions: async_sessionmaker[AsyncSession],
    *,
    login: str,
    name: str,
    role: str,
    desk: str | None,
    language: str = "en",
    available: bool = False,
    **screen: Any,
) -> Staff:
    """Add somebody, and let them sign in with the one-time password and choose their own."""
    async with sessions.begin() as session:
        made = await add_person(
            session, login=login, name=name, role=role, desk=desk, now=SystemClock().now(), available=available
        )
    context = await browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **screen})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = await context.new_page()
    staff = Staff(page, [])
    page.on("pageerror", lambda error: staff.faults.append(str(error)))
    await page.goto(f"{server.make_url('/console')}?lang={language}")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(made.password)
    await page.locator("button.main").click()
    await page.locator("input[name=old]").fill(made.password)
    await page.locator("input[name=new]").fill(OWN_PASSWORD)
    await page.locator("button.main").click()
    await page.locator("#list").wait_for()
    return staff
