"""What a step of the ladder does: warn the owner, bring in the lead, the supervisor, the operations manager (§1.1).

An unclaimed ticket does not climb: it goes to the next person, and after three of them to the desk's lead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind, Step
from escalation.history import record
from escalation.ladder import BREACH
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.ownership import pass_to_next
from escalation.rights import Role
from escalation.service_levels import ServiceLevels

# Who comes in at a step; where a rank has nobody, the one above does.
_RANKS = (Role.TEAM_LEAD, Role.SUPERVISOR, Role.OPERATIONS_MANAGER, Role.ADMIN)
_RANK_OF: Mapping[str, Role] = {
    BREACH: Role.TEAM_LEAD,
    Role.SUPERVISOR: Role.SUPERVISOR,
    Role.OPERATIONS_MANAGER: Role.OPERATIONS_MANAGER,
}


async def climb(
    session: AsyncSession,
    ticket: TicketRow,
    kind: ClockKind,
    steps: Sequence[Step],
    *,
    cause: str,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Do what the steps that are due together ask for, in their order; the last one is told to everybody concerned."""
    highest = steps[-1]
    await record(session, ticket, "step", "clock", at=now, clock=kind, step=highest.name)
    if kind is ClockKind.CLAIM and highest.name == BREACH:
        await pass_to_next(session, ticket, levels, now=now)
        return
    people = [ticket.owner_id]
    for step in steps:
        if step.name in _RANK_OF:
            people += await _bring_in(session, ticket, _RANK_OF[step.name], now=now)
    details = {"clock": kind, "step": highest.name, "due_at": highest.at.isoformat()}
    told = f"{cause}/{highest.name}"
    await notify(session, ticket, people, kind="step", cause=told, levels=levels, now=now, details=details)


async def _bring_in(session: AsyncSession, ticket: TicketRow, rank: Role, *, now: datetime) -> list[UUID]:
    """The first of a rank becomes a handler (the owner stays the owner); all of them are to be told."""
    people = await _find_rank(session, ticket, rank)
    if people and people[0] != ticket.owner_id:
        await _add_handler(session, ticket, people[0], now=now)
    return people


async def _find_rank(session: AsyncSession, ticket: TicketRow, rank: Role) -> list[UUID]:
    for role in _RANKS[_RANKS.index(rank) :]:
        found = await find_by_role(session, role, desk=ticket.desk if role is Role.TEAM_LEAD else None)
        if found:
            return found
    return []


async def _add_handler(session: AsyncSession, ticket: TicketRow, person_id: UUID, *, now: datetime) -> None:
    participant = await session.get(ParticipantRow, (ticket.id, person_id))
    if participant is None:
        session.add(ParticipantRow(ticket_id=ticket.id, person_id=person_id, kind="handler", since=now))
    elif participant.kind == "handler":
        return
    else:
        participant.kind = "handler"
    login = (await session.get_one(PersonRow, person_id)).login
    await record(session, ticket, "handler_added", "clock", at=now, handler=login)
