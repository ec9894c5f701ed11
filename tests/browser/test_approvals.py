"""What waits for a decision, on its page: read, decided and left by mouse, by keys, on a phone, in three languages."""

import re
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import ShopCommandRow
from escalation.handover import decide_handover
from escalation.models import HandoverRow, PersonRow
from escalation.ports import SystemClock
from tests.browser.barriers import find_barriers, is_too_wide
from tests.browser.conftest import PHONE
from tests.browser.staff import Staff, sign_in
from tests.integration.office import Office
from tests.integration.prepared import prepare_on

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
LEAD: dict[str, Any] = {"login": "ada", "name": "Ada", "role": "team_lead", "desk": "after_sales"}
AGENT: dict[str, Any] = {"login": "bo", "name": "Bo", "role": "agent", "desk": "after_sales"}
TALL_PHONE = {**PHONE, "viewport": {"width": 390, "height": 900}, "device_scale_factor": 1}
LOOKS = pytest.mark.parametrize(
    ("language", "screen", "name"),
    [
        ("zh-Hans", {}, "zh-hans-wide"),
        ("zh-Hant", {"color_scheme": "dark"}, "zh-hant-wide-dark"),
        ("en", TALL_PHONE, "en-phone-dark"),
        ("zh-Hant", {**TALL_PHONE, "color_scheme": "light"}, "zh-hant-phone"),
    ],
    ids=["wide", "wide-dark", "phone-dark", "phone"],
)
LONG = "The left earphone is dead and the right one crackles; I have written three times by now. " * 5


@pytest.fixture
async def office(sessions: Sessions, seeded: list[DemoOrder]) -> Office:
    """Two colleagues with tickets; nobody asks the API for them."""
    assert seeded
    office = Office(None, sessions)  # type: ignore[arg-type]
    await office.add("wei", "agent", "after_sales")
    await office.add("kay", "agent", "after_sales")
    return office


async def fill(office: Office) -> tuple[str, str, str]:
    """A request for approval, a handover, something that waits for its owner."""
    wanted = await office.open("wei", category="after_sales", summary=LONG)
    await prepare_on(office, wanted, "resend", "129.00", asked_by="wei")
    passing = await office.open("wei", category="after_sales", summary="Where is my money?")
    await office.ask_handover(passing, "kay")
    others = await office.open("kay", category="after_sales", summary="I want my money back.")
    await prepare_on(office, others, "refund", "1299.00", details={"sku": "kettle", "quantity": "1"})
    return wanted, passing, others


async def visit(staff: Staff, server: TestServer, side: str = "mine") -> None:
    """Open the page."""
    await staff.page.goto(f"{server.make_url('/console/approvals')}?side={side}")
    await staff.page.locator(".sides [aria-current]").wait_for()


async def look(staff: Staff) -> tuple[list[str], bool]:
    """What axe finds, and whether the page must be scrolled sideways."""
    return await find_barriers(staff.page), await is_too_wide(staff.page)


async def command_on(office: Office, number: str) -> ShopCommandRow:
    """The only command of a ticket."""
    async with office.sessions() as session:
        found = await session.scalars(select(ShopCommandRow).where(ShopCommandRow.ticket_number == number))
        return found.one()


async def test_a_lead_decides_what_waits_for_them(
    browser: Browser, server: TestServer, sessions: Sessions, office: Office
) -> None:
    """Counted at the console's top; confirmed with one press, refused with a reason; what is another's stays apart."""
    lead = await sign_in(browser, server, sessions, **LEAD)
    wanted, passing, others = await fill(office)
    await expect(lead.page.locator("#waiting-count")).to_have_text("2")
    await lead.keep("approvals-console")
    await lead.page.locator("#waiting").click()
    rows = lead.page.locator(".matter")
    await expect(rows).to_have_count(2)
    await rows.nth(0).get_by_role("button", name="Confirm: send again").click()
    await expect(lead.page.locator("#news")).to_contain_text(f"Confirmed: send again ¥129 · {wanted}")
    await expect(rows).to_have_count(1)
    await rows.get_by_role("button", name="Refuse…").click()
    await expect(lead.page.get_by_role("dialog")).to_contain_text("Refuse: Hand over to Kay")
    await lead.page.locator("dialog textarea").fill("We need Wei on this.")
    await lead.page.get_by_role("button", name="Refuse", exact=True).click()
    await expect(lead.page.locator("#matters")).to_contain_text("Nothing waits for your decision.")
    await lead.keep("approvals-empty")
    await lead.page.get_by_role("link", name="All").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Waits for Kay")
    await expect(lead.page).to_have_url(re.compile(r"side=all"))
    await rows.get_by_role("link", name=others).click()
    await lead.page.locator("#head", has_text=others).wait_for()
    await lead.page.go_back()
    await expect(rows).to_be_focused()
    await lead.page.go_back()
    await expect(lead.page.locator("#matters")).to_contain_text("Nothing waits for your decision.")
    assert "ada" == (await command_on(office, wanted)).confirmed_by
    async with sessions() as session:
        handover = (await session.scalars(select(HandoverRow))).one()
    assert (False, (await office.ticket(passing)).owner_id) == (handover.agreed, handover.from_id)
    assert [] == lead.faults


