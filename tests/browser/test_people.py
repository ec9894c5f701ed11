"""The page of people and rights: from a proposal to a first sign-in, by keyboard, on a phone, in three languages."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation.models import PersonRow
from escalation.people_changes import Wish, approve, propose, refuse
from escalation.ports import SystemClock
from escalation.proposals import Kind, Place
from escalation.service_levels import load_default_service_levels
from tests.browser.barriers import find_barriers
from tests.browser.conftest import PHONE
from tests.browser.staff import OWN_PASSWORD, Staff, sign_in
from tests.integration.desk import Desk, add_team

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def desk(sessions: Sessions, seeded: list[DemoOrder]) -> Desk:
    """A team; ann has two cases, one is answered."""
    made = Desk(sessions, load_default_service_levels())
    made.clock.advance(SystemClock().now() - made.clock.now())
    await add_team(sessions, made)
    await made.answer(await made.open(), by="ann")
    return made


async def open_people(browser: Browser, server: TestServer, sessions: Sessions, **who: Any) -> Staff:
    """Somebody signs in and opens the page from the console."""
    staff = await sign_in(browser, server, sessions, **{"name": who["login"].title(), "desk": None, **who})
    await staff.page.locator("header a[href='/console/people']").click()
    await staff.page.locator("#people tr[data-login=ann]").wait_for()
    return staff


def row(staff: Staff, login: str) -> Locator:
    """Somebody's line."""
    return staff.page.locator(f"tr[data-login={login}]")


