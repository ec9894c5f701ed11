"""Whose ticket it is: hops before the first answer, handovers after it, people who leave."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import casework, handover
from escalation.errors import ClosedTooLongError, ForbiddenError, PersonError, RefusedError
from escalation.models import AssignmentRow, ClockRow, ParticipantRow, PersonRow, TicketRow
from escalation.ownership import give_to
from escalation.people import add_person
from escalation.testing import make_person
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)


async def hand_over(desk: Desk, number: str, *, by: str, to: str) -> UUID:
    """Ask to hand a ticket over; returns the request's id."""
    details: dict[str, Any] = {"to": to, "reason": "holiday", "levels": desk.levels, "now": desk.clock.now()}
    return (await desk.act(handover.hand_over, number, by=by, **details)).id


async def decide(desk: Desk, handover_id: UUID, *, by: str, agreed: bool = True) -> None:
    """Agree to a handover, or not."""

    async def use_case(session: AsyncSession, _number: str, *, by: PersonRow) -> None:
        now = desk.clock.now()
        await handover.decide_handover(session, handover_id, by=by, agreed=agreed, levels=desk.levels, now=now)

    await desk.act(use_case, "", by=by)


async def answered_by(desk: Desk, login: str, **changes: Any) -> str:
    """Open a ticket that somebody has answered; returns its number."""
    number = await desk.open(**changes)
    await desk.answer(number, by=login)
    return number


async def test_each_owner_has_a_claim_of_their_own(desk: Desk) -> None:
    """What the one before let lie is neither met nor breached by the next."""
    number = await desk.open()
    await desk.pass_time(2 * HOUR)
    await desk.act(casework.accept, number, by="bo", now=desk.clock.now())
    async with desk.sessions() as session:
        query = select(ClockRow).where(ClockRow.kind == "claim").order_by(ClockRow.cycle)
        first, second = (await session.scalars(query)).all()
    assert (None, first.due_at, desk.clock.now()) == (first.met_at, first.breached_at, first.dropped_at)
    assert (desk.clock.now(), None, None) == (second.met_at, second.breached_at, second.dropped_at)


async def test_a_claim_that_was_warned_can_pass_on(desk: Desk) -> None:
    """The steps that were taken stay in the history."""
    number = await desk.open()
    await desk.pass_time(timedelta(minutes=100))
    assert ["claim:warn"] == [step for _, step in await desk.told("step")]
    await desk.pass_time(timedelta(minutes=20))
    assert "bo" == await desk.owner(number)


async def test_nobody_off_duty_gets_what_another_let_lie(desk: Desk) -> None:
    """With no colleague here it is the lead's at once."""
    for login in ("bo", "cy", "dee"):
        await desk.set_person(login, available=False)
    number = await desk.open()
    await desk.pass_time(2 * HOUR)
    assert "lea" == await desk.owner(number)


async def test_without_a_lead_it_stays_where_it_is(desk: Desk) -> None:
    """Nobody is told that it moved, and nothing happens over and over."""
    for login in ("bo", "cy", "dee", "lea"):
        await desk.set_person(login, active=False)
    number = await desk.open()
    await desk.pass_time(10 * HOUR)
    assert ("ann", 0) == (await desk.owner(number), (await desk.ticket(number)).claim_hops)
    assert [] == await desk.told("hopped")


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([96, 24, 30, 90], [("lea", "warn"), ("lea", "supervisor"), ("sue", "supervisor"),
                            ("lea", "operations_manager"), ("max", "operations_manager")]),
        ([600], [(login, "operations_manager") for login in ("lea", "max", "sue")]),  # after an outage
    ],
)  # fmt: skip
async def test_what_nobody_takes_up_climbs(desk: Desk, minutes: list[int], expected: list[tuple[str, str]]) -> None:
    """The lead has it at last and does not accept it within 2 h: the supervisor, then the manager hear of it."""
    for login in ("ann", "bo", "cy", "dee"):
        await desk.set_person(login, available=False)
    number = await desk.open()
    for passing in minutes:
        await desk.pass_time(timedelta(minutes=passing))
    told = [(login, step) for login, step in await desk.told("step") if step.startswith("claim")]
    assert [(login, f"claim:{step}") for login, step in expected] == told
    assert "lea" == await desk.owner(number)


