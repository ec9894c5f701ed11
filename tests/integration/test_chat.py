"""The counter over its socket: what customers write, what they are told, what becomes a ticket."""

from typing import Any

from aiohttp.test_utils import TestClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Inbound, ShopCommandRow
from escalation import audit
from escalation.models import ClockRow, TicketRow
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def test_the_earphone_story(client: Client, seeded: list[DemoOrder], sessions: Sessions) -> None:
    """Day 10: return is closed, exchange or repair is open; repair becomes a ticket with an owner and clocks."""
    order = order_saying(seeded, "earphone dead")
    chat = await Chat.open(client, locale="zh-TW")
    await chat.ask("左耳機沒有聲音了，壞了", "訂單編號")
    offer = await chat.ask(f"{order.number} {order.phone_last4}", "您希望怎麼處理")
    assert sorted(c["value"] for c in offer["choices"])[:2] == ["remedy=exchange", "remedy=repair"]
    opened = await chat.press("remedy=repair", "SW-")
    assert "維修" in opened["text"]
    async with sessions() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
        kinds = sorted((await session.scalars(select(ClockRow.kind))).all())
        assert await audit.verify(session) is None
    assert ("after_sales", order.number) == (ticket.category, ticket.order_number)
    assert kinds == ["claim", "feedback", "resolution", "response"]
    await chat.until("state")
    assert ticket.number == chat.state["ticket"]["number"]


async def test_the_same_frame_twice_is_one_message(client: Client, sessions: Sessions) -> None:
    """The same id gets the same seq, and one answer."""
    chat = await Chat.open(client, locale="en")
    await chat.write("hello", frame_id="once")
    first = (await chat.until("accepted"))["seq"]
    await chat.hear("customer service")
    await chat.write("hello", frame_id="once")
    assert first == (await chat.until("accepted"))["seq"]
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Inbound)) == 1


async def test_an_order_is_cancelled_once(client: Client, seeded: list[DemoOrder], sessions: Sessions) -> None:
    """Asked, confirmed, carried out by the shop, and told."""
    order = order_saying(seeded, "Not sent yet")
    chat = await Chat.open(client, locale="en")
    await chat.ask(f"Please cancel my order {order.number}, phone ends in {order.phone_last4}", "Cancel order")
    await chat.press("confirm=yes", "is cancelled")
    async with sessions() as session:
        command = (await session.scalars(select(ShopCommandRow))).one()
    assert (command.kind, (command.result or {})["done"]) == ("cancel_order", True)


async def test_wrong_digits_lock_after_five_tries(client: Client, seeded: list[DemoOrder]) -> None:
    """Nobody finds out somebody else's order by trying."""
    order = seeded[0]
    wrong = "0000" if order.phone_last4 != "0000" else "1111"
    chat = await Chat.open(client, locale="en")
    await chat.ask("Where is my parcel?", "order number")
    for _ in range(5):
        await chat.ask(f"{order.number} {wrong}", "don't match")
    await chat.ask(f"{order.number} {order.phone_last4}", "closed for today")


async def test_behind_a_proxy_one_visitor_locks_nobody_else(client: Client, seeded: list[DemoOrder]) -> None:
    """Wrong tries are counted by who made them, not by the proxy that all come by."""

    async def ask(address: str, order: DemoOrder, digits: str, words: str) -> None:
        chat = Chat(await client.ws_connect("/ws/chat", headers={"X-Forwarded-For": f"10.9.9.9, {address}"}))
        await chat.send(type="hello", session=None, last_seq=0, locale="en", identity=None)
        await chat.ask(f"Where is my parcel? Order {order.number}, phone ending {digits}", words)

    for order in seeded[:5]:
        wrong = "0000" if order.phone_last4 != "0000" else "1111"
        await ask("198.51.100.1", order, wrong, "")
    await ask("198.51.100.1", seeded[6], seeded[6].phone_last4, "closed for today")
    await ask("203.0.113.7", seeded[6], seeded[6].phone_last4, "signed for")
