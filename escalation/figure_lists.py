"""What stands behind the figures: the tickets and the promises that were counted, one page of a list at a time.

A list asks for the same conditions as the figure does, so the two agree at any one instant. Read only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, nulls_last, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from escalation.clocks import ClockKind
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.reports import ReportFilters, find_conditions, find_reported
from escalation.service_figures import PromiseFigure, TicketFigure, find_counted, find_counted_clocks


@dataclass(frozen=True)
class FigureEntry:
    """One line: a ticket, its owner's name, and the clock that was counted (of a ticket: its newest of resolution)."""

    ticket: TicketRow
    owner_name: str
    clock: ClockRow | None


@dataclass(frozen=True)
class FigureList:
    """One page of a list; `count` is how many lines all pages have."""

    count: int
    entries: Sequence[FigureEntry]


async def list_counted(
    session: AsyncSession,
    reader: PersonRow,
    filters: ReportFilters,
    figure: TicketFigure,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> FigureList:
    """Return the tickets behind a figure, the newest first."""
    later = aliased(ClockRow)
    newest = select(func.max(later.cycle)).where(
        later.ticket_id == TicketRow.id, later.kind == ClockKind.RESOLUTION
    )  # fmt: skip
    is_newest = and_(
        ClockRow.ticket_id == TicketRow.id,
        ClockRow.kind == ClockKind.RESOLUTION,
        ClockRow.cycle == newest.scalar_subquery(),
    )
    query = (
        select(TicketRow, PersonRow.name, ClockRow)
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .outerjoin(ClockRow, is_newest)
        .where(*_narrow(reader, filters), find_counted(figure, now))
    )
    return await _read(session, query.order_by(TicketRow.opened_at.desc(), TicketRow.number), limit, offset)


async def list_promises(
    session: AsyncSession,
    reader: PersonRow,
    filters: ReportFilters,
    figure: PromiseFigure,
    kind: ClockKind,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> FigureList:
    """Return the clocks behind a figure, the worst first: the longest over, the longest taken, the first due."""
    query = (
        select(TicketRow, PersonRow.name, ClockRow)
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .join(ClockRow, and_(ClockRow.ticket_id == TicketRow.id, ClockRow.kind == kind))
        .where(*_narrow(reader, filters), find_counted_clocks(figure, now))
    )
    ordered = query.order_by(_worst_first(figure, now), TicketRow.opened_at.desc(), TicketRow.number, ClockRow.cycle)
    return await _read(session, ordered, limit, offset)


def _narrow(reader: PersonRow, filters: ReportFilters) -> tuple[ColumnElement[bool], ...]:
    return (find_reported(reader, TicketRow.owner_id), *find_conditions(filters, TicketRow.opened_at))


def _worst_first(figure: PromiseFigure, now: datetime) -> ColumnElement[Any]:
    if figure is PromiseFigure.RUNNING:
        return ClockRow.due_at.asc()
    if figure is PromiseFigure.BREACHED:
        over = func.coalesce(ClockRow.met_at, ClockRow.paused_at, ClockRow.dropped_at, now) - ClockRow.due_at
        return over.desc()
    return nulls_last((ClockRow.met_at - ClockRow.started_at).desc())


async def _read(session: AsyncSession, query: Select[TicketRow, str, ClockRow], limit: int, offset: int) -> FigureList:
    count = select(func.count()).select_from(query.order_by(None).with_only_columns(TicketRow.id).subquery())
    rows = await session.execute(query.limit(limit).offset(offset))
    return FigureList((await session.execute(count)).scalar_one(), [FigureEntry(*row) for row in rows])
