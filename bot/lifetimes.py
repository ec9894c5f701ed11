"""What lives as long as the application: the recovery and clock loops; sockets are closed politely at the end."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import WSCloseCode, web
from prometheus_client import Gauge

from bot.background.notifying import Notifier, Way
from bot.background.outbox import Outbox
from bot.background.recovery import Recovery
from bot.background.telling import Teller
from bot.channels.answers import MailCourier
from bot.channels.email import EmailWay
from bot.channels.mail_server import parse_mail_server
from bot.channels.telegram.colleagues import TelegramWay
from bot.channels.telegram.courier import TelegramCourier, open_bot
from bot.channels.telegram.intake import Polling, Webhook, make_secret, show_commands
from bot.channels.telegram.updates import TelegramUpdates
from bot.conversation import TurnServices
from bot.keys import COLLEAGUES, REGISTRY, SERVICES, SETTINGS, SOCKETS, TELEGRAM, TURNS
from bot.live.relay import Relay
from bot.privacy.erasing import Eraser
from bot.privacy.retention import Keeping, load_terms
from bot.texts import Catalogue
from escalation.anchors import Anchoring
from escalation.presence import Attendance
from escalation.renewal import Renewal
from escalation.ticker import Ticker

_CANCEL_AGAIN_SECONDS = 10.0


async def run_relay(app: web.Application, database_url: str) -> AsyncIterator[None]:
    """Hear of what happens in other processes on the same database, as long as the application runs."""
    services, colleagues = app[SERVICES], app[COLLEAGUES]
    async with _running(colleagues.run(services.sessions), Relay(database_url, services.bus, colleagues).run()):
        yield


async def run_recovery(app: web.Application) -> AsyncIterator[None]:
    """Pick up what was left behind, now and as long as the application runs."""
    async with _running(Recovery(app[SERVICES], app[TURNS]).run()):
        yield


async def run_telling(app: web.Application) -> AsyncIterator[None]:
    """Tell customers what moved, as long as the application runs."""
    async with _running(Teller(app[SERVICES]).run()):
        yield


async def run_ticker(app: web.Application) -> AsyncIterator[None]:
    """Take the steps of clocks as they fall due, as long as the application runs.

    Those that run already are taken over into the service file, whenever that was edited.
    """
    services = app[SERVICES]

    async def tell(conversations: Sequence[UUID]) -> None:
        for conversation_id in conversations:
            services.bus.hint(conversation_id)

    ticker = Ticker(services.sessions, services.clock, services.levels, on_change=tell, woken=services.on_due)
    lag = Gauge("shouwen_clock_lag_seconds", "How long what is due has been due", registry=app[REGISTRY])
    lag.set_function(lambda: ticker.lag.total_seconds())  # noqa: PLW0108 (the lag of that moment, not of this)
    left = Gauge("shouwen_clocks_to_renew", "Running clocks to be set to the service file", registry=app[REGISTRY])
    anchoring = Anchoring(services.sessions, services.clock)
    attendance = Attendance(services.sessions, services.clock, services)
    async with _running(ticker.run(), attendance.run(), _follow_service_file(services, ticker, left), anchoring.run()):
        yield


async def _follow_service_file(services: TurnServices, ticker: Ticker, left: Gauge) -> None:
    while True:
        renewal = Renewal(services.sessions, services.clock, services.levels)
        left.set_function(partial(getattr, renewal, "left"))
        async with _running(renewal.run()):
            await services.service_file.wait_for_change()
        ticker.levels = services.levels
        services.on_due.set()


async def run_faq(app: web.Application) -> AsyncIterator[None]:
    """Follow what is edited in the FAQ, here or in another process, as long as the application runs."""
    async with _running(app[SERVICES].faq.run()):
        yield


async def run_privacy(app: web.Application) -> AsyncIterator[None]:
    """End erasures that were broken off, and let go of what was kept long enough, as long as the application runs."""
    services, settings = app[SERVICES], app[SETTINGS]
    eraser = Eraser(services.sessions, settings.data_dir, services.clock)
    async with _running(Keeping(services.sessions, eraser, services.clock, load_terms(settings.retention_file)).run()):
        yield


async def run_notifying(app: web.Application) -> AsyncIterator[None]:
    """Mail notices to the people who work here, and answers to visitors who left, where the shop has a mail server."""
    settings, services = app[SETTINGS], app[SERVICES]
    if settings.smtp_url is None:
        yield
        return
    server = parse_mail_server(settings.smtp_url.get_secret_value())
    mail = EmailWay(server, settings.mail_from or "", services.clock)
    courier = MailCourier(server, settings.mail_from or "", services, public_url=settings.public_url)
    async with _running(_make_notifier(app, mail).run(), Outbox(services, courier, at_once=False).run()):
        yield


def _make_notifier(app: web.Application, way: Way) -> Notifier:
    services = app[SERVICES]
    catalogue = Catalogue("notices", zone=services.levels.working_hours.zone)
    return Notifier(services.sessions, services.clock, way, catalogue, public_url=app[SETTINGS].public_url)


async def run_telegram(app: web.Application) -> AsyncIterator[None]:
    """Talk to Telegram, where the shop has a bot there: by webhook with a public address, else by polling."""
    settings, services = app[SETTINGS], app[SERVICES]
    if settings.telegram_token is None:
        yield
        return
    async with open_bot(settings.telegram_token.get_secret_value(), settings.telegram_api_url) as bot:
        updates = TelegramUpdates(bot, services, app[TURNS])
        webhook = app[TELEGRAM] = Webhook(bot, updates, make_secret(services.seal, bot))
        url = settings.public_url or ""
        listening = webhook.announce(url) if url.startswith("https://") else Polling(bot, updates, services).run()
        outbox = Outbox(services, TelegramCourier(bot, services.catalogue, services.seal, settings.public_url))
        notifier = _make_notifier(app, TelegramWay(bot))
        async with _running(listening, outbox.run(), notifier.run(), show_commands(bot, services.catalogue)):
            yield


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let work go on in the background until the block ends."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        await _end(tasks)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel and wait; again after a while: a library that swallows a cancellation must not keep us from ending."""
    going_on = set(tasks)
    while going_on:
        for task in going_on:
            task.cancel()
        _, going_on = await asyncio.wait(going_on, timeout=_CANCEL_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


async def close_sockets(app: web.Application) -> None:
    """Tell every widget that the server goes away; it comes back by itself."""
    sockets = app[SOCKETS]
    closing = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for socket in tuple(sockets)]
    await asyncio.gather(*closing, return_exceptions=True)
