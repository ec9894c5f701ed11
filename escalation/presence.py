"""People come, go off duty, and leave for good; what they own passes on as product §4 says.

On duty is whoever is marked available, or whose console was open within two minutes (`staffing`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.errors import PersonError
from escalation.models import PersonRow, TicketRow
from escalation.ownership import pass_to_lead, pass_to_next
from escalation.service_levels import ServiceLevels
from escalation.signing_in import sign_out_everywhere
from escalation.staffing import ENDED
from escalation.tickets import State

_OPEN = tuple(state for state in State if state not in ENDED)
_NOT_CLOSED = tuple(state for state in State if state is not State.CLOSED)


async def mark_seen(session: AsyncSession, person_id: UUID, *, now: datetime) -> None:
    """A sign of life of somebody's console. In a transaction of its own: it would hold up routing otherwise."""
    await session.execute(update(PersonRow).where(PersonRow.id == person_id).values(last_seen_at=now))


async def go_off_duty(session: AsyncSession, person_id: UUID, *, levels: ServiceLevels, now: datetime) -> int:
    """End somebody's shift: what they have not answered yet passes to the next. Returns how many tickets did.

    Without it (a closed laptop) the claim clocks do the same a little later.
    """
    # Tickets before people, as the clock loop does.
    await _lock_owned(session, person_id, states=_OPEN)
    away = update(PersonRow).where(PersonRow.id == person_id).values(available=False, last_seen_at=None)
    await session.execute(away)
    return await _pass_on(session, person_id, levels=levels, now=now)


async def move_to_desk(
    session: AsyncSession, person: PersonRow, desk: str, *, levels: ServiceLevels, now: datetime
) -> int:
    """Let somebody work at another desk: what they have not answered yet stays at the old one, with the next there."""
    await _lock_owned(session, person.id, states=_OPEN)
    person.desk = desk
    await session.flush()
    return await _pass_on(session, person.id, levels=levels, now=now)


async def _pass_on(session: AsyncSession, person_id: UUID, *, levels: ServiceLevels, now: datetime) -> int:
    owned = await _lock_owned(session, person_id, states=_OPEN)
    unanswered = [ticket for ticket in owned if ticket.first_responder_id is None]
    for ticket in unanswered:
        await pass_to_next(session, ticket, levels, now=now)
    return sum(ticket.owner_id != person_id for ticket in unanswered)


async def deactivate_person(
    session: AsyncSession, login: str, *, actor: str, levels: ServiceLevels, now: datetime
) -> PersonRow:
    """Close an account: sessions and token end, tickets pass to the desk's lead, the resolved ones too.

    The last person who could own tickets cannot go. Whether `actor` may do this is checked by the caller. Raises
    PersonError.
    """
    person = await session.scalar(select(PersonRow).where(PersonRow.login == login))
    if person is None or not person.active:
        raise PersonError(f"nobody who works here has the login {login!r}")
    # Tickets before people, as the clock loop does. What is routed to them meanwhile is found the second time.
    await _lock_owned(session, person.id)
    others = select(PersonRow.id).where(PersonRow.active, PersonRow.id != person.id).order_by(PersonRow.id)
    if await session.scalar(others.limit(1).with_for_update(key_share=True)) is None:
        raise PersonError(f"{login} is the last one here: add somebody first")
    person.active, person.available, person.last_seen_at = False, False, None
    await session.flush()
    for ticket in await _lock_owned(session, person.id):
        await pass_to_lead(session, ticket, levels, now=now)
    # Last: a unique column takes a lock that whoever routes a ticket to them would wait for.
    person.token_digest = None
    await sign_out_everywhere(session, person.id)
    await audit.append(session, subject=f"person/{person.id}", actor=actor, action="deactivated", details={}, at=now)
    return person


async def _lock_owned(
    session: AsyncSession, person_id: UUID, *, states: Sequence[State] = _NOT_CLOSED
) -> Sequence[TicketRow]:
    query = select(TicketRow).where(TicketRow.owner_id == person_id, TicketRow.state.in_(states))
    locked = query.order_by(TicketRow.id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()
