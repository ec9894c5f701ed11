"""Use cases on tickets. They take the caller's session and never commit: the turn's transaction is theirs too."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import lock_ticket
from escalation.casework import REOPEN_WITHIN, hear_customer
from escalation.history import record
from escalation.models import TicketRow
from escalation.notices import notify
from escalation.opening import TicketOpening, open_ticket
from escalation.people import NewPerson, add_person, find_person_by_token
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED
from escalation.tickets import State
from escalation.views import Case, TicketView, find_case, view_tickets


async def find_tickets_of_conversation(session: AsyncSession, conversation_id: UUID) -> list[TicketView]:
    """Return a conversation's tickets, newest first."""
    return await view_tickets(session, "conversation_id", conversation_id)


async def is_unsettled(session: AsyncSession, conversation_id: UUID, *, now: datetime) -> bool:
    """Tell whether a conversation has a ticket that is open, may still be confirmed, or may still be reopened."""
    query = select(TicketRow.id).where(
        TicketRow.conversation_id == conversation_id,
        or_(TicketRow.closed_at.is_(None), TicketRow.closed_at > now - REOPEN_WITHIN),
    )
    return await session.scalar(query.limit(1)) is not None


async def add_facts_to_ticket(
    session: AsyncSession, number: str, facts: dict[str, Any], *, levels: ServiceLevels, now: datetime
) -> None:
    """Keep what the customer added; a ticket that waited for them goes on. Raises UnknownTicketError."""
    ticket = await lock_ticket(session, number)
    if ticket.state not in ENDED:
        await hear_customer(session, ticket, levels, at=now)
    await record(session, ticket, "facts_added", "customer", at=now, private=facts)


async def record_customer_message(
    session: AsyncSession, *, conversation_id: UUID, levels: ServiceLevels, at: datetime
) -> None:
    """A customer wrote while a person has the word: what waited for them goes on, and an answer is owed.

    Owed on the newest open ticket, and on every one that waited.
    """
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.state.not_in(ENDED))
    tickets = (await session.scalars(query.order_by(TicketRow.id).with_for_update())).all()
    newest = max(tickets, key=lambda ticket: (ticket.opened_at, ticket.number), default=None)
    for ticket in tickets:
        if ticket is newest or ticket.state == State.WAITING_CUSTOMER:
            await hear_customer(session, ticket, levels, at=at)


async def record_reachability(
    session: AsyncSession, *, conversation_id: UUID, reachable: bool, levels: ServiceLevels, now: datetime
) -> None:
    """The customer has shut the channel (or opened it again): the owner of each open ticket must know."""
    query = select(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.state.not_in(ENDED))
    kind = "customer_reachable" if reachable else "customer_unreachable"
    for ticket in await session.scalars(query.order_by(TicketRow.id).with_for_update()):
        await record(session, ticket, kind, "customer", at=now)
        cause = f"{ticket.id}/{kind}/{now.isoformat()}"
        await notify(session, ticket, [ticket.owner_id], kind=kind, cause=cause, levels=levels, now=now)


__all__ = [
    "Case",
    "NewPerson",
    "TicketOpening",
    "TicketView",
    "add_facts_to_ticket",
    "add_person",
    "find_case",
    "find_person_by_token",
    "find_tickets_of_conversation",
    "is_unsettled",
    "open_ticket",
    "record_customer_message",
    "record_reachability",
]
