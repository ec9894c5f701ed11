"""A customer who thinks better of what a person has confirmed, or asked for, meanwhile: nothing untrue is said."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import ShopCommandRow
from escalation.models import NoticeRow
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


async def test_what_was_declined_can_be_asked_for_anew(
    client: Client, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """It stays as it was decided; another wish is prepared beside it, and the owner is told that it waits."""
    chat = await prepare_refund(client, seeded)
    async with sessions.begin() as session:
        result = {"done": False, "reason": "declined", "details": {}}
        declined = {"declined_by": "lin", "declined_because": "Wait two days.", "result": result}
        await session.execute(update(ShopCommandRow).values(**declined, done_at=SystemClock().now()))
    await chat.ask("actually just send it again", "colleague")
    assert [("refund", False), ("resend", False)] == sorted(await list_prepared(sessions))
    async with sessions() as session:
        told = set(await session.scalars(select(NoticeRow.kind)))
    assert {"prepared", "wish_changed"} & told
