"""The widget while things go on: what one reads, fills in and has rated is neither lost nor said twice."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, async_playwright, expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.keys import SERVICES
from bot.models import Conversation, Message
from escalation.models import SurveyRow, TicketRow
from tests.browser.conftest import CHROMIUM, WIDE, Window, open_window
from tests.browser.staff import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
ENGLISH = {**WIDE, "locale": "en-GB"}


async def open_shop(browser: Browser, server: TestServer) -> Window:
    """The demo shop in English with the chat open."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **ENGLISH)
    await window.open_chat()
    return window


async def test_what_was_read_is_not_unread_after_a_reload(
    browser: Browser, server: TestServer, seeded: list[DemoOrder]
) -> None:
    """Nor is it read out again; what comes while the chat is closed counts, once."""
    window = await open_shop(browser, server)
    await window.write("hello")
    await window.see("customer service")
    await window.page.reload()
    await window.chat.locator(".bubble.mine", has_text="hello").wait_for(state="attached")
    await expect(window.chat.locator(".count")).to_be_hidden()
    await expect(window.chat.locator("[aria-live=polite]")).to_be_empty()
    await window.open_chat()
    await window.write("I want to talk to a person")
    await window.chat.get_by_role("button", name="Close").click()
    await window.chat.locator(".count").wait_for()
    told = await window.chat.locator("[aria-live=polite] p").all_inner_texts()
    assert 1 == len([line for line in told if "SW-" in line])
    await window.page.reload()
    await window.chat.locator(".count").wait_for()


