"""The clock loop: every step once, at its time, whatever else happens at the same time."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from escalation import casework
from escalation.models import ClockRow, ClockStepRow, NoticeRow, ParticipantRow, PersonRow, TicketRow
from escalation.testing import NOON, make_person
from escalation.ticker import Ticker
from tests.integration.desk import Desk
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def steps_of(desk: Desk, number: str, kind: str = "response") -> list[tuple[str, bool]]:
    """The steps that a ticket's clocks of a kind took, in order: (name, collapsed)."""
    async with desk.sessions() as session:
        query = select(ClockStepRow.name, ClockStepRow.collapsed).join(ClockRow, ClockRow.id == ClockStepRow.clock_id)
        query = query.join(TicketRow, TicketRow.id == ClockRow.ticket_id)
        rows = await session.execute(
            query.where(TicketRow.number == number, ClockRow.kind == kind).order_by(ClockStepRow.due_at)
        )
        return [(row.name, row.collapsed) for row in rows]


async def handlers(desk: Desk) -> set[str]:
    """Whom escalation brought in."""
    async with desk.sessions() as session:
        query = select(PersonRow.login).join(ParticipantRow, ParticipantRow.person_id == PersonRow.id)
        return set(await session.scalars(query.where(ParticipantRow.kind == "handler")))


async def accepted(desk: Desk, **changes: Any) -> str:
    """A critical ticket that ann has accepted and not answered; returns its number."""
    number = await desk.open(**{"seriousness": "safety", **changes})
    await desk.act(casework.accept, number, by=await desk.owner(number), now=desk.clock.now())
    return number


async def drain(*tickers: Ticker) -> None:
    """Let loops do what is due, all at once."""

    async def work(ticker: Ticker) -> None:
        while await ticker.tick():
            pass

    await asyncio.gather(*map(work, tickers))


async def test_nothing_is_done_before_its_time(desk: Desk) -> None:
    """A microsecond early is early."""
    number = await accepted(desk)
    await desk.pass_time(15 * MINUTE - timedelta(microseconds=1))
    assert [] == await steps_of(desk, number)
    await desk.pass_time(timedelta(microseconds=1))
    assert [("warn_half", False)] == await steps_of(desk, number)


async def test_a_clock_set_back_takes_nothing_twice(desk: Desk) -> None:
    """Nor does it lose what comes later."""
    number = await accepted(desk)
    await desk.pass_time(24 * MINUTE)
    await desk.pass_time(-20 * MINUTE)
    await desk.pass_time(20 * MINUTE)
    await desk.pass_time(6 * MINUTE)
    assert [("warn_half", True), ("warn", False), ("breach", False)] == await steps_of(desk, number)


async def test_several_loops_share_more_than_a_batch(desk: Desk) -> None:
    """Three loops in batches of three, twenty tickets: each step once, each ticket told once."""
    numbers = [await accepted(desk) for _ in range(20)]
    desk.clock.advance(15 * MINUTE)
    await drain(*(Ticker(desk.sessions, desk.clock, desk.levels, batch=3) for _ in range(3)))
    assert [[("warn_half", False)]] * 20 == [await steps_of(desk, number) for number in numbers]
    assert 20 == len([told for _, told in await desk.told("step") if told == "response:warn_half"])


