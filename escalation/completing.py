"""What a ticket's matter has become since it was opened: known now, or wished for instead.

The shop's system answers at last; the customer would rather have their money. Use cases: they take the caller's
session and never commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import lock_ticket
from escalation.casework import finish
from escalation.history import record
from escalation.models import TicketRow
from escalation.notices import notify
from escalation.service_levels import ServiceLevels
from escalation.severity import Reach, Seriousness, Signals, Tier, compute_tier
from escalation.staffing import ENDED
from escalation.timekeeping import change_clocks
from escalation.views import TicketView, view_tickets


@dataclass(frozen=True)
class Completion:
    """What is known now. `facts` are for the people who work on it; what is None (or empty) stays as it was."""

    facts: Mapping[str, Any]
    order_number: str | None = None
    order_amount: Decimal | None = None
    product_key: str | None = None
    policy_tier: str | None = None
    method: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    packet: Mapping[str, Any] | None = None


async def complete_ticket(
    session: AsyncSession,
    number: str,
    completion: Completion,
    *,
    cause: str,
    tells_owner: bool,
    levels: ServiceLevels,
    now: datetime,
) -> TicketView:
    """Add what is known now to an open ticket; its tier may rise by it, and its owner is told. `cause` does so once.

    Raises UnknownTicketError.
    """
    ticket = await lock_ticket(session, number)
    _take_over(ticket, completion)
    await _raise_tier(session, ticket, completion, levels, now=now)
    await record(session, ticket, "shop_answered", "bot", at=now, private={"facts": dict(completion.facts)})
    if tells_owner and ticket.state not in ENDED:
        await notify(session, ticket, [ticket.owner_id], kind="shop_answered", cause=cause, levels=levels, now=now)
    return (await view_tickets(session, "id", ticket.id))[0]


async def name_order(
    session: AsyncSession, number: str, order_number: str, *, cause: str, levels: ServiceLevels, now: datetime
) -> TicketView:
    """Note which order an open ticket is about, as its customer says only now; its owner is told. `cause` does so once.

    Raises UnknownTicketError.
    """
    ticket = await lock_ticket(session, number)
    ticket.order_number = ticket.order_number or order_number
    await record(session, ticket, "order_named", "customer", at=now, private={"facts": {"order": order_number}})
    await notify(session, ticket, [ticket.owner_id], kind="order_named", cause=cause, levels=levels, now=now)
    return (await view_tickets(session, "id", ticket.id))[0]


async def change_wish(
    session: AsyncSession, number: str, wish: Completion, *, cause: str, levels: ServiceLevels, now: datetime
) -> None:
    """Let a ticket be about what its customer would rather have by now; its owner is told. `cause` does so once.

    Raises UnknownTicketError.
    """
    ticket = await lock_ticket(session, number)
    _take_over(ticket, wish)
    await _raise_tier(session, ticket, wish, levels, now=now)
    await record(session, ticket, "wish_changed", "customer", at=now, private={"facts": dict(wish.facts)})
    await notify(session, ticket, [ticket.owner_id], kind="wish_changed", cause=cause, levels=levels, now=now)


async def end_settled(session: AsyncSession, number: str, *, now: datetime) -> tuple[TicketRow, str]:
    """End a ticket that the bot has settled before anybody answered; returns the survey's token too."""
    ticket = await lock_ticket(session, number)
    return ticket, await finish(session, ticket, "bot", outcome="solved", now=now)


async def has_open(session: AsyncSession, ticket: TicketRow) -> bool:
    """Tell whether the ticket's conversation has another that is open."""
    others = select(TicketRow.id).where(
        TicketRow.conversation_id == ticket.conversation_id,
        TicketRow.id != ticket.id,
        TicketRow.state.not_in(ENDED),
    )
    return await session.scalar(others.limit(1)) is not None


def _take_over(ticket: TicketRow, known: Completion) -> None:
    ticket.order_number = ticket.order_number or known.order_number
    ticket.order_amount = ticket.order_amount or known.order_amount
    ticket.product_key = ticket.product_key or known.product_key
    ticket.method = known.method or ticket.method
    ticket.decision = known.decision or ticket.decision
    ticket.packet = {**ticket.packet, **(known.packet or {})}


async def _raise_tier(
    session: AsyncSession, ticket: TicketRow, known: Completion, levels: ServiceLevels, *, now: datetime
) -> None:
    """Judge what is known now; a tier never falls by it."""
    signals = Signals(
        order_amount=known.order_amount, policy_tier=Tier(known.policy_tier) if known.policy_tier else None
    )
    tier, reasons = compute_tier(Seriousness(ticket.seriousness), Reach(ticket.reach), signals)
    tiers = list(Tier)
    if tiers.index(tier) <= tiers.index(Tier(ticket.tier)):
        return
    ticket.tier = tier
    ticket.tier_reasons = [*ticket.tier_reasons, *(one for one in reasons if one not in ticket.tier_reasons)]
    await change_clocks(session, ticket.id, tier, levels, now=now)
