"""Telling people: a row for each person and cause, so that nobody is told twice and nothing is forgotten.

A notice shows in the console at once. What also goes out by mail waits for working hours if the matter is general
(product §5: notices about general tickets wait, critical ones never do).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.models import NoticeRow, PersonRow, TicketRow
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier


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
    not_before = levels.working_hours.next_open(now) if ticket.tier == Tier.GENERAL else now
    rows = [
        {
            "cause": cause,
            "person_id": person,
            "ticket_id": ticket.id,
            "kind": kind,
            "details": details or {},
            "at": now,
            "not_before": not_before,
        }
        for person in dict.fromkeys(people)
    ]
    if rows:
        await session.execute(insert(NoticeRow).values(rows).on_conflict_do_nothing())


async def find_unread(session: AsyncSession, person_id: UUID, *, limit: int = 50) -> list[tuple[NoticeRow, str]]:
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