async def test_loops_that_pass_tickets_of_two_desks_do_not_stop_one_another(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Unclaimed tickets of both desks by turns, in either order: nobody waits for who waits for them."""
    async with desk.sessions.begin() as session:
        session.add(make_person("fay", "agent", "order", now=desk.clock.now()))
    numbers = [
        await desk.open(category=category, product_key=None, order_number=f"A{number}")
        for number in range(15)
        for category in ("quality", "order")[:: 1 if number % 2 else -1]
    ]
    desk.clock.advance(max([(await desk.clocks(number))["claim"].due_at for number in numbers]) - desk.clock.now())
    await drain(*(Ticker(desk.sessions, desk.clock, desk.levels, batch=6) for _ in range(4)))
    await drain(desk.ticker)
    assert {1} == {(await desk.ticket(number)).claim_hops for number in numbers}
    assert "failed" not in caplog.text


async def test_what_another_holds_is_passed_over(desk: Desk) -> None:
    """A ticket that somebody works on right now comes later; those behind it do not wait for it."""
    held, free = await accepted(desk), await accepted(desk)
    desk.clock.advance(15 * MINUTE)
    ticker = Ticker(desk.sessions, desk.clock, desk.levels, batch=1)
    async with desk.sessions.begin() as session:
        await session.execute(select(TicketRow.id).where(TicketRow.number == held).with_for_update())
        await asyncio.wait_for(drain(ticker), PATIENCE_SECONDS)
        assert ([], [("warn_half", False)]) == (await steps_of(desk, held), await steps_of(desk, free))
    await drain(ticker)
    assert [("warn_half", False)] == await steps_of(desk, held)


async def test_one_that_cannot_be_done_holds_up_no_other(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged and tried again; once it can be done, nothing of it was lost."""
    bad, good = await accepted(desk), await accepted(desk)
    await spoil(desk, bad, "nonsense")
    await desk.pass_time(15 * MINUTE)
    assert [("warn_half", False)] == await steps_of(desk, good)
    assert "nonsense" in caplog.text
    await spoil(desk, bad, "critical")
    assert 0 == await desk.ticker.tick()
    await desk.pass_time(MINUTE)
    assert [("warn_half", False)] == await steps_of(desk, bad)


async def spoil(desk: Desk, number: str, tier: str) -> None:
    """Write a tier into a ticket's clocks."""
    ticket = await desk.ticket(number)
    async with desk.sessions.begin() as session:
        await session.execute(update(ClockRow).where(ClockRow.ticket_id == ticket.id).values(tier=tier))


async def test_an_outage_brings_in_everybody_it_would_have(desk: Desk) -> None:
    """One notice each, about the highest step, to owner, lead, supervisor and operations manager."""
    number = await accepted(desk)
    await desk.pass_time(2 * HOUR)
    assert {"lea", "sue", "max"} == await handlers(desk)
    told = [login for login, step in await desk.told("step") if step == "response:operations_manager"]
    assert sorted(["ann", "lea", "sue", "max"]) == sorted(told)
    assert [True] * 4 + [False] == [collapsed for _, collapsed in await steps_of(desk, number)]


async def test_where_a_rank_has_nobody_the_one_above_comes_in(desk: Desk) -> None:
    """Without a lead the breach is the supervisor's."""
    await desk.set_person("lea", active=False)
    await accepted(desk)
    await desk.pass_time(30 * MINUTE)
    assert {"sue"} == await handlers(desk)


async def test_an_answer_between_the_instant_and_the_look_loses_no_step(desk: Desk) -> None:
    """Written down once, told to nobody any more; the breach is at the deadline, not at the look."""
    number = await accepted(desk)
    desk.clock.advance(31 * MINUTE)
    await desk.answer(number, by="ann")
    answered_at = desk.clock.now()
    await desk.pass_time(HOUR)
    assert [("warn_half", True), ("warn", True), ("breach", True)] == await steps_of(desk, number)
    assert [] == [told for _, told in await desk.told("step") if told.startswith("response")]
    response = (await desk.clocks(number))["response"]
    assert (NOON + 30 * MINUTE, answered_at) == (response.breached_at, response.noticed_at)


async def test_an_answer_at_the_deadline_is_in_time_though_the_loop_was_there_first(desk: Desk) -> None:
    """Judged by when things happened, and no step of it is lost or taken again."""
    number = await accepted(desk)
    await desk.pass_time(30 * MINUTE)
    await desk.answer(number, by="ann")
    await desk.pass_time(HOUR)
    response = (await desk.clocks(number))["response"]
    assert (None, None, response.due_at) == (response.breached_at, response.noticed_at, response.met_at)
    assert 3 == len(await steps_of(desk, number))


async def test_what_fell_due_before_a_pause_is_told_during_it(desk: Desk) -> None:
    """The customer is waited for since a minute, but the solution was late before."""
    number = await accepted(desk)
    await desk.answer(number, by="ann")
    desk.clock.advance(8 * HOUR + MINUTE)
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    await desk.pass_time(5 * HOUR)
    assert [("warn_half", True), ("warn", True), ("breach", False)] == await steps_of(desk, number, "resolution")
    await desk.customer_writes(number)
    await desk.pass_time(119 * MINUTE)
    assert ("supervisor", False) == (await steps_of(desk, number, "resolution"))[-1]


async def test_steps_move_with_the_pauses(desk: Desk) -> None:
    """Two hours of waiting before the warning move it by two hours."""
    number = await accepted(desk)
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    await desk.pass_time(2 * HOUR)
    await desk.customer_writes(number)
    await desk.pass_time(4 * HOUR - MINUTE)
    assert [] == await steps_of(desk, number, "resolution")
    await desk.pass_time(MINUTE)
    assert [("warn_half", False)] == await steps_of(desk, number, "resolution")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, datetime(2026, 11, 24, 1, tzinfo=UTC)),  # 9:00 in Shanghai
        ({"seriousness": "safety"}, None),
        ({"category": "complaint"}, None),  # at least major
    ],
)
async def test_notices_about_general_tickets_wait_for_working_hours(
    desk: Desk, changes: dict[str, Any], expected: datetime | None
) -> None:
    """At one in the morning; others never wait."""
    desk.clock.advance(13 * HOUR)
    await desk.open(**changes)
    async with desk.sessions() as session:
        notice = (await session.scalars(select(NoticeRow))).one()
    assert (expected or desk.clock.now()) == notice.not_before


