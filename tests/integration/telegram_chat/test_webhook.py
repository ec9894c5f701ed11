"""Telegram by webhook: only Telegram may post, what it posts is stored before it hears so, twice is once."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Inbound
from bot.settings import Settings
from tests.integration.telegram_chat.bot_api import TOKEN, BotApi, Phone

pytestmark = pytest.mark.postgres

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
Client = TestClient[Any, Any]


@pytest.fixture
def settings(tmp_path: Path, api: BotApi) -> Settings:
    """A shop with a public address."""
    return Settings(
        data_dir=tmp_path,
        nlu_engine="embedded",
        telegram_token=SecretStr(TOKEN),
        telegram_api_url=api.address,
        public_url="https://shop.example",
    )


async def test_telegram_is_told_where_to_post(client: Client, api: BotApi) -> None:
    webhook = await api.until(lambda: api.webhook)
    assert webhook["url"] == f"https://shop.example{PATH}"
    assert len(webhook["secret_token"]) >= 32
    assert TOKEN not in webhook["url"]
    assert "getUpdates" not in api.calls


async def test_a_message_posted_twice_is_answered_once(
    phone: Phone, api: BotApi, client: Client, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await api.until(lambda: api.webhook)
    assert await api.post(client, PATH, message=phone.compose(text="hello")) == 200
    await phone.hear("What can I do")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Inbound)) == 1
    assert len(phone.received) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", "ü"])
async def test_nobody_else_may_post(secret: str | None, phone: Phone, client: Client) -> None:
    headers = {} if secret is None else {HEADER: secret}
    update = {"update_id": 1, "message": phone.compose(text="hello")}
    async with client.post(PATH, json=update, headers=headers) as response:
        assert response.status == 403
    assert not phone.received


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{", 400), (b"[]", 200), (b"[" * 100_000, 400), (b"{}", 200)]
)
async def test_what_is_no_update_does_no_harm(
    body: bytes, status: int, api: BotApi, client: Client, sessions: async_sessionmaker[AsyncSession]
) -> None:
    secret = (await api.until(lambda: api.webhook))["secret_token"]
    async with client.post(PATH, data=body, headers={HEADER: secret}) as response:
        assert response.status == status
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Inbound)) == 0
