"""What went wrong for others with clocks and ownership: each failure by its number, where it takes a database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from escalation import casework
from escalation.clocks import ClockKind
from escalation.errors import EscalationError
from escalation.models import ClockRow, ClockStepRow, NoticeRow, PersonRow
from escalation.presence import deactivate_person
from escalation.reports import ReportFilters
from escalation.service_figures import compute_service
from escalation.ticker import Ticker
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def steps_of(desk: Desk, number: str, kind: str) -> list[str]:
    """The steps that a clock has taken, in order."""
    clock = (await desk.clocks(number))[kind]
    async with desk.sessions() as session:
        query = select(ClockStepRow.name).where(ClockStepRow.clock_id == clock.id).order_by(ClockStepRow.due_at)
        return list(await session.scalars(query))


async def test_4_running_clocks_are_neither_met_nor_left_out(desk: Desk) -> None:
    answered, _running = await desk.open(), await desk.open()
    await desk.answer(answered, by="lea")
    async with desk.sessions() as session:
        supervisor = (await session.scalars(select(PersonRow).where(PersonRow.login == "sue"))).one()
        zone = desk.levels.working_hours.zone
        (figures,) = await compute_service(session, supervisor, ReportFilters(), zone=zone, now=desk.clock.now())
    promise = figures.promises[ClockKind.RESPONSE]
    assert (promise.met, promise.breached, promise.running) == (1, 0, 1)


async def test_5_only_a_person_meets_the_first_answer_and_the_bots_time_is_not_the_persons(desk: Desk) -> None:
    """The clock starts when the ticket is opened, not when the customer began to talk to the bot."""
    desk.clock.advance(2 * HOUR)
    number = await desk.open()
    await desk.customer_writes(number)
    response = (await desk.clocks(number))["response"]
    assert (response.started_at, response.met_at) == (desk.clock.now(), None)
    await desk.answer(number, by="lea")
    assert (await desk.clocks(number))["response"].met_at == desk.clock.now()


async def test_6_a_reopened_ticket_is_measured_again(desk: Desk) -> None:
    number = await desk.open()
    await desk.resolve(number, by="lea")
    desk.clock.advance(HOUR)
    await desk.reopen(number)
    clocks = await desk.clocks(number)
    assert (await desk.ticket(number)).resolved_at is None
    for kind in ("resolution", "feedback", "next_response"):
        assert (clocks[kind].started_at, clocks[kind].met_at) == (desk.clock.now(), None)
    assert clocks["resolution"].cycle == 2


async def test_11_what_is_due_behind_many_others_is_not_starved(desk: Desk) -> None:
    """More due clocks than a batch takes: all are served in one go, and none of them again."""
    desk.ticker = Ticker(desk.sessions, desk.clock, desk.levels, batch=3)
    numbers = [await desk.open(seriousness="safety") for _ in range(10)]
    await desk.pass_time(13 * HOUR)
    taken = [await steps_of(desk, number, "response") for number in numbers]
    assert all("breach" in steps for steps in taken)
    assert await desk.ticker.tick() == 0


async def test_12_an_overdue_ticket_is_told_once_however_often_the_loop_looks(desk: Desk) -> None:
    number = await desk.open(seriousness="safety")
    await desk.answer(number, by="lea")
    await desk.pass_time(9 * HOUR)
    told = await desk.told("step")
    for _look in range(50):
        await desk.pass_time(10 * MINUTE)
    again = await desk.told("step")
    assert len(again) == len(set(again))
    assert again[: len(told)] == told


async def test_13_two_loops_tell_once_and_no_warning_follows_a_breach(desk: Desk) -> None:
    await desk.open(seriousness="safety")
    other = Ticker(desk.sessions, desk.clock, desk.levels)
    desk.clock.advance(HOUR)
    await asyncio.gather(desk.ticker.tick(), other.tick(), desk.ticker.tick(), other.tick())
    async with desk.sessions() as session:
        twice = select(NoticeRow.cause).group_by(NoticeRow.cause, NoticeRow.person_id).having(func.count() > 1)
        assert list(await session.scalars(twice)) == []
        late = select(ClockStepRow.name).join(ClockRow, ClockRow.id == ClockStepRow.clock_id)
        late = late.where(ClockRow.breached_at < ClockStepRow.at, ClockStepRow.name.startswith("warn"))
        assert list(await session.scalars(late.where(ClockStepRow.collapsed.is_(False)))) == []


async def test_14_a_thank_you_after_the_resolution_starts_no_clock(desk: Desk) -> None:
    number = await desk.open()
    await desk.resolve(number, by="lea")
    before = await desk.clocks(number)
    desk.clock.advance(MINUTE)
    await desk.customer_writes(number)
    after = await desk.clocks(number)
    assert {kind: clock.started_at for kind, clock in after.items()} == {
        kind: clock.started_at for kind, clock in before.items()
    }


async def test_16_a_silent_owner_is_noticed_and_one_who_left_gets_nothing_back(desk: Desk) -> None:
    silent = await desk.open(seriousness="safety")
    first = await desk.owner(silent)
    await desk.pass_time(30 * MINUTE)
    assert await desk.owner(silent) != first
    resolved = await desk.open()
    await desk.resolve(resolved, by="ann")
    async with desk.sessions.begin() as session:
        await deactivate_person(session, "ann", actor="max", levels=desk.levels, now=desk.clock.now())
    await desk.reopen(resolved)
    assert await desk.owner(resolved) != "ann"


async def test_17_of_two_who_answer_at_once_one_owns_it(desk: Desk) -> None:
    number = await desk.open()

    async def answer(login: str) -> bool:
        try:
            await desk.act(casework.answer, number, by=login, at=desk.clock.now())
        except EscalationError:
            return False
        return True

    took = await asyncio.gather(answer("ann"), answer("bo"))
    ticket = await desk.ticket(number)
    assert any(took)
    assert ticket.owner_id == ticket.first_responder_id
