"""What happened to a ticket: an event that people read, and the audit entry that proves it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.models import TicketEventRow, TicketRow


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
    """Write an event and its audit entry. `private` is what people wrote: in the event only, never in the log."""
    session.add(
        TicketEventRow(ticket_id=ticket.id, kind=kind, actor=actor, details={**details, **(private or {})}, at=at)
    )
    await audit.append(session, subject=f"ticket/{ticket.id}", actor=actor, action=kind, details=details, at=at)