@pytest.mark.parametrize(
    ("first", "answered", "second", "owner"),
    [
        ("quality", False, "quality", "bo"),
        ("after_sales", False, "handoff", "bob"),  # one desk
        ("quality", True, "order", "bo"),  # who has answered serves them, wherever they work
        ("quality", False, "order", "eve"),
        ("quality", True, "complaint", "leo"),  # it may be about whoever serves them
    ],
)
async def test_who_serves_a_customer_gets_their_next_matter(
    desk: Desk, first: str, answered: bool, second: str, owner: str
) -> None:
    """Though a colleague has fewer open cases."""
    async with desk.sessions.begin() as session:
        session.add_all([
            make_person("leo", "team_lead", "complaint", now=desk.clock.now()),
            *(make_person(login, "agent", "after_sales", now=desk.clock.now()) for login in ("ada", "bob")),
        ])  # fmt: skip
    customer, serving = uuid4(), {"quality": "bo", "after_sales": "bob"}[first]
    number = await desk.open(category=first, customer_id=customer)
    async with desk.sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
        person = (await session.scalars(select(PersonRow).where(PersonRow.login == serving))).one()
        await give_to(session, ticket, person, reason="fewest_open", now=desk.clock.now())
    if answered:
        await desk.answer(number, by=serving)
    assert owner == await desk.owner(await desk.open(category=second, customer_id=customer, order_number=None))


async def test_a_helper_who_answers_does_not_own_it(desk: Desk) -> None:
    """First responder is the first one who is no named helper."""
    number = await desk.open()
    ticket = await desk.ticket(number)
    async with desk.sessions.begin() as session:
        eve = (await session.scalars(select(PersonRow).where(PersonRow.login == "eve"))).one()
        session.add(ParticipantRow(ticket_id=ticket.id, person_id=eve.id, kind="helper", since=desk.clock.now()))
    with pytest.raises(RefusedError):
        await desk.act(casework.accept, number, by="eve", now=desk.clock.now())
    await desk.answer(number, by="eve")
    assert ("ann", None) == (await desk.owner(number), (await desk.ticket(number)).first_responder_id)


async def test_only_the_own_desks_lead_consents(desk: Desk) -> None:
    """Another desk's lead has no word in it, nor has the owner, nor a supervisor."""
    async with desk.sessions.begin() as session:
        await add_person(session, login="xu", name="Xu", role="team_lead", desk="order", now=desk.clock.now())
    asked = await hand_over(desk, await answered_by(desk, "ann"), by="ann", to="bo")
    for login in ("xu", "ann", "bo", "sue"):
        with pytest.raises(ForbiddenError):
            await decide(desk, asked, by=login)
    await decide(desk, asked, by="lea", agreed=False)
    with pytest.raises(RefusedError):
        await decide(desk, asked, by="lea")


async def test_where_there_is_no_lead_the_next_rank_consents(desk: Desk) -> None:
    """Nobody waits for ever for somebody who is not there."""
    await desk.set_person("lea", active=False)
    number = await answered_by(desk, "ann")
    await decide(desk, await hand_over(desk, number, by="ann", to="bo"), by="sue")
    assert "bo" == await desk.owner(number)


async def test_above_the_operations_manager_there_is_nobody(desk: Desk) -> None:
    """Theirs is the final decision (§1.1)."""
    number = await answered_by(desk, "max")
    await hand_over(desk, number, by="max", to="ann")
    assert "ann" == await desk.owner(number)


async def test_one_request_at_a_time(desk: Desk) -> None:
    """A second one is refused while the first waits; a decided one is in nobody's way."""
    number = await answered_by(desk, "ann")
    asked = await hand_over(desk, number, by="ann", to="bo")
    with pytest.raises(RefusedError, match="waits"):
        await hand_over(desk, number, by="ann", to="cy")
    await decide(desk, asked, by="lea", agreed=False)
    await decide(desk, await hand_over(desk, number, by="ann", to="cy"), by="lea")
    assert "cy" == await desk.owner(number)


