"""Customers in Chromium: the demo shop's page, the widget, in three languages, by mouse, finger and keyboard."""

import io
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image
from playwright.async_api import Browser, expect
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.keys import SERVICES
from bot.lifetimes import close_sockets
from bot.models import Inbound, Message
from bot.nlu.embedded import EmbeddedInterpreter
from bot.security.chat_links import make_chat_link
from bot.settings import Settings
from escalation.models import TicketRow
from tests.browser.barriers import find_barriers
from tests.browser.conftest import PHONE, WIDE, Window, open_window
from tests.integration.conftest import order_saying

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]


async def test_the_earphone_story_in_traditional_chinese(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Told with dates why exchange or repair is open and return is not; repair becomes a case with owner and time."""
    order = order_saying(seeded, "earphone dead")
    window = await open_window(browser, f"{server.make_url('/')}?lang=zh-Hant", **WIDE)
    await window.keep("shop-zh-hant")
    await window.open_chat()
    await window.write("左耳機沒有聲音了，收到十天")
    await window.see("訂單編號")
    await window.write(f"{order.number}，手機尾號 {order.phone_last4}")
    await window.see("您希望怎麼處理")
    told = await window.log.inner_text()
    assert "退貨" in told
    assert "月" in told
    await window.keep("earphone-offer-zh-hant")
    await window.press("維修")
    await _see_case(window, sessions)
    await window.keep("earphone-case-zh-hant")
    assert window.faults == []


async def test_the_earphone_story_in_english_on_a_phone(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The same, with a finger, full screen."""
    order = order_saying(seeded, "earphone dead")
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **PHONE)
    await window.keep("shop-en-phone")
    await window.open_chat()
    panel = await window.chat.locator(".panel").bounding_box()
    assert panel is not None
    assert (390, 844) == (panel["width"], panel["height"])
    await window.write("My left earphone went silent, it arrived ten days ago")
    await window.see("order number")
    await window.write(f"{order.number} and my phone ends in {order.phone_last4}")
    await window.see("Which would you like")
    await window.keep("earphone-offer-en-phone")
    await window.press("Have it repaired")
    await _see_case(window, sessions)
    await window.keep("earphone-case-en-phone")
    assert window.faults == []


async def _see_case(window: Window, sessions: Sessions) -> None:
    line = window.chat.locator(".case")
    await line.wait_for()
    async with sessions() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
    shown = await line.inner_text()
    assert ticket.number in shown
    assert "Lin" in shown
    await window.see(ticket.number)


async def test_everything_by_keyboard(browser: Browser, server: TestServer, seeded: list[DemoOrder]) -> None:
    """Open, write, choose a button, close: no mouse; focus goes back to where it was."""
    order = order_saying(seeded, "Not sent yet")
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.chat.locator("button.launch").focus()
    keyboard = window.page.keyboard
    await keyboard.press("Enter")
    await keyboard.type(f"Please cancel my order {order.number}, phone ends in {order.phone_last4}")
    await keyboard.press("Enter")
    await window.chat.locator(".choices button").first.wait_for()
    for _ in range(10):
        await keyboard.press("Shift+Tab")
        if await _focused_text(window) == "Yes":
            break
    assert await _focused_text(window) == "Yes"
    await keyboard.press("Enter")
    await window.see("is cancelled")
    await keyboard.press("Escape")
    await expect(window.chat.locator(".panel")).to_be_hidden()
    assert await window.page.evaluate("document.querySelector('shouwen-chat').shadowRoot.activeElement.className") == (
        "launch"
    )


async def _focused_text(window: Window) -> str:
    return str(
        await window.page.evaluate("document.querySelector('shouwen-chat').shadowRoot.activeElement?.textContent || ''")
    )


async def test_what_is_written_offline_is_sent_once(
    browser: Browser, server: TestServer, app: web.Application, sessions: Sessions
) -> None:
    """The line breaks; what was written meanwhile goes out when it is back, and the customer is told so."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.write("hello")
    await window.see("customer service")
    await window.page.context.set_offline(True)
    await close_sockets(app)
    await window.write("I want to talk to a human")
    await window.log.locator(".bubble.mine", has_text="Offline, will send").wait_for()
    await window.keep("offline-en")
    await window.page.context.set_offline(False)
    await window.see("SW-")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Inbound)) == 2
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 1


async def test_a_reload_shows_the_same_conversation(browser: Browser, server: TestServer) -> None:
    """Nothing has to be said again."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.write("hello")
    await window.see("customer service")
    await window.page.reload()
    await window.open_chat()
    await window.see("customer service")
    await expect(window.log.locator(".bubble.mine", has_text="hello")).to_have_count(1)


