"""Death at the desk: the app is killed while the ladder climbs and while a person answers; all is there exactly once.

A strike falls within the transaction that takes a step or writes an answer (something is written, or all of it is), or
right after its commit, before anybody has been told.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import Message
from bot.nlu.embedded import EmbeddedInterpreter
from escalation import audit, casework
from escalation.models import (
    ClockRow,
    ClockStepRow,
    NoticeRow,
    ParticipantRow,
    PersonRow,
    SurveyRow,
    TicketEventRow,
    TicketRow,
)
from escalation.people import add_person
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.desk import Desk
from tests.integration.machine import Machine, eventually

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
MINUTE = timedelta(minutes=1)
COMPLAINT = "I want to make a complaint about your terrible service"
HOW_FAR = ("written", "complete", "committed")


@pytest.fixture
def machine(database_url: str, tmp_path: Path, model_dir: Path, interpreter: EmbeddedInterpreter) -> Machine:
    """A machine on the test's database; its model is trained already."""
    return Machine(database_url, tmp_path, model_dir)


@pytest.mark.parametrize("how_far", HOW_FAR)
async def test_the_ladder_climbs_through_kills(how_far: str, machine: Machine, desk: Desk) -> None:
    """Killed at a warning, at the breach and at the top: each step, handler and notice is there once."""
    number = await _leave_unanswered(desk)
    climbed: list[str] = []
    for passed, steps in (
        (16, ["warn_half"]),
        (15, ["warn", "breach"]),
        (30, ["supervisor", "operations_manager"]),
    ):
        machine.pass_time(passed * MINUTE)
        machine.arm(f"step_{how_far}")
        await machine.run_to_death()
        climbed += steps
        async with machine.running():
            await _await_steps(desk.sessions, climbed)
    await _check_climbed_once(desk, number, climbed)


async def _leave_unanswered(desk: Desk) -> str:
    """A critical ticket that ann has accepted and not answered, opened now."""
    desk.clock.advance(SystemClock().now() - desk.clock.now())
    number = await desk.open(seriousness="safety")
    await desk.act(casework.accept, number, by=await desk.owner(number), now=desk.clock.now())
    return number


async def _await_steps(sessions: Sessions, names: Sequence[str]) -> None:
    async def are_taken() -> bool:
        async with sessions() as session:
            return len(names) == await session.scalar(select(func.count()).select_from(ClockStepRow))

    await eventually(are_taken)


async def _check_climbed_once(desk: Desk, number: str, climbed: list[str]) -> None:
    async with desk.sessions() as session:
        steps = (await session.scalars(select(ClockStepRow).order_by(ClockStepRow.due_at))).all()
        handlers = await session.scalars(select(PersonRow.login).join(ParticipantRow).order_by(PersonRow.login))
        assert climbed == [step.name for step in steps]
        assert ["lea", "max", "sue"] == list(handlers)
        clock = (await session.scalars(select(ClockRow).where(ClockRow.kind == "response"))).one()
        assert clock.due_at == clock.breached_at
    told = [step.name for step in steps if not step.collapsed]
    assert [f"response:{name}" for name in told] == [line for who, line in await desk.told("step") if who == "ann"]
    assert told == [event.details["step"] for event in await _events(desk.sessions, number, "step")]
    assert ["lea", "sue", "max"] == [
        event.details["handler"] for event in await _events(desk.sessions, number, "handler_added")
    ]


@pytest.mark.parametrize("how_far", HOW_FAR)
async def test_an_answer_survives_the_kill(
    how_far: str, machine: Machine, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """An answer and the resolution, each sent again with its key after the kill: the customer reads each once."""
    ada = await _add_ada(sessions)
    async with machine.running() as client:
        chat = await Chat.open(client, locale="en")
        await chat.write(COMPLAINT)
        await chat.hear("SW-")
        number = await _only_number(sessions)
        machine.arm(f"reply_{how_far}")
        await _send_into_death(client, ada, number, "messages", text="I am Ada.", key="first")
        await machine.await_death()
    async with machine.running() as client:
        await _send(client, ada, number, "messages", text="I am Ada.", key="first")
        machine.arm(f"reply_{how_far}")
        await _send_into_death(client, ada, number, "resolve", outcome="solved", text="Done.", key="second")
        await machine.await_death()
    async with machine.running() as client:
        await _send(client, ada, number, "resolve", outcome="solved", text="Done.", key="second")
        chat = await Chat.open(client, session=chat.session, locale="en")
        while not any(message.get("survey") for message in chat.messages):
            await chat.until("message")
    heard = [message["text"] for message in chat.messages if message["from"] == "agent"]
    assert ["I am Ada.", "Done."] == heard
    await _check_answered_once(sessions, number)


async def _add_ada(sessions: Sessions) -> dict[str, str]:
    """Ada, who owns new complaints; returns the headers of her requests."""
    async with sessions.begin() as session:
        added = await add_person(
            session,
            login="ada",
            name="Ada",
            role="agent",
            desk="complaint",
            now=SystemClock().now(),
            available=True,
            token=True,
        )
    return {"Authorization": f"Bearer {added.token}"}


async def _only_number(sessions: Sessions) -> str:
    async with sessions() as session:
        return (await session.scalars(select(TicketRow.number))).one()


async def _send(client: ClientSession, headers: dict[str, str], number: str, act: str, **body: str) -> None:
    async with client.post(f"/api/v1/tickets/{number}/{act}", json=body, headers=headers) as answer:
        assert 200 == answer.status, await answer.text()


async def _send_into_death(client: ClientSession, headers: dict[str, str], number: str, act: str, **body: str) -> None:
    """Send what nobody will answer any more."""
    with pytest.raises(ClientError):
        await _send(client, headers, number, act, **body)


async def _check_answered_once(sessions: Sessions, number: str) -> None:
    """One bubble, one event and one met clock for each; one survey; numbers without a gap; the audit log whole."""
    async with sessions() as session:
        messages = (await session.scalars(select(Message).order_by(Message.seq))).all()
        clocks = (await session.scalars(select(ClockRow).order_by(ClockRow.kind))).all()
        surveys = (await session.scalars(select(SurveyRow))).all()
        told = await session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.kind == "opened"))
        assert await audit.verify(session) is None
    assert list(range(1, len(messages) + 1)) == [message.seq for message in messages]
    assert 1 == sum(message.survey is not None for message in messages)
    assert ["claim", "feedback", "resolution", "response"] == [clock.kind for clock in clocks]
    assert all(clock.met_at is not None and clock.breached_at is None for clock in clocks)
    assert (1, 1) == (len(surveys), told)
    for kind in ("opened", "answered", "resolved"):
        assert 1 == len(await _events(sessions, number, kind)), kind


async def _events(sessions: Sessions, number: str, kind: str) -> list[TicketEventRow]:
    async with sessions() as session:
        query = select(TicketEventRow).join(TicketRow, TicketRow.id == TicketEventRow.ticket_id)
        query = query.where(TicketRow.number == number, TicketEventRow.kind == kind).order_by(TicketEventRow.at)
        return list(await session.scalars(query))
