"""A day at the console: nothing that one reads, writes or has under one's fingers is taken away by what others do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Request, Route, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Conversation, Message
from escalation.models import NoticeRow, PersonRow, TicketRow
from escalation.ports import SystemClock
from tests.browser.conftest import PHONE
from tests.browser.staff import Staff, sign_in
from tests.integration.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
LONG_NAME = "Ada-Konstantina Papadimitriou-Featherstonehaugh von und zu Hohenlohe"
LONG_WORDS = "超長時間續航雙麥克風主動降噪頭戴式藍牙無線耳機旗艦尊享限量紀念版珍珠白色含收納盒與替換耳罩套裝<b>" * 2
UNBROKEN = "Supercalifragilisticexpialidocious" * 6


@pytest.fixture
async def office(server: TestServer, seeded: list[DemoOrder], sessions: Sessions) -> Office:
    """Where tickets are opened."""
    return Office(None, sessions)  # type: ignore[arg-type]


@pytest.fixture
async def ada(browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions) -> Staff:
    """An agent at the console."""
    return await let_in(browser, server, sessions)


async def let_in(browser: Browser, server: TestServer, sessions: Sessions, **changes: Any) -> Staff:
    """Let Ada in."""
    # On duty before the page says so: the clock loop, which may look first, passes on what somebody away has.
    who = {"login": "ada", "name": "Ada", "role": "agent", "desk": "after_sales", "available": True, **changes}
    return await sign_in(browser, server, sessions, **who)


async def say(sessions: Sessions, number: str, text: str, sender: str = "customer") -> None:
    """Have something said in a ticket's conversation, behind the console's back."""
    async with sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        conversation = await session.get_one(Conversation, ticket.conversation_id)
        conversation.last_seq += 1
        now = SystemClock().now()
        session.add(
            Message(conversation_id=conversation.id, seq=conversation.last_seq, sender=sender, text=text, at=now)
        )


async def open_case(office: Office, *texts: str, **changes: Any) -> str:
    """Open a ticket of Ada's in which the customer said something."""
    number = await office.open("ada", category="after_sales", **changes)
    for text in texts:
        await say(office.sessions, number, text)
    return number


async def reload_lists(page: Page) -> None:
    """Let the console look again, and wait until it has."""
    async with page.expect_response(lambda answer: "owner=me" in answer.url):
        await page.locator("#search").dispatch_event("input")


@asynccontextmanager
async def held(page: Page, path: str, method: str = "GET") -> AsyncIterator[list[Request]]:
    """Keep what the console asks of a path on its way until the block ends; yields what was asked."""
    arrived, asked = asyncio.Event(), list[Request]()

    async def hold(route: Route) -> None:
        if route.request.method == method:
            asked.append(route.request)
            await arrived.wait()
        await route.continue_()

    await page.route(path, hold)
    yield asked
    arrived.set()


async def test_what_somebody_reads_stays_as_it_is_when_something_is_added(ada: Staff, office: Office) -> None:
    """The words that are selected, the button that has the focus: both still are, with the new bubble below."""
    number = await open_case(office, "The first words")
    await ada.pick(number)
    await ada.hear("The first words")
    await ada.page.evaluate("getSelection().selectAllChildren(document.querySelector('#log .bubble'))")
    await ada.page.locator("#head").get_by_role("button", name="Tier…").focus()
    await ada.page.evaluate("document.querySelector('#log .bubble').seen = true")
    await say(office.sessions, number, "And some more")
    await ada.hear("And some more")
    assert "The first words" in await ada.page.evaluate("getSelection().toString()")
    assert await ada.page.evaluate("document.querySelector('#log .bubble').seen")
    await expect(ada.page.locator("#head").get_by_role("button", name="Tier…")).to_be_focused()


async def test_the_next_thing_to_do_has_the_focus(ada: Staff, office: Office) -> None:
    """Accepted: the answer's box. Resolved: the ticket's head. Escape gives back a dialog's button."""
    number = await open_case(office, "Hello", answered=False)
    await ada.pick(number)
    await ada.page.locator("#head").get_by_role("button", name="Accept").press("Enter")
    await expect(ada.page.locator("#box textarea")).to_be_focused()
    await ada.page.locator("#head").get_by_role("button", name="Tier…").press("Enter")
    await ada.page.locator("dialog select").press("Escape")
    await expect(ada.page.locator("#head").get_by_role("button", name="Tier…")).to_be_focused()
    await ada.page.locator("#head").get_by_role("button", name="Resolve…").press("Enter")
    await ada.page.locator("dialog textarea").fill("Done.")
    await ada.page.locator("dialog button.main").press("Enter")
    await ada.page.locator("#head", has_text="resolved").wait_for()
    await expect(ada.page.locator("#head h2")).to_be_focused()


