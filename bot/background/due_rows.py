"""What waits for the shop, claimed by one process at a time: commands to be carried out, orders to be looked up."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import ShopCommandRow, ShopLookupRow
from bot.turn.inbox import LEASE

Waiting = TypeVar("Waiting", ShopCommandRow, ShopLookupRow)


async def claim_due(
    sessions: async_sessionmaker[AsyncSession], table: type[Waiting], *, limit: int, now: datetime
) -> list[Waiting]:
    """Lease what is due, the longest due first; nobody else takes it for as long. Each taking counts as a try."""
    due = select(table.key).where(table.done_at.is_(None), table.next_attempt_at <= now)
    claimed = due.order_by(table.next_attempt_at).limit(limit).with_for_update(skip_locked=True)
    taking = (
        update(table)
        .where(table.key.in_(claimed.scalar_subquery()))
        .values(attempts=table.attempts + 1, next_attempt_at=now + LEASE)
        .returning(table)
    )
    async with sessions.begin() as session:
        rows = list((await session.execute(taking)).scalars())
        session.expunge_all()
    return rows
