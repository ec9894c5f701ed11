"""What is left behind is picked up, and what waits is done, also while the shop's system keeps others waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from actions.models import ShopCommandResult
from actions.shop import CommandResult, ShopCommand
from bot.app import build_app
from bot.keys import SERVICES
from bot.nlu.embedded import EmbeddedInterpreter
from bot.security.sealing import Seal
from bot.security.sessions import find_conversation
from bot.settings import Settings, read_secret_key
from bot.turn.inbox import Received, store_received
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


class SlowShop(EmbeddedShop):
    """Carries out the first command when it is let."""

    def __init__(self, sessions: Sessions, seal: Seal) -> None:
        super().__init__(sessions, seal=seal)
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Wait, or not."""
        if not self.asked.is_set():
            self.asked.set()
            await self.may_go_on.wait()
        return await super().execute(command)


@pytest.fixture
def shop(sessions: Sessions, settings: Settings) -> SlowShop:
    """The shop's system."""
    return SlowShop(sessions, Seal(read_secret_key(settings)))


@pytest.fixture
async def client(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], shop: SlowShop
) -> AsyncIterator[Client]:
    """A browser without a face, at a counter with that shop behind it."""
    app = build_app(settings, database_url=database_url, interpreter=interpreter, shop=shop)
    async with TestClient(TestServer(app)) as made:
        yield made


async def _cancel(client: Client, order: DemoOrder) -> Chat:
    chat = await Chat.open(client, locale="en")
    await chat.write(f"Please cancel my order {order.number}, phone ends in {order.phone_last4}")
    await chat.hear("Cancel order")
    await chat.choose("confirm=yes")
    return chat


async def test_a_message_left_behind_is_answered_while_a_command_waits(
    client: Client, shop: SlowShop, seeded: list[DemoOrder]
) -> None:
    """Whoever received it died an hour ago; a shop that is slow to cancel has nothing to do with that."""
    waiting = await _cancel(client, order_saying(seeded, "Not sent yet"))
    await shop.asked.wait()
    chat = await Chat.open(client, locale="en")
    await _leave_behind(client, chat)
    await chat.hear("")
    shop.may_go_on.set()
    await waiting.hear("is cancelled")


async def _find_conversation(client: Client, chat: Chat) -> UUID:
    services = client.app[SERVICES]
    async with services.sessions() as session:
        found = await find_conversation(session, services.seal, chat.session, now=services.clock.now())
    assert found is not None
    return found.id


async def _leave_behind(client: Client, chat: Chat) -> None:
    services = client.app[SERVICES]
    received = Received(
        channel="widget",
        external_id="left behind",
        conversation_id=await _find_conversation(client, chat),
        at=SystemClock().now() - timedelta(hours=1),
        client_id="left",
        text="Hello",
    )
    async with services.sessions.begin() as session:
        await store_received(session, received, services.seal)


async def test_a_command_does_not_wait_for_another(
    client: Client, shop: SlowShop, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """One customer's slow one is no other's: that is done, and its customer told, while the first still waits."""
    slow = await _cancel(client, order_saying(seeded, "Not sent yet"))
    await shop.asked.wait()
    quick = await _cancel(client, order_saying(seeded, "it should have left"))
    await quick.hear("is cancelled")
    async with sessions() as session:
        assert 1 == await session.scalar(select(func.count()).select_from(ShopCommandResult))
    shop.may_go_on.set()
    await slow.hear("is cancelled")
