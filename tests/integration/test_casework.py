"""What people and clocks do to a ticket, on a real database, by a clock that stands still until it is moved."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import casework, handover
from escalation.errors import ForbiddenError, ForbiddenTransitionError, RefusedError, SurveyError
from escalation.models import ClockRow, ClockStepRow, ParticipantRow, PersonRow, SurveyRow
from escalation.severity import Tier
from escalation.survey import Ratings, find_survey, submit_survey
from escalation.ticker import Ticker
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres


async def test_the_first_answer_fixes_the_owner(desk: Desk) -> None:
    """A colleague of the desk who answers first owns it from then on; nobody else can take it."""
    number = await desk.open()
    assert "ann" == await desk.owner(number)
    await desk.answer(number, by="bo")
    assert "bo" == await desk.owner(number)
    with pytest.raises(ForbiddenError):
        await desk.answer(number, by="ann")
    clocks = await desk.clocks(number)
    assert desk.clock.now() == clocks["response"].met_at == clocks["claim"].met_at


async def test_another_desk_may_not(desk: Desk) -> None:
    """Rights follow role and desk."""
    number = await desk.open()
    for use_case, details in (
        (casework.accept, {"now": desk.clock.now()}),
        (casework.answer, {"at": desk.clock.now()}),
    ):
        with pytest.raises(ForbiddenError):
            await desk.act(use_case, number, by="eve", **details)


async def test_met_at_the_deadline_exactly_is_met(desk: Desk) -> None:
    """And a second later is breached, at the deadline, whenever that is noticed."""
    in_time, late = await desk.open(), await desk.open()
    desk.clock.advance(timedelta(hours=24))
    await desk.answer(in_time, by="lea")
    desk.clock.advance(timedelta(seconds=1))
    await desk.answer(late, by="lea")
    assert (await desk.clocks(in_time))["response"].breached_at is None
    response = (await desk.clocks(late))["response"]
    assert (response.due_at, desk.clock.now()) == (response.breached_at, response.noticed_at)


async def test_waiting_stops_the_time_of_resolution(desk: Desk) -> None:
    """Three hours of waiting move the deadline by three hours; the answer starts a clock of its own."""
    number = await desk.open()
    await desk.answer(number, by="ann")
    due = (await desk.clocks(number))["resolution"].due_at
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    await desk.pass_time(timedelta(hours=3))
    await desk.customer_writes(number)
    clocks = await desk.clocks(number)
    assert due + timedelta(hours=3) == clocks["resolution"].due_at
    assert desk.clock.now() + timedelta(hours=12) == clocks["next_response"].due_at
    assert "in_progress" == (await desk.ticket(number)).state


async def test_silence_ends_a_ticket_after_a_reminder(desk: Desk) -> None:
    """72 hours, one reminder on the way; nothing breaches meanwhile."""
    number = await desk.open()
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    await desk.pass_time(timedelta(hours=48))
    assert "waiting_customer" == (await desk.ticket(number)).state
    await desk.pass_time(timedelta(hours=24))
    ticket = await desk.ticket(number)
    assert ("resolved", "unanswered") == (ticket.state, ticket.outcome)
    assert (await desk.clocks(number))["resolution"].breached_at is None
    await desk.pass_time(timedelta(hours=72))
    assert "closed" == (await desk.ticket(number)).state


async def test_a_critical_ticket_climbs_each_step_once(desk: Desk) -> None:
    """Accepted and then left: owner at 50 and 80 %, lead at the deadline, supervisor, operations manager."""
    number = await desk.open(seriousness="safety")
    await desk.act(casework.accept, number, by="ann", now=desk.clock.now())
    for minutes in (15, 9, 6, 8, 22):
        await desk.pass_time(timedelta(minutes=minutes))
        await desk.pass_time(timedelta(0))
    told = [row for row in await desk.told("step") if row[1].startswith("response")]
    assert [
        ("ann", "response:warn_half"),
        ("ann", "response:warn"),
        ("ann", "response:breach"),
        ("lea", "response:breach"),
        ("ann", "response:supervisor"),
        ("sue", "response:supervisor"),
        ("ann", "response:operations_manager"),
        ("max", "response:operations_manager"),
    ] == told
    async with desk.sessions() as session:
        kinds = (await session.scalars(select(ParticipantRow.kind))).all()
    assert ["handler"] * 3 == list(kinds)
    assert "ann" == await desk.owner(number)


async def test_steps_of_an_outage_collapse_into_the_highest(desk: Desk) -> None:
    """All are written down, one is told."""
    number = await desk.open(seriousness="safety")
    await desk.act(casework.accept, number, by="ann", now=desk.clock.now())
    await desk.pass_time(timedelta(hours=1))
    told = {row[1] for row in await desk.told("step") if row[1].startswith("response")}
    assert {"response:operations_manager"} == told
    async with desk.sessions() as session:
        query = select(ClockStepRow.name, ClockStepRow.collapsed).join(ClockRow, ClockRow.id == ClockStepRow.clock_id)
        rows = (await session.execute(query.where(ClockRow.kind == "response").order_by(ClockStepRow.due_at))).all()
    assert [("warn_half", True), ("warn", True), ("breach", True), ("supervisor", True)] == [
        tuple(r) for r in rows[:-1]
    ]
    assert ("operations_manager", False) == tuple(rows[-1])
    assert (await desk.clocks(number))["response"].noticed_at == desk.clock.now()


async def test_an_unclaimed_ticket_hops_and_then_is_the_leads(desk: Desk) -> None:
    """Three owners let it lie; the lead gets it, and it hops no more."""
    number = await desk.open()
    owners = [await desk.owner(number)]
    for _ in range(4):
        await desk.pass_time(timedelta(hours=2))
        owners.append(await desk.owner(number))
    assert ["ann", "bo", "cy", "lea", "lea"] == owners


async def test_after_the_first_answer_nothing_hops(desk: Desk) -> None:
    """The owner is fixed."""
    number = await desk.open()
    await desk.answer(number, by="ann")
    await desk.pass_time(timedelta(days=1))
    assert "ann" == await desk.owner(number)


async def test_a_handover_needs_the_next_rank(desk: Desk) -> None:
    """An agent asks, the lead agrees; a lead does it at once."""
    number = await desk.open()
    await desk.answer(number, by="ann")
    details = {"to": "bo", "reason": "holiday", "levels": desk.levels, "now": desk.clock.now()}
    asked = await desk.act(handover.hand_over, number, by="ann", **details)
    assert "ann" == await desk.owner(number)
    with pytest.raises(ForbiddenError):
        await desk.act(_decide(asked.id, desk), number, by="bo")
    await desk.act(_decide(asked.id, desk), number, by="lea")
    assert "bo" == await desk.owner(number)
    await desk.act(handover.hand_over, number, by="lea", **{**details, "to": "cy"})
    assert "cy" == await desk.owner(number)


def _decide(handover_id: Any, desk: Desk) -> Any:
    async def decide(session: AsyncSession, _number: str, *, by: PersonRow) -> None:
        await handover.decide_handover(
            session, handover_id, by=by, agreed=True, levels=desk.levels, now=desk.clock.now()
        )

    return decide


async def test_a_change_of_tier_never_breaches_by_itself(desk: Desk) -> None:
    """Ten hours in, critical allows eight: the new deadline is a tenth of it away, never in the past."""
    number = await desk.open()
    await desk.answer(number, by="ann")
    await desk.pass_time(timedelta(hours=10))
    change = {"tier": Tier.CRITICAL, "reason": "it sparks", "levels": desk.levels, "now": desk.clock.now()}
    await desk.act(casework.change_tier, number, by="ann", **change)
    resolution = (await desk.clocks(number))["resolution"]
    assert desk.clock.now() + timedelta(minutes=48) == resolution.due_at
    with pytest.raises(RefusedError):
        await desk.act(casework.change_tier, number, by="ann", **{**change, "reason": " "})


async def test_a_survey_is_taken_once(desk: Desk) -> None:
    """The rated person is the owner at resolution; the second answer is refused."""
    number = await desk.open()
    await desk.answer(number, by="ann")
    _, token = await desk.act(casework.resolve, number, by="ann", outcome="solved", now=desk.clock.now())
    clocks = await desk.clocks(number)
    assert {desk.clock.now()} == {clocks["resolution"].met_at, clocks["feedback"].met_at}
    async with desk.sessions.begin() as session:
        found = await find_survey(session, token)
        assert found is not None
        await submit_survey(session, found[0].id, Ratings(True, 5, 4, 5, "quick"), now=desk.clock.now())
    async with desk.sessions.begin() as session:
        with pytest.raises(SurveyError, match="already"):
            await submit_survey(session, found[0].id, Ratings(True, 1, 1, 1), now=desk.clock.now())
    async with desk.sessions() as session:
        survey = (await session.scalars(select(SurveyRow))).one()
        rated = await session.get_one(PersonRow, survey.person_id)
    assert ("ann", 5, 4, 5, "quick") == (rated.login, survey.outcome, survey.service, survey.process, survey.comment)


@pytest.mark.parametrize(
    "ratings", [Ratings(), Ratings(outcome=0), Ratings(outcome=6), Ratings(True, comment="x" * 2001)]
)
async def test_ratings_that_are_none_are_refused(desk: Desk, ratings: Ratings) -> None:
    """From 1 to 5, and something must be said."""
    number = await desk.open()
    _, token = await desk.act(casework.resolve, number, by="ann", outcome="solved", now=desk.clock.now())
    async with desk.sessions.begin() as session:
        found = await find_survey(session, token)
        assert found is not None
        with pytest.raises(SurveyError):
            await submit_survey(session, found[0].id, ratings, now=desk.clock.now())


async def test_not_solved_reopens_with_the_same_owner(desk: Desk) -> None:
    """A new cycle of resolution and feedback; a second reopening raises the tier; after seven days it is too late."""
    number = await desk.open()
    for cycle in (1, 2):
        await desk.act(casework.resolve, number, by="ann", outcome="solved", now=desk.clock.now())
        async with desk.sessions.begin() as session:
            await casework.reopen(session, number, levels=desk.levels, now=desk.clock.now())
        assert cycle + 1 == (await desk.clocks(number))["resolution"].cycle
    ticket = await desk.ticket(number)
    assert ("in_progress", "major") == (ticket.state, ticket.tier)
    await desk.act(casework.resolve, number, by="ann", outcome="solved", now=desk.clock.now())
    await desk.pass_time(timedelta(days=11))
    async with desk.sessions.begin() as session:
        with pytest.raises(RefusedError, match="new ticket"):
            await casework.reopen(session, number, levels=desk.levels, now=desk.clock.now())


async def test_what_the_table_lacks_is_refused(desk: Desk) -> None:
    """A closed ticket cannot be accepted."""
    number = await desk.open()
    await desk.act(casework.resolve, number, by="ann", outcome="solved", now=desk.clock.now())
    async with desk.sessions.begin() as session:
        await casework.confirm(session, number, now=desk.clock.now())
    with pytest.raises(ForbiddenTransitionError, match="closed"):
        await desk.act(casework.accept, number, by="ann", now=desk.clock.now())


async def test_two_loops_take_each_step_once(desk: Desk) -> None:
    """Two processes on one database: every step, none twice."""
    numbers = [await desk.open(seriousness="safety") for _ in range(12)]
    for number in numbers:
        await desk.answer(number, by="lea")
    other = Ticker(desk.sessions, desk.clock, desk.levels)
    desk.clock.advance(timedelta(hours=5))
    await _drain(desk.ticker, other)
    async with desk.sessions() as session:
        names = select(ClockStepRow.name, func.count()).group_by(ClockStepRow.name)
        counted = {row[0]: row[1] for row in await session.execute(names)}
    assert {"warn_half": len(numbers)} == counted


async def _drain(*tickers: Ticker) -> None:
    async def drain(ticker: Ticker) -> None:
        while await ticker.tick():
            pass

    await asyncio.gather(*(drain(ticker) for ticker in tickers))
