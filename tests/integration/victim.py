"""An application in a process of its own that kills itself, without a last word, at a named step of a turn.

    python -m tests.integration.victim URL DATA_DIR MODEL_DIR PORT_FILE ARM_FILE AHEAD_SECONDS

It serves the database at URL and writes its port to PORT_FILE. Once ARM_FILE exists, reaching the step named in it is
its death. AHEAD_SECONDS is how far its clock is ahead of the machine's.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.app import build_app
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import PROJECT, Settings


class ClockAhead:
    """The machine's clock, moved on."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        """Return the machine's time and what it is ahead."""
        return datetime.now(UTC) + self.ahead


class Assassin:
    """A turn observer that acts once, at the step named in a file."""

    def __init__(self, arm_file: Path) -> None:
        self._arm_file = arm_file

    async def reached(self, step: str, *, since: float | None = None) -> None:
        """Strike if this is the step."""
        if self._arm_file.exists() and self._arm_file.read_text() == step:
            self._arm_file.unlink()
            self.strike()

    def strike(self) -> None:
        """Kill this process at once."""
        os.kill(os.getpid(), signal.SIGKILL)


async def serve(url: str, data_dir: Path, model_dir: Path, port_file: Path, arm_file: Path, ahead: timedelta) -> None:
    """Serve until killed."""
    interpreter = await EmbeddedInterpreter.load(PROJECT / "nlu_data", model_dir, lambda _line: None)
    app = build_app(
        Settings(data_dir=data_dir, nlu_engine="embedded"),
        database_url=url,
        clock=ClockAhead(ahead),
        interpreter=interpreter,
        observer=Assassin(arm_file),
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    draft = port_file.with_suffix(".new")
    draft.write_text(str(runner.addresses[0][1]))
    draft.rename(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, database_url, *folders, seconds = sys.argv
    asyncio.run(serve(database_url, *map(Path, folders), timedelta(seconds=float(seconds))))
