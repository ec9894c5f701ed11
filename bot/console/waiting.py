"""What waits for somebody's word on open tickets: prepared commands, requests for approval, handovers. Read only.

One statement finds which they are and in what order, a few more load them with all that a line shows, however many.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.console.confirming import GRANTS, PARTS
from bot.models import ShopCommandRow
from escalation.deciders import is_approval_wanted, is_consent_wanted, load_people
from escalation.models import HandoverRow, PersonRow, TicketRow
from escalation.pages import Cursor, Page, make_page
from escalation.queue import find_following, find_visible, takes_part_in
from escalation.rights import RIGHTS, Access, Relation, Role, find_access
from escalation.staffing import ENDED

LONGEST_PAGE = 200


class Side(StrEnum):
    """Of what a list is: what waits for one's own word, what one asked for, all that one may see."""

    MINE = "mine"
    ASKED = "asked"
    ALL = "all"


@dataclass(frozen=True)
class Matter:
    """One thing that waits. `subject` is the command or the handover; `others` are the other commands of its ticket.

    `access`: what the reader may do with the ticket. `is_mine`: the reader's word is wanted.
    """

    subject: ShopCommandRow | HandoverRow
    others: Sequence[ShopCommandRow]
    ticket: TicketRow
    access: Access
    since: datetime
    next_clock: str | None
    next_due_at: datetime | None
    is_mine: bool


@dataclass(frozen=True)
class Waiting:
    """A page of what waits, with everybody who works here, by id and by login, and all who had a part in it."""

    page: Page[Matter]
    people: Sequence[PersonRow]
    known: Mapping[UUID, PersonRow]


async def list_waiting(
    session: AsyncSession, person: PersonRow, side: Side, *, limit: int, after: Cursor | None = None
) -> Waiting:
    """Return a page of what waits, what is due first on top; since when decides where nothing else does."""
    waiting, following = _find_waiting(person).subquery("waiting"), find_following()
    relation = case(
        (or_(TicketRow.owner_id == person.id, takes_part_in(person)), Relation.OWN),
        (TicketRow.desk == literal(person.desk, String), Relation.DESK),
        else_=Relation.OTHER,
    )
    query: Select[Any] = (
        select(waiting, TicketRow, relation.label("relation"), following.c.kind.label("clock"), following.c.due_at)
        .join(TicketRow, TicketRow.id == waiting.c.ticket_id)
        .outerjoin(following, true())
        .where(_is_on(person, side, waiting.c))
        .order_by(following.c.due_at.nulls_last(), waiting.c.since, waiting.c.name)
    )
    if after is not None:
        query = query.where(after.comes_before(following.c.due_at, waiting.c.since, waiting.c.name))
    rows = (await session.execute(query.limit(limit + 1))).all()
    page = make_page(rows, limit, lambda last: Cursor(last.due_at, last.since, last.name))
    people = await load_people(session)
    matters = await _load(session, person, page.lines)
    return Waiting(Page(matters, page.following), people, await _load_known(session, matters, people))


async def count_waiting(session: AsyncSession, person: PersonRow) -> dict[str, int]:
    """Return how many there are on each side."""
    waiting = _find_waiting(person).subquery("waiting")
    counts = [func.count().filter(_is_on(person, side, waiting.c)).label(side) for side in Side]
    query = select(*counts).select_from(waiting).join(TicketRow, TicketRow.id == waiting.c.ticket_id)
    return dict((await session.execute(query)).one()._mapping)  # noqa: SLF001 - a row's own way to be a mapping


def _is_on(person: PersonRow, side: Side, columns: Any) -> ColumnElement[bool]:
    """Whose word is wanted sees what it is about, and whoever asked what became of it."""
    mine: ColumnElement[bool] = columns.is_mine
    asked: ColumnElement[bool] = columns.is_asked
    return {Side.MINE: mine, Side.ASKED: asked, Side.ALL: or_(find_visible(person), mine, asked)}[side]


def _find_waiting(person: PersonRow) -> CompoundSelect[*tuple[Any, ...]]:
    return union_all(_find_commands(person), _find_handovers(person))


