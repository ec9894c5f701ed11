"""Anything in any order: whatever people, customers and clocks do, what product §4 and §5 promise holds."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import casework, handover
from escalation.errors import EscalationError
from escalation.helping import ask_for_help, end_help
from escalation.ladder import compute_ladder
from escalation.models import AssignmentRow, ClockRow, ClockStepRow, HandoverRow, PersonRow, SurveyRow, TicketRow
from escalation.presence import deactivate_person, go_off_duty
from escalation.severity import Tier
from escalation.timekeeping import facts_of
from tests.integration.desk import TEAM, Desk

pytestmark = pytest.mark.postgres

Act = Callable[["Story"], Awaitable[Any]]
_LOGINS = [login for login, _, _ in TEAM]
_SPANS = [timedelta(seconds=1), timedelta(minutes=7), timedelta(hours=3), timedelta(hours=20), timedelta(hours=50)]


class Story:
    """One ticket, and dice."""

    def __init__(self, desk: Desk, number: str, seed: int) -> None:
        self.desk, self.number, self.dice = desk, number, random.Random(seed)

    @property
    def someone(self) -> str:
        """Somebody of the team, whoever it is."""
        return self.dice.choice(_LOGINS)

    async def do(self, use_case: Any, **details: Any) -> None:
        """Do something as somebody."""
        await self.desk.act(use_case, self.number, by=self.someone, **details)

    async def accept(self) -> None:
        """Somebody takes it up."""
        await self.do(casework.accept, now=self.desk.clock.now())

    async def answer(self) -> None:
        """Somebody answers."""
        await self.do(casework.answer, at=self.desk.clock.now())

    async def wait(self) -> None:
        """Somebody asks the customer."""
        await self.do(casework.wait_for_customer, now=self.desk.clock.now())

    async def resolve(self) -> None:
        """Somebody ends it."""
        await self.do(casework.resolve, outcome="solved", now=self.desk.clock.now())

    async def change_tier(self) -> None:
        """Somebody finds it more urgent, or less."""
        tier = self.dice.choice(list(Tier))
        await self.do(casework.change_tier, tier=tier, reason="so", levels=self.desk.levels, now=self.desk.clock.now())

    async def hand_over(self) -> None:
        """Somebody wants to pass it on."""
        details: dict[str, Any] = {"reason": "holiday", "levels": self.desk.levels, "now": self.desk.clock.now()}
        await self.do(handover.hand_over, to=self.someone, **details)

    async def decide(self) -> None:
        """Somebody decides about the newest handover."""
        async with self.desk.sessions() as session:
            newest = await session.scalar(select(HandoverRow.id).order_by(HandoverRow.asked_at.desc()).limit(1))

        async def use_case(session: AsyncSession, _number: str, *, by: PersonRow) -> None:
            agreed, now = self.dice.random() < 0.7, self.desk.clock.now()
            handover_id = newest or UUID(int=0)
            await handover.decide_handover(session, handover_id, by=by, agreed=agreed, levels=self.desk.levels, now=now)

        await self.do(use_case)

    async def help(self) -> None:
        """Somebody asks somebody to help, or no more."""
        if self.dice.random() < 0.5:
            await self.do(end_help, helper=self.someone, now=self.desk.clock.now())
        else:
            await self.do(ask_for_help, helper=self.someone, levels=self.desk.levels, now=self.desk.clock.now())

    async def customer_writes(self) -> None:
        """The customer says something."""
        await self.desk.customer_writes(self.number)

    async def customer_settles(self) -> None:
        """The customer says whether it is solved."""
        if self.dice.random() < 0.6:
            await self.desk.reopen(self.number)
            return
        async with self.desk.sessions.begin() as session:
            await casework.confirm(session, self.number, now=self.desk.clock.now())

    async def leave(self) -> None:
        """Somebody's shift or job ends (the supervisor stays)."""
        login = self.dice.choice([login for login in _LOGINS if login != "sue"])
        async with self.desk.sessions.begin() as session:
            if self.dice.random() < 0.2:
                await deactivate_person(session, login, actor="max", levels=self.desk.levels, now=self.desk.clock.now())
                return
            person = (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()
            await go_off_duty(session, person.id, levels=self.desk.levels, now=self.desk.clock.now())

    async def time_passes(self) -> None:
        """Time passes; the loop looks, or is away."""
        by = self.dice.choice(_SPANS)
        if self.dice.random() < 0.3:
            self.desk.clock.advance(by)
        else:
            await self.desk.pass_time(by)


_ACTS: tuple[Act, ...] = (
    Story.accept, Story.answer, Story.answer, Story.wait, Story.resolve, Story.change_tier, Story.hand_over,
    Story.decide, Story.help, Story.customer_writes, Story.customer_settles, Story.leave, Story.time_passes,
    Story.time_passes,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_the_promises_hold_after_every_act(desk: Desk, seed: int) -> None:
    """Sixty acts a story; what is refused is refused by name, and changes nothing."""
    story = Story(desk, await desk.open(), seed)
    done = 0
    for _ in range(60):
        before = await desk.ticket(story.number)
        try:
            await story.dice.choice(_ACTS)(story)
            done += 1
        except EscalationError:
            assert facts(before) == facts(await desk.ticket(story.number))
        async with desk.sessions() as session:
            await check_owner(session, before)
            await check_clocks(session, desk)
    assert done > 10
    await desk.pass_time(timedelta(0))
    async with desk.sessions() as session:
        await check_steps(session, desk)


def facts(ticket: TicketRow) -> dict[str, Any]:
    """Everything that a row says."""
    return {column.name: getattr(ticket, column.name) for column in TicketRow.__table__.columns}


async def check_owner(session: AsyncSession, before: TicketRow) -> None:
    """One owner, who works here; fixed after the first answer, but for recorded reasons."""
    ticket = await session.get_one(TicketRow, before.id)
    current = select(AssignmentRow).where(AssignmentRow.ticket_id == ticket.id, AssignmentRow.ended_at.is_(None))
    assignment = (await session.scalars(current)).one()
    assert ticket.owner_id == assignment.person_id
    assert ticket.state == "closed" or (await session.get_one(PersonRow, ticket.owner_id)).active
    if before.first_responder_id is not None:
        assert before.first_responder_id == ticket.first_responder_id
        if before.owner_id != ticket.owner_id:
            assert assignment.reason in {"handover", "owner_left"}
    surveys = (await session.scalars(select(SurveyRow.cycle).order_by(SurveyRow.cycle))).all()
    assert list(surveys) == list(range(1, len(surveys) + 1))


async def check_clocks(session: AsyncSession, desk: Desk) -> None:
    """One running clock of a kind at most; none on what is resolved; met and breached judged by the facts."""
    ticket = (await session.scalars(select(TicketRow))).one()
    clocks = (await session.scalars(select(ClockRow))).all()
    running = [clock.kind for clock in clocks if clock.met_at is None and clock.dropped_at is None]
    assert len(running) == len(set(running))
    assert not running or ticket.state not in {"resolved", "closed"}
    assert ("resolution" in running) == (ticket.state not in {"resolved", "closed"})
    for clock in clocks:
        assert clock.paused_at is None or ticket.state == "waiting_customer"
        assert clock.breached_at in {None, clock.due_at}
        if clock.met_at is not None:
            assert (clock.met_at > clock.due_at) == (clock.breached_at is not None)
        assert facts_of(clock).due_at == clock.due_at
        assert clock.noticed_at is None or clock.noticed_at <= desk.clock.now()


async def check_steps(session: AsyncSession, desk: Desk) -> None:
    """After a last look: every step whose instant has passed is there, once (the key says so), and no other.

    A step that a change of tier brought in or took out is either; the others are exact.
    """
    for clock in await session.scalars(select(ClockRow).where(ClockRow.dropped_at.is_(None))):
        taken = set(await session.scalars(select(ClockStepRow.name).where(ClockStepRow.clock_id == clock.id)))
        until = clock.met_at or clock.paused_at or desk.clock.now()
        passed = {step.name for step in compute_ladder(facts_of(clock), desk.levels.ladder) if step.at < until}
        assert passed <= taken
