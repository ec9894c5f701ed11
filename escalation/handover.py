"""Passing a ticket on: with a reason, and the consent of the next rank up (product §4).

Before the first answer the claim clock passes a ticket on by itself; after it, only this does.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import access_ticket, lock_ticket
from escalation.casework import give_to
from escalation.errors import ForbiddenError, PersonError, RefusedError
from escalation.history import record
from escalation.models import HandoverRow, PersonRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.rights import RIGHTS, Role, may_consent
from escalation.service_levels import ServiceLevels


async def hand_over(
    session: AsyncSession, number: str, *, by: PersonRow, to: str, reason: str, levels: ServiceLevels, now: datetime
) -> HandoverRow:
    """Ask to give a ticket to a login; who may consent gives it at once. Raises RefusedError, PersonError."""
    ticket = await access_ticket(session, number, by)
    if not reason.strip():
        raise RefusedError("say why the ticket is handed over: the reason is kept")
    receiver = await session.scalar(select(PersonRow).where(PersonRow.login == to, PersonRow.active))
    if receiver is None:
        raise PersonError(f"nobody who works here has the login {to!r}")
    if receiver.id == ticket.owner_id:
        raise RefusedError(f"{number} is {to}'s already")
    asked = HandoverRow(ticket_id=ticket.id, from_id=ticket.owner_id, to_id=receiver.id, reason=reason, asked_at=now)
    session.add(asked)
    await session.flush()
    await record(session, ticket, "handover_asked", by.login, at=now, private={"reason": reason}, to=to)
    owner = await session.get_one(PersonRow, ticket.owner_id)
    if may_consent(Role(by.role), Role(owner.role)):
        await _decide(session, ticket, asked, by=by, agreed=True, levels=levels, now=now)
    else:
        consenters = await _find_consenters(session, owner)
        cause = f"handover/{asked.id}"
        await notify(session, ticket, consenters, kind="handover_asked", cause=cause, levels=levels, now=now)
    return asked


async def decide_handover(
    session: AsyncSession, handover_id: UUID, *, by: PersonRow, agreed: bool, levels: ServiceLevels, now: datetime
) -> TicketRow:
    """Agree to a handover, or not; nobody to their own. Raises ForbiddenError, RefusedError."""
    asked = await session.get(HandoverRow, handover_id, with_for_update=True)
    if asked is None or asked.decided_at is not None:
        raise RefusedError("this handover does not wait for a decision")
    number = await session.scalar(select(TicketRow.number).where(TicketRow.id == asked.ticket_id))
    ticket = await lock_ticket(session, number or "")
    owner = await session.get_one(PersonRow, asked.from_id)
    if by.id == asked.from_id or not may_consent(Role(by.role), Role(owner.role)):
        raise ForbiddenError(f"a {by.role} does not consent to handovers of a {owner.role}")
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


async def _find_consenters(session: AsyncSession, owner: PersonRow) -> list[UUID]:
    """Everybody of the next rank up; for people at a desk, that desk's."""
    roles = [role for role, rights in RIGHTS.items() if Role(owner.role) in rights.consents_for]
    found = [person for role in roles for person in await find_by_role(session, role, desk=_desk_for(role, owner))]
    return found or await find_by_role(session, Role.ADMIN)


def _desk_for(role: Role, owner: PersonRow) -> str | None:
    return owner.desk if role is Role.TEAM_LEAD else None
