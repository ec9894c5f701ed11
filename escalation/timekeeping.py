"""Clock rows: started, met, paused, resumed, set to another tier. What they say is computed by `ladder`."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.calendar import Calendar, dump_calendar, read_calendar
from escalation.clocks import LONGEST, PAUSABLE, ClockKind, LadderStep
from escalation.ladder import ClockFacts, compute_changed_within, decide_steps
from escalation.models import ClockRow, ClockStepRow, TicketRow
from escalation.severity import Tier
from escalation.terms import ServiceLevels, Terms

# Around the start: the calendar's single days before that can no longer count.
_DAYS_BEFORE = timedelta(days=3)


def make_clock(ticket: TicketRow, kind: ClockKind, levels: ServiceLevels, *, cycle: int, now: datetime) -> ClockRow:
    """Return a clock that starts now, with its first step to wait for."""
    terms = levels.terms_for(Tier(ticket.tier), kind, ticket.desk)
    clock = ClockRow(
        ticket_id=ticket.id,
        kind=kind,
        cycle=cycle,
        tier=ticket.tier,
        started_at=now,
        within=terms.within,
        pauses=[],
        calendar=_dump(terms.calendar, now),
        terms=terms.digest,
    )
    set_next(clock, levels.ladder, taken=(), now=now)
    return clock


async def start_clock(
    session: AsyncSession, ticket: TicketRow, kind: ClockKind, levels: ServiceLevels, *, now: datetime
) -> None:
    """Start the next cycle of a clock, unless one of its kind is running."""
    cycles = select(func.max(ClockRow.cycle)).where(ClockRow.ticket_id == ticket.id, ClockRow.kind == kind)
    if not await find_running(session, ticket.id, {kind}):
        cycle = (await session.scalar(cycles) or 0) + 1
        session.add(make_clock(ticket, kind, levels, cycle=cycle, now=now))
        await session.flush()


async def find_running(session: AsyncSession, ticket_id: UUID, kinds: Collection[ClockKind]) -> list[ClockRow]:
    """Return a ticket's clocks of these kinds that are neither met nor dropped, paused ones too."""
    query = select(ClockRow).where(ClockRow.ticket_id == ticket_id, ClockRow.kind.in_(kinds))
    running = query.where(ClockRow.met_at.is_(None), ClockRow.dropped_at.is_(None))
    return list(await session.scalars(running.order_by(ClockRow.kind, ClockRow.cycle)))


async def meet_clocks(session: AsyncSession, ticket_id: UUID, kinds: Collection[ClockKind], *, at: datetime) -> None:
    """Stop clocks: what they wait for happened at `at`. Late is breached at the deadline, whenever that is noticed.

    Met at the deadline exactly is met.
    """
    for clock in await find_running(session, ticket_id, kinds):
        if clock.paused_at is not None:
            _end_pause(clock, at)
        clock.met_at = at
        _stop_waiting(clock, at)
        if at <= clock.due_at:
            # The loop may have looked at the very instant of the deadline, and thought it over.
            clock.breached_at = clock.noticed_at = None
        elif clock.breached_at is None:
            clock.breached_at, clock.noticed_at = clock.due_at, at


async def drop_clocks(session: AsyncSession, ticket_id: UUID, kinds: Collection[ClockKind], *, at: datetime) -> None:
    """End clocks whose promise is void (a claim that passed to somebody else): neither met nor breached by it.

    A breached one has done what it was for: nobody above comes in.
    """
    for clock in await find_running(session, ticket_id, kinds):
        clock.dropped_at = at
        if clock.breached_at is not None:
            clock.next_step = clock.next_due_at = None
        _stop_waiting(clock, at)
    await session.flush()


def _stop_waiting(clock: ClockRow, at: datetime) -> None:
    """No step comes any more; one that was due already, and that nobody has looked at, is left to the clock loop."""
    if clock.next_due_at is not None and clock.next_due_at >= at:
        clock.next_step = clock.next_due_at = None


