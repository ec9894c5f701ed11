"""How fast and how surely the team serves: first answers, solutions, promises kept (product §7, §1.1). Read only.

Times are those of everything that was answered or solved, the late ones too. Promises are judged by the facts at `now`,
whether or not anybody has noticed; what still runs is counted apart, so that nothing open flatters a rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.clocks import ClockKind
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.reports import Group, ReportFilters, find_conditions, find_group, find_reported
from escalation.staffing import ENDED

# The standard's handling rate (§1.1).
HANDLING_RATE = 0.98


class TicketFigure(StrEnum):
    """What tickets are counted by. DUE: handled, or overdue; the handling rate is the handled ones of these."""

    OPENED = "opened"
    HANDLED = "handled"
    OVERDUE = "overdue"
    DUE = "due"
    REOPENED = "reopened"


class PromiseFigure(StrEnum):
    """What clocks are counted by. TIMED: what was promised happened, in time or late, so how long it took is known."""

    MET = "met"
    BREACHED = "breached"
    RUNNING = "running"
    TIMED = "timed"


@dataclass(frozen=True)
class PromiseFigures:
    """One kind of clock: promises kept, broken, still running; and how long it took where it happened at all."""

    met: int = 0
    breached: int = 0
    running: int = 0
    n: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None

    @property
    def met_share(self) -> float | None:
        """Kept of those that are decided, or None."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


@dataclass(frozen=True)
class ServiceFigures:
    """One line: `line` names the group (None: all), of tickets opened in the period.

    `handled`: resolved or closed; `overdue`: not handled, and the deadline of resolution has passed; the others still
    run. `promises` has every kind of clock.
    """

    line: str | date | None
    opened: int
    handled: int
    overdue: int
    reopened: int
    promises: Mapping[ClockKind, PromiseFigures] = field(default_factory=dict)

    @property
    def handling_rate(self) -> float | None:
        """Handled of those that are due by now, or None (against 98 %, §1.1)."""
        due = self.handled + self.overdue
        return self.handled / due if due else None


async def compute_service(
    session: AsyncSession,
    reader: PersonRow,
    filters: ReportFilters,
    *,
    group_by: Group | None = None,
    zone: ZoneInfo,
    now: datetime,
) -> list[ServiceFigures]:
    """Return the figures of the tickets opened in a period, a line for each group; people are the owners."""
    line = find_group(group_by, TicketRow.opened_at, zone)
    where = (find_reported(reader, TicketRow.owner_id), *find_conditions(filters, TicketRow.opened_at))
    promises = await _compute_promises(session, group_by, line, where, now)
    counted = (TicketFigure.OPENED, TicketFigure.HANDLED, TicketFigure.OVERDUE, TicketFigure.REOPENED)
    query = (
        select(line, *(func.count().filter(find_counted(figure, now)) for figure in counted))
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .where(*where)
    )
    grouped = query if group_by is None else query.group_by(line).order_by(line)
    rows = await session.execute(grouped)
    return [
        ServiceFigures(name, opened, handled, overdue, reopened, promises.get(name, _NONE))
        for name, opened, handled, overdue, reopened in rows
    ]


_NONE: Mapping[ClockKind, PromiseFigures] = {kind: PromiseFigures() for kind in ClockKind}


def find_counted(figure: TicketFigure, now: datetime) -> ColumnElement[bool]:
    """Return the condition for the tickets that a figure counts."""
    is_handled = TicketRow.state.in_(ENDED)
    is_overdue = and_(~is_handled, select(ClockRow.id).where(_is_late_resolution(now)).correlate(TicketRow).exists())
    match figure:
        case TicketFigure.OPENED:
            return true()
        case TicketFigure.HANDLED:
            return is_handled
        case TicketFigure.OVERDUE:
            return is_overdue
        case TicketFigure.DUE:
            return or_(is_handled, is_overdue)
        case TicketFigure.REOPENED:
            return TicketRow.reopenings > 0


def find_counted_clocks(figure: PromiseFigure, now: datetime) -> ColumnElement[bool]:
    """Return the condition for the clocks that a figure counts."""
    match figure:
        case PromiseFigure.MET:
            return and_(ClockRow.met_at.is_not(None), ~_is_breached(now))
        case PromiseFigure.BREACHED:
            return _is_breached(now)
        case PromiseFigure.RUNNING:
            return and_(ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None), ~_is_breached(now))
        case PromiseFigure.TIMED:
            return ClockRow.met_at.is_not(None)


def _is_late_resolution(now: datetime) -> ColumnElement[bool]:
    """The resolution clock that still runs is late."""
    return and_(
        ClockRow.ticket_id == TicketRow.id,
        ClockRow.kind == ClockKind.RESOLUTION,
        ClockRow.met_at.is_(None),
        _is_breached(now),
    )


def _is_breached(now: datetime) -> ColumnElement[bool]:
    """Judged by the facts: a paused clock is late if it was when it stopped, one that is met if it was met late."""
    until = func.coalesce(ClockRow.met_at, ClockRow.paused_at, ClockRow.dropped_at, now)
    return or_(ClockRow.breached_at.is_not(None), until > ClockRow.due_at)


async def _compute_promises(
    session: AsyncSession,
    group_by: Group | None,
    line: ColumnElement[object],
    where: tuple[ColumnElement[bool], ...],
    now: datetime,
) -> dict[object, dict[ClockKind, PromiseFigures]]:
    taken = ClockRow.met_at - ClockRow.started_at
    query = (
        select(
            line,
            ClockRow.kind,
            *(func.count().filter(find_counted_clocks(figure, now)) for figure in PromiseFigure),
            func.percentile_cont(0.5).within_group(taken),
            func.percentile_cont(0.9).within_group(taken),
        )
        .join(TicketRow, TicketRow.id == ClockRow.ticket_id)
        .join(PersonRow, PersonRow.id == TicketRow.owner_id)
        .where(*where)
        .group_by(ClockRow.kind)
    )
    grouped = query if group_by is None else query.group_by(line)
    found: dict[object, dict[ClockKind, PromiseFigures]] = {}
    for name, kind, *figures in await session.execute(grouped):
        found.setdefault(name, dict(_NONE))[ClockKind(kind)] = PromiseFigures(*figures)
    return found
