"""`shouwen doctor`: nothing to say of what is in order; what is not is named, with what to do."""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from actions.embedded_shop import EmbeddedShop
from bot.models import Conversation, Customer, Outbound, ShopCommandRow
from bot.operation.administration import list_dead, replay_outbox
from bot.operation.database import EmbeddedPostgres
from bot.operation.doctor import Finding, examine
from bot.settings import Settings
from bot.turn.bubbles import write_bubble
from escalation import service
from escalation.loops import find_loops
from escalation.ports import Clock, SystemClock
from escalation.renewal import Renewal
from escalation.service_levels import load_default_service_levels, load_service_levels
from escalation.testing import make_opening
from escalation.ticker import Ticker
from tests.integration.machine import eventually
from tests.integration.shop_server import TOKEN, serving

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
LONG_AGO = timedelta(days=3)


@pytest.fixture(scope="module")
def careful_server(postgres: EmbeddedPostgres) -> Iterator[None]:
    """The tests' database server, waiting for the disk as a shop's does: else that would be found."""
    asyncio.run(set_fsync(postgres, "on"))
    yield
    asyncio.run(set_fsync(postgres, "off"))


async def set_fsync(server: EmbeddedPostgres, wanted: str) -> None:
    """Set it, and wait until whoever connects has it so."""
    engine = create_async_engine(server.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(f"ALTER SYSTEM SET fsync = {wanted}"))
        await connection.execute(text("SELECT pg_reload_conf()"))

    async def is_set() -> bool:
        async with engine.connect() as connection:
            return wanted == await connection.scalar(text("SHOW fsync"))

    await eventually(is_set)


@pytest.fixture
def settings(tmp_path: Path, database_url: str, careful_server: None) -> Settings:
    """A shop on the test's database."""
    return Settings(data_dir=tmp_path, nlu_engine="embedded", database_url=SecretStr(database_url))


async def complaints(settings: Settings) -> list[Finding]:
    """What is not in order."""
    return [finding async for finding in examine(settings, print) if not finding.is_fine]


async def _begin(session: AsyncSession) -> Conversation:
    then = SystemClock().now() - LONG_AGO
    customer = Customer(created_at=then)
    session.add(customer)
    await session.flush()
    talk = Conversation(
        channel="telegram", address="7", customer_id=customer.id, language="en", created_at=then, updated_at=then
    )
    session.add(talk)
    await session.flush()
    return talk


async def test_a_shop_in_order_hears_no_complaint(settings: Settings, seeded: object) -> None:
    assert await complaints(settings) == []


async def test_what_is_late_is_named(settings: Settings, seeded: object, sessions: Sessions) -> None:
    then = SystemClock().now() - LONG_AGO
    async with sessions.begin() as session:
        talk = await _begin(session)
        write_bubble(session, talk, "bot", "hello", now=then)
        opening = make_opening(conversation_id=talk.id, customer_id=talk.customer_id, opened_at=then)
        await service.open_ticket(session, opening, levels=load_default_service_levels(), now=then)
        command = {"key": "k", "kind": "cancel", "order_number": "1", "created_at": then, "next_attempt_at": then}
        session.add(ShopCommandRow(conversation_id=talk.id, **command))
    named = [finding.what.split(":")[0] for finding in await complaints(settings)]
    assert named == ["clocks", "outbox", "shop"]


async def test_a_loop_that_runs_is_seen_and_one_whose_clock_is_wrong_is_named(
    settings: Settings, seeded: object, sessions: Sessions
) -> None:
    """Two processes: one's clock is five seconds ahead of the database's."""

    class Ahead:
        """A clock that is wrong."""

        def now(self) -> datetime:
            """Five seconds too much."""
            return SystemClock().now() + timedelta(seconds=5)

    async def run_until_seen(clock: Clock, count: int) -> None:
        async def is_seen() -> bool:
            async with sessions() as session:
                return len(await find_loops(session)) == count

        running = asyncio.create_task(Ticker(sessions, clock, load_default_service_levels()).run())
        await eventually(is_seen)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    await run_until_seen(SystemClock(), 1)
    told = [finding.what async for finding in examine(settings, print) if finding.is_fine]
    assert "clocks: no step is overdue; 1 loops run, 0.0 s behind at most" in told
    await run_until_seen(Ahead(), 2)
    [finding] = await complaints(settings)
    assert f"process {os.getpid()}) differs by 5.0 s" in finding.what


async def test_how_far_an_edited_service_file_has_come_is_told(
    settings: Settings, tmp_path: Path, seeded: object, sessions: Sessions
) -> None:
    """How many running clocks still have the terms of before; that is no fault."""
    now = SystemClock().now()
    async with sessions.begin() as session:
        await service.open_ticket(session, make_opening(opened_at=now), levels=load_default_service_levels(), now=now)
    edited = tmp_path / "levels.yml"
    default = files("escalation").joinpath("service_levels.yml").read_text("utf-8")
    edited.write_text(default.replace("resolution: PT48H", "resolution: PT40H"), encoding="utf-8")
    changed = settings.model_copy(update={"service_file": edited})
    told = [finding async for finding in examine(changed, print)]
    assert all(finding.is_fine for finding in told)
    assert any("1 running clocks are still to be set" in finding.what for finding in told)
    await Renewal(sessions, SystemClock(), load_service_levels(edited)).run()
    assert "service file: every running clock has its terms" in [one.what async for one in examine(changed, print)]


async def test_nobody_in_charge_is_named(settings: Settings) -> None:
    assert [finding.what for finding in await complaints(settings)] == ["people: nobody is in charge"]


async def test_a_broken_service_file_is_named_with_its_line(settings: Settings, tmp_path: Path, seeded: object) -> None:
    broken = tmp_path / "levels.yml"
    broken.write_text("tiers: 5\n")
    [finding] = await complaints(settings.model_copy(update={"service_file": broken}))
    assert finding.what.startswith("service file")
    assert "levels.yml:1" in finding.advice


async def test_what_was_given_up_is_listed_and_tried_again(settings: Settings, sessions: Sessions) -> None:
    then = SystemClock().now() - LONG_AGO
    async with sessions.begin() as session:
        talk = await _begin(session)
        first, second = (write_bubble(session, talk, "bot", text, now=then) for text in ("one", "two"))
        await session.flush()
        for row in await session.scalars(select(Outbound)):
            row.dead_at, row.fault = then, "too long"
    listed = await list_dead(settings)
    assert len(listed) == 2
    assert all("too long" in line for line in listed)
    assert await replay_outbox(settings, message_id=first.id) == 1
    assert await replay_outbox(settings, message_id=None) == 1
    async with sessions() as session:
        rows = (await session.scalars(select(Outbound).order_by(Outbound.id))).all()
    assert [(row.message_id, row.dead_at, row.attempts) for row in rows] == [(first.id, None, 0), (second.id, None, 0)]


async def test_a_shops_system_that_cannot_be_used_is_named(settings: Settings, sessions: Sessions) -> None:
    """With what is wrong with it: the token, say, or that nobody is there."""
    async with serving(EmbeddedShop(sessions)) as server:
        asked = settings.model_copy(update={"shop_url": server.url, "shop_token": SecretStr(TOKEN)})
        assert f"shop: its system at {server.url} answers" in [one.what async for one in examine(asked, print)]
        wrong = asked.model_copy(update={"shop_token": SecretStr("another-token-than-that")})
        assert any("SHOUWEN_SHOP_TOKEN" in one.what for one in await complaints(wrong))
    assert any("cannot be reached" in one.what for one in await complaints(asked))