async def test_a_photo_is_sent_and_shown(browser: Browser, server: TestServer) -> None:
    """Picked from the disk, shown in the conversation."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.chat.locator("input[type=file]").set_input_files(
        {"name": "earphone.png", "mimeType": "image/png", "buffer": _png()}
    )
    image = window.log.locator(".bubble.mine img[src]")
    assert 0 < await image.evaluate("async (shown) => { await shown.decode(); return shown.naturalWidth; }")
    await expect(image).to_have_attribute("alt", "Photo")


async def test_a_program_as_a_photo_is_refused_with_words(browser: Browser, server: TestServer) -> None:
    """It says what can be sent instead."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.chat.locator("input[type=file]").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00" + bytes(200)}
    )
    await window.chat.locator(".bar", has_text="JPEG").wait_for()
    await expect(window.log.locator("img")).to_have_count(0)


async def test_markup_is_shown_as_text(browser: Browser, server: TestServer, sessions: Sessions) -> None:
    """Nothing that a customer writes is ever run."""
    attack = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'> /restart{}"
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.write(attack)
    await window.log.locator(".bubble:not(.mine)").nth(0).wait_for()
    await window.page.reload()
    await window.open_chat()
    await window.log.locator(".bubble.mine", has_text=attack).wait_for()
    assert await window.page.evaluate("window.hit === undefined")
    async with sessions() as session:
        assert attack == await session.scalar(select(Message.text).where(Message.sender == "customer"))


async def test_the_language_can_be_switched(browser: Browser, server: TestServer) -> None:
    """Page in English, customer prefers Simplified Chinese: widget and bot follow."""
    window = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await window.open_chat()
    await window.chat.locator("select").select_option("zh-Hans")
    await window.chat.get_by_role("button", name="发送").wait_for()
    await window.write("你好")
    await window.see("需要什么帮助")
    await window.keep("chat-zh-hans")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
async def test_no_barrier_is_found(browser: Browser, server: TestServer, language: str, screen: dict[str, Any]) -> None:
    """Axe finds nothing on the shop's page, nor with the chat open and a question with buttons in it."""
    window = await open_window(browser, f"{server.make_url('/')}?lang={language}", reduced_motion="reduce", **screen)
    assert [] == await find_barriers(window.page)
    await window.open_chat()
    await window.write("hello" if language == "en" else "你好")
    await window.chat.locator(".choices button").first.wait_for()
    assert [] == await find_barriers(window.page)


async def test_another_shops_page_carries_the_widget(
    browser: Browser, settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder]
) -> None:
    """One script tag on a page of another origin that the settings allow; the page itself stays as it was."""
    page = {"html": ""}

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=page["html"], content_type="text/html")

    shop = web.Application()
    shop.router.add_get("/page", show)
    async with TestServer(shop) as host:
        allowed = settings.model_copy(update={"allowed_origins": f"http://{host.host}:{host.port}"})
        async with TestServer(build_app(allowed, database_url=database_url, interpreter=interpreter)) as chat:
            script = f"<script src='{chat.make_url('/widget.js')}'></script>"
            page["html"] = f"<!doctype html><title>Shop</title><p id=p>Hello</p>{script}"
            window = await open_window(browser, str(host.make_url("/page")), locale="en-GB")
            await window.open_chat()
            await window.write("hello")
            await window.see("customer service")
            font = await window.page.evaluate("getComputedStyle(document.getElementById('p')).fontFamily")
            assert "system-ui" not in font


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("language", "screen"), [("en", PHONE), ("zh-Hant", WIDE)], ids=["phone", "wide"])
async def test_a_mails_link_opens_the_chat_where_it_was(
    browser: Browser,
    app: web.Application,
    server: TestServer,
    sessions: Sessions,
    language: str,
    screen: dict[str, Any],
) -> None:
    """In another browser, signed in nowhere; the token leaves the address at once."""
    first = await open_window(browser, f"{server.make_url('/')}?lang=en", **WIDE)
    await first.open_chat()
    await first.write("I want to talk to a human")
    await first.see("will take over")
    services = app[SERVICES]
    async with sessions() as session:
        conversation = (await session.scalars(select(Message.conversation_id))).first()
    assert conversation is not None
    link = make_chat_link(services.seal, str(server.make_url("/")), conversation, now=services.clock.now())
    page, token = link.split("#")
    second = await open_window(browser, f"{page}?lang={language}#{token}", opens=True, **screen)
    await second.see("will take over")
    assert token not in second.page.url
    await second.keep(f"chat-{language.lower()}")
    assert [] == await find_barriers(second.page)
    assert [] == second.faults
