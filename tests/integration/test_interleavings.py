"""Whatever happens to a ticket in whatever order: each step once if its instant passed, and no owner by stealth.

Hypothesis makes up stories: messages, acceptances, answers, waiting, tiers, handovers, people who come and go, sweeps,
sweeps that die at a statement of theirs, and time. What must come of them is computed from the clocks' facts alone,
after every event; the loop's own book-keeping is not believed.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from escalation import audit, casework, handover
from escalation.errors import EscalationError
from escalation.ladder import compute_ladder
from escalation.models import (
    AssignmentRow,
    ClockRow,
    ClockStepRow,
    HandoverRow,
    NoticeRow,
    PersonRow,
    TicketEventRow,
    TicketRow,
)
from escalation.presence import deactivate_person, go_off_duty
from escalation.service_levels import load_default_service_levels
from escalation.severity import Tier
from escalation.timekeeping import facts_of
from tests.integration.desk import Desk, add_team

pytestmark = pytest.mark.postgres

AGENTS = ("ann", "bo", "cy")
MINUTE, HOUR, INSTANT = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
_MINUTES = st.sampled_from([1, 4, 5, 6, 15, 24, 30, 31, 90, 120, 240, 480, 500, 1000, 1440, 3000])
_WHO = st.sampled_from(AGENTS)
EVENTS = st.one_of(
    st.tuples(st.just("pass"), _MINUTES),
    st.tuples(st.just("pass"), _MINUTES),
    st.tuples(st.just("sweep"), st.just(0)),
    st.tuples(st.just("crash"), st.integers(1, 40)),
    st.tuples(st.just("write"), st.just(0)),
    st.tuples(st.sampled_from(["accept", "answer", "wait", "resolve", "leave", "go"]), _WHO),
    st.tuples(st.just("tier"), st.sampled_from(Tier)),
    st.tuples(st.just("reopen"), st.just(0)),
    st.tuples(st.just("hand_over"), _WHO),
    st.tuples(st.just("consent"), st.booleans()),
)


class CrashError(BaseException):
    """The process dies here; nothing of ours catches it."""


class Story:
    """One ticket, and what is known of it from outside."""

    def __init__(self, desk: Desk, engine: AsyncEngine) -> None:
        self.desk, self._engine = desk, engine
        self.number = ""
        self.ever_due: dict[UUID, set[str]] = {}

    async def begin(self, seriousness: str) -> None:
        """Empty the books, everybody is here, and a ticket comes in."""
        async with self.desk.sessions.begin() as session:
            await session.execute(text("TRUNCATE tickets, audit_entries CASCADE"))
            await session.execute(update(PersonRow).values(active=True, available=True))
        self.number = await self.desk.open(seriousness=seriousness)
        await self.look()

    async def live(self, what: str, detail: Any) -> None:
        """Let one thing happen; what is refused by name has not happened."""
        before = await self.desk.ticket(self.number)
        with contextlib.suppress(EscalationError):
            await getattr(self, f"_{what}")(detail)
        await self.look()
        await self._check_owner(before)

    async def _pass(self, minutes: int) -> None:
        self.desk.clock.advance(minutes * MINUTE)

    async def _sweep(self, _nothing: int) -> None:
        while await self.desk.ticker.tick():
            pass

    async def _crash(self, statements: int) -> None:
        """The loop's process dies at a statement of its own, unless it is done before."""
        with dying_after(self._engine, statements), contextlib.suppress(CrashError):
            await self._sweep(0)

    async def _write(self, _nothing: int) -> None:
        await self.desk.customer_writes(self.number)

    async def _accept(self, who: str) -> None:
        await self.desk.act(casework.accept, self.number, by=who, now=self.desk.clock.now())

    async def _answer(self, who: str) -> None:
        await self.desk.answer(self.number, by=who)

    async def _wait(self, who: str) -> None:
        await self.desk.act(casework.wait_for_customer, self.number, by=who, now=self.desk.clock.now())

    async def _resolve(self, who: str) -> None:
        await self.desk.resolve(self.number, by=who)

    async def _reopen(self, _nothing: int) -> None:
        await self.desk.reopen(self.number)

    async def _tier(self, tier: Tier) -> None:
        await self.desk.act(
            casework.change_tier, self.number, by="sue", tier=tier, reason="so", levels=self.desk.levels,
            now=self.desk.clock.now(),
        )  # fmt: skip

    async def _hand_over(self, to: str) -> None:
        owner = await self.desk.owner(self.number)
        await self.desk.act(
            handover.hand_over, self.number, by=owner, to=to, reason="so", levels=self.desk.levels,
            now=self.desk.clock.now(),
        )  # fmt: skip

    async def _consent(self, agreed: bool) -> None:
        now, levels = self.desk.clock.now(), self.desk.levels
        async with self.desk.sessions.begin() as session:
            asked = await session.scalar(select(HandoverRow.id).where(HandoverRow.decided_at.is_(None)))
            lea = (await session.scalars(select(PersonRow).where(PersonRow.login == "lea"))).one()
            if asked:
                await handover.decide_handover(session, asked, by=lea, agreed=agreed, levels=levels, now=now)

    async def _leave(self, who: str) -> None:
        async with self.desk.sessions.begin() as session:
            now = self.desk.clock.now()
            await deactivate_person(session, who, actor="max", levels=self.desk.levels, now=now)

    async def _go(self, who: str) -> None:
        async with self.desk.sessions.begin() as session:
            person = (await session.scalars(select(PersonRow).where(PersonRow.login == who))).one()
            await go_off_duty(session, person.id, levels=self.desk.levels, now=self.desk.clock.now())

    async def look(self) -> None:
        """Note which steps are due by the facts, whoever has looked."""
        for clock, due in await self._find_due():
            self.ever_due.setdefault(clock.id, set()).update(due)

    async def _find_due(self) -> list[tuple[ClockRow, set[str]]]:
        async with self.desk.sessions() as session:
            clocks = (await session.scalars(select(ClockRow))).all()
        return [(clock, set(self._due_of(clock, self.desk.clock.now()))) for clock in clocks]

    def _due_of(self, clock: ClockRow, now: datetime) -> Iterator[str]:
        """Those whose instant has passed while the clock ran. Met at the instant itself, it was not too late."""
        over_at = clock.met_at or clock.dropped_at
        until = over_at - INSTANT if over_at else clock.paused_at or now
        for step in compute_ladder(facts_of(clock), self.desk.levels.ladder):
            if step.at <= until:
                yield step.name
            # What comes after the breach of a claim is for a ticket that could be given to nobody else.
            if clock.kind == "claim" and step.name == "breach" and clock.dropped_at:
                return

    async def end(self) -> None:
        """Everything that is still to come comes; then the books are balanced."""
        await self._sweep(0)
        self.desk.clock.advance(200 * HOUR)
        await self.look()
        await self._sweep(0)
        taken: dict[UUID, list[str]] = {}
        async with self.desk.sessions() as session:
            for step in await session.scalars(select(ClockStepRow)):
                taken.setdefault(step.clock_id, []).append(step.name)
            told = list(await session.scalars(select(TicketEventRow.details).where(TicketEventRow.kind == "step")))
            twice = select(NoticeRow.cause).group_by(NoticeRow.cause, NoticeRow.person_id).having(func.count() > 1)
            assert [] == list(await session.scalars(twice))
            assert await audit.verify(session) is None
        for clock, due in await self._find_due():
            assert due <= set(taken.get(clock.id, ())), f"lost: {clock.kind} {clock.cycle}"
            assert set(taken.get(clock.id, ())) <= self.ever_due.get(clock.id, set()) | due, f"too early: {clock.kind}"
        cycles = Counter((clock.kind) for clock, _ in await self._find_due())
        for (kind, name), count in Counter((one["clock"], one["step"]) for one in told).items():
            assert count <= cycles[kind], f"told twice: {kind} {name}"

    async def _check_owner(self, before: TicketRow) -> None:
        """After the first answer an owner changes only with a consent on record, or for an account that was closed."""
        after = await self.desk.ticket(self.number)
        if before.first_responder_id is None or before.owner_id == after.owner_id:
            return
        async with self.desk.sessions() as session:
            current = select(AssignmentRow).where(AssignmentRow.ended_at.is_(None))
            reason = (await session.scalars(current)).one().reason
            agreed = select(HandoverRow.id).where(
                HandoverRow.from_id == before.owner_id, HandoverRow.to_id == after.owner_id, HandoverRow.agreed,
                HandoverRow.decided_at == self.desk.clock.now(),
            )  # fmt: skip
            left = not (await session.get_one(PersonRow, before.owner_id)).active
            assert (reason == "handover" and await session.scalar(agreed)) or (reason == "owner_left" and left)


