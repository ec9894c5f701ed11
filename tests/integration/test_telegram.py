"""The whole story over Telegram, against a Bot API that delivers every update twice and answers 429 now and then."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Inbound, Message
from bot.settings import Settings
from escalation.models import TicketRow
from tests.integration.bot_api import TOKEN, BotApi, Phone

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
EARPHONE = "left earbud"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """Telegram, on loopback."""
    made = BotApi(flood_every=4)
    server = TestServer(made.make_app())
    await server.start_server()
    made.address = f"http://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
    yield made
    await server.close()


@pytest.fixture
def settings(tmp_path: Path, api: BotApi) -> Settings:
    """A shop with a bot on Telegram."""
    return Settings(
        data_dir=tmp_path,
        nlu_engine="embedded",
        telegram_token=SecretStr(TOKEN),
        telegram_api_url=api.address,  # type: ignore[attr-defined]
    )


@pytest.fixture
def phone(api: BotApi, client: TestClient[Any, Any]) -> Phone:
    """A customer, while the application runs."""
    return Phone(api)


async def test_a_greeting_has_buttons_that_work(phone: Phone, api: BotApi) -> None:
    await phone.write("/start")
    welcome = await phone.hear("phone and card numbers are masked")
    assert welcome["reply_markup"]["inline_keyboard"]
    await phone.press("parcel")
    await phone.hear("order number")
    await api.until(lambda: any("☑" in edit["text"] for edit in api.edits))
    assert api.answered


async def test_every_update_is_handled_once(phone: Phone, api: BotApi, sessions: Sessions) -> None:
    await phone.ask("I want to make a complaint about your terrible service", "SW-")
    await phone.ask("hello", "")
    await api.until(lambda: api.calls.count("getUpdates") >= 4)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TicketRow)) == 1
        assert await session.scalar(select(func.count()).where(Message.sender == "customer")) == 2
        assert await session.scalar(select(func.count()).where(Inbound.channel == "telegram")) == 2