async def test_a_request_ends_with_its_ticket(desk: Desk) -> None:
    """What was resolved meanwhile goes to nobody, and cannot be asked for either."""
    number = await answered_by(desk, "ann")
    asked = await hand_over(desk, number, by="ann", to="bo")
    await desk.resolve(number, by="ann")
    with pytest.raises(RefusedError):
        await decide(desk, asked, by="lea")
    with pytest.raises(RefusedError):
        await hand_over(desk, number, by="ann", to="bo")


@pytest.mark.parametrize(("to", "error"), [("nobody", PersonError), ("audit", PersonError), ("ann", RefusedError)])
async def test_a_receiver_works_on_tickets(desk: Desk, to: str, error: type[Exception]) -> None:
    """Somebody who exists, may work, and does not have it already."""
    async with desk.sessions.begin() as session:
        await add_person(session, login="audit", name="Audit", role="auditor", desk=None, now=desk.clock.now())
    number = await answered_by(desk, "ann")
    with pytest.raises(error):
        await hand_over(desk, number, by="ann", to=to)


async def test_a_reopened_ticket_of_somebody_who_left_is_the_leads(desk: Desk) -> None:
    """It never goes back to an account that nobody reads."""
    number = await answered_by(desk, "ann")
    await desk.resolve(number, by="ann")
    await desk.set_person("ann", active=False)
    await desk.reopen(number)
    assert "lea" == await desk.owner(number)
    async with desk.sessions() as session:
        reasons = list(
            await session.scalars(select(AssignmentRow.reason).order_by(AssignmentRow.ended_at.nulls_last()))
        )
    assert "owner_left" == reasons[-1]


@pytest.mark.parametrize(("changes", "tier"), [({}, "major"), ({"threat": True}, "critical")])
async def test_the_second_reopening_raises_the_tier_by_one(desk: Desk, changes: Any, tier: str) -> None:
    """From whatever it is; a third one raises no further."""
    number = await desk.open(**changes)
    for _ in range(3):
        await desk.resolve(number, by="ann")
        await desk.reopen(number)
    ticket = await desk.ticket(number)
    assert (tier, 1) == (ticket.tier, ticket.tier_reasons.count("second_reopening"))


async def test_a_new_ticket_goes_on_from_one_closed_long_ago(desk: Desk) -> None:
    """Seven days after closing it is too late to reopen; the new one knows the old one."""
    number = await answered_by(desk, "ann")
    await desk.resolve(number, by="ann")
    await desk.pass_time(timedelta(days=11))
    with pytest.raises(ClosedTooLongError):
        await desk.reopen(number)
    following = await desk.ticket(await desk.open(previous=number))
    assert (await desk.ticket(number)).id == following.previous_id


async def test_a_message_wakes_an_older_ticket_too(desk: Desk) -> None:
    """Of two tickets in a conversation the older one waits: the answer is for it, and both are owed one."""
    old = await answered_by(desk, "ann")
    ticket = await desk.ticket(old)
    await desk.act(casework.wait_for_customer, old, by="ann", now=desk.clock.now())
    desk.clock.advance(HOUR)
    new = await answered_by(desk, "ann", conversation_id=ticket.conversation_id, customer_id=ticket.customer_id)
    await desk.customer_writes(new)
    assert ["in_progress"] * 2 == [(await desk.ticket(number)).state for number in (old, new)]
    assert all([("next_response" in await desk.clocks(number)) for number in (old, new)])


async def test_two_first_answers_at_once_make_one_owner(desk: Desk) -> None:
    """The second one is refused: by then it is another's ticket."""
    number = await desk.open()
    results = await asyncio.gather(desk.answer(number, by="bo"), desk.answer(number, by="cy"), return_exceptions=True)
    assert [ForbiddenError] == [type(result) for result in results if result is not None]
    async with desk.sessions() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
    assert ticket.owner_id == ticket.first_responder_id
