"""An application in a process of its own that kills itself, without a last word, at a named step.

    python -m tests.integration.victim URL DATA_DIR MODEL_DIR PORT_FILE ARM_FILE AHEAD_SECONDS

It serves the database at URL and writes its port to PORT_FILE. Once ARM_FILE exists, reaching the step named in it is
its death. AHEAD_SECONDS is how far its clock is ahead of the machine's. Steps are those of a turn (`TurnObserver`) and,
for transactions that take a clock's step or write what a person says, how far the transaction came: `step_written`,
`step_complete` (all is written, nothing committed), `step_committed` (nobody has been told); `reply_...` likewise.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.app import build_app
from bot.models import Message
from bot.nlu.embedded import EmbeddedInterpreter
from bot.settings import PROJECT, Settings
from escalation.models import ClockStepRow


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
        self.look(step)

    def look(self, step: str) -> None:
        """Strike if this is the step."""
        if self._arm_file.exists() and self._arm_file.read_text() == step:
            self._arm_file.unlink()
            self.strike()

    def strike(self) -> None:
        """Kill this process at once."""
        os.kill(os.getpid(), signal.SIGKILL)


def follow_transactions(assassin: Assassin) -> None:
    """Let the assassin hear how far transactions came that take steps of clocks or write what people say."""

    def note_written(session: Session, _context: object) -> None:
        for row in session.new:
            work = _work_of(row)
            if work:
                session.info.setdefault("work", set()).add(work)
                assassin.look(f"{work}_written")

    def note_complete(session: Session) -> None:
        session.flush()
        for work in session.info.get("work", ()):
            assassin.look(f"{work}_complete")

    def note_committed(session: Session) -> None:
        for work in session.info.pop("work", ()):
            assassin.look(f"{work}_committed")

    event.listen(Session, "after_flush", note_written)
    event.listen(Session, "before_commit", note_complete)
    event.listen(Session, "after_commit", note_committed)


def _work_of(row: object) -> str | None:
    if isinstance(row, ClockStepRow):
        return "step"
    return "reply" if isinstance(row, Message) and row.sender == "agent" else None


async def serve(url: str, data_dir: Path, model_dir: Path, port_file: Path, arm_file: Path, ahead: timedelta) -> None:
    """Serve until killed."""
    assassin = Assassin(arm_file)
    follow_transactions(assassin)
    interpreter = await EmbeddedInterpreter.load(PROJECT / "nlu_data", model_dir, lambda _line: None)
    app = build_app(
        Settings(data_dir=data_dir, nlu_engine="embedded"),
        database_url=url,
        clock=ClockAhead(ahead),
        interpreter=interpreter,
        observer=assassin,
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