async def test_a_late_reminder_leaves_time_to_answer(desk: Desk) -> None:
    """After an outage of a week: reminded, a day later ended, three days after that closed."""
    number = await desk.open()
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    states = []
    for hours in (7 * 24, 23, 1, 71, 1):
        await desk.pass_time(hours * HOUR)
        states.append((await desk.ticket(number)).state)
    assert ["waiting_customer", "waiting_customer", "resolved", "resolved", "closed"] == states


async def test_an_answer_after_the_reminder_ends_the_waiting(desk: Desk) -> None:
    """Nothing is ended behind the customer's back."""
    number = await desk.open()
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    await desk.pass_time(50 * HOUR)
    await desk.customer_writes(number)
    await desk.answer(number, by="ann")
    await desk.pass_time(30 * HOUR)
    assert "in_progress" == (await desk.ticket(number)).state


async def test_thanks_after_the_resolution_start_no_clock(desk: Desk) -> None:
    """And stop nothing: it closes after 72 hours."""
    number = await desk.open()
    await desk.resolve(number, by="ann")
    await desk.customer_writes(number)
    assert "next_response" not in await desk.clocks(number)
    await desk.pass_time(72 * HOUR)
    assert "closed" == (await desk.ticket(number)).state


async def test_a_resolved_ticket_takes_no_steps(desk: Desk) -> None:
    """Whatever was to come."""
    number = await accepted(desk)
    await desk.resolve(number, by="ann")
    await desk.pass_time(30 * HOUR)
    async with desk.sessions() as session:
        assert 0 == await session.scalar(select(func.count()).select_from(ClockStepRow))


class Listener:
    """Hears which conversations changed, after the commit."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self.heard = desk, asyncio.Event()
        self.conversations: list[UUID] = []
        self.committed = False

    async def __call__(self, conversations: Sequence[UUID]) -> None:
        """Take note, and look whether others can see the step already."""
        async with self._desk.sessions() as session:
            self.committed = bool(await session.scalar(select(func.count()).select_from(ClockStepRow)))
        self.conversations += conversations
        self.heard.set()


async def test_the_running_loop_is_woken_for_what_is_due_earlier(desk: Desk) -> None:
    """It does what is due, tells of it after the commit, and goes on until it is cancelled."""
    number = await accepted(desk)
    listener, woken = Listener(desk), asyncio.Event()
    ticker = Ticker(desk.sessions, desk.clock, desk.levels, on_change=listener, woken=woken)
    running = asyncio.create_task(ticker.run())
    desk.clock.advance(15 * MINUTE)
    woken.set()
    await asyncio.wait_for(listener.heard.wait(), 4)  # before the look that comes every five seconds
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert [(await desk.ticket(number)).conversation_id] == listener.conversations
    assert listener.committed


class Unreliable:
    """A database that is away the first time it is asked."""

    def __init__(self, url: str) -> None:
        self.failed = asyncio.Event()
        self.engine = create_async_engine(url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        event.listen(self.engine.sync_engine, "do_connect", self._connect)

    def _connect(self, *_: Any) -> None:
        """Fail once, then let it be."""
        if not self.failed.is_set():
            self.failed.set()
            raise ConnectionError("the database is away")


async def test_the_loop_outlives_a_database_that_was_away(desk: Desk, database_url: str) -> None:
    """Nothing that fell due meanwhile is lost."""
    number = await accepted(desk)
    desk.clock.advance(15 * MINUTE)
    listener, woken = Listener(desk), asyncio.Event()
    unreliable = Unreliable(database_url)
    ticker = Ticker(unreliable.sessions, desk.clock, desk.levels, on_change=listener, woken=woken)
    running = asyncio.create_task(ticker.run())
    await asyncio.wait_for(unreliable.failed.wait(), PATIENCE_SECONDS)
    woken.set()
    await asyncio.wait_for(listener.heard.wait(), PATIENCE_SECONDS)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await unreliable.engine.dispose()
    assert [("warn_half", False)] == await steps_of(desk, number)


class Doorbell(asyncio.Event):
    """Says when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = asyncio.Event()

    async def wait(self) -> Any:
        """Wait, and say so."""
        self.awaited.set()
        return await super().wait()


async def test_the_loop_ends_although_it_is_woken_in_the_same_moment(desk: Desk) -> None:
    """A process that is told to end while a ticket comes in ends."""
    woken = Doorbell()
    running = asyncio.create_task(Ticker(desk.sessions, desk.clock, desk.levels, woken=woken).run())
    await woken.awaited.wait()
    await _give_way()
    woken.set()
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=PATIENCE_SECONDS)
    assert {running} == done


async def _give_way() -> None:
    """Let what is ready go on first."""
    ready = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(ready.set_result, None)
    await ready
