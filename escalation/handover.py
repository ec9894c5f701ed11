"""Passing a ticket on: with a reason, and the consent of the next rank up (product §4).

Before the first answer the claim clock passes a ticket on by itself; after it, only this does.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket, lock_ticket
from escalation.deciders import choose_consenters, load_people
from escalation.errors import DecidedError, ForbiddenError, PersonError, RefusedError, UnknownHandoverError
from escalation.history import record
from escalation.models import HandoverRow, PersonRow, TicketRow
from escalation.notices import notify
from escalation.ownership import give_to
from escalation.rights import RIGHTS, Access, Role
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED


async def hand_over(
    session: AsyncSession, number: str, *, by: PersonRow, to: str, reason: str, levels: ServiceLevels, now: datetime
) -> HandoverRow:
    """Ask to give a ticket to a login; who may consent gives it at once. Raises RefusedError, PersonError.

    Above an operations manager there is nobody: for their own tickets their word is enough.
    """
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why the ticket is handed over: the reason is kept")
    if ticket.state in ENDED:
        raise RefusedError(f"{number} is {ticket.state}: there is nothing to hand over")
    receiver = await _find_receiver(session, ticket, to)
    await _refuse_second_request(session, ticket)
    owner = await session.get_one(PersonRow, ticket.owner_id)
    asked = HandoverRow(
        ticket_id=ticket.id, from_id=owner.id, to_id=receiver.id, reason=reason, asked_by=by.id, asked_at=now
    )
    session.add(asked)
    await session.flush()
    await record(session, ticket, "handover_asked", by.login, at=now, private={"reason": reason}, to=to)
    consenters = await _find_consenters(session, owner, None)
    if by.id in consenters:
        await _decide(session, ticket, asked, by=by, agreed=True, reason=None, levels=levels, now=now)
    else:
        cause = f"handover/{asked.id}"
        await notify(session, ticket, consenters, kind="handover_asked", cause=cause, levels=levels, now=now)
    return asked


async def _find_receiver(session: AsyncSession, ticket: TicketRow, login: str) -> PersonRow:
    receiver = await session.scalar(select(PersonRow).where(PersonRow.login == login, PersonRow.active))
    if receiver is None:
        raise PersonError(f"nobody who works here has the login {login!r}")
    if RIGHTS[Role(receiver.role)].own < Access.WORK:
        raise PersonError(f"{login} is a {receiver.role}, who works on no tickets")
    if receiver.id == ticket.owner_id:
        raise RefusedError(f"{ticket.number} is {login}'s already")
    return receiver


async def _refuse_second_request(session: AsyncSession, ticket: TicketRow) -> None:
    """One at a time; one whose ticket has another owner by now waits for nothing any more."""
    waiting = select(HandoverRow.id).where(
        HandoverRow.ticket_id == ticket.id, HandoverRow.decided_at.is_(None), HandoverRow.from_id == ticket.owner_id
    )
    if await session.scalar(waiting.limit(1)) is not None:
        raise RefusedError(f"a handover of {ticket.number} waits for a decision already")


async def decide_handover(
    session: AsyncSession,
    handover_id: UUID,
    *,
    by: PersonRow,
    agreed: bool,
    levels: ServiceLevels,
    now: datetime,
    reason: str | None = None,
) -> TicketRow:
    """Agree to a handover, or not and why; nobody to their own.

    Raises ForbiddenError, UnknownHandoverError, RefusedError: it waits no more; DecidedError: somebody has decided.
    """
    query = select(TicketRow.number).join(HandoverRow, HandoverRow.ticket_id == TicketRow.id)
    number = await session.scalar(query.where(HandoverRow.id == handover_id))
    if number is None:
        raise UnknownHandoverError("there is no such handover")
    # The ticket first, as everywhere: two who lock in another order would wait for each other.
    ticket = await lock_ticket(session, number)
    asked = await session.get_one(HandoverRow, handover_id, populate_existing=True)
    if asked.decided_by is not None:
        decider = await session.get_one(PersonRow, asked.decided_by)
        raise DecidedError(f"{decider.name} has {'agreed to' if asked.agreed else 'refused'} this handover already")
    if asked.from_id != ticket.owner_id or ticket.state in ENDED:
        raise RefusedError("this handover does not wait for a decision any more")
    owner = await session.get_one(PersonRow, asked.from_id)
    if by.id not in await _find_consenters(session, owner, asked.asked_by):
        raise ForbiddenError(f"handovers of a {owner.role} need the consent of the next rank up")
    await _decide(session, ticket, asked, by=by, agreed=agreed, reason=reason, levels=levels, now=now)
    return ticket


async def _decide(
    session: AsyncSession,
    ticket: TicketRow,
    asked: HandoverRow,
    *,
    by: PersonRow,
    agreed: bool,
    reason: str | None,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    asked.decided_by, asked.decided_at, asked.agreed = by.id, now, agreed
    receiver = await session.get_one(PersonRow, asked.to_id)
    if agreed:
        await give_to(session, ticket, receiver, reason="handover", now=now)
    kind = "handed_over" if agreed else "handover_refused"
    private = {"reason": reason} if reason else None
    await record(session, ticket, kind, by.login, at=now, private=private, to=receiver.login)
    asker = asked.asked_by if asked.asked_by not in {None, by.id} else asked.from_id
    people = [asked.from_id, asker, *([asked.to_id] if agreed else [])]
    await notify(session, ticket, people, kind=kind, cause=f"handover/{asked.id}/decided", levels=levels, now=now)


async def _find_consenters(session: AsyncSession, owner: PersonRow, asked_by: UUID | None) -> set[UUID]:
    return {one.id for one in choose_consenters(await load_people(session), owner, asked_by=asked_by)}
