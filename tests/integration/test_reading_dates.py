"""`POST /api/v1/nlu/parse`: what the bot reads out of a message, dates in the shop's zone among it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.app import build_app
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation.testing import FakeClock, make_person

pytestmark = pytest.mark.postgres

# Already the 19th in Shanghai.
_AT = datetime(2026, 11, 18, 20, tzinfo=UTC)


@pytest.fixture
async def client(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, sessions: async_sessionmaker[AsyncSession]
) -> AsyncIterator[TestClient[Any, Any]]:
    """An application whose clock stands still."""
    app = build_app(settings, database_url=database_url, interpreter=interpreter, clock=FakeClock(_AT))
    async with TestClient(TestServer(app)) as made:
        yield made


async def test_a_text_is_read_with_the_dates_that_it_means_now(
    client: TestClient[Any, Any], sessions: async_sessionmaker[AsyncSession]
):
    """Yesterday is counted from the shop's today, and stands among the rest in the order of the text."""
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=_AT, token="a token"))
    response = await client.post(
        "/api/v1/nlu/parse", json={"text": "昨天收到的耳机没声音"}, headers={"Authorization": "Bearer a token"}
    )
    found = [(entity["name"], entity["value"]) for entity in (await response.json())["entities"]]
    assert [("date", "2026-11-18"), ("product", "earphones"), ("defect", "no_sound")] == found
