"""The supervisor's page: readable wide and on a phone, by day and by night, in Chinese and English, and by keyboard.

Behind it lie four weeks of a team's work: answered, late, reopened, rated high and low, and what the bot settled alone.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, ViewportSize, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Conversation, Customer, Inbound
from escalation.models import SurveyRow
from escalation.ports import SystemClock
from escalation.service_levels import load_default_service_levels
from escalation.survey import Ratings, find_survey, submit_survey
from escalation.testing import FakeClock
from tests.browser.barriers import find_barriers
from tests.browser.conftest import SCREENSHOTS
from tests.browser.staff import Staff, sign_in
from tests.integration.desk import Desk, add_team

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# Who resolved, how many hours after the opening, and how the customer found it: one line a ticket, a block a week.
WORK = (
    (("ann", 1, (3, 3, 4), "Took a while"), ("bo", 30, (2, 3, 2), "A day of silence"), ("eve", 2, None, "")),
    (("ann", 2, (4, 4, 4), ""), ("bo", 5, (4, 5, 3), "Fine in the end"), ("eve", 3, (3, 4, 4), "")),
    (("ann", 1, (5, 5, 4), "quick and kind"), ("cy", 3, (4, 4, 4), ""), ("eve", 50, (1, 2, 1), "Wrong size, twice")),
    (("ann", 1, (5, 5, 5), "很好，謝謝"), ("cy", 2, (5, 4, 5), ""), ("eve", 1, (4, 5, 4), "")),
)
# Category, requests, how many of them the customer left open.
ASKED = (("logistics", 24, 3), ("order", 15, 1), ("after_sales", 6, 0))
SIZES = (("wide", ViewportSize(width=1440, height=900)), ("phone", ViewportSize(width=390, height=844)))
COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
async def worked(sessions: Sessions) -> Desk:
    """Four weeks of work, and two tickets that nobody has answered: one of them is overdue."""
    now = SystemClock().now()
    desk = Desk(sessions, load_default_service_levels())
    desk.clock = FakeClock(now - 26 * DAY)
    await add_team(sessions, desk)
    for week in WORK:
        began_at = desk.clock.now()
        for who, hours, stars, comment in week:
            await _work(desk, who, timedelta(hours=hours), stars, comment)
        desk.clock.advance(began_at + WEEK - desk.clock.now())
    desk.clock.advance(now - HOUR - desk.clock.now())
    await desk.open(seriousness="safety", category="complaint", summary="The kettle burnt me")
    desk.clock.advance(now - desk.clock.now())
    await desk.open(category="order", summary="Invoice")
    await _ask_the_bot(sessions, now)
    return desk


async def _work(desk: Desk, who: str, after: timedelta, stars: tuple[int, int, int] | None, comment: str) -> None:
    """One ticket from its opening to its rating."""
    number = await desk.open(category="order" if who == "eve" else "quality")
    desk.clock.advance(after)
    await desk.answer(number, by=who)
    token = await desk.resolve(number, by=who)
    if stars is None:
        return
    async with desk.sessions.begin() as session:
        found = await find_survey(session, token)
        assert found is not None
        outcome, service, process = stars
        ratings = Ratings(outcome=outcome, service=service, process=process, comment=comment)
        await submit_survey(session, found[0].id, ratings, now=desk.clock.now())


async def _ask_the_bot(sessions: Sessions, now: datetime) -> None:
    async with sessions.begin() as session:
        for category, requests, left in ASKED:
            for number in range(requests):
                await _ask(session, category, is_left=number < left, at=now - timedelta(hours=6 * number + 2))


async def _ask(session: AsyncSession, category: str, *, is_left: bool, at: datetime) -> None:
    customer, conversation = uuid4(), uuid4()
    session.add(Customer(id=customer, created_at=at))
    await session.flush()
    frames = [{"flow": "parcel", "slots": {}, "asking": "order", "tries": 0}] if is_left else []
    state = {"topic": category, "frames": frames}
    times = {"created_at": at, "updated_at": at}
    session.add(
        Conversation(id=conversation, channel="widget", customer_id=customer, language="en", state=state, **times)
    )
    await session.flush()
    entry = {"channel": "widget", "external_id": str(uuid4()), "kind": "text", "seq": 1, "payload": {"topic": category}}
    taken = {"received_at": at, "lease_until": at, "handled_at": at, "covered_by": "bot"}
    session.add(Inbound(conversation_id=conversation, **entry, **taken))


async def _open(
    browser: Browser, server: TestServer, sessions: Sessions, *, language: str = "en", query: str = ""
) -> Staff:
    """The supervisor, before the figures."""
    staff = await sign_in(
        browser, server, sessions, login="sam", name="Sam Zhou", role="supervisor", desk=None, language=language,
        timezone_id="Asia/Shanghai",
    )  # fmt: skip
    await staff.page.goto(f"{server.make_url('/supervisor')}{query}")
    return staff


async def _keep_whole(staff: Staff, name: str) -> None:
    """Keep a picture of the page down to its end."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await staff.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled", full_page=True)


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
async def test_the_page_has_no_barrier(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions, language: str
) -> None:
    """Wide and on a phone, light and dark: axe finds nothing, and nothing is wider than the screen."""
    supervisor = await _open(browser, server, sessions, language=language)
    await supervisor.keep(f"supervisor-{language.lower()}")
    for size, viewport in SIZES:
        await supervisor.page.set_viewport_size(viewport)
        for colours in COLOURS:
            await supervisor.page.emulate_media(color_scheme=colours)
            await _keep_whole(supervisor, f"supervisor-{size}-{colours}-{language.lower()}")
            assert [] == await find_barriers(supervisor.page)
            assert await supervisor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [] == supervisor.faults


