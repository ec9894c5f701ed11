"""A customer, an agent and a colleague in windows of their own: what one does, the others see without reloading."""

import re
from collections.abc import Sequence
from typing import TypeVar

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Route, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation.models import ClockRow, PersonRow, SurveyRow, TicketRow
from tests.browser.barriers import find_barriers
from tests.browser.conftest import PHONE, WIDE, Window, open_window
from tests.browser.staff import Staff, sign_in
from tests.integration.conftest import order_saying

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
Row = TypeVar("Row")


async def test_the_earphone_ticket_from_queue_to_rating(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Answered, asked for a photo while the clock waits, resolved, rated 5-4-5; nobody reloads a page."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada Wong", role="agent", desk="after_sales", available=True
    )
    await _make_room(sessions)
    customer = await _open_earphone_ticket(browser, server, seeded)
    ticket = await _only(sessions, TicketRow)
    await agent.pick(ticket.number)
    await agent.page.locator(".clock").first.wait_for()
    await agent.keep("console-new-ticket-en")
    await agent.say("Hello, I am Ada and I take care of your earphones.")
    await customer.see("I am Ada")
    await customer.chat.locator(".who", has_text="Ada Wong").wait_for()
    await agent.say("Could you send a photo of the left one?", how="Ask and wait")
    await customer.see("Could you send a photo")
    await agent.page.locator(".clock", has_text="paused").first.wait_for()
    await customer.write("Here it is, the left one")
    await agent.hear("Here it is")
    await agent.page.locator(".clock", has_text="next answer").first.wait_for()
    await expect(agent.page.locator(".clock", has_text="paused")).to_have_count(0)
    await _resolve(agent, "Repaired and on its way back to you.")
    await _rate(customer, (5, 4, 5), "quick and kind")
    await agent.page.locator("#case", has_text="5 / 4 / 5 quick and kind").wait_for()
    survey = await _only(sessions, SurveyRow)
    assert (5, 4, 5, "quick and kind") == (survey.outcome, survey.service, survey.process, survey.comment)
    async with sessions() as session:
        met = (await session.scalars(select(ClockRow.met_at))).all()
        rated = await session.get_one(PersonRow, survey.person_id)
    assert None not in met
    assert "ada" == rated.login
    await _see_in_figures(browser, server, sessions)
    assert [] == agent.faults + customer.faults


async def _see_in_figures(browser: Browser, server: TestServer, sessions: Sessions) -> None:
    """The supervisor finds the rating in the figures and in the list."""
    supervisor = await sign_in(
        browser, server, sessions, login="sam", name="Sam Zhou", role="supervisor", desk=None, language="en"
    )
    await supervisor.page.goto(str(server.make_url("/supervisor")))
    rows = await supervisor.page.locator("section[aria-labelledby=f-satisfaction] tbody tr").all_inner_texts()
    assert ["5.00", "4.00", "5.00"] == [row.split()[1] for row in rows[:3]]
    await supervisor.page.locator("section[aria-labelledby=f-surveys]", has_text="quick and kind").wait_for()
    await supervisor.keep("supervisor-wide-en")
    assert [] == await find_barriers(supervisor.page)
    await supervisor.page.set_viewport_size({"width": 420, "height": 860})
    await supervisor.page.goto(f"{server.make_url('/supervisor')}?lang=zh-Hant")
    await supervisor.keep("supervisor-narrow-zh-hant")
    assert [] == await find_barriers(supervisor.page)


