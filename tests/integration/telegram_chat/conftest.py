"""A shop with a bot on Telegram, and a Telegram of our own on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.settings import Settings
from tests.integration.telegram_chat.bot_api import TOKEN, BotApi, Phone


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """Telegram, which refuses every fourth message for a second."""
    made = BotApi(flood_every=4)
    async with TestServer(made.make_app()) as server:
        made.address = f"http://127.0.0.1:{server.port}"
        yield made


@pytest.fixture
def settings(tmp_path: Path, api: BotApi) -> Settings:
    """The shop's settings."""
    return Settings(
        data_dir=tmp_path, nlu_engine="embedded", telegram_token=SecretStr(TOKEN), telegram_api_url=api.address
    )


@pytest.fixture
def phone(api: BotApi, client: TestClient[Any, Any]) -> Phone:
    """A customer's, while the application runs."""
    return Phone(api)
