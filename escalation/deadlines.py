"""What a ticket does by itself: reminding a customer who is waited for, ending unanswered, closing."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.casework import END_UNANSWERED_AFTER, REMIND_AFTER, close, finish
from escalation.history import record
from escalation.models import TicketRow
from escalation.notices import notify
from escalation.service_levels import ServiceLevels


async def act_by_itself(session: AsyncSession, ticket: TicketRow, levels: ServiceLevels, *, now: datetime) -> None:
    """Do a ticket's next action, and set the one after it.

    Whoever is reminded late (after an outage) has the same time left to answer.
    """
    action, due_at = ticket.next_action, ticket.next_action_at or now
    ticket.next_action = ticket.next_action_at = None
    match action:
        case "remind":
            await record(session, ticket, "reminded", "clock", at=now)
            ticket.next_action, ticket.next_action_at = "end_unanswered", now + END_UNANSWERED_AFTER - REMIND_AFTER
        case "end_unanswered":
            await finish(session, ticket, "clock", outcome="unanswered", now=now)
            cause = f"{ticket.id}/unanswered/{ticket.reopenings}"
            await notify(session, ticket, [ticket.owner_id], kind="ended", cause=cause, levels=levels, now=now)
        case "close":
            await close(session, ticket, "clock", now=due_at)
