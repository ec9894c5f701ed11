"""What lives as long as the application: the recovery and clock loops; sockets are closed politely at the end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from aiohttp import WSCloseCode, web

from bot.keys import SERVICES, SOCKETS, TURNS
from bot.recovery import Recovery
from escalation.ticker import Ticker


async def run_recovery(app: web.Application) -> AsyncIterator[None]:
    """Pick up what was left behind, now and as long as the application runs."""
    task = asyncio.create_task(Recovery(app[SERVICES], app[TURNS]).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def run_ticker(app: web.Application) -> AsyncIterator[None]:
    """Take the steps of clocks as they fall due, as long as the application runs."""
    services = app[SERVICES]

    async def tell(conversations: Sequence[UUID]) -> None:
        for conversation_id in conversations:
            services.bus.hint(conversation_id)

    ticker = Ticker(services.sessions, services.clock, services.levels, on_change=tell, woken=services.on_due)
    task = asyncio.create_task(ticker.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def close_sockets(app: web.Application) -> None:
    """Tell every widget that the server goes away; it comes back by itself."""
    sockets = app[SOCKETS]
    closing = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for socket in tuple(sockets)]
    await asyncio.gather(*closing, return_exceptions=True)
