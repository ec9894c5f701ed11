"""How updates get here: by webhook where the shop has a public address, by polling where it has none.

Either way an update is acknowledged only once it is stored: the webhook answers 200, polling asks for what follows.
"""

import asyncio
import hmac
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from telegram import Bot, Update

from bot.background.outbox import DeliveryError, HoldError
from bot.channels.telegram.courier import POLL_SECONDS, ask_telegram
from bot.channels.telegram.updates import KINDS, TelegramUpdates
from bot.conversation import TurnServices
from bot.keys import TELEGRAM
from bot.security.sealing import Seal
from bot.texts import Catalogue
from bot.web.errors import ProblemError

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
PROOF_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Of all processes on one database, the one that holds this lock polls.
_POLLING_LOCK = 0x73686F7577656E
_TAKES = 5
_LONGEST_WAIT_SECONDS = 60.0
_LOCK_AGAIN_SECONDS = 5.0
# Failures of an update itself; with any other (the database is away) it is tried until it works.
_FAULTS = (ValueError, TypeError, LookupError, AttributeError, DataError, IntegrityError, ProgrammingError)
_COMMANDS = ("start", "person", "help")

Answer = TypeVar("Answer")


def make_secret(seal: Seal, bot: Bot) -> str:
    """Return what Telegram must send with every update: derived from the key and the token, never stored."""
    return seal.digest(f"telegram webhook {bot.token}").hex()


class Webhook:
    """Takes the updates that Telegram posts."""

    def __init__(self, bot: Bot, updates: TelegramUpdates, secret: str) -> None:
        """`secret` is compared with the header of each request."""
        self._bot, self._updates, self._secret = bot, updates, secret

    async def take(self, request: web.Request) -> web.Response:
        """Take one update (`POST /telegram/webhook`). Raises ProblemError 403 for anybody but Telegram."""
        if not hmac.compare_digest(request.headers.get(PROOF_HEADER, "").encode(), self._secret.encode()):
            raise ProblemError(403, "not_telegram", f"The header {PROOF_HEADER} is not the one that was agreed.")
        try:
            data = json.loads(await request.read())
        except (ValueError, RecursionError):
            raise ProblemError(400, "no_update", "The body must be an update of the Bot API, as JSON.") from None
        update = read_update(data, self._bot)
        if update is not None:
            await self._updates.take(update)
        return web.Response()

    async def announce(self, public_url: str) -> None:
        """Tell Telegram where to post; asked again until it is heard."""
        url = f"{public_url.rstrip('/')}{WEBHOOK_PATH}"
        await insist(lambda: self._bot.set_webhook(url, secret_token=self._secret, allowed_updates=KINDS))


async def take_update(request: web.Request) -> web.Response:
    """Take an update (`POST /telegram/webhook`); 404 where the shop has no bot."""
    webhook = request.app.get(TELEGRAM)
    if webhook is None:
        raise ProblemError(404, "no_telegram", "This shop has no bot on Telegram.")
    return await webhook.take(request)


def read_update(data: Any, bot: Bot) -> Update | None:
    """Return the update in JSON data, or None for anything else."""
    try:
        return Update.de_json(data, bot) if isinstance(data["update_id"], int) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        log.exception("an update could not be read and is left out")
        return None


class Polling:
    """Asks for updates, one process at a time."""

    def __init__(self, bot: Bot, updates: TelegramUpdates, services: TurnServices) -> None:
        """`updates` takes what comes."""
        self._bot, self._updates, self._services = bot, updates, services
        self._offset: int | None = None
        self._failed: Counter[int] = Counter()

    async def run(self) -> None:
        """Poll whenever this process is the one that does, until cancelled."""
        await insist(lambda: self._bot.delete_webhook(drop_pending_updates=False))
        while True:
            try:
                await self._poll_as_the_one()
            except Exception:
                # The database is away, most likely; what was not taken comes again.
                log.exception("polling is interrupted")
            await asyncio.sleep(_LOCK_AGAIN_SECONDS)

    async def _poll_as_the_one(self) -> None:
        """Poll while this process holds the lock, on a connection of its own; if that breaks, another may take over."""
        async with self._services.sessions() as session:
            connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            if not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _POLLING_LOCK}):
                return
            try:
                while await connection.scalar(text("SELECT true")):
                    await self._poll()
            finally:
                # Back in the pool the connection would keep the lock.
                await connection.invalidate()

    async def _poll(self) -> None:
        asked = {"offset": self._offset, "timeout": POLL_SECONDS, "allowed_updates": KINDS}
        # Raw, because the library's get_updates refuses them all when there is one that it cannot read. It warns of its
        # own methods' names, but not of this one, which it sends as "getUpdates": not every server takes another case.
        raw = await insist(
            partial(self._bot.do_api_request, "get_updates_", api_kwargs=asked, read_timeout=POLL_SECONDS + 10.0)
        )
        ids = sorted(one["update_id"] for one in raw)
        kept = await self._take_all(update for one in raw if (update := read_update(one, self._bot)))
        self._offset = max((update_id + 1 for update_id in ids if update_id < kept), default=self._offset)

    async def _take_all(self, updates: Iterable[Update]) -> float:
        """Take updates, chats side by side; returns the first that could not be taken and must come again."""
        chats: dict[int, list[Update]] = defaultdict(list)
        for update in updates:
            chats[update.effective_chat.id if update.effective_chat else 0].append(update)
        failed = await asyncio.gather(*(self._take_in_order(chat) for chat in chats.values()))
        return min(failed, default=float("inf"))

    async def _take_in_order(self, updates: Iterable[Update]) -> float:
        for update in updates:
            try:
                await self._updates.take(update)
            except Exception as error:
                if isinstance(error, _FAULTS) and self._is_hopeless(update.update_id):
                    log.exception("update %d is left out after %d tries", update.update_id, _TAKES)
                    continue
                log.exception("update %d could not be taken; it will be again", update.update_id)
                await asyncio.sleep(1)
                return update.update_id
        return float("inf")

    def _is_hopeless(self, update_id: int) -> bool:
        """One that fails again and again must not keep all others out."""
        self._failed[update_id] += 1
        return self._failed[update_id] >= _TAKES


async def show_commands(bot: Bot, catalogue: Catalogue) -> None:
    """Show the bot's commands in Telegram's menu: in Chinese to Chinese readers, in English to others."""
    for code, language in (("", "en"), ("zh", "zh-Hans")):
        commands = [(name, catalogue.say(f"telegram.command.{name}", language)) for name in _COMMANDS]
        await insist(partial(bot.set_my_commands, commands, language_code=code))


async def insist(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask the Bot API until it answers, ever more rarely; what it says of waiting is heeded."""
    wait = 1.0
    while True:
        try:
            return await ask_telegram(ask())
        except HoldError as hold:
            await asyncio.sleep(min(hold.wait.total_seconds(), _LONGEST_WAIT_SECONDS))
        except DeliveryError as error:
            log.warning("Telegram does not answer (%s); asking again in %s s", error, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
