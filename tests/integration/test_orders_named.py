"""An order that the customer names for a case that was taken without it: the owner hears just that."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from escalation.models import NoticeRow, TicketEventRow, TicketRow
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres


async def test_an_order_named_later_is_told_as_that(
    client: TestClient[Any, Any], seeded: list[DemoOrder], sessions: async_sessionmaker[AsyncSession]
) -> None:
    """It is no answer of the shop's system, and the customer said it."""
    order, chat = order_saying(seeded, "Refrigerator under warranty"), await Chat.open(client, locale="en")
    await chat.ask("Your kettle leaks and my kid got burned", "SW-")
    await chat.ask(f"order {order.number}, phone ending {order.phone_last4}", "now part of case SW-")
    async with sessions() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
        events = select(TicketEventRow.kind, TicketEventRow.actor).order_by(TicketEventRow.id)
        told = [tuple(row) for row in await session.execute(events)]
        notices = list(await session.scalars(select(NoticeRow.kind).where(NoticeRow.kind != "assigned")))
    assert order.number == ticket.order_number
    assert [("order_named", "customer")] == [one for one in told if one[0] in {"order_named", "shop_answered"}]
    assert "order_named" in notices
    assert "shop_answered" not in notices