async def test_it_is_calm_before_anything_happened(browser: Browser, server: TestServer, sessions: Sessions) -> None:
    """Right after the first start every figure says that there is nothing yet."""
    supervisor = await _open(browser, server, sessions)
    await expect(supervisor.page.locator("section[aria-labelledby=f-overdue]")).to_contain_text("✓ Nothing is overdue.")
    for figure in ("weeks", "wrong", "alone", "people"):
        section = supervisor.page.locator(f"section[aria-labelledby=f-{figure}]")
        await expect(section).to_contain_text("Nothing in this period.")
    assert [] == await find_barriers(supervisor.page)
    await _keep_whole(supervisor, "supervisor-empty-en")


async def test_what_the_bot_settled_alone(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """41 of 45 requests: by category, with what was left open told apart."""
    supervisor = await _open(browser, server, sessions)
    section = supervisor.page.locator("section[aria-labelledby=f-alone]")
    await expect(section.locator(".big")).to_contain_text("91 %")
    rows = await section.locator("tbody tr").all_inner_texts()
    assert ["Logistics 24 21 88 % 0 3", "Order 15 14 93 % 0 1", "After-sales 6 6 100 % 0 0"] == [
        " ".join(row.split()) for row in rows
    ]


async def test_filters_live_in_the_address(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """A desk is chosen; the address says so, whoever opens it sees the same, and so does a reader of Chinese."""
    supervisor = await _open(browser, server, sessions)
    page = supervisor.page
    assert 11 == await _answered(supervisor)
    await page.get_by_label("Desk").select_option("quality")
    await page.get_by_label("Channel").select_option("widget")
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.wait_for_url("**/supervisor?*desk=quality*")
    assert "category=" not in page.url
    assert "person=" not in page.url
    assert 8 == await _answered(supervisor)
    other = Staff(await page.context.new_page(), [])
    await other.page.goto(page.url)
    await expect(other.page.get_by_label("Desk")).to_have_value("quality")
    assert 8 == await _answered(other)
    await other.page.get_by_role("link", name="繁體中文").click()
    await other.page.locator("h2", has_text="滿意度").wait_for()
    assert 8 == await _answered(other)
    await page.get_by_role("link", name="Show everything").click()
    assert 11 == await _answered(supervisor)


async def test_figures_lead_to_their_tickets(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """What is overdue opens in the console, whole."""
    supervisor = await _open(browser, server, sessions)
    overdue = supervisor.page.locator("section[aria-labelledby=f-overdue] tbody a").first
    number = await overdue.inner_text()
    await overdue.click()
    await supervisor.page.locator("#head", has_text=number).wait_for()
    await supervisor.page.locator(".clock.late", has_text="first answer").wait_for()


async def test_every_figure_leads_to_what_it_counts(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """Each number on the page is a link to a list of just so many, whatever the page is narrowed to."""
    supervisor = await _open(browser, server, sessions, query="?category=quality&by=week")
    page = supervisor.page
    figures = await page.locator(".figures :is(td.number, .big) a").evaluate_all(
        "links => links.map((link) => [link.textContent.trim(), link.getAttribute('href')])"
    )
    counted = [(int(shown), address) for shown, address in figures if shown.isdigit()]
    assert len(counted) > 15
    for shown, address in counted:
        await page.goto(str(server.make_url("/")).rstrip("/") + address)
        rows = await page.locator("section[aria-labelledby=f-list] tbody tr").count()
        assert (address, shown, shown) == (address, await _listed(supervisor), rows)
        assert "category=quality" in page.url
    shares = [address for shown, address in figures if not shown.isdigit()]
    assert {"rated", "good", "bad", "timed", "due"} == {address.split("figure=")[1].split("&")[0] for address in shares}


async def _listed(staff: Staff) -> int:
    return int(await staff.page.locator(".listed .count").inner_text())


async def test_a_chart_leads_to_its_tickets_and_ratings(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """A bar by mouse, a week by keyboard; from the list back to the figures, and into a ticket."""
    supervisor = await _open(browser, server, sessions)
    page = supervisor.page
    await page.get_by_role("link", name="Quality 8").click()
    assert 8 == await _listed(supervisor)
    await page.get_by_role("link", name="All figures").click()
    weeks = page.locator("section[aria-labelledby=f-weeks] a")
    names = await weeks.evaluate_all("links => links.map((link) => link.getAttribute('aria-label'))")
    for index, name in enumerate(names):
        await weeks.nth(index).focus()
        await page.keyboard.press("Enter")
        await page.locator("#f-list").wait_for()
        assert f": {await _listed(supervisor)} of" in name
        await page.go_back()
    await weeks.last.press("Enter")
    number = await page.locator("section[aria-labelledby=f-list] tbody a").first.inner_text()
    await page.locator("section[aria-labelledby=f-list] tbody a").first.click()
    await page.locator("#head", has_text=number).wait_for()


async def test_what_is_overdue_now_is_a_list_too(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """More than the first screen has room for: a page at a time, the most urgent first, in an address to share."""
    worked.clock.advance(-2 * HOUR)
    for _ in range(60):
        await worked.open(seriousness="safety", category="complaint")
    supervisor = await _open(browser, server, sessions)
    page = supervisor.page
    shown = int(await page.locator("section[aria-labelledby=f-overdue] .big").inner_text())
    assert shown > 60
    await page.get_by_role("link", name="more").click()
    assert shown == await _listed(supervisor)
    first = await page.locator("tbody tr").all_inner_texts()
    await page.get_by_role("link", name="Next").click()
    await page.wait_for_url("**page=2*")
    second = await page.locator("tbody tr").all_inner_texts()
    assert (50, shown - 50) == (len(first), len(second))
    assert not {row.split()[0] for row in first} & {row.split()[0] for row in second}
    await page.get_by_label("Tier").select_option("general")
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.get_by_text("Nothing is overdue.").wait_for()
    assert "figure=late" in page.url


async def test_lists_have_no_barrier(browser: Browser, server: TestServer, worked: Desk, sessions: Sessions) -> None:
    """Wide and on a phone, light and dark, in each language; what somebody wrote is whole and nothing is wider."""
    supervisor = await _open(browser, server, sessions)
    page = supervisor.page
    for language, query in (
        ("en", "tickets?figure=breached&clock=response"),
        ("zh-Hans", "tickets?figure=due"),
        ("zh-Hant", "surveys?figure=asked"),
    ):
        await page.goto(f"{server.make_url('/supervisor/')}{query}&lang={language}")
        for size, viewport in SIZES:
            await page.set_viewport_size(viewport)
            for colours in COLOURS:
                await page.emulate_media(color_scheme=colours)
                await _keep_whole(supervisor, f"list-{size}-{colours}-{language.lower()}")
                assert [] == await find_barriers(supervisor.page)
                assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("tickets?figure=met", 422), ("tickets?figure=met&clock=tea", 422), ("tickets?figure=x", 422),
        ("tickets?page=0", 422), ("tickets?page=-1", 422), ("tickets?page=9", 200), ("surveys?cause=weather", 422),
        ("surveys?question=x", 422), ("surveys?figure=late", 422), ("tickets", 200), ("surveys", 200),
    ],
)  # fmt: skip
async def test_an_address_that_asks_for_nothing_that_there_is(
    browser: Browser, server: TestServer, sessions: Sessions, query: str, status: int
) -> None:
    """Said by name, and no error of the server's; nobody else's eyes see a list."""
    supervisor = await _open(browser, server, sessions)
    answer = await supervisor.page.goto(f"{server.make_url('/supervisor/')}{query}")
    assert answer is not None
    assert status == answer.status


async def test_figures_are_taken_along_as_csv(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """The same figures as on the page, narrowed alike, in files that spreadsheets read."""
    supervisor = await _open(browser, server, sessions, query="?desk=quality")
    ratings = await _download(supervisor, "Ratings to read")
    assert 8 == len(ratings)
    assert {"quality"} == {line["desk"] for line in ratings}
    weeks = await _download(supervisor, "Satisfaction")
    assert 8 == sum(int(line["answered"]) for line in weeks)
    [service] = await _download(supervisor, "Service")
    assert ("quality", "8", "8") == (service["line"], service["opened"], service["handled"])
    assert [] == await _download(supervisor, "What the bot settled alone")


async def _download(staff: Staff, name: str) -> list[dict[str, str]]:
    async with staff.page.expect_download() as waiting:
        await staff.page.locator(".exports").get_by_role("link", name=name).click()
    path = await (await waiting.value).path()
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


async def test_a_rating_is_followed_up_by_keyboard(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """Narrowed to a person and answered without a mouse; where one is can always be seen."""
    supervisor = await _open(browser, server, sessions)
    page = supervisor.page
    await _tab_to(supervisor, "input[name=person]")
    await page.keyboard.type("eve")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/supervisor?*person=eve*")
    await _tab_to(supervisor, "form.follow select")
    await supervisor.keep("supervisor-keyboard-en")
    await page.keyboard.type("qual")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Sent the right size by courier")
    await page.keyboard.press("Enter")
    await page.locator("td", has_text="Sent the right size by courier · quality").wait_for()
    assert "person=eve" in page.url
    async with sessions() as session:
        followed = (await session.scalars(select(SurveyRow).where(SurveyRow.followed_up_at.is_not(None)))).one()
    assert ("quality", "Sent the right size by courier") == (followed.cause, followed.follow_up_note)


async def _tab_to(staff: Staff, selector: str) -> None:
    """Press Tab until something of this kind has the focus, each stop being visible."""
    for _ in range(80):
        await staff.page.keyboard.press("Tab")
        width = await staff.page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width > 0
        if await staff.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


async def test_a_lead_sees_the_desks_own(
    browser: Browser, server: TestServer, worked: Desk, sessions: Sessions
) -> None:
    """Ratings and figures of other desks are not a lead's."""
    lead = await sign_in(browser, server, sessions, login="leo", name="Leo", role="team_lead", desk="order")
    await lead.page.goto(str(server.make_url("/supervisor")))
    assert 3 == await _answered(lead)
    people = await lead.page.locator("section[aria-labelledby=f-people] tbody tr").all_inner_texts()
    assert [["Eve", "eve"], ["Chen", "chen"]] == [line.split()[:2] for line in people]


async def _answered(staff: Staff) -> int:
    """How many ratings the figures are made of: the n beside the first mean."""
    row = staff.page.locator("section[aria-labelledby=f-satisfaction] tbody tr").first
    return int((await row.inner_text()).split()[-1])