async def test_a_low_rating_is_followed_up(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """It waits for the supervisor, who says what was done and what it was about; over a line that breaks, once more."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada Wong", role="agent", desk="after_sales", available=True
    )
    supervisor = await sign_in(browser, server, sessions, login="sam", name="Sam", role="supervisor", desk=None)
    await _make_room(sessions)
    customer = await _open_earphone_ticket(browser, server, seeded)
    await agent.pick((await _only(sessions, TicketRow)).number)
    await _resolve(agent, "Done.")
    await _rate(customer, (2, 1, 2), "too slow")
    await supervisor.page.locator("#bell-count", has_text="1").wait_for()
    await supervisor.page.goto(str(server.make_url("/supervisor")))
    form = supervisor.page.locator("form.follow")
    await form.locator("select").select_option("speed")
    await form.locator("input").fill("Called the customer")
    await supervisor.page.route("**/follow-up", lambda route: route.abort(), times=1)
    await form.locator("button").click()
    await form.get_by_role("alert").get_by_text("connection is gone").wait_for()
    await form.locator("button").click()
    await supervisor.page.locator("td", has_text="Called the customer · speed").wait_for()


async def test_not_solved_opens_it_again_before_the_agents_eyes(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The customer presses "Not solved": the ticket is back in the agent's list, with new clocks."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada Wong", role="agent", desk="after_sales", available=True
    )
    await _make_room(sessions)
    customer = await _open_earphone_ticket(browser, server, seeded)
    ticket = await _only(sessions, TicketRow)
    await agent.pick(ticket.number)
    await _resolve(agent, "Done.")
    await customer.press("Not solved")
    await customer.see("open again")
    await agent.page.locator(f".entry[data-number='{ticket.number}']").wait_for()
    await agent.page.locator(".clock", has_text="#2").first.wait_for()


async def test_colleagues_see_one_another(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Who else has it open, and who is typing, stand above the reply box."""
    ada = await sign_in(browser, server, sessions, login="ada", name="Ada", role="agent", desk="after_sales")
    lead = await sign_in(browser, server, sessions, login="leo", name="Leo", role="team_lead", desk="after_sales")
    await _open_earphone_ticket(browser, server, seeded)
    number = (await _only(sessions, TicketRow)).number
    await ada.pick(number)
    await lead.page.get_by_role("tab", name="My desk").click()
    await lead.pick(number)
    await ada.page.locator(".warning", has_text="Leo").wait_for()
    await lead.page.locator("#box textarea").press_sequentially("Good day")
    await ada.page.locator(".warning", has_text="Leo is answering").wait_for()


async def test_a_note_stays_among_colleagues(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The customer never sees it."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada", role="agent", desk="after_sales", available=True
    )
    await _make_room(sessions)
    customer = await _open_earphone_ticket(browser, server, seeded)
    await agent.pick((await _only(sessions, TicketRow)).number)
    await agent.page.get_by_label("Note", exact=True).check()
    await agent.say("Second time for this model", how="Keep note")
    await agent.page.locator(".bubble.note", has_text="Second time").wait_for()
    await agent.page.get_by_label("Note", exact=True).uncheck()
    await agent.say("I am on it.")
    await customer.see("I am on it.")
    await expect(customer.log.get_by_text("Second time")).to_have_count(0)


async def test_an_answer_sent_again_is_said_once(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The line breaks after the server took it; the words are still in the box, and sending them again is harmless."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada", role="agent", desk="after_sales", available=True
    )
    await _make_room(sessions)
    customer = await _open_earphone_ticket(browser, server, seeded)
    await agent.pick((await _only(sessions, TicketRow)).number)
    await agent.page.route("**/messages", _lose_the_answer, times=1)
    await agent.say("I am on it.")
    await agent.page.locator("#line", has_text="connection is gone").wait_for()
    await agent.page.locator("#box").get_by_role("button", name="Send", exact=True).click()
    await expect(agent.page.locator("#box textarea")).to_have_value("")
    await customer.see("I am on it.")
    await expect(customer.log.get_by_text("I am on it.")).to_have_count(1)


async def _lose_the_answer(route: Route) -> None:
    await route.fetch()
    await route.abort()


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize(
    ("name", "screen"),
    [("wide", {"color_scheme": "light"}), ("phone", {**PHONE, "viewport": {"width": 420, "height": 860}})],
    ids=["wide", "phone"],
)
async def test_the_console_has_no_barrier(
    browser: Browser,
    server: TestServer,
    seeded: list[DemoOrder],
    sessions: Sessions,
    language: str,
    name: str,
    screen: dict[str, object],
) -> None:
    """Axe finds nothing at the door, in the empty console, and with a ticket open."""
    door = await browser.new_page()
    await door.goto(str(server.make_url("/console")))
    assert [] == await find_barriers(door)
    agent = await sign_in(
        browser,
        server,
        sessions,
        login="ada",
        name="Ada",
        role="agent",
        desk="after_sales",
        language=language,
        available=True,
        **{**screen, "locale": "en"},
    )
    await agent.page.locator("#list .empty").wait_for()
    assert [] == await find_barriers(agent.page)
    await _make_room(sessions)
    await _open_earphone_ticket(browser, server, seeded)
    await agent.pick((await _only(sessions, TicketRow)).number)
    await agent.keep(f"console-{name}-{language.lower()}")
    assert [] == await find_barriers(agent.page)


@pytest.mark.parametrize(
    ("language", "screen", "wants"),
    [
        ("en", {}, "The goods do not work properly."),
        ("zh-Hant", {"viewport": {"width": 420, "height": 860}}, "商品功能故障。"),
        ("zh-Hans", {"color_scheme": "dark"}, "商品功能故障。"),
    ],
)
async def test_the_packet_tells_whoever_takes_over_everything(
    browser: Browser,
    server: TestServer,
    seeded: list[DemoOrder],
    sessions: Sessions,
    language: str,
    screen: dict[str, object],
    wants: str,
) -> None:
    """In the agent's language: wants, words, sources, what is open."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="Ada", role="agent", desk="after_sales", language=language,
        available=True, **screen,
    )  # fmt: skip
    await _make_room(sessions)
    await _open_earphone_ticket(browser, server, seeded)
    await agent.pick((await _only(sessions, TicketRow)).number)
    case = agent.page.locator("#case")
    narrow = "viewport" in screen
    if narrow:
        await agent.page.locator("#head button.back").last.click()
    await case.get_by_text(wants).first.wait_for()
    await case.locator("blockquote", has_text="My left earphone is dead").wait_for()
    await case.locator("li", has_text="? ").first.wait_for()
    await agent.keep(f"packet-{'phone' if narrow else 'wide'}-{language.lower()}")
    assert [] == await find_barriers(agent.page)
    assert [] == agent.faults


async def test_nothing_at_the_console_is_left_untranslated(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """A Taiwanese agent's case of a Taiwanese customer: every word in their language, with their punctuation."""
    agent = await sign_in(
        browser, server, sessions, login="ada", name="林雅婷", role="agent", desk="after_sales", language="zh-Hant",
        available=True, locale="zh-TW", timezone_id="Asia/Taipei",
    )  # fmt: skip
    await _make_room(sessions)
    for caption, words, choice in (
        ("earphone dead", "左耳機沒有聲音了", "維修"),
        ("wrong colour", "寄錯貨了，顏色不對", "換貨"),
    ):
        order = order_saying(seeded, caption)
        home = {**WIDE, "timezone_id": "Asia/Taipei"}
        customer = await open_window(browser, f"{server.make_url('/')}?lang=zh-Hant", **home)
        await customer.open_chat()
        await customer.write(f"{words}，訂單 {order.number}，手機尾號 {order.phone_last4}")
        await customer.press(choice)
        await customer.chat.locator(".case").wait_for()
    number = (await _all(sessions, TicketRow))[0].number
    await agent.pick(number)
    await agent.page.locator("#case .check").wait_for()
    shown = await agent.page.locator("main").inner_text()
    for code in ("SW-", "Ctrl+Enter", "Anxing", "SD", "j / k", " h ", " d "):
        shown = shown.replace(code, "")
    assert [] == re.findall(r"[a-z]{3,}[\w.]*", shown)
    assert [] == re.findall(r"[\u4e00-\u9fff][:,;?!]", shown)
    await agent.keep("console-story-zh-hant")
    assert [] == agent.faults


async def _make_room(sessions: Sessions) -> None:
    """Of the seeded team only the one who signed in takes new tickets."""
    async with sessions.begin() as session:
        for person in await session.scalars(select(PersonRow).where(PersonRow.login == "lin")):
            person.available = False


async def _open_earphone_ticket(browser: Browser, server: TestServer, seeded: list[DemoOrder]) -> Window:
    order = order_saying(seeded, "earphone dead")
    customer = await open_window(browser, f"{server.make_url('/')}?lang=en", **{**WIDE, "locale": "en-GB"})
    await customer.open_chat()
    await customer.write(f"My left earphone is dead, order {order.number}, phone ends in {order.phone_last4}")
    await customer.press("Have it repaired")
    await customer.chat.locator(".case").wait_for()
    return customer


async def _resolve(agent: Staff, text: str) -> None:
    await agent.page.get_by_role("button", name="Resolve…").click()
    await agent.page.locator("dialog textarea").fill(text)
    await agent.page.locator("dialog button.main").click()
    await agent.page.locator("#head", has_text="resolved").wait_for()


async def _rate(customer: Window, stars: tuple[int, int, int], comment: str) -> None:
    await customer.chat.locator(".survey").wait_for()
    for name, value in zip(("outcome", "service", "process"), stars, strict=True):
        await customer.chat.locator(f".survey input[name={name}][value='{value}']").check()
    await customer.chat.locator(".survey textarea").fill(comment)
    await customer.keep("survey-en")
    await customer.chat.locator(".survey button.send").click()
    await customer.see("Thank you")


async def _all(sessions: Sessions, row: type[Row]) -> Sequence[Row]:
    async with sessions() as session:
        return (await session.scalars(select(row))).all()


async def _only(sessions: Sessions, row: type[Row]) -> Row:
    async with sessions() as session:
        return (await session.scalars(select(row))).one()
