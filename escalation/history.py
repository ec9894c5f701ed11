"""What happened to a ticket: an event that people read, and the audit entry that proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.models import AuditRow, TicketEventRow, TicketRow


@dataclass(frozen=True)
class Happening:
    """Something that happened to a ticket, to be recorded."""

    ticket_id: UUID
    kind: str
    actor: str
    at: datetime
    details: Mapping[str, Any]


async def record(
    session: AsyncSession,
    ticket: TicketRow,
    kind: str,
    actor: str,
    *,
    at: datetime,
    private: dict[str, Any] | None = None,
    **details: Any,
) -> None:
    """Write an event and its audit entry. `private` is what people wrote: in the event only, never in the log.

    What happened may have moved a promise: whoever speaks with the customer looks (`promises`).
    """
    ticket.untold_since = ticket.untold_since or at
    session.add(
        TicketEventRow(ticket_id=ticket.id, kind=kind, actor=actor, details={**details, **(private or {})}, at=at)
    )
    await audit.append(session, subject=f"ticket/{ticket.id}", actor=actor, action=kind, details=details, at=at)


def make_first(
    ticket: TicketRow, kind: str, actor: str, *, at: datetime, **details: Any
) -> tuple[TicketEventRow, AuditRow]:
    """Return the event and the audit entry that a new ticket begins with."""
    event = TicketEventRow(ticket_id=ticket.id, kind=kind, actor=actor, details=details, at=at)
    return event, audit.make_first(subject=f"ticket/{ticket.id}", actor=actor, action=kind, details=details, at=at)


async def record_all(session: AsyncSession, happenings: Sequence[Happening]) -> None:
    """Write many events and their audit entries, in their order, with as many statements as for one."""
    if not happenings:
        return
    await session.execute(insert(TicketEventRow), [vars(happening) for happening in happenings])
    await audit.append_all(
        session,
        [audit.Entry(f"ticket/{each.ticket_id}", each.actor, each.kind, each.details, each.at) for each in happenings],
    )
