"""What a step of the ladder does: warn the owner, bring in the lead, the supervisor, the operations manager (§1.1).

An unclaimed ticket goes to the next person at its deadline, and after three of them to the desk's lead; only one that
nobody else can be given climbs. What many clocks ask for at a time is found out first and written together: the
statements are as many as for one clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind, Step
from escalation.history import Happening, record_all
from escalation.ladder import BREACH
from escalation.models import ParticipantRow, PersonRow, TicketRow
from escalation.notices import Notice, notify_all
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


@dataclass(frozen=True)
class Climb:
    """The steps of one clock that are due together, in their order; the last one is told to everybody concerned."""

    ticket: TicketRow
    clock_id: UUID
    kind: ClockKind
    steps: Sequence[Step]

    @property
    def highest(self) -> Step:
        """The step that does the telling."""
        return self.steps[-1]

    @property
    def ranks(self) -> list[Role]:
        """Who comes in."""
        return [_RANK_OF[step.name] for step in self.steps if step.name in _RANK_OF]

    @property
    def moves_on(self) -> bool:
        """Whether it is an unclaimed ticket, which goes to the next person."""
        return self.kind is ClockKind.CLAIM and self.highest.name == BREACH

    def to_notice(self, people: Sequence[UUID]) -> Notice:
        """Return what people are told: once for each clock and step."""
        details = {"clock": self.kind, "step": self.highest.name, "due_at": self.highest.at.isoformat()}
        return Notice(self.ticket, people, "step", f"{self.clock_id}/{self.highest.name}", details)


@dataclass(frozen=True)
class _Colleague:
    id: UUID
    login: str
    role: str
    desk: str | None


class _Deeds:
    """What climbs come to, in their order: events, notices, and people who come in."""

    def __init__(self, staff: Sequence[_Colleague], handlers: Collection[tuple[UUID, UUID]], now: datetime) -> None:
        """`handlers`: who is one already, as (ticket, person)."""
        self._staff, self._handlers, self._now = staff, set(handlers), now
        self.happenings: list[Happening] = []
        self.notices: list[Notice] = []
        self.added: list[dict[str, Any]] = []

    def add(self, climb: Climb) -> None:
        """Find out what a climb asks for."""
        self._note(climb.ticket, "step", clock=climb.kind, step=climb.highest.name)
        if climb.moves_on:
            return
        people = [climb.ticket.owner_id]
        for rank in climb.ranks:
            found = _find_rank(self._staff, rank, climb.ticket.desk)
            people += [person.id for person in found]
            if found and found[0].id != climb.ticket.owner_id:
                self._bring_in(climb.ticket, found[0])
        self.notices.append(climb.to_notice(people))

    def _bring_in(self, ticket: TicketRow, person: _Colleague) -> None:
        """The first of a rank becomes a handler; the owner stays the owner."""
        if (ticket.id, person.id) not in self._handlers:
            self._handlers.add((ticket.id, person.id))
            self.added.append({"ticket_id": ticket.id, "person_id": person.id, "kind": "handler", "since": self._now})
            self._note(ticket, "handler_added", handler=person.login)

    def _note(self, ticket: TicketRow, kind: str, **details: Any) -> None:
        self.happenings.append(Happening(ticket.id, kind, "clock", self._now, details))


async def climb(session: AsyncSession, climbs: Sequence[Climb], *, levels: ServiceLevels, now: datetime) -> None:
    """Do what the steps that are due ask for. Tickets move on last: nothing of theirs may come after that."""
    rising = {each.ticket.id for each in climbs if each.ranks and not each.moves_on}
    staff, handlers = (await _find_staff(session), await _find_handlers(session, rising)) if rising else ((), set())
    deeds = _Deeds(staff, handlers, now)
    for each in climbs:
        deeds.add(each)
    await _add_handlers(session, deeds.added)
    await record_all(session, deeds.happenings)
    await notify_all(session, deeds.notices, levels=levels, now=now)
    for each in climbs:
        if each.moves_on:
            await pass_to_next(session, each.ticket, levels, now=now)


async def _find_staff(session: AsyncSession) -> Sequence[_Colleague]:
    """Return the active people who can be brought in, in a steady order."""
    query = select(PersonRow.id, PersonRow.login, PersonRow.role, PersonRow.desk)
    rows = await session.execute(query.where(PersonRow.active, PersonRow.role.in_(_RANKS)).order_by(PersonRow.login))
    return [_Colleague(*row) for row in rows]


def _find_rank(staff: Sequence[_Colleague], rank: Role, desk: str) -> Sequence[_Colleague]:
    for role in _RANKS[_RANKS.index(rank) :]:
        found = [one for one in staff if one.role == role and (role is not Role.TEAM_LEAD or one.desk == desk)]
        if found:
            return found
    return []


async def _find_handlers(session: AsyncSession, tickets: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    query = select(ParticipantRow.ticket_id, ParticipantRow.person_id)
    of_these = ParticipantRow.ticket_id == any_(literal(list(tickets), ARRAY(Uuid)))
    return {(row[0], row[1]) for row in await session.execute(query.where(of_these, ParticipantRow.kind == "handler"))}


async def _add_handlers(session: AsyncSession, added: Sequence[Mapping[str, Any]]) -> None:
    """Let people be handlers; one who was asked to help becomes one."""
    if added:
        key = [ParticipantRow.ticket_id, ParticipantRow.person_id]
        adding = insert(ParticipantRow).on_conflict_do_update(index_elements=key, set_={"kind": "handler"})
        await session.execute(adding, added)
