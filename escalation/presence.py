"""People come, go off duty, and leave for good; what they own passes on as product §4 says.

On duty is whoever is marked available, or whose console was open within two minutes (`staffing`).
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import audit
from escalation.errors import PersonError
from escalation.models import AssignmentRow, PersonRow, TicketRow
from escalation.ownership import pass_to_lead, pass_to_next
from escalation.people import check_somebody_is_left, find_person, lock_rights
from escalation.ports import Clock
from escalation.rights import Access, Relation, Role, find_access
from escalation.service_levels import ServiceLevels
from escalation.signing_in import sign_out_everywhere
from escalation.staffing import ENDED, PRESENT_WITHIN, lock_candidates
from escalation.tickets import State

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=30)
_OPEN = tuple(state for state in State if state not in ENDED)
_NOT_CLOSED = tuple(state for state in State if state is not State.CLOSED)


class HasLevels(Protocol):
    """Whoever knows the service levels in force."""

    @property
    def levels(self) -> ServiceLevels:
        """What holds now."""
        ...


async def mark_seen(session: AsyncSession, person_id: UUID, *, now: datetime) -> None:
    """A sign of life of a console; it ends no break. In a transaction of its own, for it would hold up routing."""
    seen = update(PersonRow).where(PersonRow.id == person_id, PersonRow.active, PersonRow.on_break.is_(False))
    await session.execute(seen.values(last_seen_at=now))


async def go_off_duty(session: AsyncSession, person_id: UUID, *, levels: ServiceLevels, now: datetime) -> int:
    """End somebody's shift: what they have not answered yet passes to the next. Returns how many tickets did.

    Without it (a closed laptop) the claim clocks, and for what was accepted `Attendance`, do the same a little later.
    """
    # Tickets before people, as the clock loop does.
    await _lock_owned(session, person_id, states=_OPEN)
    await _lock_colleagues(session, person_id, now)
    away = update(PersonRow).where(PersonRow.id == person_id).values(available=False, on_break=True, last_seen_at=None)
    await session.execute(away)
    return await _pass_on(session, person_id, levels=levels, now=now)


class Attendance:
    """Notices who went away without a word: a closed laptop ends a shift too."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], clock: Clock, file: HasLevels) -> None:
        self._sessions, self._clock, self._file = sessions, clock, file

    async def run(self) -> None:
        """Look every half minute, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("it could not be found out who has gone; it will be looked again")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> int:
        """Pass on what people accepted, did not answer, and left behind; return how many tickets went to somebody else.

        What they did not accept either is the claim clock's. Each absence is dealt with once.
        """
        now, passed_on = self._clock.now(), 0
        async with self._sessions() as session:
            gone = await _find_gone(session, now)
        for person in gone:
            async with self._sessions.begin() as session:
                passed_on += await _end_silent_shift(session, person, levels=self._file.levels, now=now)
        return passed_on


async def _find_gone(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Return who had the console open and has not any more, with accepted tickets that nobody has answered."""
    gone = (PersonRow.available.is_(False), PersonRow.last_seen_at < now - PRESENT_WITHIN)
    waiting = _left_behind().where(TicketRow.owner_id == PersonRow.id)
    return (await session.scalars(select(PersonRow.id).where(*gone, waiting.exists()).order_by(PersonRow.id))).all()


def _left_behind() -> Select[UUID]:
    current = and_(AssignmentRow.ticket_id == TicketRow.id, AssignmentRow.ended_at.is_(None))
    accepted = select(TicketRow.id).join(AssignmentRow, current).where(AssignmentRow.accepted_at.is_not(None))
    return accepted.where(TicketRow.first_responder_id.is_(None), TicketRow.state.in_(_OPEN))


async def _end_silent_shift(session: AsyncSession, person: UUID, *, levels: ServiceLevels, now: datetime) -> int:
    # Tickets before people, as the clock loop does; who came back meanwhile has not gone.
    accepted = TicketRow.id.in_(_left_behind().where(TicketRow.owner_id == person))
    query = select(TicketRow).where(accepted).order_by(TicketRow.id).with_for_update(skip_locked=True)
    tickets = (await session.scalars(query.execution_options(populate_existing=True))).all()
    still_gone = (PersonRow.available.is_(False), PersonRow.last_seen_at < now - PRESENT_WITHIN)
    leaving = update(PersonRow).where(PersonRow.id == person, *still_gone).values(last_seen_at=None)
    if not tickets:
        return 0
    await _lock_colleagues(session, person, now)
    if not (await session.execute(leaving.returning(PersonRow.id))).all():
        return 0
    for ticket in tickets:
        await pass_to_next(session, ticket, levels, now=now)
    return sum(ticket.owner_id != person for ticket in tickets)