async def test_what_one_reads_and_fills_in_stays_when_something_comes(
    browser: Browser, app: web.Application, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The comment of a rating half written, its faces, the focus: all there after the next bubble."""
    window = await _resolve_one(browser, server, sessions)
    await window.chat.locator(".survey input[name=service][value='4']").check()
    comment = window.chat.locator(".survey textarea")
    await comment.press_sequentially("It was")
    async with sessions.begin() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        conversation.last_seq += 1
        now, seq = datetime.now(UTC), conversation.last_seq
        session.add(Message(conversation_id=conversation.id, seq=seq, sender="system", text="One more thing", at=now))
    app[SERVICES].bus.hint(conversation.id)
    await window.see("One more thing")
    await expect(comment).to_be_focused()
    await comment.press_sequentially(" good")
    await expect(comment).to_have_value("It was good")
    await expect(window.chat.locator(".survey input[name=service][value='4']")).to_be_checked()


async def test_a_rating_given_offline_arrives(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """It says that it waits, is not asked for twice, and is sent once the line is back."""
    window = await _resolve_one(browser, server, sessions)
    await window.page.context.set_offline(True)
    await window.page.evaluate("document.querySelector('shouwen-chat').connection.socket.close()")
    await window.chat.locator(".bar", has_text="Connecting").wait_for()
    for name in ("outcome", "service", "process"):
        await window.chat.locator(f".survey input[name={name}][value='5']").check()
    await window.chat.locator(".survey button.send").click()
    await window.chat.locator(".bubble.mine", has_text="Offline, will send").wait_for()
    await expect(window.chat.locator(".survey")).to_be_hidden()
    async with sessions() as session:
        assert (await session.scalars(select(SurveyRow))).one().answered_at is None
    await window.page.context.set_offline(False)
    await window.see("Thank you")
    async with sessions() as session:
        assert 5 == (await session.scalars(select(SurveyRow))).one().outcome
    await expect(window.chat.locator(".bubble.mine", has_text="5 / 5 / 5")).to_be_hidden()


async def test_the_comment_keeps_the_caret_when_what_stood_before_it_goes(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """A bubble that waited is sent, while the comment of a rating is written."""
    window = await _resolve_one(browser, server, sessions)
    await window.page.context.set_offline(True)
    await window.page.evaluate("document.querySelector('shouwen-chat').connection.socket.close()")
    await window.chat.locator("form textarea").fill("hello")
    await window.chat.locator("form textarea").press("Enter")
    await window.chat.locator(".bubble.mine", has_text="Offline, will send").wait_for()
    comment = window.chat.locator(".survey textarea")
    await comment.press_sequentially("was good")
    await comment.press("Home")
    await comment.evaluate("(node) => node.addEventListener('blur', () => { node.left = true; })")
    await window.page.context.set_offline(False)
    await window.chat.locator(".bubble.mine", has_text="hello").locator("time").wait_for()
    await expect(comment).to_be_focused()
    assert not await comment.evaluate("(node) => node.left")
    await comment.press_sequentially("It ")
    await expect(comment).to_have_value("It was good")


async def test_what_was_rated_before_is_not_asked_for_again(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """From another window, say: that is told, and the buttons are there again."""
    window = await _resolve_one(browser, server, sessions)
    async with sessions.begin() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
        survey.answered_at, survey.outcome = datetime.now(UTC), 3
    await window.chat.locator(".survey input[name=outcome][value='5']").check()
    await window.chat.locator(".survey button.send").click()
    await window.chat.locator(".bar", has_text="You have rated this already").wait_for()
    await expect(window.chat.locator(".survey")).to_be_hidden()
    await expect(window.chat.locator(".bubble.failed")).to_be_hidden()
    await window.chat.locator(".choices button").first.wait_for()


async def test_a_rating_whose_answer_was_lost_is_taken(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """It is sent again, and counts as given."""
    window = await _resolve_one(browser, server, sessions)
    async with sessions.begin() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
        survey.answered_at, survey.outcome = datetime.now(UTC), 5
    await window.chat.locator(".survey input[name=outcome][value='5']").check()
    await window.chat.locator(".survey button.send").click()
    await window.chat.locator(".choices button").first.wait_for()
    await expect(window.chat.locator(".survey")).to_be_hidden()
    await expect(window.chat.locator(".bar")).to_be_hidden()


async def _resolve_one(browser: Browser, server: TestServer, sessions: Sessions) -> Window:
    """Have a customer's matter taken up and resolved: the rating is asked for."""
    agent = await sign_in(browser, server, sessions, login="sue", name="Sue", role="supervisor", desk=None)
    window = await open_shop(browser, server)
    await window.write("I want to talk to a person")
    await window.see("SW-")
    async with sessions() as session:
        number = (await session.scalars(select(TicketRow.number))).one()
    await agent.page.get_by_role("tab", name="All desks").click()
    await agent.pick(number)
    await agent.say("This is Sue.")
    await window.see("This is Sue.")
    await agent.page.get_by_role("button", name="Resolve…").click()
    await agent.page.locator("dialog textarea").fill("Done.")
    await agent.page.locator("dialog button.main").click()
    await window.chat.locator(".survey").wait_for()
    return window


async def test_a_bubble_of_another_day_says_which(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """One of today has its time alone."""
    window = await open_shop(browser, server)
    await window.write("hello")
    await window.see("customer service")
    then = datetime.now(UTC) - timedelta(days=3)
    async with sessions.begin() as session:
        await session.execute(update(Message).where(Message.sender == "customer").values(at=then))
    await window.page.reload()
    await window.open_chat()
    await window.chat.locator(".mine time", has_text=f"{then.day} {then:%B}").wait_for()
    assert ":" == (await window.log.locator(".bubble:not(.mine) time").last.inner_text())[2:3]


async def test_long_words_are_seen_while_they_are_written_and_in_another_language(
    browser: Browser, server: TestServer, seeded: list[DemoOrder]
) -> None:
    """The box grows with them; changing the language keeps them, and the focus on the choice of languages."""
    window = await open_shop(browser, server)
    before = (await window.input.bounding_box() or {})["height"]
    await window.input.fill("a line\nanother\na third")
    assert before < (await window.input.bounding_box() or {})["height"]
    await window.chat.locator("select").select_option("zh-Hant")
    await window.chat.get_by_role("button", name="傳送").wait_for()
    await expect(window.input).to_have_value("a line\nanother\na third")
    await expect(window.chat.locator("select")).to_be_focused()


async def test_a_page_without_encryption_can_chat(server: TestServer, seeded: list[DemoOrder]) -> None:
    """On a plain address a browser hides some of what a page may use: nothing of that is needed."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    args = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP shop.test 127.0.0.1"]
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        window = await open_window(launched, f"http://shop.test:{server.port}/?lang=en", **ENGLISH)
        assert not await window.page.evaluate("isSecureContext")
        await window.open_chat()
        await window.write("hello")
        await window.see("customer service")
        assert [] == window.faults
        await launched.close()
