"""A customer who thinks better of what a person has confirmed, or asked for, meanwhile: nothing untrue is said."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import ShopCommandRow
from escalation.models import NoticeRow, TicketRow
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def confirm(sessions: Sessions) -> None:
    """Let a person have confirmed what is prepared; the shop has not been reached yet."""
    async with sessions.begin() as session:
        confirmed = update(ShopCommandRow).where(ShopCommandRow.ticket_number.is_not(None))
        await session.execute(confirmed.values(confirmed_at=SystemClock().now(), confirmed_by="lin"))


async def list_prepared(sessions: Sessions) -> list[tuple[str, bool]]:
    """The commands on tickets: their kinds, and whether somebody has confirmed them."""
    async with sessions() as session:
        rows = await session.scalars(select(ShopCommandRow).where(ShopCommandRow.ticket_number.is_not(None)))
        return [(row.kind, row.confirmed_at is not None) for row in rows]


async def prepare_refund(client: Client, seeded: list[DemoOrder]) -> Chat:
    """A lost parcel's money waits for a person's word."""
    order, chat = order_saying(seeded, "The carrier says it is lost"), await Chat.open(client, locale="en")
    await chat.ask(f"The courier says they lost my parcel. Order {order.number}, ends {order.phone_last4}", "lost")
    await chat.choose("remedy=refund")
    await chat.hear("SW-")
    return chat


async def test_what_is_confirmed_is_not_said_to_be_changed(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The refund is on its way: the other wish is the person's to decide, and nothing is prepared beside it."""
    chat = await prepare_refund(client, seeded)
    await confirm(sessions)
    await chat.ask("actually just send it again", "decides about it")
    assert [("refund", True)] == await list_prepared(sessions)


async def test_what_waits_for_approval_is_left_to_the_person(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """Somebody has asked their lead for it: it is not withdrawn behind their back, and no second is prepared."""
    chat = await prepare_refund(client, seeded)
    async with sessions.begin() as session:
        await session.execute(update(ShopCommandRow).values(asked_by="lin"))
    await chat.ask("actually just send it again", "decides about it")
    assert [("refund", False)] == await list_prepared(sessions)


@pytest.mark.parametrize(
    ("said", "answer", "wish"),
    [("actually just send it again", "decides about it", "wish_changed"), ("no, I want the money", "SW-", None)],
    ids=["something else", "the same"],
)
async def test_nothing_is_done_past_a_person_who_declined(
    client: Client, seeded: list[DemoOrder], sessions: Sessions, said: str, answer: str, wish: str | None
) -> None:
    """Neither the same nor another remedy that the bot would give by itself: the owner hears of it, and decides."""
    chat = await prepare_refund(client, seeded)
    async with sessions.begin() as session:
        result = {"done": False, "reason": "declined", "details": {}}
        declined = {"declined_by": "lin", "declined_because": "Wait two days.", "result": result}
        await session.execute(update(ShopCommandRow).values(**declined, done_at=SystemClock().now()))
    await chat.ask(said, answer)
    async with sessions() as session:
        rows = (await session.scalars(select(ShopCommandRow))).all()
        assert [("refund", "lin")] == [(row.kind, row.declined_by) for row in rows]
        kinds = set(await session.scalars(select(NoticeRow.kind)))
    assert wish is None or wish in kinds


async def test_nothing_is_done_past_a_person_who_declined_once_the_case_has_ended(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """On another day, in another conversation, the bot prepares what it would else give by itself."""
    chat = await prepare_refund(client, seeded)
    await chat.close()
    async with sessions.begin() as session:
        result = {"done": False, "reason": "declined", "details": {}}
        declined = {"declined_by": "lin", "declined_because": "It is at the neighbour's.", "result": result}
        await session.execute(update(ShopCommandRow).values(**declined, done_at=SystemClock().now()))
        await session.execute(update(TicketRow).values(state="closed"))
    order, again = order_saying(seeded, "The carrier says it is lost"), await Chat.open(client, locale="en")
    await again.ask(f"The courier says they lost my parcel. Order {order.number}, ends {order.phone_last4}", "lost")
    await again.choose("remedy=resend")
    await again.hear("A colleague has to confirm this")
    await again.hear("SW-")
    async with sessions() as session:
        asked = select(ShopCommandRow).where(ShopCommandRow.declined_by.is_(None))
        rows = (await session.scalars(asked)).all()
    assert [("resend", True, None)] == [(row.kind, row.ticket_number is not None, row.confirmed_at) for row in rows]