async def test_keys_keep_the_ticket_in_sight_and_tabs_follow_arrows(ada: Staff, office: Office) -> None:
    """J goes down a list that is longer than the window."""
    for _ in range(30):
        await open_case(office, "Hello")
    await ada.page.locator(".entry").nth(29).wait_for()
    await ada.page.locator("body").press("j")
    for _ in range(28):
        await ada.page.keyboard.press("j")
    await expect(ada.page.locator(".entry[aria-current=true]")).to_be_in_viewport(ratio=0.9)
    await ada.page.get_by_role("tab", name="Mine").press("ArrowRight")
    await expect(ada.page.get_by_role("tab", name="My desk")).to_be_focused()
    await expect(ada.page.get_by_role("tab", name="My desk")).to_have_attribute("aria-selected", "true")


async def test_words_at_hand_join_what_is_written(ada: Staff, office: Office) -> None:
    """A saved answer goes to the cursor, "/" opens the choice of all of them, what was begun survives a reload."""
    await ada.pick(await open_case(office, "Hello"))
    box = ada.page.locator("#box textarea")
    await box.fill("Good day.")
    await ada.page.locator("#box select").select_option("saved.1")
    await expect(box).to_have_value("Good day. Thank you, I am looking into it now.")
    await expect(box).to_be_focused()
    await ada.page.reload()
    await expect(box).to_have_value("Good day. Thank you, I am looking into it now.")
    await box.fill("")
    await box.press("/")
    await expect(ada.page.locator("#box select")).to_be_focused()
    await ada.page.locator("#box select").select_option("saved.2")
    await expect(box).to_have_value("Could you send a photo of it, please?")


async def test_while_a_ticket_is_on_its_way_the_one_before_cannot_be_answered(ada: Staff, office: Office) -> None:
    """On a slow line: the head says at once which one was chosen, and nothing of the other is left."""
    first, second = await open_case(office, "From the first"), await open_case(office, "From the second")
    await ada.pick(first)
    await ada.hear("From the first")
    async with held(ada.page, f"**/api/v1/tickets/{second}"):
        await ada.page.locator(f".entry[data-number='{second}']").click()
        await ada.page.locator("#head", has_text=second).wait_for()
        await expect(ada.page.locator("#log")).to_have_text("Loading…")
        await expect(ada.page.locator("#box textarea")).to_have_count(0)
    await ada.hear("From the second")


async def test_a_note_that_was_begun_stays_a_note(ada: Staff, office: Office) -> None:
    """With another ticket in between, and after a reload: it is never offered as an answer to the customer."""
    first, second = await open_case(office, "From the first"), await open_case(office, "From the second")
    await ada.pick(first)
    box = ada.page.locator("#box")
    await box.get_by_role("checkbox").check()
    await box.locator("textarea").fill("The customer is not to know")
    await ada.pick(second)
    await expect(box.get_by_role("checkbox")).not_to_be_checked()
    await box.get_by_role("button", name="Send").wait_for()
    await ada.pick(first)
    await expect(box.locator("textarea")).to_have_value("The customer is not to know")
    await expect(box.get_by_role("checkbox")).to_be_checked()
    await ada.page.reload()
    await expect(box.locator("textarea")).to_have_value("The customer is not to know")
    await expect(box.get_by_role("checkbox")).to_be_checked()
    await box.get_by_role("button", name="Keep note").click()
    await ada.page.locator("#log .bubble.note", has_text="The customer is not to know").wait_for()
    assert [] == await office.said(first)


async def test_what_is_pressed_twice_is_sent_once(ada: Staff, office: Office) -> None:
    """While it is on its way nothing more goes out, and nothing can be written that would be lost."""
    await ada.pick(await open_case(office, "Hello"))
    box = ada.page.locator("#box textarea")
    await ada.page.locator("#box").get_by_role("checkbox").check()
    await box.fill("Once")
    async with held(ada.page, "**/notes", "POST") as asked:
        await box.press("Control+Enter")
        await box.press("Control+Enter")
        await expect(ada.page.locator("#box").get_by_role("button", name="Keep note")).to_be_disabled()
    await expect(box).to_have_value("")
    assert 1 == len(asked)
    await expect(ada.page.locator("#log .bubble.note")).to_have_count(1)
    await expect(box).to_be_focused()


