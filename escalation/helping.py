"""Asking others to help with a ticket: one owner, any number of helpers (product §4)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket
from escalation.errors import PersonError, RefusedError
from escalation.history import record
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.notices import notify
from escalation.rights import RIGHTS, Access, Role
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED


async def ask_for_help(
    session: AsyncSession, number: str, *, by: PersonRow, helper: str, levels: ServiceLevels, now: datetime
) -> TicketRow:
    """Let somebody (a login) work on a ticket beside its owner; they are told. Raises PersonError, RefusedError.

    Whoever is a handler already, or asked already, stays what they are.
    """
    ticket = await access_ticket(session, number, by)
    if ticket.state in ENDED:
        raise RefusedError(f"{number} is {ticket.state}: there is nothing to help with")
    person = await session.scalar(select(PersonRow).where(PersonRow.login == helper, PersonRow.active))
    if person is None or RIGHTS[Role(person.role)].own < Access.WORK:
        raise PersonError(f"nobody who works on tickets has the login {helper!r}")
    if person.id == ticket.owner_id:
        raise RefusedError(f"{number} is {helper}'s already")
    if await session.get(ParticipantRow, (ticket.id, person.id)) is None:
        session.add(ParticipantRow(ticket_id=ticket.id, person_id=person.id, kind="helper", since=now))
        await record(session, ticket, "help_asked", by.login, at=now, helper=helper)
        cause = f"{ticket.id}/help/{now.isoformat()}"
        await notify(session, ticket, [person.id], kind="help_asked", cause=cause, levels=levels, now=now)
    return ticket


async def end_help(session: AsyncSession, number: str, *, by: PersonRow, helper: str, now: datetime) -> TicketRow:
    """Nobody needs a helper (a login) any more. Raises RefusedError for who does not help; handlers stay."""
    ticket = await access_ticket(session, number, by)
    query = select(ParticipantRow).join(PersonRow, PersonRow.id == ParticipantRow.person_id)
    found = await session.scalar(
        query.where(ParticipantRow.ticket_id == ticket.id, PersonRow.login == helper, ParticipantRow.kind == "helper")
    )
    if found is None:
        raise RefusedError(f"{helper} does not help with {number}")
    await session.delete(found)
    await record(session, ticket, "help_ended", by.login, at=now, helper=helper)
    return ticket
