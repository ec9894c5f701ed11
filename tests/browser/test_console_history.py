"""The browser's own buttons at the console: one step back, one step on, and a link to a ticket opens it."""

import re

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from tests.browser.conftest import PHONE
from tests.browser.staff import OWN_PASSWORD, Staff
from tests.browser.test_console_work import let_in, open_case, reload_lists
from tests.integration.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def office(server: TestServer, seeded: list[DemoOrder], sessions: Sessions) -> Office:
    """Where tickets are opened."""
    return Office(None, sessions)  # type: ignore[arg-type]


@pytest.fixture
async def phone(browser: Browser, server: TestServer, office: Office, sessions: Sessions) -> Staff:
    """An agent with a phone."""
    return await let_in(browser, server, sessions, **PHONE)


async def see(page: Page, step: str) -> None:
    """Wait for the queue, the conversation or the case, which is the only one in sight."""
    for name in ("queue", "talk", "case"):
        await expect(page.locator(f".panes > .{name}")).to_be_visible(visible=name == step)


async def open_case_from_queue(phone: Staff, number: str) -> None:
    """From the queue into the conversation, on into the case."""
    await phone.pick(number)
    await see(phone.page, "talk")
    await phone.page.locator("#head .back").last.click()
    await see(phone.page, "case")


async def test_back_on_a_phone_goes_one_step_back(phone: Staff, office: Office) -> None:
    """Case, conversation, queue; and forward again."""
    number = await open_case(office, "Hello")
    await open_case_from_queue(phone, number)
    await phone.page.go_back()
    await see(phone.page, "talk")
    await phone.hear("Hello")
    await phone.page.go_back()
    await see(phone.page, "queue")
    await expect(phone.page).to_have_url(re.compile(r"/console[^#]*$"))
    await expect(phone.page.locator(f".entry[data-number='{number}']")).to_be_focused()
    await phone.page.go_forward()
    await see(phone.page, "talk")
    await phone.page.go_forward()
    await see(phone.page, "case")
    await phone.page.locator("#case .clock").first.wait_for()
    assert [] == phone.faults


async def test_the_pages_own_back_buttons_are_the_same_steps(phone: Staff, office: Office) -> None:
    """Who went back by them goes on by the browser's forward, and is not led through it all once more by its back."""
    number = await open_case(office, "Hello")
    await open_case_from_queue(phone, number)
    await phone.page.locator("#case .back").click()
    await see(phone.page, "talk")
    await phone.page.locator("#head .back").first.click()
    await see(phone.page, "queue")
    await phone.page.go_forward()
    await see(phone.page, "talk")
    await phone.page.go_forward()
    await see(phone.page, "case")


async def test_a_loaded_page_is_where_it_was(phone: Staff, office: Office) -> None:
    """Loaded anew in the case, one is in the case; and back is the conversation."""
    number = await open_case(office, "Hello")
    await open_case_from_queue(phone, number)
    await phone.page.reload()
    await see(phone.page, "case")
    await phone.page.locator("#case .clock").first.wait_for()
    await phone.page.locator("#case .back").click()
    await see(phone.page, "talk")
    await phone.hear("Hello")


async def test_a_link_to_a_ticket_opens_it(phone: Staff, office: Office, server: TestServer) -> None:
    """From elsewhere, and on a page that shows another; its own way back is the queue, where nothing is open."""
    first = await open_case(office, "The first")
    second = await open_case(office, "The second")
    await phone.page.goto("about:blank")
    await phone.page.goto(f"{server.make_url('/console')}#{first}")
    await phone.hear("The first")
    await phone.page.evaluate("number => { location.hash = number; }", second)
    await phone.hear("The second")
    await phone.page.locator("#head .back").first.click()
    await see(phone.page, "queue")
    await expect(phone.page.locator(".entry[aria-current=true]")).to_have_count(0)
    await phone.page.go_back()
    await phone.hear("The first")


async def test_a_link_survives_the_sign_in(phone: Staff, office: Office, server: TestServer) -> None:
    """Whoever comes by a notice's link signs in, perhaps at the second try, and is where the link leads."""
    number = await open_case(office, "Hello")
    await phone.page.context.clear_cookies()
    await phone.page.goto("about:blank")
    await phone.page.goto(f"{server.make_url('/console')}?lang=en#{number}")
    for password in ("a wrong one", OWN_PASSWORD):
        await phone.page.locator("input[name=login]").fill("ada")
        await phone.page.locator("input[name=password]").fill(password)
        await phone.page.locator("button.main").click()
        if password != OWN_PASSWORD:
            await phone.page.get_by_role("alert").wait_for()
    await phone.hear("Hello")


async def test_back_on_a_wide_screen_is_the_ticket_before(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions
) -> None:
    """Tickets that were chosen are steps; those that one only passes by key are not."""
    ada = await let_in(browser, server, sessions)
    numbers = [await open_case(office, f"Words {index}") for index in range(3)]
    await reload_lists(ada.page)
    await ada.pick(numbers[2])
    await ada.pick(numbers[0])
    await ada.hear("Words 0")
    await ada.page.locator("#head h2").focus()
    await ada.page.keyboard.press("j")
    await ada.hear("Words 1")
    await ada.page.go_back()
    await ada.hear("Words 2")
    await ada.page.go_back()
    await ada.page.get_by_text("Choose a ticket on the left.").wait_for()
    await expect(ada.page.locator(".entry[aria-current=true]")).to_have_count(0)
    await ada.page.go_forward()
    await ada.hear("Words 2")
