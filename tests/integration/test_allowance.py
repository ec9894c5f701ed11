"""What the bot settles by itself in a day, counted for a customer: by identity where known, else by order."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.policy import load_default_policy
from actions.policy.limits import Used
from bot.models import Conversation, Customer, CustomerIdentity, Message, ShopCommandRow
from bot.turn.allowance import count_used
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
POLICY = load_default_policy()
# 24:00 of 23 November in Shanghai.
MIDNIGHT = datetime(2026, 11, 23, 16, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)


class Book:
    """Customers and what was commanded for them."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def add_customer(self, *, sub: str | None = None) -> UUID:
        """Add a customer, signed in or not."""
        async with self.sessions.begin() as session:
            customer = Customer(id=uuid4(), created_at=MIDNIGHT)
            session.add(customer)
            await session.flush()
            if sub:
                session.add(CustomerIdentity(channel="shop", external_id=sub, customer_id=customer.id))
            return customer.id

    async def command(self, customer: UUID, order: str, **changes: Any) -> None:
        """Write a voucher over 5 yuan, in a conversation of its own."""
        async with self.sessions.begin() as session:
            talk = Conversation(
                id=uuid4(), channel="widget", customer_id=customer, language="en", created_at=NOON, updated_at=NOON
            )
            session.add(talk)
            await session.flush()
            row: dict[str, Any] = {"kind": "issue_voucher", "amount": Decimal("5.00"), "created_at": NOON, **changes}
            session.add(ShopCommandRow(key=str(uuid4()), conversation_id=talk.id, order_number=order, **row))

    async def used(self, customer: UUID, order: str, *, now: datetime = NOON) -> Used:
        """Return what was used of vouchers."""
        async with self.sessions.begin() as session:
            found = await count_used(session, customer, [order], policy=POLICY, now=now)
        return found[order].get("issue_voucher", Used())


@pytest.fixture
def book(sessions: Sessions) -> Book:
    """An empty one."""
    return Book(sessions)


@pytest.mark.parametrize(
    ("at", "now", "count"),
    [
        (MIDNIGHT, NOON, 1),  # the first instant of the day
        (MIDNIGHT - timedelta(microseconds=1), NOON, 0),  # the last of the day before
        (MIDNIGHT - timedelta(microseconds=1), MIDNIGHT - timedelta(microseconds=1), 1),
        (MIDNIGHT, MIDNIGHT + timedelta(days=1), 0),
    ],
)
async def test_a_day_begins_at_midnight_in_the_shops_zone(book: Book, at: datetime, now: datetime, count: int) -> None:
    """Not in ours, nor 24 hours after the first."""
    customer = await book.add_customer()
    await book.command(customer, "A", created_at=at)
    assert (await book.used(customer, "A", now=now)).count == count


async def test_who_is_known_is_counted_over_all_orders(book: Book) -> None:
    """And whoever is not, by the order alone; the order counts for everybody who speaks of it."""
    known, stranger = await book.add_customer(sub="anna"), await book.add_customer()
    await book.command(known, "A")
    await book.command(stranger, "B", amount=Decimal("7.00"))
    assert Used(1, Decimal("5.00")) == await book.used(known, "C")
    assert Used(2, Decimal("12.00")) == await book.used(known, "B")
    assert Used() == await book.used(stranger, "C")
    assert Used(1, Decimal("5.00")) == await book.used(stranger, "A")


@pytest.mark.parametrize(
    ("result", "count"),
    [
        (None, 1),  # still on its way to the shop
        ({"done": True, "reason": None, "details": {}}, 1),
        ({"done": False, "reason": "already_dispatched", "details": {}}, 0),
    ],
)
async def test_what_the_shop_refused_does_not_count(book: Book, result: Any, count: int) -> None:
    """Nothing was given."""
    customer = await book.add_customer()
    await book.command(customer, "A", result=result, done_at=NOON if result else None)
    assert (await book.used(customer, "A")).count == count


async def test_other_kinds_have_limits_of_their_own(book: Book) -> None:
    """A cancelling is no voucher."""
    customer = await book.add_customer()
    await book.command(customer, "A", kind="cancel_order")
    assert Used() == await book.used(customer, "A")


async def test_many_at_once_get_no_more_than_the_limit(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Six visitors confirm a change of one order at the same moment: three are made, three wait for a person."""
    order = order_saying(seeded, "Not sent yet")
    chats = [await Chat.open(client, locale="en") for _ in range(6)]
    asked = f"Please change the recipient to Anna Smith. Order {order.number}, phone ending {order.phone_last4}"
    for chat in chats:
        await chat.ask(asked, "Is that right?")
    await asyncio.gather(*(chat.choose("confirm=yes") for chat in chats))
    for chat in chats:
        await _hear_either(chat)
    async with sessions() as session:
        commands = (await session.scalars(select(ShopCommandRow))).all()
    assert Counter({True: 3, False: 3}) == Counter(row.ticket_number is None for row in commands)
    assert all(row.next_attempt_at is None for row in commands if row.ticket_number)


async def _hear_either(chat: Chat) -> None:
    while not any(part in bubble["text"] for bubble in chat.messages for part in ("I'm changing", "has to confirm")):
        await chat.until("message")


async def test_nothing_of_a_person_stands_in_the_open(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The new address is sealed in memory and command, and masked in the transcript."""
    order = order_saying(seeded, "Not sent yet")
    chat = await Chat.open(client, locale="en")
    where = "12 Maple Street, Apt 4"
    await chat.ask(f"Please change the address to {where}. Order {order.number}, phone ending {order.phone_last4}", "?")
    async with sessions() as session:
        talk = (await session.scalars(select(Conversation))).one()
        bubbles = (await session.scalars(select(Message.text))).all()
    assert talk.state["frames"][0]["slots"]["what"] == "address"
    await chat.press("confirm=yes", "has been changed")
    async with sessions() as session:
        command = (await session.scalars(select(ShopCommandRow))).one()
    for kept in (str(talk.state), *bubbles, str(command.details), str(command.result)):
        assert "12 Maple" not in kept
    assert command.sealed_details is not None


def test_the_default_limits_are_what_these_tests_say() -> None:
    """Three changes a day."""
    assert replace(POLICY.limits["change_order"]).count == 3