async def test_what_is_sent_is_no_draft_any_more_wherever_one_looks(ada: Staff, office: Office) -> None:
    """Also in the box of a ticket that was left and opened again meanwhile."""
    first, second = await open_case(office, "From the first"), await open_case(office, "From the second")
    await ada.pick(first)
    async with held(ada.page, "**/messages", "POST"):
        await ada.say("On its way")
        await ada.pick(second)
        await ada.hear("From the second")
        await ada.pick(first)
        await expect(ada.page.locator("#box textarea")).to_have_value("On its way")
    await expect(ada.page.locator("#box textarea")).to_have_value("")
    async with held(ada.page, "**/messages", "POST"):
        await ada.say("The next one")
        await ada.pick(second)
        await ada.hear("From the second")
    await ada.pick(first)
    await ada.hear("The next one")
    await expect(ada.page.locator("#box textarea")).to_have_value("")
    await ada.page.reload()
    await ada.hear("The next one")
    await expect(ada.page.locator("#box textarea")).to_have_value("")
    assert ["On its way", "The next one"] == await office.said(first)


async def test_the_box_is_there_whenever_the_ticket_is(ada: Staff, office: Office) -> None:
    """The same line pressed again while an act is on its way."""
    number = await open_case(office, "Hello", answered=False)
    await ada.pick(number)
    async with held(ada.page, f"**/tickets/{number}"):
        async with held(ada.page, "**/accept", "POST"):
            await ada.page.locator("#head").get_by_role("button", name="Accept").click()
            await ada.page.locator(f".entry[data-number='{number}']").click()
            await expect(ada.page.locator("#log")).to_have_text("Loading…")
        await ada.hear("Hello")
    await ada.page.locator("#box textarea").wait_for()
    await ada.say("I have it")
    await ada.hear("I have it")


async def test_a_dialog_is_about_the_ticket_it_was_asked_for(ada: Staff, office: Office) -> None:
    """It says which; whoever went on before it could open is asked nothing, and pressed twice it is one."""
    first, second = await open_case(office, "From the first"), await open_case(office, "From the second")
    await ada.pick(first)
    button = ada.page.locator("#head").get_by_role("button", name="Hand over…")
    async with held(ada.page, "**/people"):
        await button.dblclick()
    await ada.page.get_by_role("dialog", name=first).wait_for()
    await expect(ada.page.locator("dialog")).to_have_count(1)
    await ada.page.keyboard.press("Escape")
    async with held(ada.page, "**/people"):
        await button.click()
        await ada.page.locator(f".entry[data-number='{second}']").click()
        await ada.hear("From the second")
    await reload_lists(ada.page)
    await expect(ada.page.locator("dialog")).to_have_count(0)


async def test_a_ticket_that_one_may_not_see_any_more_is_closed(ada: Staff, office: Office, sessions: Sessions) -> None:
    """What was begun is not lost with it; that it is another's is said in one's own language."""
    number = await open_case(office, "Hello")
    await ada.pick(number)
    await ada.page.locator(".languages").get_by_text("繁體中文").click()
    await ada.hear("Hello")
    async with sessions.begin() as session:
        lin = (await session.scalars(select(PersonRow).where(PersonRow.login == "lin"))).one()
        person = (await session.scalars(select(PersonRow).where(PersonRow.login == "ada"))).one()
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        ticket.owner_id, person.desk = lin.id, "order"
    await ada.page.locator("#log", has_text="這是別人的案件").wait_for()
    await expect(ada.page.locator("#box textarea")).to_have_count(0)
    assert "" == await ada.page.locator("#case").inner_text()


async def test_an_answer_that_is_none_is_asked_for_again(ada: Staff, office: Office) -> None:
    """A proxy's page, while the server is started anew: the ticket comes once it can."""
    number = await open_case(office, "Hello")
    await ada.page.locator(f".entry[data-number='{number}']").wait_for()
    await ada.page.route(f"**/api/v1/tickets/{number}", lambda route: route.fulfill(status=502, body="<html>"), times=1)
    await ada.pick(number)
    await ada.page.locator("#line", has_text="connection is gone").wait_for()
    await ada.hear("Hello")
    await expect(ada.page.locator("#line")).to_be_hidden()


async def test_the_console_starts_late_rather_than_never(ada: Staff, office: Office) -> None:
    """Its texts, and the names of who works here, are asked for again."""
    await ada.page.route("**/console/texts/*", lambda route: route.abort(), times=1)
    await ada.page.route("**/api/v1/people", lambda route: route.abort(), times=1)
    await ada.page.reload()
    await ada.pick(await open_case(office, "Hello"))
    await ada.hear("Hello")
    await expect(ada.page.locator("#line")).to_be_hidden()


