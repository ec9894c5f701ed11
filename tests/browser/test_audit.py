"""The audit log's page: read, narrowed and checked, by keyboard, on a phone, in three languages."""

from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation import handover
from escalation.anchors import Anchoring
from escalation.models import AuditRow, PersonRow
from escalation.ports import SystemClock
from escalation.service_levels import load_default_service_levels
from tests.browser.barriers import find_barriers
from tests.browser.conftest import PHONE
from tests.browser.staff import Staff, sign_in
from tests.integration.desk import Desk, add_team

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def desk(sessions: Sessions, seeded: list[DemoOrder]) -> Desk:
    """A team that has done something: seventy tickets, one of them answered and handed over."""
    made = Desk(sessions, load_default_service_levels())
    made.clock.advance(SystemClock().now() - made.clock.now())
    await add_team(sessions, made)
    for _ in range(70):
        await made.open()
    number = await made.open()
    await made.answer(number, by="ann")
    await made.act(handover.hand_over, number, by="ann", to="bo", reason="so", levels=made.levels, now=made.clock.now())
    await Anchoring(sessions, SystemClock()).set_anchor()
    return made


async def open_audit(browser: Browser, server: TestServer, sessions: Sessions, **who: Any) -> Staff:
    """Somebody signs in and opens the log from the console."""
    staff = await sign_in(browser, server, sessions, **{"name": who["login"].title(), "desk": None, **who})
    await staff.page.locator("header a[href='/console/audit']").click()
    await staff.page.locator(".log-lines").wait_for()
    return staff


async def test_the_log_is_narrowed_by_its_address(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """A link leads to a ticket's chain; a filter stands in the address; older ones are a page away; by keyboard."""
    staff = await open_audit(browser, server, sessions, login="aud", role="admin")
    lines = staff.page.locator(".log-lines tbody tr")
    await expect(lines).to_have_count(50)
    await staff.page.get_by_role("link", name="Older").click()
    await expect(staff.page.get_by_role("link", name="Newest")).to_be_visible()
    await staff.page.go_back()
    await staff.page.locator("input[name=person]").fill("ann")
    await staff.page.keyboard.press("Enter")
    await expect(lines.first).to_contain_text("asked to hand over to Bo")
    assert "person=ann" in staff.page.url
    await lines.first.locator(".whom a").click()
    await expect(lines).to_have_count(3)
    await expect(lines.last).to_contain_text("#1")
    await staff.page.locator("select[name=kind]").select_option("rated")
    await staff.page.locator(".filters button").click()
    await expect(staff.page.locator(".empty")).to_have_text("Nothing fits these filters.")
    await staff.page.goto(str(server.make_url("/console/audit?since=never")))
    await expect(staff.page.locator(".fault")).to_contain_text("cannot be read")
    assert [] == staff.faults


async def test_the_log_is_checked_while_one_waits(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """Whole; and after somebody has changed an entry, where; after one is gone, that too."""
    staff = await open_audit(browser, server, sessions, login="aud", role="auditor")
    await expect(staff.page.locator(".verdict")).to_have_text("It has not been checked yet.")
    await staff.page.locator("#check-now").focus()
    await staff.page.keyboard.press("Enter")
    await expect(staff.page.locator(".verdict")).to_contain_text("The log is whole")
    await expect(staff.page.locator("#live")).to_contain_text("The log is whole")
    async with sessions.begin() as session:
        newest = AuditRow.action == "handover_asked"
        await session.execute(update(AuditRow).where(newest).values(details={}))
    await staff.page.locator("#check-now").click()
    await expect(staff.page.locator(".verdict")).to_contain_text("was changed")
    await staff.keep("audit-broken")
    assert [] == await find_barriers(staff.page)
    await staff.page.locator(".verdict a").click()
    await expect(staff.page.locator(".log-lines tbody tr")).to_have_count(3)
    async with sessions.begin() as session:
        await session.execute(delete(AuditRow).where(newest))
    await staff.page.locator("#check-now").click()
    await expect(staff.page.locator(".verdict")).to_contain_text("Anchor 1 covers")
    assert [] == staff.faults


async def test_a_line_that_broke_is_told(browser: Browser, server: TestServer, sessions: Sessions, desk: Desk) -> None:
    """And the button is there again."""
    staff = await open_audit(browser, server, sessions, login="aud", role="auditor")
    await staff.page.route("**/api/v1/audit/check", lambda route: route.abort())
    await staff.page.locator("#check-now").click()
    await expect(staff.page.locator("#line")).to_contain_text("The connection is gone")
    await expect(staff.page.locator("#check-now")).to_be_enabled()


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("wide", {"color_scheme": "light"}),
        ("tablet", {"viewport": {"width": 768, "height": 1024}}),
        ("phone", {**PHONE, "viewport": {"width": 390, "height": 860}}),
    ],
    ids=["wide", "tablet", "phone"],
)
async def test_the_page_has_no_barrier(
    browser: Browser,
    server: TestServer,
    sessions: Sessions,
    desk: Desk,
    language: str,
    name: str,
    screen: dict[str, Any],
) -> None:
    """Axe finds nothing, also with an entry's proof open, and nothing stands out of the page."""
    async with sessions.begin() as session:
        await session.execute(update(PersonRow).where(PersonRow.login == "ann").values(name="安娜 Anna"))
    who = {"login": "aud", "role": "operations_manager", "language": language}
    staff = await open_audit(browser, server, sessions, **who, **{**screen, "locale": "en"})
    await staff.page.locator("summary").first.click()
    await staff.keep(f"audit-{name}-{language.lower()}")
    assert [] == await find_barriers(staff.page)
    wide, shown = await staff.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= shown
    assert [] == staff.faults
