"""Death at every line: the app or the database is killed between any two steps of a turn, and nothing is lost.

After a restart every accepted message has been covered exactly once, there is one ticket where there should be one,
and the shop has carried out a command once.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from actions.demo_shop import DemoOrder, list_demo_orders, seed_demo_orders
from actions.models import ShopCommandResult
from bot.app import build_app
from bot.migrate import upgrade_database
from bot.models import Conversation, Inbound, Message, ShopCommandRow
from bot.nlu.embedded import EmbeddedInterpreter
from bot.operation.database import EmbeddedPostgres, running_database
from bot.settings import Settings
from escalation import audit
from escalation.models import TicketRow
from escalation.people import add_person
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.integration.machine import PAST_THE_LEASE, Machine, eventually
from tests.integration.victim import Assassin, ClockAhead

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
TURN_STEPS = ("accepted", "read", "gathered", "applied", "committed")
COMMAND_STEPS = ("command_claimed", "command_executed", "command_recorded")
COMPLAINT = "I want to make a complaint about your terrible service"


@pytest.fixture
def machine(database_url: str, tmp_path: Path, model_dir: Path, interpreter: EmbeddedInterpreter) -> Machine:
    """A machine on the test's database; its model is trained already."""
    return Machine(database_url, tmp_path, model_dir)


