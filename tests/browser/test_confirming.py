"""A decision that the bot prepared, and a complaint's stages, at the console: what a person presses, what follows."""

from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation.models import TicketRow
from tests.browser.barriers import find_barriers, is_too_wide
from tests.browser.conftest import PHONE
from tests.browser.staff import Staff, sign_in
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
TALL_PHONE = {**PHONE, "viewport": {"width": 420, "height": 860}, "device_scale_factor": 1}
DARK: dict[str, Any] = {"color_scheme": "dark"}
LOOKS = pytest.mark.parametrize(
    ("language", "screen", "name"),
    [
        ("zh-Hans", {}, "zh-hans-wide"),
        ("zh-Hant", DARK, "zh-hant-wide-dark"),
        ("en", TALL_PHONE, "en-phone-dark"),
        ("zh-Hant", {**TALL_PHONE, "color_scheme": "light"}, "zh-hant-phone"),
    ],
    ids=["wide", "wide-dark", "phone-dark", "phone"],
)


async def _ask_for_new_parcel(client: aiohttp.ClientSession, seeded: list[DemoOrder]) -> Chat:
    """A customer wants a lost parcel sent again, which is more than the bot settles by itself."""
    order = order_saying(seeded, "Nine days silent")
    chat = await Chat.open(client, locale="en")
    await chat.ask(
        f"You lost my parcel. Order {order.number}, phone ending {order.phone_last4}", "Which would you like"
    )
    await chat.press("remedy=resend", "SW-")
    return chat


async def _complain(client: aiohttp.ClientSession) -> Chat:
    chat = await Chat.open(client, locale="en")
    await chat.ask("Your staff were rude to me. I want to file a complaint.", "SW-")
    return chat


async def _open(staff: Staff, server: TestServer, sessions: Sessions) -> str:
    """Open the only ticket there is, and its case."""
    async with sessions() as session:
        number = (await session.scalars(select(TicketRow.number))).one()
    await staff.page.goto(f"{server.make_url('/console')}#{number}")
    await staff.page.reload()
    await staff.page.locator("#head", has_text=number).wait_for()
    await _turn_to_case(staff)
    return number


async def _turn_to_case(staff: Staff) -> None:
    """On a narrow screen the panes are steps."""
    step = staff.page.locator("#head button.back").last
    if await staff.page.evaluate("innerWidth < 700"):
        await step.click()
    await staff.page.locator("#case").wait_for()


async def _look(staff: Staff) -> tuple[list[str], bool]:
    """What axe finds, and whether the page must be scrolled sideways."""
    return await find_barriers(staff.page), await is_too_wide(staff.page)


async def test_asked_for_by_one_and_confirmed_by_another(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Above what an agent may grant: approval is asked, given with one press, and the customer reads what was done."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        customer = await _ask_for_new_parcel(client, seeded)
        agent = await sign_in(browser, server, sessions, login="ada", name="Ada", role="team_lead", desk="logistics")
        head = await sign_in(browser, server, sessions, login="ola", name="Ola", role="operations_manager", desk=None)
        await _open(agent, server, sessions)
        await agent.page.get_by_role("button", name="Ask for approval").click()
        await expect(agent.page.locator("#case")).to_contain_text("Ada asks for approval")
        await expect(agent.page.locator("#case")).to_contain_text("Lightstep running shoes")
        await _open(head, server, sessions)
        await head.page.get_by_role("button", name="Confirm: ").click()
        await customer.hear("being sent again")
        await expect(head.page.get_by_role("button", name="Confirm: ")).to_have_count(0)
    assert [] == agent.faults + head.faults


async def test_refused_with_a_reason(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Why is asked, and stands where it was prepared; it cannot be confirmed any more."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        await _ask_for_new_parcel(client, seeded)
    head = await sign_in(browser, server, sessions, login="ola", name="Ola", role="operations_manager", desk=None)
    await _open(head, server, sessions)
    await head.keep("decline-offered")
    await head.page.locator("#case").get_by_role("button", name="Refuse…").click()
    await head.page.locator("dialog textarea").fill("It was signed for.")
    await head.keep("decline-asked")
    await head.page.get_by_role("button", name="Refuse", exact=True).click()
    await expect(head.page.locator("#case")).to_contain_text("Ola refused: It was signed for.")
    await expect(head.page.locator("#case .warning button")).to_have_count(0)
    await head.keep("declined")
    assert ([], False) == await _look(head)
    assert [] == head.faults


@LOOKS
async def test_a_prepared_decision_can_be_read_and_pressed_anywhere(
    browser: Browser,
    server: TestServer,
    seeded: list[DemoOrder],
    sessions: Sessions,
    language: str,
    screen: dict[str, Any],
    name: str,
) -> None:
    """Wide and on a phone, light and dark: nothing cut off, nothing in anybody's way."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        await _ask_for_new_parcel(client, seeded)
    staff = await sign_in(
        browser, server, sessions, login="ola", name="Ola", role="operations_manager", desk=None, language=language,
        **screen,
    )  # fmt: skip
    await _open(staff, server, sessions)
    button = staff.page.locator("#case .warning button.main")
    await expect(button).to_be_visible()
    await button.evaluate("shown => shown.scrollIntoView({ block: 'center' })")
    await staff.keep(f"confirm-{name}")
    assert ([], False) == await _look(staff)
    await button.click()
    await expect(button).to_have_count(0)
    await staff.keep(f"confirmed-{name}")


@LOOKS
async def test_a_complaints_stages_can_be_read_and_moved_on_anywhere(
    browser: Browser, server: TestServer, sessions: Sessions, language: str, screen: dict[str, Any], name: str
) -> None:
    """Each stage with when it was reached or until when; the dialog moves it on."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        await _complain(client)
    staff = await sign_in(
        browser, server, sessions, login="ola", name="Ola", role="operations_manager", desk=None, language=language,
        **screen,
    )  # fmt: skip
    await _open(staff, server, sessions)
    await staff.keep(f"stages-{name}")
    assert ([], False) == await _look(staff)
    assert [] == staff.faults