async def test_all_that_a_customer_says_is_read_out_once(ada: Staff, office: Office) -> None:
    """Two bubbles together, also where one's own answer brings them."""
    number = await open_case(office, "Hello")
    await ada.pick(number)
    await ada.hear("Hello")
    await say(office.sessions, number, "One thing")
    await say(office.sessions, number, "And another")
    await ada.say("I see")
    await ada.hear("I see")
    live = ada.page.locator("#live p", has_text="Customer:")
    await expect(live).to_have_text(["Customer: One thing", "Customer: And another"])


async def test_a_break_outlasts_a_reload(ada: Staff, office: Office) -> None:
    """Until one says that one is back."""
    box = ada.page.locator("#available")
    await expect(box).to_be_checked()
    async with ada.page.expect_response("**/presence"):
        await box.uncheck()
    await ada.page.reload()
    await ada.page.locator("#list .empty").wait_for()
    await expect(box).not_to_be_checked()
    async with ada.page.expect_response("**/presence"):
        await box.check()
    await ada.page.reload()
    await expect(box).to_be_checked()


async def test_what_went_wrong_in_a_dialog_is_said_in_it(ada: Staff, office: Office) -> None:
    """It stays open with what was typed; colleagues are named with their role and desk in words."""
    await ada.pick(await open_case(office, "Hello"))
    await ada.page.get_by_role("button", name="Hand over…").click()
    dialog = ada.page.locator("dialog")
    await dialog.wait_for()
    assert "Lin · agent · After-sales" in await dialog.locator("option").all_inner_texts()
    await ada.page.route("**/handover", lambda route: route.abort())
    await dialog.locator("input").fill("on holiday")
    await dialog.locator("button.main").click()
    await dialog.get_by_role("alert").get_by_text("connection is gone").wait_for()
    await expect(dialog.locator("input")).to_have_value("on holiday")


async def test_a_search_finds_what_is_over_and_without_the_letters(
    ada: Staff, office: Office, sessions: Sessions
) -> None:
    """A list of its own, whatever list was open; with the box empty, that one is there again."""
    number = await open_case(office, "Hello")
    async with sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        ticket.state = "closed"
    await ada.page.locator("#search").fill(number.removeprefix("SW-"))
    await ada.page.locator(f".entry[data-number='{number}']", has_text="closed").wait_for()
    await expect(ada.page.get_by_role("tab", name="Found 1")).to_have_attribute("aria-selected", "true")
    await ada.page.locator("#search").fill("nothing like it")
    await ada.page.locator("#list", has_text="No ticket of this number").wait_for()
    await ada.page.locator("#search").fill("")
    await expect(ada.page.get_by_role("tab", name="Mine")).to_have_attribute("aria-selected", "true")


async def test_what_is_over_and_what_is_due_soon_are_two_figures(ada: Staff, office: Office) -> None:
    """An overdue ticket is not "due within the hour"; the clock says until when it ran."""
    number = await open_case(office, "Hello", age=timedelta(days=3))
    await open_case(office, "Hello", age=timedelta(hours=1, minutes=30))
    await reload_lists(ada.page)
    await ada.page.locator("#soon", has_text="1 overdue").wait_for()
    await ada.page.locator("#soon", has_text="1 due within the hour").wait_for()
    await ada.pick(number)
    await ada.page.locator("#head .due.late").wait_for()
    await ada.page.locator(".clock .until", has_text="by ").first.wait_for()


async def test_actors_and_days_are_told_in_the_readers_language(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions
) -> None:
    """Neither a login nor a word of the program's; in English the day comes before the month."""
    staff = await let_in(browser, server, sessions, name="王小明", language="zh-Hant")
    await staff.pick(await open_case(office, "您好", age=timedelta(days=3)))
    await staff.page.locator(".thin", has_text="建案 · 機器人").wait_for()
    lines = " ".join(await staff.page.locator(".thin").all_inner_texts())
    assert not {"clock", "bot", "ada"} & set(lines.replace(":", " ").split())
    await staff.page.goto(f"{server.make_url('/console')}?lang=en")
    day = f"{SystemClock().now() - timedelta(days=3):%b}"
    await staff.page.locator(".entry").first.click()
    await staff.page.locator(".thin", has_text=day).first.wait_for()
    assert f" {day}," in await staff.page.locator(".thin").first.inner_text()