@pytest.mark.parametrize("step", TURN_STEPS)
async def test_a_ticket_opened_while_the_app_is_killed(
    step: str, machine: Machine, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """One message, one answer, one ticket; the widget sends again what was not acknowledged."""
    async with machine.running() as client:
        chat = await Chat.open(client, locale="en")
        machine.arm(step)
        await chat.write(COMPLAINT, frame_id="once")
        await machine.await_death()
    async with machine.running() as client:
        chat = await Chat.open(client, session=chat.session, locale="en")
        await chat.write(COMPLAINT, frame_id="once")
        await chat.hear("SW-")
        await _await_rest(sessions)
    await _check_whole(sessions, customer_messages=1, tickets=1)


@pytest.mark.parametrize("step", [*TURN_STEPS, *COMMAND_STEPS])
async def test_an_order_cancelled_while_the_app_is_killed(
    step: str, machine: Machine, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The shop cancels once, the customer hears of it once."""
    async with machine.running() as client:
        chat = await Chat.open(client, locale="en")
        await _ask_to_cancel(chat, seeded)
        machine.arm(step)
        await chat.choose("confirm=yes")
        await machine.await_death()
    async with machine.running() as client:
        chat = await Chat.open(client, session=chat.session, locale="en")
        await chat.hear("is cancelled")
        await _await_rest(sessions)
    await _check_whole(sessions, customer_messages=2, tickets=0)
    await _check_cancelled_once(sessions)


class DatabaseKiller(Assassin):
    """Kills the database instead, and waits until it is gone."""

    def __init__(self, arm_file: Path, server: EmbeddedPostgres) -> None:
        super().__init__(arm_file)
        self._server = server

    def strike(self) -> None:
        """Kill the postmaster; its children follow it."""
        pid = self._server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


class Counter:
    """The app in this process, on a database server of its own that can be killed."""

    def __init__(self, client: TestClient[Any, Any], clock: ClockAhead, sessions: Sessions, arm_file: Path) -> None:
        self.client, self.sessions = client, sessions
        self._clock, self._arm_file = clock, arm_file

    def arm(self, step: str) -> None:
        """Let the next arrival at a step be the database's death."""
        self._arm_file.write_text(step)

    async def await_death(self) -> None:
        """Wait for the strike and for the server to be back; then let the leases run out."""
        await eventually(self._has_struck)
        await eventually(self._is_back)
        self._clock.ahead += PAST_THE_LEASE

    async def _has_struck(self) -> bool:
        return not await asyncio.to_thread(self._arm_file.exists)

    async def _is_back(self) -> bool:
        async with self.sessions() as session:
            return bool(await session.scalar(select(1)))


@pytest.fixture
async def counter(tmp_path: Path, interpreter: EmbeddedInterpreter) -> AsyncIterator[Counter]:
    """A counter with demo orders and a lead for complaints."""
    data_dir, clock, arm_file = tmp_path / "data", ClockAhead(timedelta()), tmp_path / "arm"
    async with running_database(data_dir, lambda _line: None) as url:
        await upgrade_database(url)
        engine = create_async_engine(url, pool_pre_ping=True)
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        async with sessions.begin() as session:
            now = SystemClock().now()
            await seed_demo_orders(session, now)
            await add_person(
                session, login="luo", name="Luo", role="team_lead", desk="complaint", now=now, available=True
            )
        app = build_app(
            Settings(data_dir=data_dir, nlu_engine="embedded"),
            database_url=url,
            clock=clock,
            interpreter=interpreter,
            observer=DatabaseKiller(arm_file, EmbeddedPostgres(data_dir)),
        )
        async with TestClient(TestServer(app)) as client:
            yield Counter(client, clock, sessions, arm_file)
        await engine.dispose()


@pytest.mark.parametrize("step", TURN_STEPS)
async def test_a_ticket_opened_while_the_database_is_killed(step: str, counter: Counter) -> None:
    """The app stays up, the database comes back, the message is answered once."""
    chat = await Chat.open(counter.client, locale="en")
    counter.arm(step)
    await chat.write(COMPLAINT, frame_id="once")
    await counter.await_death()
    chat = await Chat.open(counter.client, session=chat.session, locale="en")
    await chat.write(COMPLAINT, frame_id="once")
    await chat.hear("SW-")
    await _await_rest(counter.sessions)
    await _check_whole(counter.sessions, customer_messages=1, tickets=1)


@pytest.mark.parametrize("step", COMMAND_STEPS)
async def test_an_order_cancelled_while_the_database_is_killed(step: str, counter: Counter) -> None:
    """The shop's answer may be lost on the way; asked again, it gives the same one."""
    async with counter.sessions() as session:
        orders = await list_demo_orders(session)
    chat = await Chat.open(counter.client, locale="en")
    await _ask_to_cancel(chat, orders)
    counter.arm(step)
    await chat.choose("confirm=yes")
    await counter.await_death()
    chat = await Chat.open(counter.client, session=chat.session, locale="en")
    await chat.hear("is cancelled")
    await _await_rest(counter.sessions)
    await _check_whole(counter.sessions, customer_messages=2, tickets=0)
    await _check_cancelled_once(counter.sessions)


async def _ask_to_cancel(chat: Chat, orders: list[DemoOrder]) -> None:
    order = order_saying(orders, "Not sent yet")
    await chat.ask(f"Please cancel my order {order.number}, phone ends in {order.phone_last4}", "Cancel order")


async def _await_rest(sessions: Sessions) -> None:
    """Wait until nothing is left to do."""

    async def at_rest() -> bool:
        async with sessions() as session:
            waiting = await session.scalar(select(func.count()).where(Inbound.handled_at.is_(None)))
            commands = await session.scalar(select(func.count()).where(ShopCommandRow.done_at.is_(None)))
        return not waiting and not commands

    await eventually(at_rest)


async def _check_whole(sessions: Sessions, *, customer_messages: int, tickets: int) -> None:
    """Every message covered once, no bubble twice, numbers without a gap, the audit log whole."""
    async with sessions() as session:
        messages = (await session.scalars(select(Message).order_by(Message.seq))).all()
        opened = (await session.scalars(select(TicketRow))).all()
        conversation = (await session.scalars(select(Conversation))).one()
        uncovered = await session.scalar(select(func.count()).where(Inbound.covered_by.is_(None)))
        assert await audit.verify(session) is None
    answers = [message.text for message in messages if message.sender == "bot"]
    assert customer_messages == sum(message.sender == "customer" for message in messages)
    assert len(set(answers)) == len(answers)
    assert (tickets, 0) == (len(opened), uncovered)
    assert list(range(1, conversation.last_seq + 1)) == [message.seq for message in messages]


async def _check_cancelled_once(sessions: Sessions) -> None:
    async with sessions() as session:
        asked = (await session.scalars(select(ShopCommandRow))).one()
        carried_out = (await session.scalars(select(ShopCommandResult))).all()
    assert [asked.key] == [result.key for result in carried_out]
    assert (asked.result or {})["done"]