async def pause_clocks(session: AsyncSession, ticket_id: UUID, *, at: datetime) -> None:
    """Stop the time of resolution and feedback while the customer is waited for."""
    for clock in await find_running(session, ticket_id, PAUSABLE):
        clock.paused_at = clock.paused_at or at


async def resume_clocks(session: AsyncSession, ticket_id: UUID, levels: ServiceLevels, *, at: datetime) -> None:
    """Let paused clocks go on with the time they had left."""
    for clock in await find_running(session, ticket_id, PAUSABLE):
        if clock.paused_at is not None:
            _end_pause(clock, at)
            set_next(clock, levels.ladder, taken=await find_taken(session, clock.id), now=at)


def _end_pause(clock: ClockRow, at: datetime) -> None:
    if clock.paused_at is not None and at > clock.paused_at and clock.paused_at < clock.due_at:
        clock.pauses = [*clock.pauses, [clock.paused_at.isoformat(), at.isoformat()]]
    clock.paused_at = None
    clock.due_at = facts_of(clock).due_at


async def change_clocks(
    session: AsyncSession, ticket_id: UUID, tier: Tier, levels: ServiceLevels, *, now: datetime
) -> None:
    """Set the running clocks to another tier (or what the ticket's desk is now); the change itself never breaches."""
    desk = (await session.get_one(TicketRow, ticket_id)).desk
    for clock in await find_running(session, ticket_id, set(ClockKind)):
        terms = levels.terms_for(tier, ClockKind(clock.kind), desk)
        await set_terms(session, clock, terms, tier=tier, levels=levels, now=now)


async def set_terms(
    session: AsyncSession, clock: ClockRow, terms: Terms, *, tier: Tier, levels: ServiceLevels, now: datetime
) -> None:
    """Give a running clock other terms; the change itself never breaches. A deadline that has passed stays."""
    facts, since = facts_of(clock), clock.paused_at or now
    if facts.due_at >= since:
        ceiling = LONGEST[facts.kind]
        clock.within = compute_changed_within(facts, terms.within, ceiling=ceiling, now=since, calendar=terms.calendar)
        clock.calendar = _dump(terms.calendar, clock.started_at)
    clock.tier, clock.terms = tier, terms.digest
    set_next(clock, levels.ladder, taken=await find_taken(session, clock.id), now=now)


async def find_taken(session: AsyncSession, clock_id: UUID) -> set[str]:
    """Return the names of the steps a clock has taken."""
    return set(await session.scalars(select(ClockStepRow.name).where(ClockStepRow.clock_id == clock_id)))


async def find_all_taken(session: AsyncSession, clock_ids: Collection[UUID]) -> Mapping[UUID, set[str]]:
    """Return the names of the steps that each of many clocks has taken."""
    query = select(ClockStepRow.clock_id, ClockStepRow.name)
    rows = await session.execute(query.where(ClockStepRow.clock_id == any_(literal(list(clock_ids), ARRAY(Uuid)))))
    taken: dict[UUID, set[str]] = {clock_id: set() for clock_id in clock_ids}
    for clock_id, name in rows:
        taken[clock_id].add(name)
    return taken


def set_next(clock: ClockRow, ladder: Iterable[LadderStep], *, taken: Collection[str], now: datetime) -> None:
    """Write down the deadline and the step to wait for."""
    facts = facts_of(clock)
    verdict = decide_steps(facts, ladder, taken, now=now)
    following = verdict.due[0] if verdict.due else verdict.upcoming
    clock.due_at = facts.due_at
    clock.next_step = following.name if following else None
    clock.next_due_at = following.at if following else None


def facts_of(clock: ClockRow) -> ClockFacts:
    """Return a row's facts."""
    pauses = tuple((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in clock.pauses)
    calendar = read_calendar(clock.calendar) if clock.calendar else None
    return ClockFacts(ClockKind(clock.kind), Tier(clock.tier), clock.started_at, clock.within, pauses, calendar)


def _dump(calendar: Calendar | None, started_at: datetime) -> dict[str, Any] | None:
    return dump_calendar(calendar, since=(started_at - _DAYS_BEFORE).date()) if calendar else None
