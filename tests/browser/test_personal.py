"""Personal data at the console: masked, shown to one person at a time for a reason, gone when they leave."""

from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.keys import SERVICES
from bot.turn.private import close_private, open_private
from escalation.models import TicketRow
from tests.browser.staff import Staff, sign_in
from tests.browser.test_confirming import LOOKS, _look, _open
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

Sessions = async_sessionmaker[AsyncSession]
WHERE = "浙江省杭州市西湖区文三路90号5栋301室"


async def redirect(client: aiohttp.ClientSession, seeded: list[DemoOrder]) -> Chat:
    """A parcel that is on its way shall go elsewhere: a case with the new address; then to somebody else."""
    order = order_saying(seeded, "On its way, within the three days")
    chat = await Chat.open(client, locale="zh-Hans")
    await chat.ask(f"请把收货地址改成{WHERE}。订单号{order.number}，手机尾号{order.phone_last4}", "SW-")
    await chat.ask("收件人改成李小明", "SW-")
    return chat


async def let_in(browser: Browser, server: TestServer, sessions: Sessions, login: str, **more: Any) -> Staff:
    """Let a lead of the logistics desk in."""
    who = {"name": login.title(), "role": "team_lead", "desk": "logistics", **more}
    return await sign_in(browser, server, sessions, login=login, **who)


async def test_shown_to_one_for_a_reason_until_they_leave(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """A reason of one's own must be said; a colleague sees that one looked, not what; nothing is kept anywhere."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        await redirect(client, seeded)
    ada, bob = [await let_in(browser, server, sessions, login) for login in ("ada", "bob")]
    number = await _open(bob, server, sessions)
    await _open(ada, server, sessions)
    address = ada.page.locator("[data-field='facts/address']")
    await expect(address).to_contain_text("浙江省杭州市…")
    await address.get_by_role("button", name="Show address").press("Enter")
    dialog = ada.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").select_option("other")
    await dialog.get_by_role("button", name="Show", exact=True).click()
    await expect(dialog).to_be_visible()  # no reason, no answer
    await dialog.get_by_label("In your own words").fill("she rang, 13812345678")
    await ada.page.keyboard.press("Enter")
    await expect(address.get_by_role("status")).to_have_text(WHERE)
    await expect(address.get_by_role("button", name="Hide address")).to_be_focused()
    await bob.page.locator("#log .thin", has_text="she rang, 138****5678 · Ada").wait_for()
    await expect(bob.page.locator("[data-field='facts/address']")).to_contain_text("浙江省杭州市…")
    assert "文三路90号" not in await bob.page.content()
    kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href])"
    assert "文三路90号" not in await ada.page.evaluate(kept)
    await ada.page.keyboard.press("Enter")
    await expect(address.get_by_role("status")).to_have_text("浙江省杭州市…")
    await _show(ada, "facts/address")
    await expect(address.get_by_role("status")).to_have_text(WHERE)
    await ada.page.goto(f"{server.make_url('/console')}#")
    await expect(address).to_have_count(0)
    await ada.page.goto(f"{server.make_url('/console')}#{number}")
    await expect(address.get_by_role("status")).to_have_text("浙江省杭州市…")
    assert [] == ada.faults + bob.faults


async def test_what_was_shown_is_no_longer_once_it_has_changed(
    browser: Browser, server: TestServer, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The newer value stands there, masked: nobody goes on working with the older one."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        chat = await redirect(client, seeded)
        ada = await let_in(browser, server, sessions, "ada")
        number = await _open(ada, server, sessions)
        await _show(ada, "facts/address")
        address = ada.page.locator("[data-field='facts/address']").get_by_role("status")
        await expect(address).to_have_text(WHERE)
        seal = server.app[SERVICES].seal
        async with sessions.begin() as session:
            ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
            facts = {**open_private(ticket.packet["facts"], seal), "address": "北京市朝阳区建国路88号"}
            ticket.packet = {**ticket.packet, "facts": close_private(facts, seal)}
        await chat.ask("收件人改成王小丫", "SW-")
        await expect(address).to_have_text("北京市…")
        assert WHERE not in await ada.page.content()
    assert [] == ada.faults


async def _show(staff: Staff, field: str) -> None:
    """By keys alone, for the first of the usual reasons."""
    await staff.page.locator(f"[data-field='{field}'] button").press("Enter")
    await staff.page.locator("dialog select").focus()
    await staff.page.keyboard.press("Tab")
    await staff.page.keyboard.press("Enter")


@LOOKS
async def test_masked_and_shown_values_can_be_read_anywhere(
    browser: Browser,
    server: TestServer,
    seeded: list[DemoOrder],
    sessions: Sessions,
    language: str,
    screen: dict[str, Any],
    name: str,
) -> None:
    """Wide and on a phone, light and dark, in each language: in the case, in the conversation, in the dialog."""
    async with aiohttp.ClientSession(base_url=server.make_url("/")) as client:
        await redirect(client, seeded)
    staff = await let_in(browser, server, sessions, "ada", language=language, **screen)
    await _open(staff, server, sessions)
    button = staff.page.locator("[data-field='facts/address'] button")
    await button.evaluate("shown => shown.scrollIntoView({ block: 'center' })")
    await staff.keep(f"personal-masked-{name}")
    await button.press("Enter")
    await staff.page.locator("dialog select").select_option("other")
    await staff.keep(f"personal-why-{name}")
    assert ([], False) == await _look(staff)
    await staff.page.locator("dialog select").select_option("carrier")
    await staff.page.locator("dialog button.main").click()
    await expect(staff.page.locator("[data-field='facts/address'] [role=status]")).to_have_text(WHERE)
    await expect(staff.page.locator("#log .thin")).to_have_count(3)  # opened, added to, looked at
    await staff.keep(f"personal-shown-{name}")
    assert ([], False) == await _look(staff)
    assert [] == staff.faults
