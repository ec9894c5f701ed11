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

from sqlalchemy import ColumnElement, and_, func, or_, select, update
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
# What is due but locked by somebody else is looked at again after this, not in a spin.
_LOOK_AT_MOST_EVERY = timedelta(milliseconds=50)
# A ticket on which the loop fails waits so long; the others do not wait for it.
_TRY_AGAIN_AFTER = timedelta(seconds=30)
_INSTANT = timedelta(microseconds=1)
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
        batch: int = 200,
    ) -> None:
        """`on_change` hears the conversations of tickets that changed, after each commit.

        `woken`, once set, lets the loop look at once: something earlier may be due. `batch` is how many due clocks one
        transaction takes.
        """
        self._sessions, self._clock, self._levels, self._batch = sessions, clock, levels, batch
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
                await asyncio.wait_for(self._woken.wait(), wait.total_seconds())
            self._woken.clear()

    async def tick(self) -> int:
        """Do one batch of what is due now; return how many tickets were done (0: nothing is due, or others do it).

        A batch that fails is done again ticket by ticket, so that one that cannot be done holds up no other.
        """
        now = self._clock.now()
        try:
            conversations = await self._do_batch(now)
        except Exception:
            log.exception("a batch of due clocks failed; its tickets are done one by one")
            conversations = await self._do_singly(now)
        if conversations and self._on_change:
            await self._on_change(conversations)
        return len(conversations)

    async def _do_batch(self, now: datetime) -> list[UUID]:
        async with self._sessions.begin() as session:
            tickets = await self._claim(session, now)
            for ticket in tickets:
                await self._serve(session, ticket, now)
        return [ticket.conversation_id for ticket in tickets]

    async def _do_singly(self, now: datetime) -> list[UUID]:
        async with self._sessions() as session:
            tickets = [ticket.id for ticket in await self._claim(session, now)]
        conversations: list[UUID] = []
        for ticket_id in tickets:
            try:
                async with self._sessions.begin() as session:
                    query = select(TicketRow).where(TicketRow.id == ticket_id).with_for_update()
                    ticket = (await session.scalars(query)).one()
                    await self._serve(session, ticket, now)
                conversations.append(ticket.conversation_id)
            except Exception:
                log.exception("the clocks of ticket %s failed; they are tried again", ticket_id)
                await self._postpone(ticket_id, now)
        return conversations

    async def _postpone(self, ticket_id: UUID, now: datetime) -> None:
        """Look at a ticket later. Its steps stay due: they follow from the clock's facts, not from this."""
        later = now + _TRY_AGAIN_AFTER
        due = update(ClockRow).where(ClockRow.ticket_id == ticket_id, ClockRow.next_due_at <= now)
        acting = update(TicketRow).where(TicketRow.id == ticket_id, TicketRow.next_action_at <= now)
        async with self._sessions.begin() as session:
            await session.execute(due.values(next_due_at=later))
            await session.execute(acting.values(next_action_at=later))

    async def _claim(self, session: AsyncSession, now: datetime) -> list[TicketRow]:
        """Lock tickets with something due, what was due first at the head; locked ones are another's."""
        clocks = select(TicketRow).join(ClockRow, ClockRow.ticket_id == TicketRow.id)
        clocks = clocks.where(_is_waiting(), ClockRow.next_due_at <= now).order_by(ClockRow.next_due_at)
        actions = select(TicketRow).where(TicketRow.next_action_at <= now).order_by(TicketRow.next_action_at)
        claimed: dict[UUID, TicketRow] = {}
        for query in (clocks, actions):
            locked = query.limit(self._batch).with_for_update(of=TicketRow, skip_locked=True)
            rows = await session.scalars(locked.execution_options(populate_existing=True))
            claimed.update((ticket.id, ticket) for ticket in rows)
        return list(claimed.values())

    async def _serve(self, session: AsyncSession, ticket: TicketRow, now: datetime) -> None:
        query = select(ClockRow).where(_is_waiting(), ClockRow.ticket_id == ticket.id, ClockRow.next_due_at <= now)
        for clock in await session.scalars(query.order_by(ClockRow.next_due_at, ClockRow.kind)):
            await self._advance(session, ticket, clock, now)
        if ticket.next_action_at is not None and ticket.next_action_at <= now:
            await act_by_itself(session, ticket, self._levels, now=now)
        await session.flush()

    async def _advance(self, session: AsyncSession, ticket: TicketRow, clock: ClockRow, now: datetime) -> None:
        """Take a clock's due steps; those of an outage collapse into the highest, which does the telling.

        What fell due before the clock was met, with nobody looking, is written down, and told to nobody any more.
        """
        over_at = clock.met_at or clock.dropped_at
        # Met at the deadline exactly is met: the instant itself is no longer in time for a step.
        until = over_at - _INSTANT if over_at else clock.paused_at or now
        taken = await find_taken(session, clock.id)
        due = decide_steps(facts_of(clock), self._levels.ladder, taken, now=until).due
        for step in due:
            session.add(_step_row(clock, step, now, collapsed=over_at is not None or step is not due[-1]))
            if step.name == BREACH and clock.breached_at is None:
                clock.breached_at, clock.noticed_at = clock.due_at, now
        if over_at is not None:
            clock.next_step = clock.next_due_at = None
            return
        set_next(clock, self._levels.ladder, taken={*taken, *(step.name for step in due)}, now=now)
        if due:
            await session.flush()
            kind, cause = ClockKind(clock.kind), str(clock.id)
            await climb(session, ticket, kind, due, cause=cause, levels=self._levels, now=now)

    async def _until_next(self) -> timedelta:
        clocks = select(func.min(ClockRow.next_due_at)).where(_is_waiting())
        async with self._sessions() as session:
            due = [await session.scalar(clocks), await session.scalar(select(func.min(TicketRow.next_action_at)))]
        earliest = min((at for at in due if at is not None), default=None)
        if earliest is None:
            return LOOK_AT_LEAST_EVERY
        return min(max(earliest - self._clock.now(), _LOOK_AT_MOST_EVERY), LOOK_AT_LEAST_EVERY)


async def find_overdue(session: AsyncSession, now: datetime) -> tuple[int, datetime | None]:
    """Return how many steps are due and not taken, and since when the first of them is (the loop's lag)."""
    query = select(func.count(), func.min(ClockRow.next_due_at)).where(_is_waiting(), ClockRow.next_due_at <= now)
    count, since = (await session.execute(query)).one()
    return count, since


def _is_waiting() -> ColumnElement[bool]:
    """The clock has a step to wait for; one that is over or stands still only if it fell due before that."""
    before_pause = or_(ClockRow.paused_at.is_(None), ClockRow.next_due_at < ClockRow.paused_at)
    return and_(ClockRow.next_due_at.is_not(None), before_pause)


def _step_row(clock: ClockRow, step: Step, now: datetime, *, collapsed: bool) -> ClockStepRow:
    return ClockStepRow(clock_id=clock.id, name=step.name, due_at=step.at, at=now, collapsed=collapsed)