async def test_times_are_told_as_the_readers_clock_shows_them(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions
) -> None:
    """On a page that the server writes, too; the zone is named where it is not the shop's."""
    zone, seen = ZoneInfo("America/New_York"), SystemClock().now() - timedelta(hours=5)
    lead = await let_in(browser, server, sessions, role="team_lead", timezone_id=zone.key)
    async with sessions.begin() as session:
        lin = (await session.scalars(select(PersonRow).where(PersonRow.login == "lin"))).one()
        lin.last_seen_at = seen
    await lead.page.goto(str(server.make_url("/console/roster?lang=en")))
    told = await lead.page.locator("tr[data-login=lin] .duty .by").inner_text()
    assert f"{seen.astimezone(zone):%H:%M} (" in told
    assert "New York" in told


async def test_another_language_and_a_reload_show_the_same_ticket(ada: Staff, office: Office) -> None:
    """Its number stands in the address."""
    number = await open_case(office, "Hello")
    await ada.pick(number)
    await ada.page.locator(".languages").get_by_text("繁體中文").click()
    await ada.page.locator("#head", has_text=number).wait_for()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "zh-Hant")


async def test_notices_close_by_escape_and_lead_to_their_ticket(ada: Staff, office: Office) -> None:
    """Focus goes back to the bell, or on to the ticket; how many there are stands in the window's title."""
    number = await open_case(office, "Hello")
    async with office.sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        session.add(
            NoticeRow(
                cause="it came back", person_id=ticket.owner_id, ticket_id=ticket.id, kind="reopened",
                at=ticket.opened_at, not_before=ticket.opened_at,
            )
        )  # fmt: skip
    await ada.page.locator("#bell-count", has_text="1").wait_for()
    assert "(1) 首問 console" == await ada.page.title()
    await ada.page.locator("#bell").click()
    await ada.page.locator("#notice-list button").first.press("Escape")
    await expect(ada.page.locator("#bell")).to_be_focused()
    await ada.page.locator("#bell").click()
    await ada.page.locator("#notice-list button", has_text=number).first.press("Enter")
    await expect(ada.page.locator("#head h2")).to_be_focused()


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_nothing_sticks_out(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions, width: int, language: str
) -> None:
    """Long names, words without an end, markup in them: queue, conversation and case are as wide as the window."""
    size = {"viewport": {"width": width, "height": 860}}
    staff = await let_in(browser, server, sessions, name=LONG_NAME, language=language, **size)
    late = await open_case(office, UNBROKEN, LONG_WORDS, age=timedelta(days=3))
    new = await open_case(office, UNBROKEN, LONG_WORDS, answered=False)
    for number in (late, new):
        await staff.page.reload()
        await staff.page.locator(".entry").nth(1).wait_for()
        assert [] == await find_wide(staff.page)
        await staff.pick(number)
        await staff.hear("<b>")
        assert [] == await find_wide(staff.page)
        if width <= 1000:
            await staff.page.locator("#head .back").last.click()
            await staff.page.locator("#case .clock").first.wait_for()
            assert [] == await find_wide(staff.page)
            await staff.page.locator("#case .back").click()
            await staff.page.locator("#head .back").first.click()
    assert [] == staff.faults


async def test_on_a_phone_the_focus_goes_along_with_the_steps(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions
) -> None:
    """Into the ticket, into the case, and back to the line it came from."""
    staff = await let_in(browser, server, sessions, **PHONE)
    number = await open_case(office, "Hello")
    await staff.pick(number)
    await expect(staff.page.locator("#head h2")).to_be_focused()
    await staff.page.locator("#head .back").last.click()
    await expect(staff.page.locator("#case")).to_be_focused()
    await staff.page.locator("#case .back").click()
    await staff.page.locator("#head .back").first.click()
    await expect(staff.page.locator(f".entry[data-number='{number}']")).to_be_focused()


async def find_wide(page: Page) -> list[str]:
    """Elements that reach beyond the window's right edge, and are not in a row that moves sideways."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".sr, .acts"))
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    return found


async def test_a_list_that_is_cut_says_so(
    browser: Browser, server: TestServer, office: Office, sessions: Sessions
) -> None:
    """Of 205 tickets the 200 that are due first are listed; the supervisor's figure counts them all."""
    staff = await let_in(browser, server, sessions)
    for _ in range(205):
        await office.open("ada", category="after_sales", age=timedelta(days=3))
    await reload_lists(staff.page)
    await staff.page.get_by_role("tab", name="Mine 200+").wait_for()
    await staff.page.locator("#list .empty", has_text="there are more").wait_for()
    async with sessions.begin() as session:
        person = (await session.scalars(select(PersonRow).where(PersonRow.login == "ada"))).one()
        person.role = "team_lead"
    await staff.page.goto(str(server.make_url("/supervisor")))
    await expect(staff.page.locator("section[aria-labelledby=f-overdue] .big")).to_have_text("205")
    await staff.page.get_by_role("link", name="197 more").wait_for()
