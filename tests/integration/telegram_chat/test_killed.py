"""The app is killed while it talks to Telegram: what came in is answered once, what goes out is there once.

Telegram has no key for repeats. A process that dies between Telegram's answer and its own record of it sends that one
message again; at every other point each message is there exactly once.
"""

import contextlib
from pathlib import Path

import pytest
from aiohttp import ClientError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Message, Outbound
from bot.nlu.embedded import EmbeddedInterpreter
from escalation.models import PersonRow, TicketRow
from escalation.people import digest_token
from tests.integration.machine import Machine, eventually
from tests.integration.telegram_chat.bot_api import TOKEN, BotApi, Phone

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
COMPLAINT = "I want to make a complaint about your terrible service"
REPLY = "We are sorry. What happened?"


@pytest.fixture
def machine(
    database_url: str,
    tmp_path: Path,
    model_dir: Path,
    interpreter: EmbeddedInterpreter,
    api: BotApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Machine:
    """A machine whose shop has a bot on Telegram; its model is trained already."""
    monkeypatch.setenv("SHOUWEN_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("SHOUWEN_TELEGRAM_API_URL", api.address)
    return Machine(database_url, tmp_path, model_dir)


async def _await_all_sent(sessions: Sessions, count: int) -> None:
    async def is_sent() -> bool:
        async with sessions() as session:
            return await session.scalar(select(func.count()).where(Outbound.sent_at.is_not(None))) == count

    await eventually(is_sent)


@pytest.mark.parametrize("step", ["accepted", "applied", "committed", "delivery_recorded"])
async def test_a_message_from_telegram_while_the_app_is_killed(
    step: str, machine: Machine, api: BotApi, seeded: object, sessions: Sessions
) -> None:
    phone = Phone(api)
    machine.arm(step)
    async with machine.running():
        await phone.write(COMPLAINT)
        await machine.await_death()
    async with machine.running():
        await _await_all_sent(sessions, 2)
    texts = [message["text"] for message in phone.received]
    assert len(texts) == 2
    assert "SW-" in texts[1]
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 1
        assert await session.scalar(select(func.count()).where(Message.sender == "customer")) == 1


@pytest.mark.parametrize(("step", "times"), [("reply_committed", 1), ("delivered", 2), ("delivery_recorded", 1)])
async def test_a_persons_reply_while_the_app_is_killed(
    step: str, times: int, machine: Machine, api: BotApi, seeded: object, sessions: Sessions
) -> None:
    phone = Phone(api)
    async with machine.running() as client:
        await phone.write(COMPLAINT)
        await _await_all_sent(sessions, 2)
        number, headers = await _owner(sessions)
        machine.arm(step)
        path = f"/api/v1/tickets/{number}/messages"
        with contextlib.suppress(ClientError):  # it died before it could answer: the console sends it again
            await client.post(path, json={"text": REPLY, "key": "one"}, headers=headers)
        await machine.await_death()
    async with machine.running() as client:
        async with client.post(path, json={"text": REPLY, "key": "one"}, headers=headers) as response:
            assert response.status == 200
        await _await_all_sent(sessions, 4)  # the complaint's step is told too
    # What was on its way when the app died is sent again; the words come last, after the step.
    assert len(phone.received) == 3 + times
    assert phone.received[-1]["text"].endswith(REPLY)


async def _owner(sessions: Sessions) -> tuple[str, dict[str, str]]:
    async with sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow))).one()
        person = await session.get_one(PersonRow, ticket.owner_id)
        person.token_digest = digest_token("a token of the owner's")
        return ticket.number, {"Authorization": "Bearer a token of the owner's"}
