"""Dialogues run on the same application as the integration tests, with a clock that can be put forward."""

from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import Settings
from tests.dialogues.player import LaterClock
from tests.integration.conftest import client, interpreter, seeded

__all__ = ["client", "interpreter", "seeded"]

IDENTITY_KEY = "a key of the shop's with more than 32 letters"


@pytest.fixture
def clock() -> LaterClock:
    """The time, and what scripts wait."""
    return LaterClock()


@pytest.fixture
def app(
    tmp_path: Path, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], clock: LaterClock
) -> web.Application:
    """The application of a shop that signs its customers in."""
    settings = Settings(data_dir=tmp_path, nlu_engine="embedded", identity_key=SecretStr(IDENTITY_KEY))
    return build_app(settings, database_url=database_url, interpreter=interpreter, clock=clock)
