"""The lists that people work from: tickets by what is due next. Read only, limited to what one may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import LateralFromClause

from escalation.models import ClockRow, ParticipantRow, PersonRow, TicketRow
from escalation.pages import Cursor, Page, make_page
from escalation.rights import RIGHTS, Access, Role
from escalation.staffing import ENDED

LONGEST_LIST = 200


@dataclass(frozen=True)
class TicketFilters:
    """What a list is narrowed to; None (or nothing) means any.

    `states`: of these states, default the open ones; `owner`: a login; `handled_by_me`: escalated to the person who
    asks; `due_before`: something is due earlier; `search`: a ticket's or an order's number, or its beginning (the
    letters before a ticket's number may be left out).
    """

    states: tuple[str, ...] = ()
    owner: str | None = None
    desk: str | None = None
    tier: str | None = None
    category: str | None = None
    channel: str | None = None
    due_before: datetime | None = None
    handled_by_me: bool = False
    search: str | None = None


@dataclass(frozen=True)
class QueueEntry:
    """One line of a list. `next_due_at`: the deadline of the running clock that is due first, `next_clock` its kind."""

    ticket: TicketRow
    owner_login: str
    owner_name: str
    next_clock: str | None
    next_due_at: datetime | None
    is_handled_by_me: bool


async def list_tickets(
    session: AsyncSession, person: PersonRow, filters: TicketFilters, *, limit: int = LONGEST_LIST, offset: int = 0
) -> list[QueueEntry]:
    """Return the tickets a person may see, what is due first on top; those with no running clock last."""
    rows = await session.execute(_find(person, filters).limit(min(limit, LONGEST_LIST)).offset(offset))
    return [QueueEntry(*row) for row in rows]


async def list_page(
    session: AsyncSession,
    person: PersonRow,
    filters: TicketFilters,
    *,
    limit: int = LONGEST_LIST,
    after: Cursor | None = None,
) -> Page[QueueEntry]:
    """Return a page of what `list_tickets` lists, from its beginning or `after` a line."""
    rows = await session.execute(_find(person, filters, after).limit(limit + 1))
    entries = [QueueEntry(*row) for row in rows]
    return make_page(entries, limit, lambda last: Cursor(last.next_due_at, last.ticket.opened_at, last.ticket.number))


def _find(person: PersonRow, filters: TicketFilters, after: Cursor | None = None) -> Select[Any]:
    following = find_following()
    query: Select[Any] = (
        select(TicketRow, PersonRow.login, PersonRow.name, following.c.kind, following.c.due_at, _handles(person))
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .outerjoin(following, true())
        .where(find_visible(person), *_conditions(person, filters))
    )
    if filters.due_before is not None:
        query = query.where(following.c.due_at < filters.due_before)
    if after is not None:
        query = query.where(after.comes_before(following.c.due_at, TicketRow.opened_at, TicketRow.number))
    return query.order_by(following.c.due_at.nulls_last(), TicketRow.opened_at, TicketRow.number)


async def count_due(session: AsyncSession, person: PersonRow, filters: TicketFilters) -> int:
    """Count the tickets that `list_tickets` would list if it were not limited; `due_before` is wanted."""
    following = find_following()
    query = (
        select(func.count())
        .select_from(TicketRow)
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .join(following, following.c.due_at < filters.due_before)
        .where(find_visible(person), *_conditions(person, filters))
    )
    return (await session.execute(query)).scalar_one()


def find_following() -> LateralFromClause:
    """The running clock of a ticket that is due first."""
    return (
        select(ClockRow.kind, ClockRow.due_at)
        .where(
            ClockRow.ticket_id == TicketRow.id,
            ClockRow.met_at.is_(None),
            ClockRow.dropped_at.is_(None),
            ClockRow.paused_at.is_(None),
        )
        .order_by(ClockRow.due_at)
        .limit(1)
        .lateral("following")
    )


def find_visible(person: PersonRow) -> ColumnElement[bool]:
    """Return the condition for tickets a person may see at all (product §6), masked or not."""
    rights = RIGHTS[Role(person.role)]
    if rights.other > Access.NONE:
        return true()
    seen: list[ColumnElement[bool]] = []
    if rights.own > Access.NONE:
        seen += [TicketRow.owner_id == person.id, takes_part_in(person)]
    if rights.desk > Access.NONE and person.desk is not None:
        seen.append(TicketRow.desk == person.desk)
    return or_(false(), *seen)


def _conditions(person: PersonRow, filters: TicketFilters) -> Sequence[ColumnElement[bool]]:
    asked: tuple[tuple[object, ColumnElement[bool]], ...] = (
        (filters.owner, PersonRow.login == filters.owner),
        (filters.desk, TicketRow.desk == filters.desk),
        (filters.tier, TicketRow.tier == filters.tier),
        (filters.category, TicketRow.category == filters.category),
        (filters.channel, TicketRow.channel == filters.channel),
        (filters.handled_by_me, _handles(person)),
        (filters.search, _matches(filters.search or "")),
    )
    states = TicketRow.state.in_(filters.states) if filters.states else TicketRow.state.not_in(ENDED)
    return [states, *(condition for wanted, condition in asked if wanted)]


def _matches(search: str) -> ColumnElement[bool]:
    beginning = search.strip().upper()
    return or_(
        TicketRow.number.startswith(beginning, autoescape=True),
        TicketRow.number.startswith(f"SW-{beginning}", autoescape=True),
        TicketRow.order_number.startswith(beginning, autoescape=True),
    )


def takes_part_in(person: PersonRow) -> ColumnElement[bool]:
    """Return the condition for tickets that a person helps with or handles."""
    return exists().where(ParticipantRow.ticket_id == TicketRow.id, ParticipantRow.person_id == person.id)


def _handles(person: PersonRow) -> ColumnElement[bool]:
    return exists().where(
        ParticipantRow.ticket_id == TicketRow.id,
        ParticipantRow.person_id == person.id,
        ParticipantRow.kind == "handler",
    )
