"""Who works here, and what is proposed about them, as those who propose and decide see it (product §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import roster
from escalation.errors import ProposalError
from escalation.models import PersonRow, ProposalRow, TicketRow
from escalation.people_changes import is_overtaken, is_waiting_for_password
from escalation.proposals import Standing, find_bearer, find_right, find_standing, may_decide
from escalation.rights import PeopleRight
from escalation.tickets import State

PAGE = 50


@dataclass(frozen=True)
class Account:
    """Somebody who works here, or did. `tickets`: theirs that are not closed; the rest: what who asks may do."""

    person: PersonRow
    tickets: int
    has_proposal: bool
    may_move: bool
    may_deactivate: bool


@dataclass(frozen=True)
class ProposalView:
    """A proposal with the people in it, and what who asks may do with it.

    `overtaken`: whom it is about is not any more what they were.
    """

    row: ProposalRow
    standing: Standing
    name: str
    proposer: PersonRow
    decider: PersonRow | None
    overtaken: bool
    may_decide: bool
    may_withdraw: bool
    may_fetch_password: bool


@dataclass(frozen=True)
class Cursor:
    """Where a list of decided proposals goes on: behind this one."""

    at: datetime
    id: UUID


def check_may_look(reader: PersonRow) -> None:
    """Raises ProposalError for who neither proposes nor decides."""
    if find_right(reader.role) is PeopleRight.NONE:
        raise ProposalError("forbidden", "accounts are for admins, supervisors and operations managers")


async def list_accounts(session: AsyncSession, reader: PersonRow, *, now: datetime) -> Sequence[Account]:
    """Return everybody, who works here first. Raises ProposalError."""
    check_may_look(reader)
    people = await session.scalars(select(PersonRow).order_by(PersonRow.active.desc(), PersonRow.login))
    waiting = ProposalRow.outcome.is_(None) & (ProposalRow.expires_at > now)
    proposed = set(await session.scalars(select(ProposalRow.login).where(waiting)))
    tickets = await _count_tickets(session)
    return [
        Account(
            person,
            tickets.get(person.id, 0),
            person.login in proposed,
            person.active and person.desk is not None and roster.may_change(reader, person),
            _may_deactivate(reader, person),
        )
        for person in people
    ]


def _may_deactivate(reader: PersonRow, person: PersonRow) -> bool:
    is_approver = find_right(reader.role) is PeopleRight.APPROVE
    return is_approver and person.active and find_right(person.role) is not PeopleRight.APPROVE


async def _count_tickets(session: AsyncSession) -> Mapping[UUID, int]:
    counts = select(TicketRow.owner_id, func.count()).where(TicketRow.state != State.CLOSED)
    return {row[0]: row[1] for row in await session.execute(counts.group_by(TicketRow.owner_id))}


async def list_waiting(session: AsyncSession, reader: PersonRow, *, now: datetime) -> Sequence[ProposalView]:
    """Return what waits for a decision, the oldest first. Raises ProposalError."""
    check_may_look(reader)
    waiting = ProposalRow.outcome.is_(None) & (ProposalRow.expires_at > now)
    rows = await session.scalars(select(ProposalRow).where(waiting).order_by(ProposalRow.proposed_at, ProposalRow.id))
    return await _view_all(session, rows.all(), reader, now)


async def list_to_hand_over(session: AsyncSession, reader: PersonRow, *, now: datetime) -> Sequence[ProposalView]:
    """Return whose one-time password somebody is to hand over, the oldest first. Raises ProposalError."""
    check_may_look(reader)
    theirs = (ProposalRow.proposed_by == reader.id) | (ProposalRow.decided_by == reader.id)
    query = select(ProposalRow).join(PersonRow, PersonRow.id == ProposalRow.person_id)
    wanted = query.where(theirs, ProposalRow.outcome == Standing.APPROVED, PersonRow.must_change_password)
    rows = await session.scalars(wanted.order_by(ProposalRow.decided_at, ProposalRow.id))
    return [one for one in await _view_all(session, rows.all(), reader, now) if one.may_fetch_password]


async def list_ended(
    session: AsyncSession, reader: PersonRow, *, now: datetime, after: Cursor | None = None
) -> tuple[Sequence[ProposalView], Cursor | None]:
    """Return a page of what was decided, withdrawn or ran out, the last first, and where the next page begins."""
    check_may_look(reader)
    ended_at = func.coalesce(ProposalRow.decided_at, ProposalRow.expires_at)
    query = select(ProposalRow, ended_at).where(ended_at <= now)
    if after is not None:
        query = query.where(tuple_(ended_at, ProposalRow.id) < (after.at, after.id))
    found = (await session.execute(query.order_by(ended_at.desc(), ProposalRow.id.desc()).limit(PAGE + 1))).all()
    views = await _view_all(session, [row for row, _ in found[:PAGE]], reader, now)
    return views, Cursor(found[PAGE - 1][1], found[PAGE - 1][0].id) if len(found) > PAGE else None


async def view_proposal(session: AsyncSession, proposal_id: UUID, reader: PersonRow, *, now: datetime) -> ProposalView:
    """Return one proposal. Raises ProposalError."""
    check_may_look(reader)
    row = await session.get(ProposalRow, proposal_id)
    if row is None:
        raise ProposalError("no_such_proposal", "there is no such proposal")
    return (await _view_all(session, [row], reader, now))[0]


async def count_decidable(session: AsyncSession, reader: PersonRow, *, now: datetime) -> int:
    """Return how many proposals wait for somebody's own word."""
    if find_right(reader.role) is not PeopleRight.APPROVE:
        return 0
    return sum(one.may_decide for one in await list_waiting(session, reader, now=now))


async def _view_all(
    session: AsyncSession, rows: Sequence[ProposalRow], reader: PersonRow, now: datetime
) -> Sequence[ProposalView]:
    named = {row.login for row in rows}
    ids = {row.proposed_by for row in rows} | {row.decided_by for row in rows if row.decided_by}
    found = await session.scalars(select(PersonRow).where(PersonRow.login.in_(named) | PersonRow.id.in_(ids)))
    people = found.all()
    by_id, by_login = {one.id: one for one in people}, {one.login: one for one in people}
    return [_view(row, reader, now, by_id=by_id, by_login=by_login) for row in rows]


def _view(
    row: ProposalRow,
    reader: PersonRow,
    now: datetime,
    *,
    by_id: Mapping[UUID, PersonRow],
    by_login: Mapping[str, PersonRow],
) -> ProposalView:
    standing, person = find_standing(row, now), by_login.get(row.login)
    waits = standing is Standing.WAITING
    return ProposalView(
        row,
        standing,
        person.name if person else row.name,
        by_id[row.proposed_by],
        by_id.get(row.decided_by) if row.decided_by else None,
        overtaken=waits and is_overtaken(row, person),
        may_decide=waits and may_decide(row, reader.id, reader.role),
        may_withdraw=waits and row.proposed_by == reader.id,
        may_fetch_password=find_bearer(row) == reader.id and is_waiting_for_password(row, person),
    )
