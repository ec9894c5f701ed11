"""A sample of the conversations in front of a shop's own system: not a word is different."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from bot.app import build_app
from bot.nlu.embedded import EmbeddedInterpreter
from bot.security.sealing import Seal
from bot.settings import Settings
from tests.dialogues import test_dialogues
from tests.dialogues.conftest import IDENTITY_KEY
from tests.dialogues.player import LaterClock
from tests.integration.shop_server import TOKEN, ShopServer, serving

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
FOLDER = Path(__file__).parent
SAMPLE = [
    ("cancel", "zh-Hans"),
    ("cancel_too_late", "en"),
    ("late", "zh-Hant"),
    ("lost", "en"),
    ("order_status", "zh-Hans"),
    ("order_exception", "zh-Hant"),
    ("faulty_exchange", "en"),
    ("bundle_part", "zh-Hans"),
    ("payment_split", "en"),
    ("part_missing", "zh-Hans"),
    ("part_broken", "en"),
    ("abuse_suspected", "zh-Hant"),
]


@pytest.fixture
async def server(sessions: Sessions, clock: LaterClock) -> AsyncIterator[ShopServer]:
    """The shop's own system."""
    async with serving(EmbeddedShop(sessions, clock, Seal("a key with more than 32 letters in it"))) as made:
        yield made


@pytest.fixture
def app(
    tmp_path: Path,
    database_url: str,
    interpreter: EmbeddedInterpreter,
    seeded: list[DemoOrder],
    clock: LaterClock,
    server: ShopServer,
) -> web.Application:
    """The application of a shop that has a system of its own."""
    settings = Settings(
        data_dir=tmp_path, nlu_engine="embedded", identity_key=SecretStr(IDENTITY_KEY), shop_url=server.url,
        shop_token=SecretStr(TOKEN),
    )  # fmt: skip
    return build_app(settings, database_url=database_url, interpreter=interpreter, clock=clock)


@pytest.mark.parametrize(("name", "language"), SAMPLE)
async def test_a_dialogue_with_the_shops_own_system(
    name: str,
    language: str,
    client: TestClient[Any, Any],
    seeded: list[DemoOrder],
    sessions: Sessions,
    clock: LaterClock,
    server: ShopServer,
) -> None:
    """Answers, tickets and commands are those of the embedded shop, and the system was asked."""
    await test_dialogues.test_dialogue(FOLDER / f"{name}.yml", language, client, seeded, sessions, clock)
    assert any(asked.startswith("GET /orders/") for asked in server.asked)
    figures = await (await client.get("/metrics")).text()
    assert 'shouwen_shop_state{state="closed"} 1.0' in figures
    assert 'shouwen_shop_answers_total{operation="find_order",outcome="ok"}' in figures