async def test_all_of_it_by_keys(browser: Browser, server: TestServer, sessions: Sessions, office: Office) -> None:
    """Down and up, asked once before anything is granted, refused with a reason; the focus is never lost."""
    lead = await sign_in(browser, server, sessions, **LEAD)
    wanted, passing, others = await fill(office)
    await visit(lead, server, "all")
    rows, keys = lead.page.locator(".matter"), lead.page.keyboard
    await expect(rows).to_have_count(3)
    await keys.press("j")
    await expect(rows.nth(0)).to_be_focused()
    await keys.press("c")
    await expect(lead.page.get_by_role("dialog")).to_contain_text(f"Confirm: send again ¥129 · {wanted}")
    await keys.press("Escape")
    await expect(rows.nth(0)).to_be_focused()
    assert (await command_on(office, wanted)).confirmed_by is None
    await keys.press("c")
    await keys.press("Enter")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_be_focused()
    await keys.press("j")
    await expect(rows.nth(1)).to_be_focused()
    await keys.press("x")
    await keys.type("Never sent back.")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(rows.nth(0)).to_be_focused()
    refused = await command_on(office, others)
    assert ("ada", "Never sent back.") == (refused.declined_by, refused.declined_because)
    await keys.press("Enter")
    await lead.page.locator("#head", has_text=passing).wait_for()
    assert [] == lead.faults


async def test_what_somebody_else_decides_meanwhile_is_said(
    browser: Browser, server: TestServer, sessions: Sessions, office: Office
) -> None:
    """While one looks, and while one is about to decide the same."""
    lead = await sign_in(browser, server, sessions, **LEAD)
    other = await sign_in(browser, server, sessions, **{**LEAD, "login": "bea", "name": "Bea"})
    wanted, passing, _ = await fill(office)
    for staff in (lead, other):
        await visit(staff, server)
        await expect(staff.page.locator(".matter")).to_have_count(2)
    await lead.page.get_by_role("button", name="Refuse…").nth(0).click()
    await lead.page.locator("dialog textarea").fill("Too late.")
    await other.page.get_by_role("button", name="Confirm: ").click()
    said = f"Bea has confirmed it meanwhile: send again ¥129 · {wanted}"
    await expect(lead.page.locator("#news")).to_contain_text(said)
    await lead.page.get_by_role("button", name="Refuse", exact=True).click()
    await expect(lead.page.get_by_role("dialog")).to_have_count(0)
    assert "bea" == (await command_on(office, wanted)).confirmed_by
    await lead.page.route("**/api/v1/approvals*", lambda route: route.abort())
    async with sessions.begin() as session:
        bea = (await session.scalars(select(PersonRow).where(PersonRow.login == "bea"))).one()
        asked = (await session.scalars(select(HandoverRow.id))).one()
        await decide_handover(session, asked, by=bea, agreed=True, levels=office.levels, now=SystemClock().now())
    await lead.page.get_by_role("button", name="Agree").click()
    said = f"Bea has agreed to it meanwhile: Hand over to Kay · {passing}"
    await expect(lead.page.locator("#news")).to_contain_text(said)
    await expect(lead.page.locator("#line")).to_contain_text("The connection is gone")
    await lead.keep("approvals-offline")
    await lead.page.unroute("**/api/v1/approvals*")
    await expect(lead.page.locator("#line")).to_be_hidden()
    await expect(lead.page.locator("#matters")).to_contain_text("Nothing waits for your decision.")
    assert [] == lead.faults + other.faults


async def test_what_comes_is_there_at_once_and_long_lists_go_on(
    browser: Browser, server: TestServer, sessions: Sessions, office: Office
) -> None:
    """More than a page; who reads on goes on where the page before ended."""
    agent = await sign_in(browser, server, sessions, **AGENT)
    await office.add("lea", "team_lead", "after_sales")
    for _ in range(52):
        number = await office.open("bo", category="after_sales")
        await prepare_on(office, number, "resend", "60")
    await visit(agent, server)
    rows = agent.page.locator(".matter")
    await expect(rows).to_have_count(50)
    await expect(agent.page.locator("#shown")).to_have_text("50 of 52")
    await agent.page.get_by_role("button", name="Show more").click()
    await expect(rows).to_have_count(52)
    await expect(rows.nth(50)).to_be_focused()
    await expect(agent.page.get_by_role("button", name="Show more")).to_be_hidden()
    await rows.nth(50).get_by_role("button", name="Ask for approval: ").click()
    await expect(agent.page.locator("#news")).to_contain_text("Approval asked: send again ¥60")
    await expect(rows).to_have_count(51)
    assert [] == agent.faults


@LOOKS
async def test_it_can_be_read_and_pressed_anywhere(
    browser: Browser,
    server: TestServer,
    sessions: Sessions,
    office: Office,
    language: str,
    screen: dict[str, Any],
    name: str,
) -> None:
    """Wide and on a phone, light and dark: nothing cut off, nothing in anybody's way, the dialog neither."""
    lead = await sign_in(browser, server, sessions, **LEAD, language=language, **screen)
    await fill(office)
    await visit(lead, server, "all")
    await expect(lead.page.locator(".matter")).to_have_count(3)
    await lead.keep(f"approvals-{name}")
    assert ([], False) == await look(lead)
    await lead.page.locator(".matter button:not(.main)").first.click()
    await lead.page.locator("dialog textarea").wait_for()
    await lead.keep(f"approvals-refuse-{name}")
    assert ([], False) == await look(lead)
    await lead.page.locator("dialog textarea").fill("Not again.")
    await lead.page.locator("dialog button.main").click()
    await expect(lead.page.locator("#news .said")).to_have_count(1)
    await lead.keep(f"approvals-refused-{name}")
    assert ([], False) == await look(lead)
    assert [] == lead.faults
