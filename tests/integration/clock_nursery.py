"""Clock loops in processes of their own that are born quickly and die suddenly.

    python -m tests.integration.clock_nursery URL

Everything is imported once, and every loop is a fork of this process. Lines on standard input ask, each is answered by
a line: `start FUSE` lets a loop begin that kills itself at its FUSE-th step with the database (0: never) and answers
its pid; `kill PID` kills one; `wait` waits for one to die, and kills the oldest if none does for a second. Both answer
the pid of the dead and what it died of.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from escalation.ports import SystemClock
from escalation.service_levels import ServiceLevels, load_default_service_levels
from escalation.ticker import Ticker


class Fuse:
    """Burns with each step; the last one is the process's."""

    def __init__(self, length: int) -> None:
        self._left = length

    def burn(self, *_anything: Any) -> None:
        """Count one step."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self, engine: AsyncEngine) -> None:
        """Burn before and after every statement, before every commit and after it."""
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine.sync_engine, name, self.burn)
        event.listen(Session, "after_commit", self.burn)


async def warm(engine: AsyncEngine, levels: ServiceLevels) -> None:
    """Look once, so that no loop has to find out what the database is like and how to ask it."""
    await make_ticker(engine, levels).tick()
    await engine.dispose()


def make_ticker(engine: AsyncEngine, levels: ServiceLevels) -> Ticker:
    """Return a loop as the application has it, but in small batches."""
    return Ticker(async_sessionmaker(engine, expire_on_commit=False), SystemClock(), levels, batch=20)


def begin(engine: AsyncEngine, levels: ServiceLevels, length: int) -> int:
    """Fork a loop; returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    # Nothing of this process's conversation is the loop's.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    try:
        Fuse(length).lay(engine)
        asyncio.run(make_ticker(engine, levels).run())
    finally:
        os._exit(1)


def bury(pid: int) -> str:
    """Kill a loop; returns its pid and what it died of."""
    os.kill(pid, signal.SIGKILL)
    return _name(*os.waitpid(pid, 0))


def await_death(alive: Sequence[int]) -> str:
    """Wait for a loop to die (the oldest is helped along after a second); returns its pid and what it died of."""
    while True:
        dead, status = os.waitpid(-1, os.WNOHANG)
        if dead:
            return _name(dead, status)
        if signal.sigtimedwait({signal.SIGCHLD}, 1) is None:
            return bury(alive[0])


def _name(dead: int, status: int) -> str:
    return f"{dead} {os.waitstatus_to_exitcode(status)}"


def main() -> None:
    """Do as asked until nobody asks any more."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # it is waited for
    levels, alive = load_default_service_levels(), list[int]()
    engine = create_async_engine(sys.argv[1], pool_pre_ping=True)
    asyncio.run(warm(engine, levels))
    for line in sys.stdin:
        order, *arguments = line.split()
        if order == "start":
            answer = str(begin(engine, levels, int(arguments[0])))
            alive.append(int(answer))
        else:
            answer = bury(int(arguments[0])) if order == "kill" else await_death(alive)
            alive.remove(int(answer.split()[0]))
        print(answer, flush=True)
    for pid in alive:
        bury(pid)


if __name__ == "__main__":
    main()
