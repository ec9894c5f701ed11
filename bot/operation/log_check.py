"""Checking the audit log whole while the shop goes on: in a process of its own, with progress.

A long log takes minutes of computing, which would keep every turn waiting if it were done beside them. What came of a
check is an entry of the log itself, so every process, and whoever reads the log later, knows of it.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from escalation import audit
from escalation.anchors import verify_anchors
from escalation.audit_reading import CHECKED, LOG
from escalation.models import AnchorRow, AuditRow
from escalation.ports import Clock

log = logging.getLogger(__name__)

Tell = Callable[[dict[str, Any]], None]


class LogCheckError(Exception):
    """The log could not be checked; whether it is whole is not known."""


@dataclass
class Running:
    """A check under way: how many steps of how many are done (each entry is looked at twice: chain and anchor)."""

    done: int = 0
    total: int = 0


class LogCheck:
    """Checks the log of one database; one check at a time in a process."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._task: asyncio.Task[None] | None = None
        self.running: Running | None = None
        self.failed = False

    def start(self, sessions: async_sessionmaker[AsyncSession], clock: Clock, *, by: str) -> None:
        """Begin to check, unless that is under way already."""
        if self.running is None:
            self.running, self.failed = Running(), False
            self._task = asyncio.create_task(self._run(sessions, clock, by))

    async def wait(self) -> None:
        """Wait for the check that is under way, if there is one."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """End a check that is under way: nothing comes of it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, sessions: async_sessionmaker[AsyncSession], clock: Clock, by: str) -> None:
        try:
            result = await self._check()
            async with sessions.begin() as session:
                await audit.append(session, subject=LOG, actor=by, action=CHECKED, details=result, at=clock.now())
            if result["broken"]:
                log.error("the audit log is broken: %s", result["broken"])
        except Exception:
            self.failed = True
            log.exception("the audit log could not be checked")
        finally:
            self.running = None

    async def _check(self) -> dict[str, Any]:
        """Return what the other process found. Raises LogCheckError if it found nothing out."""
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=pipe, stdout=pipe)
        try:
            if child.stdin is None or child.stdout is None:
                raise LogCheckError("the checking process has no pipes")
            # Its address holds a password, which has no place in a list of processes.
            child.stdin.write(self._url.encode() + b"\n")
            child.stdin.close()
            async for line in child.stdout:
                told = json.loads(line)
                if "total" not in told:
                    return dict(told)
                self.running = Running(**told)
            raise LogCheckError(f"the checking process ended with {await child.wait()}")
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()


async def check_log(database_url: str, tell: Tell) -> None:
    """Check chains and anchors as of one moment; `tell` gets progress, and at the end what was found."""
    engine = create_async_engine(database_url, pool_size=1)
    try:
        async with AsyncSession(engine) as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await _check_in(session, tell)
    finally:
        await engine.dispose()


async def _check_in(session: AsyncSession, tell: Tell) -> None:
    entries = await session.scalar(select(func.count()).select_from(AuditRow)) or 0
    chains = await session.scalar(select(func.count(distinct(AuditRow.subject)))) or 0
    anchors, covered = (
        await session.execute(
            select(func.count(), func.coalesce(func.sum(AnchorRow.entries), 0)).select_from(AnchorRow)
        )
    ).one()
    progress = Running(0, entries + int(covered))

    def count(more: int) -> None:
        progress.done += more
        tell(asdict(progress))

    count(0)
    broken = await audit.verify(session, count) or await verify_anchors(session, count)
    found = None
    if broken is not None:
        found = {"subject": broken.subject, "seq": broken.seq, "fault": broken.fault, "covers": broken.covers}
    tell({"entries": entries, "chains": chains, "anchors": anchors, "broken": found})


def main() -> None:
    """Read a database's address and write lines of JSON."""
    # Whoever talks to customers comes first.
    os.nice(10)

    def tell(what: dict[str, Any]) -> None:
        print(json.dumps(what), flush=True)

    asyncio.run(check_log(sys.stdin.readline().strip(), tell))


if __name__ == "__main__":
    main()
