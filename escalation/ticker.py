"""The clock loop: takes each step of each clock once, at its time, whatever crashes (product §5).

It sleeps until the earliest instant at which something is due, is woken for an earlier one, and looks every five
seconds at most. What is due is claimed ticket by ticket (`SKIP LOCKED`: several processes share the work), decided by a
pure function on the clock's facts, and written, steps, owners, handlers, history and notices, in one transaction.
Nothing is evaluated that is not due.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation.climbing import climb
from escalation.clocks import ClockKind, Step
from escalation.deadlines import act_by_itself
from escalation.ladder import BREACH, decide_steps
from escalation.models import ClockRow, ClockStepRow, TicketRow
from escalation.ports import Clock
from escalation.service_levels import ServiceLevels
from escalation.timekeeping import facts_of, find_taken, set_next

log = logging.getLogger(__name__)

LOOK_AT_LEAST_EVERY = timedelta(seconds=5)
_BATCH = 100
# Told after commit of what changed: the conversation of each ticket.
Changed = Callable[[Sequence[UUID]], Awaitable[None]]


class Ticker:
    """One process's clock loop."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        clock: Clock,
        levels: ServiceLevels,
        *,
        on_change: Changed | None = None,
        woken: asyncio.Event | None = None,
    ) -> None:
        """`on_change` hears the conversations of tickets that changed, after each commit.

        `woken`, once set, lets the loop look at once: something earlier may be due.
        """
        self._sessions, self._clock, self._levels = sessions, clock, levels
        self._on_change = on_change
        self._woken = woken or asyncio.Event()

    async def run(self) -> None:
        """Take steps as they fall due; until cancelled."""
        while True:
            try:
                while await self.tick():
                    pass
                wait = await self._until_next()
            except Exception:
                log.exception("the clock loop could not look; it will again")
                wait = LOOK_AT_LEAST_EVERY
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(wait.total_seconds(), 0.01))
            self._woken.clear()

    async def tick(self) -> int:
        """Do one batch of what is due now; return how many tickets were done (0: nothing is due, or others do it)."""
        now = self._clock.now()
        async with self._sessions.begin() as session:
            tickets = await self._claim(session, now)
            for ticket in tickets:
                await self._serve(session, ticket, now)
        if tickets and self._on_change:
            await self._on_change([ticket.conversation_id for ticket in tickets])
        return len(tickets)

    async def _claim(self, session: AsyncSession, now: datetime) -> Sequence[TicketRow]:
        """Lock tickets with something due, earliest first; those that somebody else holds come later."""
        clocks = select(ClockRow.ticket_id, ClockRow.next_due_at).where(_is_running(), ClockRow.next_due_at <= now)
        actions = select(TicketRow.id, TicketRow.next_action_at).where(TicketRow.next_action_at <= now)
        due = union_all(clocks.order_by(ClockRow.next_due_at).limit(_BATCH), actions.limit(_BATCH)).subquery()
        query = select(TicketRow).where(TicketRow.id.in_(select(due.c.ticket_id))).order_by(TicketRow.id)
        locked = query.limit(_BATCH).with_for_update(skip_locked=True).execution_options(populate_existing=True)
        return (await session.scalars(locked)).all()

    async def _serve(self, session: AsyncSession, ticket: TicketRow, now: datetime) -> None:
        query = select(ClockRow).where(_is_running(), ClockRow.ticket_id == ticket.id, ClockRow.next_due_at <= now)
        for clock in await session.scalars(query.order_by(ClockRow.next_due_at, ClockRow.kind)):
            await self._advance(session, ticket, clock, now)
        if ticket.next_action_at is not None and ticket.next_action_at <= now:
            await act_by_itself(session, ticket, self._levels, now=now)
        await session.flush()

    async def _advance(self, session: AsyncSession, ticket: TicketRow, clock: ClockRow, now: datetime) -> None:
        """Take a clock's due steps; those of an outage collapse into the highest, which does the telling."""
        taken = await find_taken(session, clock.id)
        due = decide_steps(facts_of(clock), self._levels.ladder, taken, now=now).due
        for step in due:
            session.add(_step_row(clock, step, now, collapsed=step is not due[-1]))
            if step.name == BREACH and clock.breached_at is None:
                clock.breached_at, clock.noticed_at = clock.due_at, now
        set_next(clock, self._levels.ladder, taken={*taken, *(step.name for step in due)}, now=now)
        if due:
            await session.flush()
            await climb(
                session, ticket, ClockKind(clock.kind), due[-1], cause=f"{clock.id}", levels=self._levels, now=now
            )

    async def _until_next(self) -> timedelta:
        clocks = select(func.min(ClockRow.next_due_at)).where(_is_running())
        async with self._sessions() as session:
            due = [await session.scalar(clocks), await session.scalar(select(func.min(TicketRow.next_action_at)))]
        earliest = min((at for at in due if at is not None), default=None)
        if earliest is None:
            return LOOK_AT_LEAST_EVERY
        return min(max(earliest - self._clock.now(), timedelta(0)), LOOK_AT_LEAST_EVERY)


def _is_running() -> ColumnElement[bool]:
    return and_(ClockRow.met_at.is_(None), ClockRow.paused_at.is_(None), ClockRow.next_due_at.is_not(None))


def _step_row(clock: ClockRow, step: Step, now: datetime, *, collapsed: bool) -> ClockStepRow:
    return ClockStepRow(clock_id=clock.id, name=step.name, due_at=step.at, at=now, collapsed=collapsed)
