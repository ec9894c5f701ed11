"""The composition root: the one place that constructs adapters and wires them together."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web
from prometheus_client import CollectorRegistry
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from actions.embedded_shop import EmbeddedShop
from actions.http_shop import AnswerObserver, HttpShop, ignore_answer
from actions.policy import load_default_policy, load_policy
from actions.shop import Shop
from bot.channels import widget
from bot.channels.telegram.intake import WEBHOOK_PATH, take_update
from bot.console import api as console_api
from bot.console import approvals as console_approvals
from bot.console import audit as console_audit
from bot.console import audit_api as console_audit_api
from bot.console import faq as console_faq
from bot.console import faq_api as console_faq_api
from bot.console import openapi
from bot.console import pages as console_pages
from bot.console import people as console_people
from bot.console import people_api as console_people_api
from bot.console import roster as console_roster
from bot.conversation import Turns, TurnServices
from bot.faq.book import FaqBook
from bot.keys import LIMITS, LOG_CHECK, RECENT_TOKENS, REGISTRY, SERVICES, SETTINGS, SOCKETS, TURNS
from bot.lifetimes import (
    close_sockets,
    run_faq,
    run_notifying,
    run_privacy,
    run_recovery,
    run_relay,
    run_telegram,
    run_telling,
    run_ticker,
)
from bot.live.bus import InMemoryBus
from bot.nlu.reading import Encoder, Interpreter
from bot.nlu.understanding import open_understanding
from bot.operation.log_check import LogCheck
from bot.privacy import api as privacy_api
from bot.security.limits import Limits
from bot.security.recent_tokens import RecentTokens
from bot.security.sealing import Seal
from bot.service_file import ServiceFile
from bot.settings import Settings, read_secret_key
from bot.supervisor import api as supervisor_api
from bot.supervisor import lists as supervisor_lists
from bot.supervisor import pages as supervisor_pages
from bot.texts import Catalogue
from bot.turn.observer import MetricsObserver, ShopMetrics, TurnObserver
from bot.web import api, pages, survey_page
from bot.web.errors import problem_middleware
from escalation.ports import Clock, SystemClock

Progress = Callable[[str], None]

_LONGEST_BODY = 12 * 1024 * 1024


def build_app(
    settings: Settings,
    *,
    database_url: str,
    clock: Clock | None = None,
    shop: Shop | None = None,
    interpreter: Interpreter | None = None,
    observer: TurnObserver | None = None,
    progress: Progress = lambda _line: None,
) -> web.Application:
    """Build the application for a migrated database. What is not given is made from the settings."""
    app = web.Application(client_max_size=_LONGEST_BODY, middlewares=[problem_middleware])
    app[SETTINGS] = settings
    app[SOCKETS] = set()
    app[LIMITS] = Limits(time.monotonic)
    app[RECENT_TOKENS] = RecentTokens(time.monotonic)
    app[REGISTRY] = CollectorRegistry()
    app[LOG_CHECK] = LogCheck(database_url)
    app.on_shutdown.append(end_log_check)
    pages.set_up(app)
    api.set_up(app)
    console_api.set_up(app)
    console_approvals.set_up(app)
    console_pages.set_up(app)
    console_roster.set_up(app)
    console_faq.set_up(app)
    console_faq_api.set_up(app)
    privacy_api.set_up(app)
    console_people.set_up(app)
    console_people_api.set_up(app)
    console_audit.set_up(app)
    console_audit_api.set_up(app)
    openapi.set_up(app)
    supervisor_pages.set_up(app)
    supervisor_lists.set_up(app)
    supervisor_api.set_up(app)
    survey_page.set_up(app)
    app.router.add_get("/ws/chat", widget.chat)
    app.router.add_post(WEBHOOK_PATH, take_update)
    wiring = _Wiring(settings, database_url, clock or SystemClock(), shop, interpreter, observer, progress)
    app.cleanup_ctx.append(wiring.open)
    app.cleanup_ctx.append(partial(run_relay, database_url=database_url))
    app.cleanup_ctx.append(run_recovery)
    app.cleanup_ctx.append(run_ticker)
    app.cleanup_ctx.append(run_faq)
    app.cleanup_ctx.append(run_telling)
    app.cleanup_ctx.append(run_notifying)
    app.cleanup_ctx.append(run_privacy)
    app.cleanup_ctx.append(run_telegram)
    app.on_shutdown.append(close_sockets)
    return app


async def end_log_check(app: web.Application) -> None:
    """Nobody waits at the end for a log to be checked."""
    await app[LOG_CHECK].close()


class _Wiring:
    """Makes the turn's services when the application starts, and closes them when it stops."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        clock: Clock,
        shop: Shop | None,
        interpreter: Interpreter | None,
        observer: TurnObserver | None,
        progress: Progress,
    ) -> None:
        self._settings, self._database_url, self._clock = settings, database_url, clock
        self._shop, self._interpreter, self._observer = shop, interpreter, observer
        self._progress = progress

    async def open(self, app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            engine = make_engine(self._database_url)
            stack.push_async_callback(engine.dispose)
            interpreter = self._interpreter
            if interpreter is None:
                interpreter = await stack.enter_async_context(self._open_interpreter())
            sessions = async_sessionmaker(engine, expire_on_commit=False)
            seal = Seal(read_secret_key(self._settings))
            shop = await stack.enter_async_context(self._open_shop(sessions, seal, app[REGISTRY]))
            app[SERVICES] = self._make_services(sessions, interpreter, shop, seal, app[REGISTRY])
            await app[SERVICES].faq.refresh()
            app[TURNS] = Turns(app[SERVICES])
            stack.push_async_callback(app[TURNS].drain)
            yield

    def _open_interpreter(self) -> AbstractAsyncContextManager[Interpreter]:
        return open_understanding(
            engine=self._settings.nlu_engine,
            nlu_data=self._settings.nlu_data,
            data_dir=self._settings.data_dir,
            clock=self._clock,
            progress=self._progress,
            rasa_url=self._settings.rasa_url,
        )

    @asynccontextmanager
    async def _open_shop(
        self, sessions: async_sessionmaker[AsyncSession], seal: Seal, registry: CollectorRegistry
    ) -> AsyncIterator[Shop]:
        """Open the shop's own system, where there is one; it may be down now and come back."""
        if self._shop is not None or self._settings.shop_url is None:
            yield self._shop or EmbeddedShop(sessions, self._clock, seal)
            return
        metrics = ShopMetrics(registry)
        shop = open_http_shop(self._settings, clock=self._clock, on_answer=metrics.note_answer)
        metrics.follow(lambda: shop.state)
        try:
            yield shop
        finally:
            await shop.close()

    def _make_services(
        self,
        sessions: async_sessionmaker[AsyncSession],
        interpreter: Interpreter,
        shop: Shop,
        seal: Seal,
        registry: CollectorRegistry,
    ) -> TurnServices:
        settings = self._settings
        policy = load_policy(settings.policy_file) if settings.policy_file else load_default_policy()
        return TurnServices(
            sessions=sessions,
            interpreter=interpreter,
            shop=shop,
            policy=policy,
            service_file=ServiceFile(settings.service_file),
            faq=FaqBook(
                settings.faq_file,
                sessions=sessions,
                encoder=interpreter if isinstance(interpreter, Encoder) else None,
                data_dir=settings.data_dir,
                clock=self._clock,
            ),
            catalogue=Catalogue("dialogue", "telegram", zone=ZoneInfo("Asia/Shanghai")),
            clock=self._clock,
            seal=seal,
            bus=InMemoryBus(),
            observer=self._observer or MetricsObserver(registry),
            mails=settings.smtp_url is not None,
        )


def open_http_shop(
    settings: Settings, *, clock: Clock | None = None, on_answer: AnswerObserver = ignore_answer
) -> HttpShop:
    """Return the shop's own system; SHOP_URL and SHOP_TOKEN must be set."""
    token = settings.shop_token.get_secret_value() if settings.shop_token else ""
    return HttpShop(settings.shop_url or "", token, clock=clock, on_answer=on_answer)


# Nobody keeps one while waiting for the shop, an engine or a person (Telegram's polling does). More would be slower:
# each is opened and learns every statement anew, and all share the database's cores. The one used last is taken first.
_CONNECTIONS = 6


def make_engine(database_url: str) -> AsyncEngine:
    """Return the application's connections; one that the database dropped is replaced before it is used."""
    # What a statement that failed was given is nobody's to read in a log: it may be a customer's words (§7.1).
    engine = create_async_engine(
        database_url, pool_size=_CONNECTIONS, max_overflow=0, pool_use_lifo=True, hide_parameters=True
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dropped)
    return engine


def _refuse_dropped(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Ask the driver, which hears at once of a server that is gone; asking the server would cost four round trips."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
