"""Speaking to Telegram: bubbles go out as messages; what the Bot API answers becomes what the outbox understands."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

from telegram import Bot, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.background.outbox import DeliveryError, HoldError, Letter, RejectedError, UnreachableError
from bot.channels.telegram.rendering import Part, render
from bot.security.sealing import Seal
from bot.texts import Catalogue

CHANNEL = "telegram"
_PUBLIC_API = "https://api.telegram.org"
_WITHOUT_ACCESS = timedelta(minutes=1)
# Long enough for a photo; a long poll has its own.
_ANSWER_WITHIN_SECONDS = 20.0
POLL_SECONDS = 25

Answer = TypeVar("Answer")


@asynccontextmanager
async def open_bot(token: str, api_url: str | None) -> AsyncIterator[Bot]:
    """Open the Bot API's client for the shop's bot; nothing is asked of Telegram yet."""
    # The library's way to ask for durations that are durations; without it each 429 brings a warning.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    api = (api_url or _PUBLIC_API).rstrip("/")
    request = HTTPXRequest(connection_pool_size=32, read_timeout=_ANSWER_WITHIN_SECONDS, pool_timeout=10.0)
    # The library asks for updates on connections of their own, so that a long poll holds nothing else up.
    polling = HTTPXRequest(connection_pool_size=1, pool_timeout=10.0)
    async with request, polling:
        yield Bot(token, f"{api}/bot", base_file_url=f"{api}/file/bot", request=request, get_updates_request=polling)


class TelegramCourier:
    """Hands bubbles to Telegram."""

    channel = CHANNEL

    def __init__(self, bot: Bot, catalogue: Catalogue, seal: Seal, public_url: str | None) -> None:
        """`bot` speaks, `catalogue` has the words around ratings; with `public_url` there is a page for them too."""
        self._bot, self._catalogue, self._seal, self._public_url = bot, catalogue, seal, public_url

    def count_parts(self, letter: Letter) -> int:
        """Return how many messages a bubble becomes."""
        return len(self._render(letter))

    async def deliver(self, letter: Letter, part: int) -> str:
        """Send one part; returns Telegram's id of the message. Raises DeliveryError."""
        shown = self._render(letter)[part]
        sending = self._bot.send_message(int(letter.address), shown.text, reply_markup=make_markup(shown))
        return str((await ask_telegram(sending)).message_id)

    def _render(self, letter: Letter) -> list[Part]:
        return render(letter.message, partial(say_in, self._catalogue, letter.language), page=self._find_page(letter))

    def _find_page(self, letter: Letter) -> str | None:
        """Return the address of the survey's page, where a bubble asks how it went."""
        token = (letter.message.survey or {}).get("token")
        if token is None or self._public_url is None:
            return None
        return f"{self._public_url.rstrip('/')}/survey/{self._seal.open(token.encode())}"


def say_in(catalogue: Catalogue, language: str, key: str, **params: object) -> str:
    """Write a text in a language (the order that `partial` wants)."""
    return catalogue.say(key, language, **params)


def make_markup(part: Part) -> InlineKeyboardMarkup | ForceReply | None:
    """Return what is below a part: buttons, or the question to reply."""
    return ForceReply() if part.wants_reply else make_keyboard(part)


def make_keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """Return a part's buttons as Telegram takes them."""
    if not part.rows:
        return None
    return InlineKeyboardMarkup([[_make_button(*button) for button in row] for row in part.rows])


def _make_button(label: str, data: str) -> InlineKeyboardButton:
    if data.startswith("http"):
        return InlineKeyboardButton(label, url=data)
    return InlineKeyboardButton(label, callback_data=data)


async def ask_telegram(answer: Awaitable[Answer]) -> Answer:
    """Await an answer of the Bot API. Raises DeliveryError in place of the library's errors, without the token."""
    try:
        return await answer
    except RetryAfter as error:
        wait = error.retry_after
        raise HoldError(wait if isinstance(wait, timedelta) else timedelta(seconds=wait)) from None
    except Forbidden:
        raise UnreachableError("the customer has blocked the bot") from None
    except (InvalidToken, EndPointNotFound):
        raise HoldError(_WITHOUT_ACCESS) from None
    except ChatMigrated:
        raise UnreachableError("the chat is gone") from None
    except BadRequest as error:
        if "chat not found" in error.message.lower():
            raise UnreachableError("there is no such chat") from None
        raise RejectedError(error.message) from None
    except (NetworkError, TelegramError) as error:
        raise DeliveryError(type(error).__name__) from None


async def try_telegram(answer: Awaitable[object]) -> None:
    """Await an answer that only adorns: if it fails, nothing is lost."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
            await answer
    except (TelegramError, TimeoutError):
        return
