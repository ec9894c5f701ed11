"""One ticket with everything about it that is kept here: for the API and the console's case pane. Read only.

The conversation's messages and the masking of personal data are the caller's: `access` says what the reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.access import read_ticket
from escalation.models import (
    AssignmentRow,
    ClockRow,
    ClockStepRow,
    HandoverRow,
    ParticipantRow,
    PersonRow,
    SurveyRow,
    TicketEventRow,
    TicketRow,
)
from escalation.rights import Access

# What a customer does that is a contact of its own; answering what they were asked is none.
_CONTACTS = ("facts_added", "reopened")


@dataclass(frozen=True)
class Who:
    """Somebody who works here, as others are told of them."""

    login: str
    name: str
    role: str
    desk: str | None


@dataclass(frozen=True)
class Participation:
    """Somebody who helps with a ticket or handles it; `kind` is "helper" or "handler"."""

    kind: str
    who: Who
    since: datetime


@dataclass(frozen=True)
class StepTaken:
    """A step of a clock's ladder that was taken: due at `due_at`, taken at `at`."""

    clock: str
    cycle: int
    name: str
    due_at: datetime
    at: datetime
    collapsed: bool


@dataclass(frozen=True)
class Ownership:
    """Who owned a ticket, from when to when (None: still), and why it came to them."""

    who: Who
    reason: str
    assigned_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class PendingHandover:
    """A handover that waits for the consent of the next rank up."""

    id: UUID
    owner: Who
    to: Who
    reason: str
    asked_at: datetime


@dataclass(frozen=True)
class CaseFile:
    """A ticket and all its rows, each kind in the order of time."""

    ticket: TicketRow
    access: Access
    owner: Who
    first_responder: Who | None
    participants: Sequence[Participation]
    clocks: Sequence[ClockRow]
    steps: Sequence[StepTaken]
    ownerships: Sequence[Ownership]
    handover: PendingHandover | None
    surveys: Sequence[SurveyRow]
    events: Sequence[TicketEventRow]


async def load_ticket(session: AsyncSession, number: str, *, person: PersonRow) -> CaseFile:
    """Load a ticket for somebody who may read it. Raises UnknownTicketError, ForbiddenError."""
    ticket, access = await read_ticket(session, number, person)
    responder = ticket.first_responder_id
    surveys = select(SurveyRow).where(SurveyRow.ticket_id == ticket.id).order_by(SurveyRow.cycle)
    events = select(TicketEventRow).where(TicketEventRow.ticket_id == ticket.id).order_by(TicketEventRow.id)
    clocks = select(ClockRow).where(ClockRow.ticket_id == ticket.id)
    return CaseFile(
        ticket=ticket,
        access=access,
        owner=await _load_who(session, ticket.owner_id),
        first_responder=await _load_who(session, responder) if responder else None,
        participants=await _load_participants(session, ticket),
        clocks=(await session.scalars(clocks.order_by(ClockRow.started_at, ClockRow.kind, ClockRow.cycle))).all(),
        steps=await _load_steps(session, ticket),
        ownerships=await _load_ownerships(session, ticket),
        handover=await _load_handover(session, ticket),
        surveys=(await session.scalars(surveys)).all(),
        events=(await session.scalars(events)).all(),
    )


async def find_contacts(session: AsyncSession, ticket: TicketRow, *, since: datetime) -> list[datetime]:
    """Return when the customer got in touch about a ticket's matter: opened a case, opened it again, added to it."""
    same = select(TicketRow.id, TicketRow.opened_at).where(
        TicketRow.customer_id == ticket.customer_id,
        TicketRow.category == ticket.category,
        TicketRow.order_number.is_not_distinct_from(ticket.order_number),
    )
    opened = {row.id: row.opened_at for row in await session.execute(same)}
    event = TicketEventRow
    later = select(event.at).where(event.ticket_id.in_(opened), event.kind.in_(_CONTACTS), event.at >= since)
    return [at for at in opened.values() if at >= since] + list(await session.scalars(later))


async def _load_who(session: AsyncSession, person_id: UUID) -> Who:
    return _who(await session.get_one(PersonRow, person_id))


async def _load_participants(session: AsyncSession, ticket: TicketRow) -> list[Participation]:
    query = select(ParticipantRow, PersonRow).join(PersonRow, PersonRow.id == ParticipantRow.person_id)
    query = query.where(ParticipantRow.ticket_id == ticket.id).order_by(ParticipantRow.since, PersonRow.login)
    return [Participation(row.kind, _who(person), row.since) for row, person in await session.execute(query)]


async def _load_steps(session: AsyncSession, ticket: TicketRow) -> list[StepTaken]:
    step = ClockStepRow
    query = select(ClockRow.kind, ClockRow.cycle, step.name, step.due_at, step.at, step.collapsed)
    query = query.join(ClockRow, ClockRow.id == step.clock_id).where(ClockRow.ticket_id == ticket.id)
    return [StepTaken(*row) for row in await session.execute(query.order_by(step.at, step.due_at, ClockRow.kind))]


async def _load_ownerships(session: AsyncSession, ticket: TicketRow) -> list[Ownership]:
    query = select(AssignmentRow, PersonRow).join(PersonRow, PersonRow.id == AssignmentRow.person_id)
    # Whoever ended first came first, also where two came at the same instant.
    order = (AssignmentRow.assigned_at, AssignmentRow.ended_at.nulls_last())
    rows = await session.execute(query.where(AssignmentRow.ticket_id == ticket.id).order_by(*order))
    return [Ownership(_who(person), row.reason, row.assigned_at, row.accepted_at, row.ended_at) for row, person in rows]


async def _load_handover(session: AsyncSession, ticket: TicketRow) -> PendingHandover | None:
    query = select(HandoverRow).where(HandoverRow.ticket_id == ticket.id, HandoverRow.decided_at.is_(None))
    asked = await session.scalar(query.order_by(HandoverRow.asked_at.desc()).limit(1))
    if asked is None:
        return None
    owner, receiver = await _load_who(session, asked.from_id), await _load_who(session, asked.to_id)
    return PendingHandover(asked.id, owner, receiver, asked.reason, asked.asked_at)


def _who(person: PersonRow) -> Who:
    return Who(person.login, person.name, person.role, person.desk)