def _find_commands(person: PersonRow) -> Select[*tuple[Any, ...]]:
    """Commands above the bot's limits: the owner's to confirm or to ask approval for, then an approver's."""
    command = ShopCommandRow
    works = RIGHTS[Role(person.role)].own >= Access.WORK
    is_owners = and_(command.asked_by.is_(None), TicketRow.owner_id == person.id) if works else false()
    wanted = is_approval_wanted(person, amount=_find_grant(), desk=TicketRow.desk, asked_by=command.asked_by)
    return (
        select(
            literal("command").label("kind"),
            command.key.label("name"),
            TicketRow.id.label("ticket_id"),
            func.coalesce(command.asked_at, command.created_at).label("since"),
            or_(is_owners, and_(command.asked_by.is_not(None), wanted)).label("is_mine"),
            (command.asked_by.is_not_distinct_from(person.login)).label("is_asked"),
        )
        .join(TicketRow, TicketRow.number == command.ticket_number)
        .where(
            command.ticket_number.is_not(None),
            command.confirmed_at.is_(None),
            command.done_at.is_(None),
            TicketRow.state.not_in(ENDED),
        )
    )


def _find_grant() -> ColumnElement[Decimal]:
    """What is measured by a role's limit (as `confirming.find_grant`): several parts of an order together."""
    command, part = ShopCommandRow, aliased(ShopCommandRow)
    together = (
        select(func.sum(part.amount))
        .where(
            part.ticket_number == command.ticket_number,
            part.order_number == command.order_number,
            part.kind == PARTS,
            or_(part.result.is_(None), part.result["done"].as_boolean()),
        )
        .scalar_subquery()
    )
    return case(
        (command.kind == PARTS, together),
        (command.kind.in_(sorted(GRANTS)), func.coalesce(command.amount, cast(literal(0), Numeric))),
        else_=cast(literal(0), Numeric),
    )


def _find_handovers(person: PersonRow) -> Select[*tuple[Any, ...]]:
    """Handovers that nobody has decided; one whose ticket has another owner by now waits for nothing any more."""
    asked, owner = HandoverRow, aliased(PersonRow)
    asked_by = func.coalesce(asked.asked_by, asked.from_id)
    return (
        select(
            literal("handover"),
            cast(asked.id, String),
            TicketRow.id,
            asked.asked_at,
            is_consent_wanted(person, owner=owner, asked_by=asked.asked_by),
            asked_by == person.id,
        )
        .join(TicketRow, TicketRow.id == asked.ticket_id)
        .join(owner, owner.id == asked.from_id)
        .where(asked.decided_at.is_(None), asked.from_id == TicketRow.owner_id, TicketRow.state.not_in(ENDED))
    )


async def _load(session: AsyncSession, person: PersonRow, rows: Sequence[Any]) -> list[Matter]:
    numbers = {row.TicketRow.number for row in rows if row.kind == "command"}
    asked = [UUID(row.name) for row in rows if row.kind == "handover"]
    commands: dict[str, list[ShopCommandRow]] = {}
    if numbers:
        of_them = select(ShopCommandRow).where(ShopCommandRow.ticket_number.in_(numbers))
        for one in await session.scalars(of_them.order_by(ShopCommandRow.created_at, ShopCommandRow.key)):
            commands.setdefault(one.ticket_number or "", []).append(one)
    subjects: dict[str, Any] = {one.key: one for of_one in commands.values() for one in of_one}
    if asked:
        handovers = await session.scalars(select(HandoverRow).where(HandoverRow.id.in_(asked)))
        subjects |= {str(one.id): one for one in handovers}
    return [
        Matter(
            subject=subjects[row.name],
            others=commands.get(row.TicketRow.number, ()),
            ticket=row.TicketRow,
            access=find_access(Role(person.role), Relation(row.relation)),
            since=row.since,
            next_clock=row.clock,
            next_due_at=row.due_at,
            is_mine=row.is_mine,
        )
        for row in rows
        # What the customer took back meanwhile is gone.
        if row.name in subjects
    ]


async def _load_known(
    session: AsyncSession, matters: Iterable[Matter], people: Iterable[PersonRow]
) -> dict[UUID, PersonRow]:
    """Return everybody who is named, also those who have left."""
    known = {one.id: one for one in people}
    named = {matter.ticket.owner_id for matter in matters} | {
        id_
        for matter in matters
        if isinstance(matter.subject, HandoverRow)
        for id_ in (matter.subject.from_id, matter.subject.to_id, matter.subject.asked_by)
        if id_ is not None
    }
    if missing := named - known.keys():
        gone = await session.scalars(select(PersonRow).where(PersonRow.id.in_(missing)))
        known |= {one.id: one for one in gone}
    return known
