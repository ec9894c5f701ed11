"""What a step of the ladder does: warn the owner, bring in the lead, the supervisor, the operations manager (§1.1).

An unclaimed ticket does not climb: it goes to the next person, and after three of them to the desk's lead.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind, Step
from escalation.history import record
from escalation.ladder import BREACH
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.ownership import pass_to_next
from escalation.rights import Role
from escalation.service_levels import ServiceLevels


async def climb(
    session: AsyncSession,
    ticket: TicketRow,
    kind: ClockKind,
    step: Step,
    *,
    cause: str,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Do what a step asks for, and tell who must know."""
    await record(session, ticket, "step", "clock", at=now, clock=kind, step=step.name)
    if kind is ClockKind.CLAIM and step.name == BREACH:
        await pass_to_next(session, ticket, levels, now=now)
        return
    people = [ticket.owner_id]
    if step.name == BREACH:
        people += await _add_handlers(session, ticket, await _find_lead(session, ticket), now=now)
    elif step.name in {Role.SUPERVISOR, Role.OPERATIONS_MANAGER}:
        people += await _add_handlers(session, ticket, await find_by_role(session, step.name), now=now)
    details = {"clock": kind, "step": step.name, "due_at": step.at.isoformat()}
    told = f"{cause}/{step.name}"
    await notify(session, ticket, people, kind="step", cause=told, levels=levels, now=now, details=details)


async def _find_lead(session: AsyncSession, ticket: TicketRow) -> list[UUID]:
    return await find_by_role(session, Role.TEAM_LEAD, desk=ticket.desk)


async def _add_handlers(session: AsyncSession, ticket: TicketRow, people: list[UUID], *, now: datetime) -> list[UUID]:
    """The first of a rank becomes a handler (the owner stays the owner); all of them hear of it."""
    if people and people[0] != ticket.owner_id:
        row = insert(ParticipantRow).values(ticket_id=ticket.id, person_id=people[0], kind="handler", since=now)
        await session.execute(row.on_conflict_do_nothing())
        login = await session.scalar(select(PersonRow.login).where(PersonRow.id == people[0]))
        await record(session, ticket, "handler_added", "clock", at=now, handler=login)
    return people