@contextlib.contextmanager
def dying_after(engine: AsyncEngine, statements: int) -> Iterator[None]:
    """Die at one of the statements from now on."""
    left = [statements]

    def burn(*_anything: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise CrashError

    event.listen(engine.sync_engine, "before_cursor_execute", burn)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", burn)


@asynccontextmanager
async def opened_story(url: str) -> AsyncIterator[Story]:
    """A team on a database of its own."""
    engine = create_async_engine(url)
    desk = Desk(async_sessionmaker(engine, expire_on_commit=False), load_default_service_levels())
    await add_team(desk.sessions, desk)
    yield Story(desk, engine)
    await engine.dispose()


async def test_any_order_of_events_takes_each_step_once(database_url: str) -> None:
    """At most once, and exactly once if its instant passed unpaused; the owner stays without a consent on record."""
    await asyncio.to_thread(tell_stories, database_url)


def tell_stories(url: str) -> None:
    """Play what Hypothesis makes up, in an event loop of its own."""
    with asyncio.Runner() as runner:
        opened = opened_story(url)
        story = runner.run(opened.__aenter__())

        @settings(max_examples=25)
        @given(st.sampled_from(["nuisance", "safety"]), st.lists(EVENTS, min_size=4, max_size=14))
        def play(seriousness: str, events: list[tuple[str, Any]]) -> None:
            async def live() -> None:
                story.ever_due.clear()
                await story.begin(seriousness)
                for what, detail in events:
                    await story.live(what, detail)
                await story.end()

            runner.run(live())

        play()
        runner.run(opened.__aexit__(None, None, None))
