"""A customer on Telegram and an agent in the console: each sees at once what the other does."""

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.browser.barriers import find_barriers
from tests.browser.staff import sign_in
from tests.integration.telegram_chat.bot_api import BotApi, Phone
from tests.integration.telegram_chat.conftest import api, settings

__all__ = ["api", "settings"]

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


async def test_a_case_on_telegram_is_settled_in_the_console(
    browser: Browser, server: TestServer, sessions: async_sessionmaker[AsyncSession], api: BotApi
) -> None:
    lead = await sign_in(browser, server, sessions, login="mei", name="Mei Lu", role="team_lead", desk="complaint")
    own, customer = Phone(api, chat=77), Phone(api)
    await lead.page.locator("#bell").click()
    await lead.page.locator("#telegram").click()
    line = await lead.page.locator("dialog code").inner_text()
    await lead.keep("console-telegram-code-en")
    assert [] == await find_barriers(lead.page)
    await lead.page.keyboard.press("Escape")
    await own.write(line)
    await own.hear("Mei Lu")

    number = (
        "SW-"
        + (await customer.ask("I want to make a complaint about your rude service", "SW-"))["text"].split("SW-")[1][:4]
    )
    await lead.page.locator("[data-view=desk]").click()
    await lead.pick(number)
    await lead.hear("rude service")
    await lead.say("I am Mei. I am sorry; what happened?")
    await customer.hear("I am Mei.")
    await customer.write("he hung up on me, twice")
    await lead.hear("he hung up on me, twice")
    await lead.keep("console-telegram-en")
    assert [] == lead.faults