async def move_to_desk(
    session: AsyncSession, person: PersonRow, desk: str, *, levels: ServiceLevels, now: datetime
) -> int:
    """Let somebody work at another desk: what they have not answered yet stays at the old one, with the next there."""
    await _lock_owned(session, person.id, states=_OPEN)
    person.desk = desk
    await session.flush()
    return await _pass_on(session, person.id, levels=levels, now=now)


async def _lock_colleagues(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Lock somebody among their colleagues, in the order in which routing does: two who lock in another would wait."""
    desk = await session.scalar(select(PersonRow.desk).where(PersonRow.id == person_id))
    await lock_candidates(session, now, desk=desk or "", also=person_id)


async def _pass_on(session: AsyncSession, person_id: UUID, *, levels: ServiceLevels, now: datetime) -> int:
    owned = await _lock_owned(session, person_id, states=_OPEN)
    unanswered = [ticket for ticket in owned if ticket.first_responder_id is None]
    for ticket in unanswered:
        await pass_to_next(session, ticket, levels, now=now)
    return sum(ticket.owner_id != person_id for ticket in unanswered)


async def change_role(
    session: AsyncSession, person: PersonRow, role: str, desk: str | None, *, levels: ServiceLevels, now: datetime
) -> None:
    """Let somebody work here as something else, from now on. The caller has locked the rights, and writes the log.

    What they have not answered stays at the old desk. Who may not work on tickets any more passes on all of theirs.
    """
    # Tickets before people, and those in the order in which routing locks them.
    await _lock_owned(session, person.id)
    await _lock_colleagues(session, person.id, now)
    before = person.desk
    person.role, person.desk = role, desk
    await session.flush()
    if find_access(Role(role), Relation.OWN) < Access.WORK:
        person.available = False
        await _give_up_all(session, person.id, levels=levels, now=now)
    elif desk != before:
        await _pass_on(session, person.id, levels=levels, now=now)


async def deactivate_person(
    session: AsyncSession, login: str, *, actor: str, levels: ServiceLevels, now: datetime
) -> PersonRow:
    """Close an account: sessions and token end, tickets pass to the desk's lead, the resolved ones too.

    The last person who could own tickets cannot go, nor the last of a role that the shop is never without. Whether
    `actor` may do this is checked by the caller. Raises PersonError, ProposalError.
    """
    await lock_rights(session)
    person = await find_person(session, login)
    if person is None or not person.active:
        raise PersonError(f"nobody who works here has the login {login!r}")
    await close_account(session, person, levels=levels, now=now)
    await audit.append(session, subject=f"person/{person.id}", actor=actor, action="deactivated", details={}, at=now)
    return person


async def close_account(session: AsyncSession, person: PersonRow, *, levels: ServiceLevels, now: datetime) -> None:
    """Do what `deactivate_person` says. The caller has locked the rights, and writes the log."""
    # Tickets before people, as the clock loop does. What is routed to them meanwhile is found the second time.
    await _lock_owned(session, person.id)
    others = select(PersonRow.id).where(PersonRow.active, PersonRow.id != person.id).order_by(PersonRow.id)
    if await session.scalar(others.limit(1).with_for_update(key_share=True)) is None:
        raise PersonError(f"{person.login} is the last one here: add somebody first")
    await check_somebody_is_left(session, person, None)
    person.active, person.available, person.last_seen_at = False, False, None
    await session.flush()
    await _give_up_all(session, person.id, levels=levels, now=now)
    # Last: a unique column takes a lock that whoever routes a ticket to them would wait for.
    person.token_digest = None
    await sign_out_everywhere(session, person.id)


async def _give_up_all(session: AsyncSession, person_id: UUID, *, levels: ServiceLevels, now: datetime) -> None:
    for ticket in await _lock_owned(session, person_id):
        await pass_to_lead(session, ticket, levels, now=now)


async def _lock_owned(
    session: AsyncSession, person_id: UUID, *, states: Sequence[State] = _NOT_CLOSED
) -> Sequence[TicketRow]:
    query = select(TicketRow).where(TicketRow.owner_id == person_id, TicketRow.state.in_(states))
    locked = query.order_by(TicketRow.id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()
