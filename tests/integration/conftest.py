"""The real application on a database of the test's own, with the demo shop and people in it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder, list_demo_orders, seed_demo_orders
from bot.app import build_app
from bot.nlu.analysis import TextReader
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from escalation import audit
from escalation.ports import SystemClock
from escalation.service_levels import load_default_service_levels
from escalation.testing import make_person
from tests.integration.desk import Desk, add_team

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def interpreter(reader: TextReader) -> AsyncIterator[EmbeddedInterpreter]:
    """The embedded engine on the project's own data."""
    engine = EmbeddedInterpreter(reader)
    yield engine
    await engine.close()


@pytest.fixture
async def seeded(sessions: Sessions) -> list[DemoOrder]:
    """Demo orders, and one person a desk; returns the orders."""
    return await seed(sessions)


async def seed(sessions: Sessions) -> list[DemoOrder]:
    """Write demo orders, and one person a desk; returns the orders."""
    now = SystemClock().now()
    async with sessions.begin() as session:
        await seed_demo_orders(session, now)
        for login, role, desk in (
            ("lin", "agent", "after_sales"),
            ("chen", "agent", "order"),
            ("zhao", "logistics_coordinator", "logistics"),
            ("sun", "quality_controller", "quality"),
            ("luo", "team_lead", "complaint"),
        ):
            session.add(make_person(login, role, desk, now=now))
    async with sessions() as session:
        return await list_demo_orders(session)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a first start."""
    return Settings(data_dir=tmp_path, nlu_engine="embedded")


@pytest.fixture
def app(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder]
) -> web.Application:
    """The application, wired as in production but for its data directory."""
    return build_app(settings, database_url=database_url, interpreter=interpreter)


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser without a face."""
    async with TestClient(TestServer(app)) as made:
        yield made


def order_saying(orders: list[DemoOrder], caption: str) -> DemoOrder:
    """Return the demo order whose English caption has these words."""
    return next(order for order in orders if caption.lower() in order.caption["en"].lower())


@pytest.fixture
async def desk(sessions: Sessions) -> AsyncIterator[Desk]:
    """A team, all of them here; whatever the test does leaves the audit log whole."""
    made = Desk(sessions, load_default_service_levels())
    await add_team(sessions, made)
    yield made
    async with sessions() as session:
        assert await audit.verify(session) is None
