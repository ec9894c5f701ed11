"""People who work here, one of each role, before the application's routes."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.app import build_app
from bot.settings import Settings
from escalation import audit
from tests.integration.office import Client, Mute, Office, Sessions, open_office


@pytest.fixture
def app(settings: Settings, database_url: str) -> web.Application:
    """The application, on a database without people."""
    return build_app(settings, database_url=database_url, interpreter=Mute())


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> AsyncIterator[Office]:
    """One of each role; whatever is tried leaves the audit log whole."""
    yield await open_office(client, sessions)
    async with sessions() as session:
        assert await audit.verify(session) is None
