"""The roster page: readable wide and on a phone, in three languages, by keyboard, and live for everybody who looks."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation.models import PersonRow
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
    """A team with work: ann has three cases and one answered, bo is full, cy is away since yesterday."""
    made = Desk(sessions, load_default_service_levels())
    made.clock.advance(SystemClock().now() - made.clock.now())
    await add_team(sessions, made)
    for login in ("bo", "cy", "dee", "sun"):
        await made.set_person(login, available=False)
    for _ in range(3):
        await made.open()
    await made.answer(await made.open(), by="ann")
    await made.set_person("bo", available=True)
    await made.open()
    await made.set_person("bo", max_open=1)
    await made.set_person("cy", last_seen_at=made.clock.now() - timedelta(days=1))
    return made


async def open_roster(browser: Browser, server: TestServer, sessions: Sessions, **who: Any) -> Staff:
    """Somebody signs in and opens the roster from the console."""
    staff = await sign_in(browser, server, sessions, **{"name": who["login"].title(), **who})
    await staff.page.locator("header a[href='/console/roster']").click()
    await staff.page.locator("#roster tr[data-login=ann]").wait_for()
    return staff


def row(staff: Staff, login: str) -> Locator:
    """Somebody's line."""
    return staff.page.locator(f"tr[data-login={login}]")


async def find(sessions: Sessions, login: str) -> PersonRow:
    """Somebody as they are."""
    async with sessions() as session:
        return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def test_a_lead_sets_presence_limit_and_desk(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """What one lead does, the supervisor sees without reloading; somebody set away sees it in their own console."""
    mia = await sign_in(browser, server, sessions, login="mia", name="Mia", role="agent", desk="quality")
    lead = await open_roster(browser, server, sessions, login="lee", role="team_lead", desk="quality")
    above = await open_roster(browser, server, sessions, login="sam", role="supervisor", desk=None)
    await expect(row(lead, "ann")).to_contain_text("4 of 20")
    await expect(row(lead, "ann")).to_contain_text("3 not answered")
    await expect(row(lead, "bo")).to_contain_text("full")
    await expect(row(lead, "mia")).to_contain_text("console open")
    await expect(row(lead, "eve")).to_have_count(0)
    await expect(row(lead, "lee").get_by_role("button")).to_have_count(0)
    await lead.page.locator("#limit-bo").fill("9")
    await lead.page.locator("#set-bo").click()
    await expect(row(above, "bo")).to_contain_text("1 of 9")
    await row(lead, "mia").get_by_role("button", name="Set away").click()
    await lead.page.locator("dialog button.main").click()
    await expect(mia.page.locator("#available")).not_to_be_checked()
    await expect(row(above, "mia")).to_contain_text("away")
    await row(lead, "cy").get_by_role("button", name="Set on duty").click()
    await expect(row(above, "cy")).to_contain_text("marked")
    await lead.page.locator("#desk-of-dee").select_option("complaint")
    await lead.page.locator("#move-dee").click()
    await lead.page.locator("dialog button.main").click()
    await expect(row(lead, "dee")).to_have_count(0)
    await expect(above.page.locator("section[aria-labelledby=desk-complaint]")).to_contain_text("dee")
    assert ("complaint", 9) == ((await find(sessions, "dee")).desk, (await find(sessions, "bo")).max_open)
    assert [] == mia.faults + lead.faults + above.faults


async def test_everything_by_keyboard_and_nothing_typed_is_lost(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """What others change meanwhile takes neither the focus nor the number that is being typed; Esc changes nothing."""
    lead = await open_roster(browser, server, sessions, login="lee", role="team_lead", desk="quality")
    other = await open_roster(browser, server, sessions, login="sam", role="supervisor", desk=None)
    await lead.page.locator("#limit-ann").focus()
    await lead.page.keyboard.press("ControlOrMeta+a")
    await lead.page.keyboard.type("12")
    await row(other, "cy").get_by_role("button", name="Set on duty").click()
    await expect(row(lead, "cy")).to_contain_text("marked")
    await expect(lead.page.locator("#limit-ann")).to_be_focused()
    await expect(lead.page.locator("#limit-ann")).to_have_value("12")
    await lead.page.keyboard.press("Enter")
    await expect(row(lead, "ann")).to_contain_text("4 of 12")
    await expect(lead.page.locator("#live")).to_have_text("Saved")
    await lead.page.locator("#duty-ann").focus()
    await lead.page.keyboard.press("Enter")
    await lead.page.locator("dialog[open]", has_text="passes to the next: 3").wait_for()
    await lead.page.keyboard.press("Escape")
    await expect(lead.page.locator("dialog[open]")).to_have_count(0)
    assert (True, 12) == ((await find(sessions, "ann")).available, (await find(sessions, "ann")).max_open)
    assert [] == lead.faults + other.faults


async def test_a_refusal_is_told(browser: Browser, server: TestServer, sessions: Sessions, desk: Desk) -> None:
    """Somebody moved meanwhile is no longer the lead's to change; the page says so."""
    lead = await open_roster(browser, server, sessions, login="lee", role="team_lead", desk="quality")
    await _hear_no_more(lead)
    await desk.set_person("ann", desk="order")
    await lead.page.locator("#limit-ann").fill("5")
    await lead.page.locator("#set-ann").click()
    await expect(lead.page.locator("#line")).to_contain_text("may not change the place of ann")


async def _hear_no_more(staff: Staff) -> None:
    """Their page goes on as it is: the news of the next change has not come yet."""
    url = staff.page.url
    page = await (await staff.page.request.get(url)).text()
    await staff.page.route(url, lambda route: route.fulfill(body=page, content_type="text/html"))


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("wide", {"color_scheme": "light"}),
        ("tablet", {"viewport": {"width": 768, "height": 1024}}),
        ("narrow", {"viewport": {"width": 1000, "height": 800}}),
        ("phone", {**PHONE, "viewport": {"width": 390, "height": 860}}),
    ],
    ids=["wide", "tablet", "narrow", "phone"],
)
async def test_the_roster_has_no_barrier(
    browser: Browser,
    server: TestServer,
    sessions: Sessions,
    desk: Desk,
    language: str,
    name: str,
    screen: dict[str, Any],
) -> None:
    """Axe finds nothing, and nothing stands out of the page, or out of its column."""
    who = {"login": "sam", "role": "supervisor", "desk": None, "language": language}
    staff = await open_roster(browser, server, sessions, **who, **{**screen, "locale": "en"})
    await staff.keep(f"roster-{name}-{language.lower()}")
    assert [] == await find_barriers(staff.page)
    wide, shown = await staff.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= shown
    assert [] == await staff.page.evaluate(
        """() => [...document.querySelectorAll(".posts td :is(button, input, select)")]
            .filter((one) => one.getBoundingClientRect().right > one.closest("td").getBoundingClientRect().right + 1)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    await row(staff, "ann").get_by_role("button").first.click()
    await staff.page.locator("dialog[open]").wait_for()
    assert [] == await find_barriers(staff.page)
