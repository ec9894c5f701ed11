"""A machine that can be killed: the application in a process of its own, started again later in its own time."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientSession

from bot.turn.inbox import LEASE

PAST_THE_LEASE = LEASE + timedelta(seconds=1)
# A start takes a few seconds, and many more where the machine has much else to do.
_PATIENCE_SECONDS = 120


class Machine:
    """The app in a process of its own; dies where told, and is started again later in its own time."""

    def __init__(self, url: str, tmp_path: Path, model_dir: Path) -> None:
        self._url, self._folder, self._models = url, tmp_path, model_dir
        self._process: asyncio.subprocess.Process | None = None
        self._ahead = timedelta()

    def arm(self, step: str) -> None:
        """Let the next arrival at a step be its death."""
        (self._folder / "arm").write_text(step)

    def pass_time(self, by: timedelta) -> None:
        """Let its clock stand later from the next start on."""
        self._ahead += by

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ClientSession]:
        """Start it; yields a client of it. Killed at the end if it lives."""
        port_file = self._folder / "port"
        port_file.unlink(missing_ok=True)
        self._process = await self._start(port_file)
        try:
            port = await self._await_port(port_file)
            async with ClientSession(f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            await self._end()

    async def run_to_death(self) -> None:
        """Start it armed, where it dies of something that it does by itself as soon as it runs."""
        self._process = await self._start(self._folder / "port")
        try:
            await self.await_death()
        finally:
            await self._end()

    async def _start(self, port_file: Path) -> asyncio.subprocess.Process:
        paths = (self._folder / "data", self._models, port_file, self._folder / "arm")
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.victim",
            self._url,
            *map(str, paths),
            str(self._ahead.total_seconds()),
        )

    async def _end(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _await_port(self, port_file: Path) -> int:
        async def is_written() -> bool:
            assert self._process is not None
            return self._process.returncode is not None or await asyncio.to_thread(port_file.exists)

        await eventually(is_written)
        return int(await asyncio.to_thread(port_file.read_text))

    async def await_death(self) -> None:
        """Return when it is dead; its leases will have run out by the next start."""
        assert self._process is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._process.wait()
        assert self._process.returncode == -signal.SIGKILL
        self._ahead += PAST_THE_LEASE


async def eventually(is_so: Callable[[], Awaitable[bool]], *, patience: float = 0) -> None:
    """Return when something is so; a database that is away is asked again. `patience`: seconds, if more than usual."""
    async with asyncio.timeout(max(patience, _PATIENCE_SECONDS)):
        while True:
            with contextlib.suppress(Exception):  # the database may be away
                if await is_so():
                    return
            await asyncio.sleep(0.1)
