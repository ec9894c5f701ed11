"""Two clock loops on one database, killed at any point while thousands of clocks come due: nothing lost, none twice."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.migrate import upgrade_database
from bot.operation.database import EmbeddedPostgres
from escalation.ports import SystemClock
from escalation.service_levels import load_default_service_levels
from tests.integration.desk import Desk, add_team
from tests.integration.ladders import add_tickets, are_done, check_account, count_steps
from tests.integration.machine import eventually

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
KILLS = 100
# How many clocks come due meanwhile: CLOCKS_COMING_DUE=10000 is the size that is promised, and takes minutes.
CLOCKS = int(os.environ.get("CLOCKS_COMING_DUE", "3000"))
# A batch has some forty points at which a loop can die, and as many more for each ticket that moves on.
LONGEST_FUSE = 150


class Nursery:
    """Loops that are started and killed from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.alive: list[int] = []

    async def start(self, fuse: int = 0) -> None:
        """Let one more run; it kills itself at the fuse's end."""
        self.alive.append(int(await self._ask(f"start {fuse}")))

    async def kill(self, pid: int) -> None:
        """Kill one wherever it is just now."""
        await self._bury(f"kill {pid}")

    async def await_death(self) -> None:
        """Return when one has killed itself."""
        await self._bury("wait")

    async def _bury(self, order: str) -> None:
        pid, died_of = (await self._ask(order)).split()
        assert -signal.SIGKILL == int(died_of)
        self.alive.remove(int(pid))

    async def _ask(self, order: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n".encode())
        async with asyncio.timeout(120):
            return (await self._process.stdout.readline()).decode()


@asynccontextmanager
async def opened_nursery(url: str) -> AsyncIterator[Nursery]:
    """A nursery for one database; all of its loops are dead at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.clock_nursery",
        url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    nursery = Nursery(process)
    try:
        yield nursery
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def test_a_hundred_kills_lose_nothing_and_double_nothing(desk: Desk, database_url: str) -> None:
    """Most die at a step of their own with the database, every fourth wherever it is when another dies."""
    chance = random.Random(20261124)
    async with opened_nursery(database_url) as nursery:
        await nursery.start(fuse=chance.randint(1, LONGEST_FUSE))
        await nursery.start(fuse=chance.randint(1, LONGEST_FUSE))
        over = timedelta(seconds=CLOCKS / 120)
        await add_tickets(
            desk.sessions, desk.levels, climbing=CLOCKS // 3, unclaimed=40, now=SystemClock().now(), over=over
        )
        kills = 0
        while kills < KILLS:
            await nursery.await_death()
            kills += 1
            if kills < KILLS and chance.random() < 0.33:
                await nursery.kill(nursery.alive[0])
                kills += 1
            while len(nursery.alive) < 2:
                await nursery.start(fuse=chance.randint(1, LONGEST_FUSE))
        taken_among_kills = await count_steps(desk.sessions)
        await nursery.start()
        await eventually(lambda: are_done(desk.sessions), patience=CLOCKS / 20)
    assert taken_among_kills > 300
    await check_account(desk.sessions)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, which it may kill."""
    made = EmbeddedPostgres(tmp_path)
    made.start(lambda _line: None)
    yield made
    made.stop()


async def test_a_killed_database_loses_nothing_and_doubles_nothing(server: EmbeddedPostgres) -> None:
    """Its postmaster is killed under load and started again, three times; the loops go on by themselves."""
    url = server.url("shouwen")
    await upgrade_database(url)
    engine = create_async_engine(url, pool_pre_ping=True)
    desk = Desk(async_sessionmaker(engine, expire_on_commit=False), load_default_service_levels())
    await add_team(desk.sessions, desk)
    async with opened_nursery(url) as nursery:
        await nursery.start()
        await nursery.start()
        climbing = CLOCKS // 8
        over = timedelta(seconds=climbing / 50)
        await add_tickets(
            desk.sessions, desk.levels, climbing=climbing, unclaimed=20, now=SystemClock().now(), over=over
        )
        for taken in (climbing // 4, climbing * 5 // 4, climbing * 9 // 4):
            await eventually(lambda enough=taken: _have_taken(desk.sessions, enough))
            pid = server.pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(server.start, lambda _line: None)
        await eventually(lambda: are_done(desk.sessions), patience=CLOCKS / 20)
    await check_account(desk.sessions)
    await engine.dispose()


async def _have_taken(sessions: Sessions, enough: int) -> bool:
    return await count_steps(sessions) >= enough
