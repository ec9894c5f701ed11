"""After an outage: the oldest first, but what has just fallen due does not wait for all of them."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from escalation import casework
from escalation.models import ClockRow, ClockStepRow, TicketRow
from escalation.ticker import Ticker
from tests.integration.desk import Desk
from tests.integration.machine import eventually

pytestmark = pytest.mark.postgres

MINUTE = timedelta(minutes=1)


async def open_accepted(desk: Desk) -> str:
    """A critical ticket that its owner has accepted and not answered; returns its number."""
    number = await desk.open(seriousness="safety")
    await desk.act(casework.accept, number, by=await desk.owner(number), now=desk.clock.now())
    return number


async def stepped(desk: Desk) -> set[str]:
    """The numbers of the tickets that have taken a step."""
    query = select(TicketRow.number).join(ClockRow, ClockRow.ticket_id == TicketRow.id).join(ClockStepRow)
    async with desk.sessions() as session:
        return set(await session.scalars(query))


async def test_what_has_just_fallen_due_is_in_the_next_batch(desk: Desk) -> None:
    """Twelve are overdue for ten minutes, one since now: a batch of eight takes the eight oldest and that one."""
    old = [await open_accepted(desk) for _ in range(12)]
    desk.clock.advance(10 * MINUTE)
    new = await open_accepted(desk)
    desk.clock.advance(15 * MINUTE)
    ticker = Ticker(desk.sessions, desk.clock, desk.levels, batch=8)
    assert 9 == await ticker.tick()
    done = await stepped(desk)
    assert new in done
    assert 8 == len(done & set(old))


async def test_the_running_loop_drains_a_backlog(desk: Desk) -> None:
    """Of more batches than it does at once, it leaves nothing."""
    numbers = {await open_accepted(desk) for _ in range(15)}
    desk.clock.advance(15 * MINUTE)
    running = asyncio.create_task(Ticker(desk.sessions, desk.clock, desk.levels, batch=2).run())

    async def is_drained() -> bool:
        return numbers == await stepped(desk)

    await eventually(is_drained)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
