"""The clock loops that run, each in a process of its own, perhaps on another machine: seen by the operator's command.

Clocks are judged by the time of the process whose loop looks. A machine whose clock is wrong takes steps too early, or
leaves what is due to the others; so each loop tells what its clock says, as often as it looks with nothing to do.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.models import Instant, LoopRow

# A loop looks every five seconds; one that has not been seen for so long is not there.
SEEN_WITHIN = timedelta(seconds=30)
_FORGOTTEN_AFTER = timedelta(days=1)
_LONGEST_NAME = 100


@dataclass(frozen=True)
class LoopName:
    """Which loop it is."""

    id: UUID = field(default_factory=uuid4)
    host: str = field(default_factory=lambda: socket.gethostname()[:_LONGEST_NAME])
    pid: int = field(default_factory=os.getpid)


async def tell_of_loop(session: AsyncSession, loop: LoopName, *, lag: timedelta, now: datetime) -> None:
    """Write down that a loop has looked; `now` is what its clock says. Those long gone are forgotten."""
    there = func.clock_timestamp()
    told = {"seen_at": there, "lag": lag, "skew": literal(now, Instant) - there}
    telling = insert(LoopRow).values(**vars(loop), **told)
    await session.execute(telling.on_conflict_do_update(index_elements=[LoopRow.id], set_=told))
    await session.execute(delete(LoopRow).where(LoopRow.seen_at < there - _FORGOTTEN_AFTER))


async def find_loops(session: AsyncSession) -> Sequence[LoopRow]:
    """Return the loops that run now."""
    seen = LoopRow.seen_at > func.clock_timestamp() - SEEN_WITHIN
    return (await session.scalars(select(LoopRow).where(seen).order_by(LoopRow.host, LoopRow.pid))).all()
