"""The service file is edited while the app runs: clocks that run follow, and a broken edit changes nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.keys import SERVICES
from bot.service_file import ServiceFile
from bot.settings import Settings
from escalation import service
from escalation.clocks import ClockKind
from escalation.models import ClockRow
from escalation.service_levels import ServiceLevelsError
from escalation.severity import Tier
from escalation.testing import make_opening
from tests.integration.chat import Chat
from tests.integration.machine import eventually

Sessions = async_sessionmaker[AsyncSession]

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULT = Path(__file__).parents[2] / "escalation" / "service_levels.yml"


def promise(resolution: str) -> str:
    """Return the product's own file with another time to solve general tickets in."""
    text = DEFAULT.read_text(encoding="utf-8")
    assert text.count("resolution: PT48H") == 1
    return text.replace("resolution: PT48H", f"resolution: {resolution}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a service file of the shop's own."""
    path = tmp_path / "levels.yml"
    path.write_text(promise("PT48H"), encoding="utf-8")
    return Settings(data_dir=tmp_path, nlu_engine="embedded", service_file=path)


def solved_within(file: ServiceFile) -> timedelta:
    """Return what a general ticket is promised."""
    return file.levels.terms_for(Tier.GENERAL, ClockKind.RESOLUTION, "order").within


async def test_an_edit_reaches_the_clocks_that_run(
    app: web.Application, client: TestClient[Any, Any], settings: Settings, sessions: Sessions
) -> None:
    """Without a restart: the ticket that was promised 48 hours is promised 20."""
    services = app[SERVICES]
    async with sessions.begin() as session:
        now = services.clock.now()
        await service.open_ticket(session, make_opening(opened_at=now), levels=services.levels, now=now)

    async def is_renewed() -> bool:
        async with sessions() as session:
            [clock] = await session.scalars(select(ClockRow).where(ClockRow.kind == ClockKind.RESOLUTION))
        return bool(clock.within == timedelta(hours=20))

    assert not await is_renewed()
    assert settings.service_file is not None
    settings.service_file.write_text(promise("PT20H"), encoding="utf-8")
    await eventually(is_renewed)
    assert solved_within(services.service_file) == timedelta(hours=20)


async def test_a_broken_edit_changes_nothing_and_the_next_one_counts(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """What was in force stays; the faults are told with their line."""
    path = settings.service_file
    assert path is not None
    file = ServiceFile(path)
    path.write_text(promise("PT49H"), encoding="utf-8")
    assert not file.reread()
    assert solved_within(file) == timedelta(hours=48)
    assert "levels.yml:" in caplog.text
    assert "exceeds the 48 h" in caplog.text
    assert not file.reread()
    assert caplog.text.count("exceeds the 48 h") == 1
    path.unlink()
    assert not file.reread()
    path.write_text(promise("PT30H"), encoding="utf-8")
    assert file.reread()
    assert solved_within(file) == timedelta(hours=30)


def test_a_broken_file_stops_the_start(tmp_path: Path) -> None:
    """An app that never had a promise makes none."""
    path = tmp_path / "levels.yml"
    path.write_text(promise("PT49H"), encoding="utf-8")
    with pytest.raises(ServiceLevelsError, match="exceeds the 48 h"):
        ServiceFile(path)


async def test_who_comes_when_the_desk_is_closed_hears_when_it_opens(
    client: TestClient[Any, Any], app: web.Application, settings: Settings
) -> None:
    """With the ticket, not instead of it."""
    now = app[SERVICES].clock.now().astimezone(SHANGHAI)
    opens = "18:00" if now.hour < 12 else "06:00"
    closed_now = f"calendars:\n  shop:\n    zone: Asia/Shanghai\n    week:\n      mon-sun: [{opens}-{opens[:2]}:30]\n"
    text = promise("PT48H").replace("[after_sales, handoff]", "[after_sales, handoff], calendar: shop")
    assert settings.service_file is not None
    settings.service_file.write_text(f"{text}\n{closed_now}", encoding="utf-8")
    app[SERVICES].service_file.reread()
    chat = await Chat.open(client, locale="en")
    told = await chat.ask("I want to talk to a human agent", "off duty now")
    assert opens in told["text"]
