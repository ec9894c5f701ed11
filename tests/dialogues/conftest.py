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
from tests.dialogues.script import read_script
from tests.integration.conftest import client, interpreter, seeded

__all__ = ["client", "interpreter", "seeded"]

IDENTITY_KEY = "a key of the shop's with more than 32 letters"


@pytest.fixture
def clock() -> LaterClock:
    """The time, and what scripts wait."""
    return LaterClock()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A shop that signs its customers in; with a mail server that nobody is behind, where the script has one."""
    script = read_script(request.node.callspec.params["path"])
    mail = {"smtp_url": SecretStr("smtp://127.0.0.1:1"), "mail_from": "help@shop.example"} if script.get("mail") else {}
    return Settings(data_dir=tmp_path, nlu_engine="embedded", identity_key=SecretStr(IDENTITY_KEY), **mail)


@pytest.fixture
def app(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], clock: LaterClock
) -> web.Application:
    """The application, on the scripts' clock."""
    return build_app(settings, database_url=database_url, interpreter=interpreter, clock=clock)
