"""A customer asks in the chat to be erased: the request waits for who may decide on it (product §8)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.privacy.models import ErasureRow

CUSTOMER = "customer"
"""Who asked for an erasure that nobody who works here has taken up yet."""


async def prepare_erasure(
    session: AsyncSession, customer_id: UUID, *, ticket_number: str | None, now: datetime
) -> None:
    """Write down that a customer asked for it in the chat, once: whoever takes it up says who asks, and why."""
    asked = insert(ErasureRow).values(
        id=uuid4(), customer_id=customer_id, ticket_number=ticket_number, why="customer_asked", reason="",
        asked_by=CUSTOMER, asked_at=now, scope={}, kept={},
    )  # fmt: skip
    await session.execute(asked.on_conflict_do_nothing())
