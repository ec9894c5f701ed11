"""A refund for a part, from the chat over a person's word to the shop's account; and what is left of it afterwards."""

import io
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from actions.models import ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.shop import Payment
from escalation.models import TicketRow
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.integration.machine import eventually
from tests.integration.office import Office, open_office

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def find_payment(sessions: Sessions, order: DemoOrder) -> Payment:
    """What the shop has of an order's payment."""
    found = await EmbeddedShop(sessions).find_order(order.number)
    assert found is not None
    assert found.payment is not None
    return found.payment


async def confirm_all(office: Office, sessions: Sessions) -> list[dict[str, Any]]:
    """Let a supervisor confirm all that waits on the only ticket; returns it as the console shows it."""
    async with sessions() as session:
        number = (await session.scalars(select(TicketRow.number))).one()
    _, ticket = await office.ask("supervisor", "GET", f"/api/v1/tickets/{number}")
    waiting: list[dict[str, Any]] = ticket["prepared"]
    for one in waiting:
        path, named = f"/api/v1/tickets/{number}/confirm", {"command": one["command"]}
        status, _ = await office.ask("supervisor", "POST", path, json=named)
        assert 200 == status
    return waiting


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> Office:
    """One of each role."""
    return await open_office(client, sessions)


async def test_one_of_three_is_paid_back_at_a_persons_word(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, office: Office
) -> None:
    """The person sees item, number and amount; the shop pays once; the customer hears it, and what is left is known."""
    order, chat = order_saying(seeded, "One box is missing"), await Chat.open(client, locale="en")
    said = "I bought three boxes and one is missing, I want a refund for it."
    await chat.ask(f"{said} Order {order.number}, phone ending {order.phone_last4}", "photo")
    await chat.write("", attachments=(await upload(client, chat),))
    await chat.hear("a refund of ¥39 for 1 ×")
    (waiting,) = await confirm_all(office, sessions)
    assert ("refund", "39.00", "confirm") == (waiting["kind"], waiting["amount"], waiting["may"])
    assert {"sku": "biscuits", "quantity": "1", "amount": "39.00"} == waiting["details"]
    await chat.hear("¥39 has gone back")
    payment = await find_payment(sessions, order)
    assert (39, payment.amount - 39, None) == (payment.refunded, payment.left, payment.refunded_at)
    await confirm_all(office, sessions)  # pressed again, nothing happens
    assert payment == await find_payment(sessions, order)


async def upload(client: Client, chat: Chat) -> str:
    """Send a photo; returns its id."""
    photo = io.BytesIO()
    Image.new("RGB", (80, 60), "grey").save(photo, "JPEG")
    photo.seek(0)
    mine = {"Authorization": f"Bearer {chat.session}", "Content-Type": "image/jpeg"}
    response = await client.post("/api/v1/attachments", data=photo, headers=mine)
    return str((await response.json())["id"])


async def test_parts_that_came_back_are_paid_to_the_cent(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, office: Office
) -> None:
    """Two of three came back a month ago: each is confirmed by itself, on one ticket; the rest of the order stays."""
    order = order_saying(seeded, "Three things in one order")
    await send_back(sessions, order, "lamp", "cups")
    chat = await Chat.open(client, locale="en")
    await chat.ask(f"Where is my refund? Order {order.number}, phone ending {order.phone_last4}", "SW-")
    waiting = await confirm_all(office, sessions)
    assert [("lamp", "1", "149.00"), ("cups", "1", "89.00")] == [
        (one["details"]["sku"], one["details"]["quantity"], one["amount"]) for one in waiting
    ]

    async def is_paid() -> bool:
        return (await find_payment(sessions, order)).refunded == 238

    await eventually(is_paid)
    await chat.hear("¥149 has gone back")
    await chat.hear("¥89 has gone back")
    payment = await find_payment(sessions, order)
    assert (payment.amount - 238, None) == (payment.left, payment.refunded_at)
    await chat.ask("Where is my refund?", "¥149 has gone back already")


async def test_after_a_difference_the_rest_is_named_and_paid(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, office: Office
) -> None:
    """219.00 were paid and 30.00 went back: the bot names the 189.00 that the shop then pays."""
    order = order_saying(seeded, "Cheaper by 30 yuan")
    chat = await Chat.open(client, locale="en")
    await chat.ask(
        f"It got cheaper, can I get the price difference? Order {order.number}, phone ending {order.phone_last4}",
        "difference of ¥30",
    )
    await send_back(sessions, order, "bag")
    await chat.ask(f"Where is the refund for the backpack I sent back? Order {order.number}", "a refund of ¥189")
    assert ["189.00"] == [one["amount"] for one in await confirm_all(office, sessions)]
    await chat.hear("¥189 has gone back")
    payment = await find_payment(sessions, order)
    assert (payment.amount, 0) == (payment.refunded, payment.left)


async def send_back(sessions: Sessions, order: DemoOrder, *skus: str) -> None:
    """Let items have come back two weeks ago, of an order that was signed for a month before."""
    now, month = SystemClock().now(), timedelta(days=30)
    of_order = ShopOrderItem.order_number == order.number
    back = update(ShopOrderItem).where(of_order, ShopOrderItem.sku.in_(skus)).values(returned_at=now - month / 2)
    paid = update(ShopPayment).where(ShopPayment.order_number == order.number).values(paid_at=now - month - month)
    sent = update(ShopShipment).where(ShopShipment.order_number == order.number)
    async with sessions.begin() as session:
        await session.execute(back)
        await session.execute(paid)
        await session.execute(
            update(ShopOrder).where(ShopOrder.number == order.number).values(placed_at=now - 2 * month)
        )
        await session.execute(
            sent.values(dispatched_at=now - 1.5 * month, delivered_at=now - month, signed_at=now - month)
        )
        await session.execute(delete(ShopScan).where(ShopScan.order_number == order.number))
