"""Run it: database, application and Rasa under one parent, started in the order that answers customers soonest."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import async_sessionmaker

from actions.demo_shop import seed_demo_orders
from actions.faq import FaqError, load_faq
from actions.policy import PolicyError, load_policy
from bot.app import build_app, make_engine
from bot.migrate import upgrade_database
from bot.nlu.rasa_server import RasaServer, RasaServerError
from bot.operation.database import DatabaseError, EmbeddedPostgres, running_database
from bot.operation.exchange import finish_exchange
from bot.privacy.retention import RetentionError, load_terms
from bot.settings import PREFIX, PROJECT, Settings
from escalation import people
from escalation.ports import SystemClock
from escalation.service_levels import ServiceLevelsError, load_default_service_levels, load_service_levels

log = logging.getLogger(__name__)

Progress = Callable[[str], None]

_RASA_BACK_OFF_SECONDS = (2, 10, 60, 300)


class StartError(RuntimeError):
    """It cannot be started as it is set; the message says what to do."""


async def run_all(settings: Settings, *, demo: bool, with_rasa: bool, progress: Progress) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is in hand and stop the children."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx would log addresses of the Bot API, and the token is in them.
    for chatty in ("aiohttp.access", "alembic", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    _check_files(settings)
    _check_folder(settings)
    _check_port(settings)
    async with open_database(settings, progress) as url:
        await _prepare_people(settings, url, demo=demo, progress=progress)
        async with _listening(settings, url, progress):
            beside = [_run_rasa(settings, progress)] if with_rasa else []
            if not settings.database_url:
                beside.append(_prepare_log(settings))
            tasks = [asyncio.create_task(one) for one in beside]
            await stopping.wait()
            progress("stopping: finishing what is in hand")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    progress("stopped")


async def _prepare_log(settings: Settings) -> None:
    """Make the embedded database ready for many customers at once, after the first are served."""
    try:
        await asyncio.to_thread(EmbeddedPostgres(settings.data_dir).prepare_log)
    except DatabaseError as error:
        log.warning("the database answers more slowly while its log grows: %s", error)


def _check_files(settings: Settings) -> None:
    """Read the shop's own files before anything is started. Raises StartError with every fault, and what to do."""
    files: tuple[tuple[str, Path | None, Callable[[Path], object]], ...] = (
        ("POLICY_FILE", settings.policy_file, load_policy),
        ("SERVICE_FILE", settings.service_file, load_service_levels),
        ("FAQ_FILE", settings.faq_file, load_faq),
        ("RETENTION_FILE", settings.retention_file, load_terms),
    )
    for name, path, load in files:
        try:
            if path:
                load(path)
        except (PolicyError, ServiceLevelsError, FaqError, RetentionError, OSError) as error:
            setting = f"{PREFIX}{name}"
            raise StartError(
                f"nothing was started, {setting} cannot be used:\n{error}\n"
                f"Mend the file and start again; without {setting} the one that comes with the product is used."
            ) from None


def _check_folder(settings: Settings) -> None:
    """Find out whether anything can be kept. Raises StartError."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise StartError(f"{PREFIX}DATA_DIR: nothing can be kept in {settings.data_dir} ({error.strerror})") from None


def _check_port(settings: Settings) -> None:
    """Find out before anything is started whether the address can be had. Raises StartError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fault = (
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); set SHOUWEN_PORT or SHOUWEN_HOST"
            )
            raise StartError(fault) from None


@asynccontextmanager
async def open_database(settings: Settings, progress: Progress) -> AsyncIterator[str]:
    """Yield the URL of a migrated database: the operator's, or the embedded one."""
    async with reach_database(settings, progress) as url:
        await upgrade_database(url)
        yield url


@asynccontextmanager
async def reach_database(settings: Settings, progress: Progress) -> AsyncIterator[str]:
    """Yield the URL of the database as it is, of whatever release; a restore that was killed is ended first."""
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        await finish_exchange(settings.data_dir, url, progress)
        await _try_database(url)
        yield url
        return
    async with running_database(settings.data_dir, progress) as url:
        await finish_exchange(settings.data_dir, url, progress)
        yield url


async def _try_database(url: str) -> None:
    """Connect to the operator's database once. Raises DatabaseError with the setting and what the server said."""
    engine = make_engine(url)
    try:
        async with engine.connect():
            pass
    except (OSError, PostgresError, SQLAlchemyError, TypeError, ValueError) as error:
        raise DatabaseError(f"{PREFIX}DATABASE_URL: the database cannot be reached: {error}") from None
    finally:
        await engine.dispose()


async def _prepare_people(settings: Settings, url: str, *, demo: bool, progress: Progress) -> None:
    """Somebody owns what nobody else can: demo people, or one admin. Their one-time passwords are shown once."""
    now = SystemClock().now()
    levels = load_service_levels(settings.service_file) if settings.service_file else load_default_service_levels()
    engine = make_engine(url)
    async with async_sessionmaker(engine).begin() as session:
        if demo:
            made = await people.seed_demo_people(session, levels, now=now)
            await seed_demo_orders(session, now)
        else:
            admin = await people.ensure_admin(session, now=now)
            made = [admin] if admin else []
    await engine.dispose()
    for one in made:
        progress(f"one-time password: {one.login:<14} {one.password}   ({one.role}, {one.name})")


@asynccontextmanager
async def _listening(settings: Settings, url: str, progress: Progress) -> AsyncIterator[None]:
    app = build_app(settings, database_url=url, progress=progress)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=5.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        port = runner.addresses[0][1]
        # What is there by now stays: looking through all of it again and again would hold up customers.
        gc.collect()
        gc.freeze()
        progress(f"ready: demo shop and chat at http://{settings.host}:{port}/")
        yield
    finally:
        await runner.cleanup()


async def _run_rasa(settings: Settings, progress: Progress) -> None:
    """Train and start Rasa behind the app, again when it dies; without it the embedded engine goes on."""
    if settings.nlu_engine != "rasa" or settings.rasa_url or not await _install_rasa(settings, progress):
        return
    server = RasaServer(nlu_data=settings.nlu_data, data_dir=settings.data_dir)
    failures = 0
    try:
        while True:
            try:
                await server.prepare(progress)
                await server.start(progress)
                progress("rasa: ready, and now reads what customers write")
                failures = 0
                await server.wait()
                progress("rasa: it ended; the embedded engine answers meanwhile")
            except RasaServerError as error:
                progress(f"rasa: {error}; the embedded engine answers meanwhile")
            await asyncio.sleep(_RASA_BACK_OFF_SECONDS[min(failures, len(_RASA_BACK_OFF_SECONDS) - 1)])
            failures += 1
    finally:
        await server.stop()


async def _install_rasa(settings: Settings, progress: Progress) -> bool:
    """Install Rasa's own environment if it is missing; tell whether it is there now."""
    if (settings.nlu_data / ".venv" / "stamp").exists():
        return True
    progress("rasa: installing it behind the app (2.5 GB, about a minute); the embedded engine answers meanwhile")
    try:
        make = await asyncio.create_subprocess_exec(
            "make", "--no-print-directory", "rasa", cwd=PROJECT, stdout=sys.stderr, start_new_session=True
        )
    except OSError as error:
        progress(f"rasa: could not be installed ({error}); the embedded engine answers")
        return False
    try:
        code = await make.wait()
    except asyncio.CancelledError:
        os.killpg(make.pid, signal.SIGTERM)
        await make.wait()
        raise
    if code:
        progress(f"rasa: could not be installed (make rasa ended with {code}); the embedded engine answers")
    return code == 0
