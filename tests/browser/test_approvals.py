"""What waits for a decision, on its page: read, decided and left by mouse, by keys, on a phone, in three languages."""

from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from tests.browser.staff import Staff, sign_in
from tests.integration.office import Office
from tests.integration.prepared import prepare_on

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
LEAD: dict[str, Any] = {"login": "ada", "name": "Ada", "role": "team_lead", "desk": "after_sales"}
AGENT: dict[str, Any] = {"login": "bo", "name": "Bo", "role": "agent", "desk": "after_sales"}


@pytest.fixture
async def office(sessions: Sessions, seeded: list[DemoOrder]) -> Office:
    """Two colleagues with tickets; nobody asks the API for them."""
    assert seeded
    office = Office(None, sessions)  # type: ignore[arg-type]
    await office.add("wei", "agent", "after_sales")
    await office.add("kay", "agent", "after_sales")
    return office


async def visit(staff: Staff, server: TestServer, side: str = "mine") -> None:
    """Open the page."""
    await staff.page.goto(f"{server.make_url('/console/approvals')}?side={side}")
    await staff.page.locator(".sides [aria-current]").wait_for()


async def test_a_lead_decides_what_waits_for_them(
    browser: Browser, server: TestServer, sessions: Sessions, office: Office
) -> None:
    lead = await sign_in(browser, server, sessions, **LEAD)
    wanted = await office.open("wei", category="after_sales", summary="The left earphone is dead, I want a new pair.")
    await prepare_on(office, wanted, "resend", "129.00", asked_by="wei")
    passing = await office.open("wei", category="after_sales")
    await office.ask_handover(passing, "kay")
    await visit(lead, server)
    await expect(lead.page.locator(".matter")).to_have_count(2)
    await lead.keep("approvals-en")
    await lead.page.get_by_role("button", name="Confirm: send again").click()
    await expect(lead.page.locator("#news")).to_contain_text("Confirmed: send again")
    await expect(lead.page.locator(".matter")).to_have_count(1)
    assert [] == lead.faults
