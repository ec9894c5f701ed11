"""Whose ticket it is, and how it passes on without anybody's consent (product §4).

Before the first answer: to the next person, when the owner does not accept in time or goes off duty. After it: only
when the owner's account is deactivated. Everything else is a handover.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.history import record
from escalation.models import AssignmentRow, PersonRow, TicketRow
from escalation.notices import notify
from escalation.routing import choose_lead, choose_next_owner
from escalation.service_levels import ServiceLevels
from escalation.staffing import lock_candidates
from escalation.timekeeping import drop_clocks, start_clock
from escalation.watch import tell_watch

HOPS = 3


async def give_to(session: AsyncSession, ticket: TicketRow, person: PersonRow, *, reason: str, now: datetime) -> None:
    """Make somebody the owner; who was before stays in the assignments."""
    if ticket.owner_id == person.id:
        return
    ending = update(AssignmentRow).where(AssignmentRow.ticket_id == ticket.id, AssignmentRow.ended_at.is_(None))
    await session.execute(ending.values(ended_at=now))
    session.add(AssignmentRow(ticket_id=ticket.id, person_id=person.id, reason=reason, assigned_at=now))
    ticket.owner_id = person.id
    await session.flush()


async def pass_to_next(session: AsyncSession, ticket: TicketRow, levels: ServiceLevels, *, now: datetime) -> None:
    """Before the first answer, an owner who does not take a ticket up loses it: to a colleague, in the end to the lead.

    Where there is nobody else it stays, and the claim clock with it.
    """
    if ticket.first_responder_id is not None:
        return
    had_it = set(await session.scalars(select(AssignmentRow.person_id).where(AssignmentRow.ticket_id == ticket.id)))
    candidates = await lock_candidates(session, now, desk=ticket.desk, also=ticket.owner_id)
    chosen, why = choose_next_owner(
        candidates,
        desk=ticket.desk,
        had_it=had_it,
        owner_id=ticket.owner_id,
        lead_now=ticket.claim_hops + 1 >= HOPS,
    )
    if chosen.id == ticket.owner_id:
        await record(session, ticket, "unclaimed", "clock", at=now)
        await tell_watch(session, ticket, candidates, levels, now=now)
        return
    ticket.claim_hops += 1
    await record(session, ticket, "hopped", "clock", at=now, to=chosen.login, hops=ticket.claim_hops)
    await _move(session, ticket, chosen.id, reason=why, kind="hopped", levels=levels, now=now)
    await tell_watch(session, ticket, candidates, levels, now=now)


async def pass_to_lead(session: AsyncSession, ticket: TicketRow, levels: ServiceLevels, *, now: datetime) -> None:
    """An owner whose account is deactivated passes a ticket to the desk's lead (or who stands in for one)."""
    candidates = [
        person for person in await lock_candidates(session, now, desk=ticket.desk) if person.id != ticket.owner_id
    ]
    chosen, _ = choose_lead(candidates, desk=ticket.desk)
    await record(session, ticket, "owner_left", "system", at=now, to=chosen.login)
    await _move(session, ticket, chosen.id, reason="owner_left", kind="owner_left", levels=levels, now=now)


async def _move(
    session: AsyncSession,
    ticket: TicketRow,
    person_id: UUID,
    *,
    reason: str,
    kind: str,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    before = ticket.owner_id
    await give_to(session, ticket, await session.get_one(PersonRow, person_id), reason=reason, now=now)
    await drop_clocks(session, ticket.id, {ClockKind.CLAIM}, at=now)
    if ticket.first_responder_id is None:
        await start_clock(session, ticket, ClockKind.CLAIM, levels, now=now)
    cause = f"{ticket.id}/{kind}/{now.isoformat()}"
    await notify(session, ticket, [before, person_id], kind=kind, cause=cause, levels=levels, now=now)
