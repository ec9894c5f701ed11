"""The clock loop: takes each step of each clock once, at its time, whatever crashes (product §5).

It sleeps until the earliest instant at which something is due, is woken for an earlier one, and looks every five
seconds at most. What is due is claimed with its ticket (`SKIP LOCKED`: several processes share the work), decided by a
pure function on the clock's facts, and written, steps, owners, handlers, history and notices, in one transaction for
many tickets, with as many statements as for one. Nothing is evaluated that is not due.

After an outage what was due first is done first, but a part of each batch is for what has just fallen due: a warning
must not come hours late because a thousand others do.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm.attributes import flag_modified

from escalation.climbing import Climb, climb
from escalation.clocks import ClockKind, Step
from escalation.deadlines import act_by_itself
from escalation.ladder import BREACH, decide_steps
from escalation.looking import look
from escalation.loops import LoopName, tell_of_loop
from escalation.models import ClockRow, ClockStepRow, TicketRow
from escalation.ports import Clock
from escalation.service_levels import ServiceLevels
from escalation.timekeeping import facts_of, find_all_taken

log = logging.getLogger(__name__)

LOOK_AT_LEAST_EVERY = timedelta(seconds=5)
# How often others are told that the loop runs, and how late it is.
_TELL_EVERY = timedelta(seconds=5)
# What falls due within so short a time is done together; what is locked by somebody else is not looked at in a spin.
_LOOK_AT_MOST_EVERY = timedelta(milliseconds=50)
# The part of a batch for what has just fallen due, where more is due than a batch takes: one in so many.
_NEWEST = 8
# A ticket on which the loop fails waits so long; the others do not wait for it.
_TRY_AGAIN_AFTER = timedelta(seconds=30)
_INSTANT = timedelta(microseconds=1)
_AT_ONCE = 2
# Unclaimed tickets that pass on in one transaction, all of one desk: its people are locked until that ends, and nobody
# else can be given a ticket meanwhile, which customers wait for.
_PASSED_AT_ONCE = 8
# What the loop writes into clocks. Always all of it, so that many of them are written with one statement.
_WRITTEN = ("due_at", "breached_at", "noticed_at", "next_step", "next_due_at")
# Told after commit of what changed: the conversation of each ticket.
Changed = Callable[[Sequence[UUID]], Awaitable[None]]


@dataclass(frozen=True)
class _Claim:
    """Tickets with something due, locked. `is_full`: there may be more than a batch takes."""

    tickets: Sequence[TicketRow] = ()
    is_full: bool = False


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
        transaction takes. `levels` may be replaced while the loop runs: the next batch is judged by it.
        """
        self._sessions, self._clock, self._batch = sessions, clock, batch
        self.levels = levels
        self._on_change = on_change
        self._woken = woken or asyncio.Event()
        self._name, self._told_at = LoopName(), datetime.min.replace(tzinfo=UTC)
        self.lag = timedelta(0)

    async def run(self) -> None:
        """Take steps as they fall due; until cancelled."""
        while True:
            try:
                # Woken for something later than the next look, it asks no more than when that is.
                wait = await self._until_next()
                if self.lag or wait <= _LOOK_AT_MOST_EVERY:
                    while (await self._work()).is_full:
                        await self._catch_up()
                    wait = await self._until_next()
                await self._tell()
            except Exception:
                log.exception("the clock loop could not look; it will again")
                wait = LOOK_AT_LEAST_EVERY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await self._woken.wait()
            self._woken.clear()

    async def tick(self) -> int:
        """Do one batch of what is due now; return how many tickets were done (0: nothing is due, or others do it).

        A batch that fails is done again ticket by ticket, so that one that cannot be done holds up no other.
        """
        return len((await self._work()).tickets)

    async def _catch_up(self) -> None:
        """Do several batches at once, while there is more than one of them: this process and the database both work."""
        while all(done.is_full for done in await asyncio.gather(*(self._work() for _ in range(_AT_ONCE)))):
            await self._tell()

    async def _work(self) -> _Claim:
        """Do one batch; return what was done of it."""
        now = self._clock.now()
        try:
            done = await self._do_batch(now)
        except Exception:
            log.exception("a batch of due clocks failed; its tickets are done one by one")
            done = await self._do_singly(now)
        if done.tickets and self._on_change:
            await self._on_change([ticket.conversation_id for ticket in done.tickets])
        return done

    async def _do_batch(self, now: datetime) -> _Claim:
        async with self._sessions.begin() as session:
            claim = await self._claim(session, now)
            unclaimed = await self._find_unclaimed(session, claim.tickets, now)
            await self._serve(session, [ticket for ticket in claim.tickets if ticket.id not in unclaimed], now)
        for together in _gather_by_desk([ticket for ticket in claim.tickets if ticket.id in unclaimed]):
            async with self._sessions.begin() as session:
                locked = select(TicketRow).where(TicketRow.id.in_(together)).order_by(TicketRow.id)
                tickets = await session.scalars(locked.with_for_update(skip_locked=True))
                await self._serve(session, tickets.all(), now)
        return claim

    async def _find_unclaimed(self, session: AsyncSession, tickets: Sequence[TicketRow], now: datetime) -> set[UUID]:
        """Return those that pass to somebody else now. For that the people of a desk are locked."""
        missed = and_(ClockRow.kind == ClockKind.CLAIM, _is_waiting(), ClockRow.due_at <= now)
        ids = literal([ticket.id for ticket in tickets], ARRAY(Uuid))
        theirs = select(ClockRow.ticket_id).where(missed, ClockRow.ticket_id == any_(ids))
        return set(await session.scalars(theirs)) if tickets else set()

    async def _do_singly(self, now: datetime) -> _Claim:
        async with self._sessions() as session:
            claim = await self._claim(session, now)
        done = []
        for ticket_id in [ticket.id for ticket in claim.tickets]:
            try:
                async with self._sessions.begin() as session:
                    query = select(TicketRow).where(TicketRow.id == ticket_id).with_for_update()
                    ticket = (await session.scalars(query)).one()
                    await self._serve(session, [ticket], now)
                done.append(ticket)
            except Exception:
                log.exception("the clocks of ticket %s failed; they are tried again", ticket_id)
                await self._postpone(ticket_id, now)
        return _Claim(done, claim.is_full)

    async def _postpone(self, ticket_id: UUID, now: datetime) -> None:
        """Look at a ticket later. Its steps stay due: they follow from the clock's facts, not from this."""
        later = now + _TRY_AGAIN_AFTER
        due = update(ClockRow).where(ClockRow.ticket_id == ticket_id, ClockRow.next_due_at <= now)
        acting = update(TicketRow).where(TicketRow.id == ticket_id, TicketRow.next_action_at <= now)
        async with self._sessions.begin() as session:
            await session.execute(due.values(next_due_at=later))
            await session.execute(acting.values(next_action_at=later))

    async def _claim(self, session: AsyncSession, now: datetime) -> _Claim:
        """Lock tickets with something due, what was due first at the head; locked ones are another's."""
        clocks = select(TicketRow).join(ClockRow, ClockRow.ticket_id == TicketRow.id)
        clocks = clocks.where(_is_waiting(), ClockRow.next_due_at <= now)
        actions = select(TicketRow).where(TicketRow.next_action_at <= now).order_by(TicketRow.next_action_at)
        found = await self._lock(session, clocks.order_by(ClockRow.next_due_at), self._batch)
        acting = await self._lock(session, actions, self._batch)
        is_full = self._batch in {len(found), len(acting)}
        if is_full:
            newest = clocks.order_by(ClockRow.next_due_at.desc())
            found += await self._lock(session, newest, max(self._batch // _NEWEST, 1))
        return _Claim(list({ticket.id: ticket for ticket in [*found, *acting]}.values()), is_full)

    async def _lock(self, session: AsyncSession, query: Select[TicketRow], limit: int) -> list[TicketRow]:
        locked = query.limit(limit).with_for_update(of=TicketRow, skip_locked=True)
        return list(await session.scalars(locked.execution_options(populate_existing=True)))

    async def _serve(self, session: AsyncSession, tickets: Collection[TicketRow], now: datetime) -> None:
        """Take the due steps of locked tickets' clocks, and let the tickets act that do so by themselves."""
        by_id = {ticket.id: ticket for ticket in tickets}
        query = select(ClockRow).where(_is_waiting(), ClockRow.next_due_at <= now)
        query = query.where(ClockRow.ticket_id == any_(literal(list(by_id), ARRAY(Uuid))))
        clocks = (await session.scalars(query.order_by(ClockRow.next_due_at, ClockRow.kind))).all()
        taken = await find_all_taken(session, [clock.id for clock in clocks])
        steps: list[ClockStepRow] = []
        climbs: list[Climb] = []
        for clock in clocks:
            due = self._advance(clock, taken[clock.id], now)
            steps += _step_rows(clock, due, now)
            if due and not _over_at(clock):
                climbs.append(Climb(by_id[clock.ticket_id], clock.id, ClockKind(clock.kind), due))
        session.add_all(steps)
        await session.flush()
        for together in _divide(climbs):
            await climb(session, together, levels=self.levels, now=now)
        for ticket in tickets:
            if ticket.next_action_at is not None and ticket.next_action_at <= now:
                await act_by_itself(session, ticket, self.levels, now=now)

    def _advance(self, clock: ClockRow, taken: Collection[str], now: datetime) -> Sequence[Step]:
        """Return a clock's due steps, and let it wait for the next one.

        What fell due before the clock was met, with nobody looking, is written down, and told to nobody any more.
        """
        over_at = _over_at(clock)
        # Met at the deadline exactly is met: the instant itself is no longer in time for a step.
        until = over_at - _INSTANT if over_at else clock.paused_at or now
        facts = facts_of(clock)
        verdict = decide_steps(facts, self.levels.ladder, taken, now=until)
        if clock.breached_at is None and any(step.name == BREACH for step in verdict.due):
            clock.breached_at, clock.noticed_at = clock.due_at, now
        following = verdict.upcoming
        if over_at and following and following.at > until:
            following = None
        clock.due_at = facts.due_at if over_at is None else clock.due_at
        clock.next_step = following.name if following else None
        clock.next_due_at = following.at if following else None
        for name in _WRITTEN:
            flag_modified(clock, name)
        return verdict.due

    async def _until_next(self) -> timedelta:
        async with look(self._sessions) as session:
            due = (await session.execute(_EARLIEST)).one()
        now = self._clock.now()
        earliest = min((at for at in due if at is not None), default=now + LOOK_AT_LEAST_EVERY)
        self.lag = max(now - earliest, timedelta(0))
        return min(max(earliest - now, _LOOK_AT_MOST_EVERY), LOOK_AT_LEAST_EVERY)

    async def _tell(self) -> None:
        """Let the operator's command know that the loop runs, and how late it is."""
        now = self._clock.now()
        if abs(now - self._told_at) >= _TELL_EVERY:
            await self._until_next()
            async with self._sessions.begin() as session:
                await tell_of_loop(session, self._name, lag=self.lag, now=self._clock.now())
            self._told_at = now


async def find_overdue(session: AsyncSession, now: datetime) -> tuple[int, datetime | None]:
    """Return how many steps are due and not taken, and since when the first of them is (the loop's lag)."""
    query = select(func.count(), func.min(ClockRow.next_due_at)).where(_is_waiting(), ClockRow.next_due_at <= now)
    count, since = (await session.execute(query)).one()
    return count, since


def _is_waiting() -> ColumnElement[bool]:
    """The clock has a step to wait for; one that is over or stands still only if it fell due before that."""
    before_pause = or_(ClockRow.paused_at.is_(None), ClockRow.next_due_at < ClockRow.paused_at)
    return and_(ClockRow.next_due_at.is_not(None), before_pause)


# Built once: it is asked whenever a ticket is opened.
_EARLIEST = select(
    select(func.min(ClockRow.next_due_at)).where(_is_waiting()).scalar_subquery(),
    select(func.min(TicketRow.next_action_at)).scalar_subquery(),
)


def _over_at(clock: ClockRow) -> datetime | None:
    return clock.met_at or clock.dropped_at


def _gather_by_desk(tickets: Sequence[TicketRow]) -> list[list[UUID]]:
    """Return tickets by their desks, few at a time: who locks one desk's people after another's may wait in a ring."""
    by_desk: dict[str, list[UUID]] = {}
    for ticket in tickets:
        by_desk.setdefault(ticket.desk, []).append(ticket.id)
    return [desk[at : at + _PASSED_AT_ONCE] for desk in by_desk.values() for at in range(0, len(desk), _PASSED_AT_ONCE)]


def _step_rows(clock: ClockRow, due: Sequence[Step], now: datetime) -> list[ClockStepRow]:
    """Return the rows of steps due together; those of an outage collapse into the highest, which does the telling."""
    nobody_is_told = _over_at(clock) is not None
    return [
        ClockStepRow(
            clock_id=clock.id, name=step.name, due_at=step.at, at=now, collapsed=nobody_is_told or step is not due[-1]
        )
        for step in due
    ]


def _divide(climbs: Sequence[Climb]) -> list[list[Climb]]:
    """Return what can be done together: what comes after an unclaimed ticket has moved on is told to its new owner."""
    moved: set[UUID] = set()
    together: list[Climb] = []
    afterwards: list[Climb] = []
    for each in climbs:
        (afterwards if each.ticket.id in moved else together).append(each)
        if each.moves_on:
            moved.add(each.ticket.id)
    return [part for part in (together, afterwards) if part]
