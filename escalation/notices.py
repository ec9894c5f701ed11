"""Telling people: a row for each person and cause, so that nobody is told twice and nothing is forgotten.

A notice shows in the console at once. It also goes out on every way on which its person can be reached (a row for
each), which waits for working hours if the matter is general (product §5: notices about general tickets wait, critical
ones never do).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Uuid, any_, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.addresses import EMAIL, TELEGRAM
from escalation.models import NoticeDeliveryRow, NoticeRow, PersonRow, TicketRow
from escalation.routing import Candidate
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier
from escalation.staffing import ENDED

# Where each way finds a person; without it, that way is not theirs.
_REACHED_AT: Mapping[str, Any] = {EMAIL: PersonRow.email, TELEGRAM: PersonRow.telegram_chat_id}
# What is news about a ticket that has ended.
_AFTER_THE_END = frozenset({"ended", "low_rating"})

MOST_UNREAD = 50


@dataclass(frozen=True)
class Notice:
    """What people are to be told about a ticket; the same cause tells each of them once."""

    ticket: TicketRow
    people: Iterable[UUID]
    kind: str
    cause: str
    details: Mapping[str, Any] = field(default_factory=dict)


async def notify(
    session: AsyncSession,
    ticket: TicketRow,
    people: Iterable[UUID],
    *,
    kind: str,
    cause: str,
    levels: ServiceLevels,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Write a notice for each person; the same cause tells each of them once."""
    await notify_all(session, [Notice(ticket, people, kind, cause, details or {})], levels=levels, now=now)


async def notify_all(session: AsyncSession, notices: Sequence[Notice], *, levels: ServiceLevels, now: datetime) -> None:
    """Write many notices, with as many statements as for one."""
    opens_at = levels.working_hours.next_open(now)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "cause": notice.cause,
            "person_id": person,
            "ticket_id": notice.ticket.id,
            "kind": notice.kind,
            "details": dict(notice.details),
            "at": now,
            "not_before": _find_hour(notice.ticket, opens_at, now),
        }
        for notice in notices
        for person in dict.fromkeys(notice.people)
    ]
    if rows:
        await session.execute(insert(NoticeRow).on_conflict_do_nothing(), rows)
        await _send_out(session, [row["id"] for row in rows])


def make_first_notice(
    ticket: TicketRow, owner: Candidate, *, levels: ServiceLevels, now: datetime
) -> tuple[NoticeRow | NoticeDeliveryRow, ...]:
    """Return what tells the owner of a new ticket, on every way on which they are reached."""
    notice = NoticeRow(
        id=uuid4(),
        cause=f"{ticket.id}/opened",
        person_id=owner.id,
        ticket_id=ticket.id,
        kind="opened",
        details={},
        at=now,
        not_before=_find_hour(ticket, levels.working_hours.next_open(now), now),
    )
    ways = (NoticeDeliveryRow(notice_id=notice.id, way=way, next_attempt_at=notice.not_before) for way in owner.ways)
    return notice, *ways


def _find_hour(ticket: TicketRow, opens_at: datetime, now: datetime) -> datetime:
    """General matters wait for working hours, others never do (product §5)."""
    return opens_at if ticket.tier == Tier.GENERAL else now


async def _send_out(session: AsyncSession, notices: Sequence[UUID]) -> None:
    """Set new notices on every way on which their people can be reached now.

    One that was not written, because its person was told before, is not found here.
    """
    ways = [
        select(NoticeRow.id, literal(way), literal(0), NoticeRow.not_before)
        .join(PersonRow, PersonRow.id == NoticeRow.person_id)
        .where(NoticeRow.id == any_(literal(notices, ARRAY(Uuid))), reached_at.is_not(None))
        for way, reached_at in _REACHED_AT.items()
    ]
    columns = ["notice_id", "way", "attempts", "next_attempt_at"]
    await session.execute(insert(NoticeDeliveryRow).from_select(columns, union_all(*ways)))


def find_objection(notice: NoticeRow, ticket: TicketRow, *, clock_runs: bool) -> str | None:
    """Return why a notice need not go out any more ("read", "ended", "met"), or None.

    Who has read it in the console knows. What was to be done on a ticket that has ended, or on a clock that is met
    meanwhile, is done (`clock_runs`: one of the kind that the notice is about still does); it stays in the console.
    """
    if notice.read_at is not None:
        return "read"
    if ticket.state in ENDED and notice.kind not in _AFTER_THE_END:
        return "ended"
    return "met" if notice.kind == "step" and not clock_runs else None


async def find_unread(
    session: AsyncSession, person_id: UUID, *, limit: int = MOST_UNREAD
) -> list[tuple[NoticeRow, str]]:
    """Return what a person has not looked at, newest first, each with its ticket's number."""
    query = select(NoticeRow, TicketRow.number).join(TicketRow, TicketRow.id == NoticeRow.ticket_id)
    query = query.where(NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None))
    return [(row[0], row[1]) for row in await session.execute(query.order_by(NoticeRow.at.desc()).limit(limit))]


async def mark_read(session: AsyncSession, person_id: UUID, number: str | None, *, now: datetime) -> None:
    """A person has looked: at one ticket, or (None) at everything."""
    seen = update(NoticeRow).where(NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None))
    if number is not None:
        seen = seen.where(
            NoticeRow.ticket_id == select(TicketRow.id).where(TicketRow.number == number).scalar_subquery()
        )
    await session.execute(seen.values(read_at=now))


async def find_by_role(session: AsyncSession, role: str, *, desk: str | None = None) -> list[UUID]:
    """Return the active people of a role (at a desk), in a steady order."""
    query = select(PersonRow.id).where(PersonRow.active, PersonRow.role == role)
    if desk is not None:
        query = query.where(PersonRow.desk == desk)
    return list(await session.scalars(query.order_by(PersonRow.login)))
