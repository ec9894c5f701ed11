"""A customer whose data is erased: their tickets end, and what was promised is neither kept nor broken (product §6)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.casework import close
from escalation.clocks import ClockKind
from escalation.history import record
from escalation.models import TicketRow
from escalation.staffing import ENDED
from escalation.tickets import Command, State, next_state
from escalation.timekeeping import drop_clocks

WITHDRAWN = "withdrawn"


async def end_tickets(session: AsyncSession, tickets: Collection[UUID], *, actor: str, now: datetime) -> list[str]:
    """Close tickets for good, whatever their state; returns the numbers of those that were open.

    Clocks that run are dropped, and a breach stays one: nobody waits for them any more. The caller has locked the
    conversations.
    """
    query = select(TicketRow).where(TicketRow.id.in_(tickets), TicketRow.state != State.CLOSED)
    ended = []
    for ticket in await session.scalars(query.order_by(TicketRow.number).with_for_update()):
        if ticket.state not in ENDED:
            ended.append(ticket.number)
            await _withdraw(session, ticket, actor, now)
        await close(session, ticket, actor, now=now)
    await session.flush()
    # Nobody is there who could be told, or who could ask to have it opened again.
    quiet = update(TicketRow).where(TicketRow.id.in_(tickets))
    await session.execute(quiet.values(untold_since=None, told=None, next_action=None, next_action_at=None))
    return ended


async def _withdraw(session: AsyncSession, ticket: TicketRow, actor: str, now: datetime) -> None:
    ticket.state = next_state(State(ticket.state), Command.RESOLVE)
    ticket.outcome, ticket.resolved_at = WITHDRAWN, now
    await drop_clocks(session, ticket.id, set(ClockKind), at=now)
    await record(session, ticket, "resolved", actor, at=now, outcome=WITHDRAWN)


async def record_privacy(
    session: AsyncSession, customer_id: UUID, action: str, *, actor: str, now: datetime, **details: object
) -> None:
    """Write into a customer's own chain of the audit log what was done with their data; never what is in it."""
    await audit.append(session, subject=f"customer/{customer_id}", actor=actor, action=action, details=details, at=now)
