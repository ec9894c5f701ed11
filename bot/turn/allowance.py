"""How much the bot settled by itself today for a customer, counted from the shop commands in the turn's transaction.

Whoever is known (signed in, or on Telegram) is counted over all their conversations and orders; whoever is not, by the
order. Turns that speak of the same customer or order follow one another from here to their commit, so that parallel
requests cannot slip through together.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.days import day_of, start_of_day
from actions.policy import Policy
from actions.policy.limits import Used
from bot.models import Conversation, CustomerIdentity, ShopCommandRow


async def count_used(
    session: AsyncSession, customer_id: UUID, orders: Iterable[str], *, policy: Policy, now: datetime
) -> dict[str, dict[str, Used]]:
    """Return by order, and by kind of command, what was settled since midnight in the policy's zone.

    What the shop refused does not count, nor what a person confirmed.
    """
    numbers = sorted(set(orders))
    if not numbers:
        return {}
    await _lock(session, [f"allowance/{customer_id}", *(f"allowance/{number}" for number in numbers)])
    since = start_of_day(day_of(now, policy.zone), policy.zone)
    return {number: await _count(session, customer_id, number, since) for number in numbers}


async def _lock(session: AsyncSession, names: list[str]) -> None:
    name = func.unnest(literal(sorted(names), ARRAY(Text))).column_valued("name")
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def _count(session: AsyncSession, customer_id: UUID, number: str, since: datetime) -> dict[str, Used]:
    command = ShopCommandRow
    is_known = select(CustomerIdentity.customer_id).where(CustomerIdentity.customer_id == customer_id).exists()
    theirs = or_(command.order_number == number, and_(Conversation.customer_id == customer_id, is_known))
    counts = or_(command.done_at.is_(None), command.result["done"].as_boolean())
    query = (
        select(command.kind, func.count(), func.sum(command.amount))
        .join(Conversation, Conversation.id == command.conversation_id)
        .where(command.created_at >= since, command.ticket_number.is_(None), counts, theirs)
        .group_by(command.kind)
    )
    return {kind: Used(count, amount or Decimal(0)) for kind, count, amount in await session.execute(query)}
