"""The FAQ's pages: an edit with its preview, what was asked in vain, and nothing in anybody's way."""

import re
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.browser.barriers import find_barriers, is_too_wide
from tests.browser.conftest import PHONE
from tests.browser.staff import Staff, sign_in
from tests.integration.chat import Chat

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


async def open_faq(browser: Browser, server: TestServer, sessions: Sessions, **who: Any) -> Staff:
    """Somebody signs in and opens the FAQ from the console."""
    staff = await sign_in(browser, server, sessions, **{"login": "sam", "name": "Sam", "desk": None, **who})
    await staff.page.locator("header a[href='/console/faq']").click()
    await staff.page.locator(".entries").wait_for()
    return staff


async def ask(server: TestServer, *texts: str) -> None:
    """Customers ask what nothing answers."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        for text in texts:
            chat = await Chat.open(client, locale="en")
            await chat.ask(text, "beyond me" if text.isascii() else "答")


async def test_a_question_asked_in_vain_becomes_an_entry(
    browser: Browser, server: TestServer, sessions: Sessions
) -> None:
    """By keyboard and with a preview before it is saved; then the bot answers, and the question is gone."""
    await ask(server, "How many lumens does the projector have", "how many lumens does the projector have?",
              "这款投影仪多少流明", "Can you engrave my name on it")  # fmt: skip
    staff = await open_faq(browser, server, sessions, role="supervisor")
    page = staff.page
    await expect(page.locator(".asked > li").first).to_contain_text("2 times")
    await page.locator("#try").fill("do you gift-wrap")
    await expect(page.locator(".finding.found")).to_contain_text("10 yuan an item")
    await staff.keep("faq-en")
    await page.locator(".asked > li").first.get_by_role("link").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("textarea[name=questions][data-language=en]")).to_have_value(re.compile("lumens"))
    await expect(page.locator(".finding.none")).to_contain_text("As things stand")
    await page.locator("input[name=id]").fill("product.lumens")
    for language, question, answer in (
        ("zh-Hans", "投影仪有多亮\n这款投影仪多少流明", "2,200 流明。"),
        ("zh-Hant", "投影機幾流明", "2,200 流明喔。"),
        ("en", "How many lumens does the projector have\nHow bright is the projector", "It has 2,200 lumens."),
    ):
        await page.locator(f"textarea[name=questions][data-language={language}]").fill(question)
        await page.locator(f"textarea[name=answer][data-language={language}]").fill(answer)
    await expect(page.locator(".finding.found")).to_contain_text("It has 2,200 lumens.")
    await expect(page.locator(".finding.found")).to_contain_text("With your edit")
    assert [] == await find_barriers(staff.page)
    await staff.keep("faq-edit-en")
    await page.get_by_role("button", name="Save and use").press("Enter")
    await expect(page.locator("#live")).to_contain_text("in force everywhere")
    await expect(page.locator(".versions")).to_contain_text("Version 1: edited by sam")
    await page.get_by_role("link", name="Back to the FAQ").click()
    await expect(page.locator(".asked > li")).to_have_count(1)
    await page.get_by_role("button", name="Ignore").click()
    await expect(page.locator(".asked > li")).to_have_count(0)
    await expect(page.locator("#asked-head")).to_have_text("Asked in vain (0)")
    await expect(page.locator(".side .empty")).to_have_text("Everything that was asked has been answered.")
    assert [] == staff.faults


async def test_two_who_edit_at_once_are_told(browser: Browser, server: TestServer, sessions: Sessions) -> None:
    """Whoever comes second keeps what they wrote on their screen, and hears who was first."""
    first = await open_faq(browser, server, sessions, login="lee", name="Lee", role="team_lead", desk="order")
    second = await open_faq(browser, server, sessions, role="supervisor")
    for staff in (first, second):
        await staff.page.goto(str(server.make_url("/console/faq/entries/gift.wrap")))
        await staff.page.locator("textarea[name=answer][data-language=en]").fill(f"{staff is first}")
    await first.page.get_by_role("button", name="Save and use").click()
    await expect(first.page.locator("#live")).to_contain_text("in force everywhere")
    await second.page.get_by_role("button", name="Save and use").click()
    await expect(second.page.locator("#line")).to_contain_text("lee edited this entry")
    await expect(second.page.locator("textarea[name=answer][data-language=en]")).to_have_value("False")


@pytest.mark.parametrize(
    ("language", "screen"),
    [("zh-Hant", {}), ("zh-Hans", PHONE), ("en", PHONE), ("zh-Hans", {"color_scheme": "dark"})],
    ids=["zh-Hant-wide", "zh-Hans-phone", "en-phone", "zh-Hans-wide"],
)
async def test_everybody_can_read_it(
    browser: Browser, server: TestServer, sessions: Sessions, language: str, screen: dict[str, Any]
) -> None:
    """Wide and on a phone, light and dark: axe finds nothing, nothing is too wide; an agent cannot edit."""
    await ask(server, "How many lumens does the projector have", "这款投影仪多少流明")
    staff = await open_faq(
        browser, server, sessions, login="ann", name="Ann", role="agent", desk="order", language=language, **screen
    )
    page, name = staff.page, f"{language}-{'phone' if 'is_mobile' in screen else 'wide'}"
    await page.locator("#try").fill(
        {"en": "birthday voucher", "zh-Hant": "可以分期嗎", "zh-Hans": "寿星有什么优惠"}[language]
    )
    await expect(page.locator(".finding .hint").first).to_contain_text("0.10")
    assert ([], False) == (await find_barriers(staff.page), await is_too_wide(staff.page))
    await staff.keep(f"faq-{name}")
    await expect(page.locator("a[href='/console/faq/new']")).to_have_count(0)
    await page.locator("input[type=search]").fill("zzz")
    await page.locator("input[type=search]").press("Enter")
    await expect(page.locator(".empty").first).to_contain_text("zzz")
    await page.goto(str(server.make_url("/console/faq/entries/gift.wrap")))
    assert ([], False) == (await find_barriers(staff.page), await is_too_wide(staff.page))
    await staff.keep(f"faq-entry-{name}")
    await expect(page.locator("#entry button")).to_have_count(0)