async def find(sessions: Sessions, login: str) -> PersonRow:
    """Somebody as they are."""
    async with sessions() as session:
        return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def test_somebody_new_from_the_proposal_to_the_first_sign_in(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """The admin proposes, the manager sees it without reloading and approves, the admin hands the password over."""
    admin = await open_people(browser, server, sessions, login="ada", role="admin")
    manager = await open_people(browser, server, sessions, login="moe", role="operations_manager")
    await admin.page.locator("#add").click()
    form = admin.page.locator("#adding")
    await form.locator("[type=submit]").click()
    await expect(form.locator(".fault")).to_have_text("Something is missing here.")
    await expect(form.locator("input[name=login]")).to_be_focused()
    await form.locator("input[name=login]").fill("ann")
    await form.locator("input[name=name]").fill("Nina Novak")
    await form.locator("select[name=role]").select_option("auditor")
    await expect(form.locator("select[name=desk]")).to_be_hidden()
    await form.locator("select[name=role]").select_option("agent")
    await form.locator("select[name=desk]").select_option("order")
    await form.locator("textarea[name=why]").fill("the summer sale")
    await form.locator("[type=submit]").click()
    await expect(form.locator(".fault")).to_contain_text("This login is taken")
    await form.locator("input[name=login]").fill("nina")
    await form.locator("[type=submit]").click()
    await expect(form).to_be_hidden()
    await expect(admin.page.locator("#live")).to_have_text("Proposed; it waits for a decision")
    told = manager.page.locator(".proposals li", has_text="New: Nina Novak (nina) as agent · Orders")
    await told.get_by_role("button", name="Approve").click()
    await expect(manager.page.locator("#sure")).to_contain_text("It holds at once")
    await manager.page.locator("#sure [type=submit]").click()
    await expect(row(manager, "nina")).to_contain_text("to choose a password")
    await admin.page.get_by_role("button", name="Get the one-time password").click()
    await admin.page.locator("#sure [type=submit]").click()
    await expect(admin.page.locator("#password-word")).not_to_have_text("")
    password = await admin.page.locator("#password-word").inner_text()
    await admin.page.locator("#password button.main").click()
    await expect(admin.page.locator("#password-word")).to_have_text("")
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{server.make_url('/console')}?lang=en")
    await page.locator("input[name=login]").fill("nina")
    await page.locator("input[name=password]").fill(password)
    await page.locator("button.main").click()
    await page.locator("input[name=old]").fill(password)
    await page.locator("input[name=new]").fill(OWN_PASSWORD)
    await page.locator("button.main").click()
    await page.locator("#list").wait_for()
    await admin.page.reload()
    await expect(row(admin, "nina")).to_contain_text("active")
    assert [] == admin.faults + manager.faults


async def test_a_change_of_role_reaches_who_is_signed_in(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """Their window has the new role's menu at once; what they were typing is still there."""
    mia = await sign_in(browser, server, sessions, login="mia", name="Mia", role="agent", desk="quality")
    number = await desk.open()
    await desk.answer(number, by="mia")
    await mia.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await mia.pick(number)
    await mia.page.locator("#box textarea").fill("half a sentence")
    admin = await open_people(browser, server, sessions, login="ada", role="admin")
    manager = await open_people(browser, server, sessions, login="moe", role="operations_manager")
    await row(admin, "mia").get_by_role("button").click()
    form = admin.page.locator("#changing")
    await form.locator("select[name=role]").select_option("team_lead")
    await form.locator("textarea[name=why]").fill("leads already")
    await admin.keep("people-changing-wide")
    await form.locator("[type=submit]").click()
    await manager.page.get_by_role("button", name="Approve").click()
    await manager.page.locator("#sure [type=submit]").click()
    await mia.page.locator("header a[href='/console/roster']").wait_for()
    await expect(mia.page.locator("#box textarea")).to_have_value("half a sentence")
    assert "team_lead" == (await find(sessions, "mia")).role
    assert [] == mia.faults + admin.faults + manager.faults


async def test_who_is_closed_out_sees_the_door(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """At once; the dialog said how many tickets pass on."""
    mia = await sign_in(browser, server, sessions, login="mia", name="Mia", role="agent", desk="quality")
    await desk.answer(await desk.open(), by="mia")
    manager = await open_people(browser, server, sessions, login="moe", role="operations_manager")
    assert 0 == await manager.page.locator("#add").count()
    await row(manager, "mia").get_by_role("button").click()
    await manager.page.get_by_label("Close the account now").check()
    await expect(manager.page.locator("#changing")).to_contain_text("Tickets that pass to the desk's lead: 1.")
    await manager.page.locator("#changing [type=submit]").click()
    await mia.page.locator("input[name=password]").wait_for()
    await expect(row(manager, "mia")).to_contain_text("account closed")
    assert [] == manager.faults


async def test_refused_with_a_reason_and_by_keyboard(
    browser: Browser, server: TestServer, sessions: Sessions, desk: Desk
) -> None:
    """Esc changes nothing; a refusal needs a reason, which the proposer reads."""
    await ask(sessions, desk, Wish(Kind.ROLE, "ann", "leads already", place=Place("team_lead", "quality")))
    manager = await open_people(browser, server, sessions, login="moe", role="operations_manager")
    keys = manager.page.keyboard
    await manager.page.get_by_role("button", name="Refuse").focus()
    await keys.press("Enter")
    await keys.press("Escape")
    await expect(manager.page.locator("dialog[open]")).to_have_count(0)
    await expect(manager.page.get_by_role("button", name="Refuse")).to_be_focused()
    await keys.press("Enter")
    await keys.press("Tab")
    await manager.page.locator("#refusing textarea").focus()
    await keys.type("after the sale")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(manager.page.locator("#ended-head + ul")).to_contain_text("after the sale")
    assert [] == manager.faults


async def ask(sessions: Sessions, desk: Desk, wish: Wish) -> Any:
    """Let sue propose something."""
    sue = await find(sessions, "sue")
    async with sessions.begin() as session:
        row = await propose(session, wish, by=sue.id, levels=desk.levels, now=SystemClock().now())
    return row.id


async def fill(sessions: Sessions, desk: Desk) -> None:
    """Everything there can be on the page: waiting, overtaken, to be handed over, refused, lapsed, closed accounts."""
    boss, now = await find(sessions, "max"), SystemClock().now()
    added = await ask(
        sessions, desk, Wish(Kind.ADD, "nina", "暑期促销", place=Place("agent", "order"), name="倪娜 Nina")
    )
    async with sessions.begin() as session:
        await approve(session, added, by=boss.id, levels=desk.levels, now=now)
    no = await ask(sessions, desk, Wish(Kind.ROLE, "bo", "he would like to", place=Place("supervisor", None)))
    async with sessions.begin() as session:
        await refuse(session, no, by=boss.id, answer="not before the autumn", now=now)
    gone = await ask(sessions, desk, Wish(Kind.DEACTIVATE, "eve", "left"))
    async with sessions.begin() as session:
        await approve(session, gone, by=boss.id, levels=desk.levels, now=now)
    await ask(sessions, desk, Wish(Kind.ROLE, "ann", "leads already " * 12, place=Place("team_lead", "quality")))
    await ask(sessions, desk, Wish(Kind.RESET, "cy", "forgotten"))
    await ask(sessions, desk, Wish(Kind.ROLE, "dee", "wants to", place=Place("agent", "complaint")))
    async with sessions.begin() as session:
        moved = update(PersonRow).where(PersonRow.login == "dee")
        await session.execute(moved.values(desk="order", signed_in_at=now - timedelta(days=3)))


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
    """Axe finds nothing, also in the dialogs, and nothing stands out of the page."""
    await fill(sessions, desk)
    role = "operations_manager" if name == "tablet" else "supervisor"
    who = {"login": "sam", "role": role, "language": language}
    staff = await open_people(browser, server, sessions, **who, **{**screen, "locale": "en"})
    await staff.keep(f"people-{name}-{language.lower()}")
    assert [] == await find_barriers(staff.page)
    wide, shown = await staff.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= shown
    await row(staff, "bo").get_by_role("button").click()
    await staff.keep(f"people-dialog-{name}-{language.lower()}")
    assert [] == await find_barriers(staff.page)
    assert [] == staff.faults
