"""Passing a ticket on: with a reason, and the consent of the next rank up (product §4).

Before the first answer the claim clock passes a ticket on by itself; after it, only this does.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket, lock_ticket
from escalation.errors import ForbiddenError, PersonError, RefusedError, UnknownHandoverError
from escalation.history import record
from escalation.models import HandoverRow, PersonRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.ownership import give_to
from escalation.rights import RIGHTS, Access, Role, may_consent
from escalation.service_levels import ServiceLevels
from escalation.staffing import ENDED

_OF_NO_RANK = frozenset({Role.ADMIN, Role.AUDITOR})


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
    asked = HandoverRow(ticket_id=ticket.id, from_id=owner.id, to_id=receiver.id, reason=reason, asked_at=now)
    session.add(asked)
    await session.flush()
    await record(session, ticket, "handover_asked", by.login, at=now, private={"reason": reason}, to=to)
    consenters = await find_consenters(session, owner)
    if by.id in consenters:
        await _decide(session, ticket, asked, by=by, agreed=True, levels=levels, now=now)
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
    session: AsyncSession, handover_id: UUID, *, by: PersonRow, agreed: bool, levels: ServiceLevels, now: datetime
) -> TicketRow:
    """Agree to a handover, or not; nobody to their own. Raises ForbiddenError, RefusedError, UnknownHandoverError."""
    query = select(TicketRow.number).join(HandoverRow, HandoverRow.ticket_id == TicketRow.id)
    number = await session.scalar(query.where(HandoverRow.id == handover_id))
    if number is None:
        raise UnknownHandoverError("there is no such handover")
    # The ticket first, as everywhere: two who lock in another order would wait for each other.
    ticket = await lock_ticket(session, number)
    asked = await session.get_one(HandoverRow, handover_id, populate_existing=True)
    if asked.decided_at is not None or asked.from_id != ticket.owner_id or ticket.state in ENDED:
        raise RefusedError("this handover does not wait for a decision any more")
    owner = await session.get_one(PersonRow, asked.from_id)
    if by.id not in await find_consenters(session, owner):
        raise ForbiddenError(f"handovers of a {owner.role} need the consent of the next rank up")
    await _decide(session, ticket, asked, by=by, agreed=agreed, levels=levels, now=now)
    return ticket


async def _decide(
    session: AsyncSession,
    ticket: TicketRow,
    asked: HandoverRow,
    *,
    by: PersonRow,
    agreed: bool,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    asked.decided_by, asked.decided_at, asked.agreed = by.id, now, agreed
    receiver = await session.get_one(PersonRow, asked.to_id)
    if agreed:
        await give_to(session, ticket, receiver, reason="handover", now=now)
    kind = "handed_over" if agreed else "handover_refused"
    await record(session, ticket, kind, by.login, at=now, to=receiver.login)
    people = [asked.from_id, *([asked.to_id] if agreed else [])]
    await notify(session, ticket, people, kind=kind, cause=f"handover/{asked.id}/decided", levels=levels, now=now)


async def find_consenters(session: AsyncSession, owner: PersonRow) -> list[UUID]:
    """Return who may consent to a handover of somebody's ticket: everybody of the next rank up that has people.

    For people at a desk that is the desk's own lead. Above the operations managers there is nobody but themselves. A
    ticket that came to somebody of no rank (an admin, for want of anybody else) passes as a lead's does.
    """
    rank = Role.TEAM_LEAD if owner.role in _OF_NO_RANK else Role(owner.role)
    while above := next((role for role in Role if may_consent(role, rank)), None):
        found = await find_by_role(session, above, desk=owner.desk if above is Role.TEAM_LEAD else None)
        if found:
            return found
        rank = above
    return [owner.id]
