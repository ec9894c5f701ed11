"""Some of the scripted conversations, over Telegram: the same words, buttons, tickets and commands as in the widget."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.channels.telegram.rendering import Press, read_button
from bot.models import Message
from bot.nlu.reading import LANGUAGES
from tests.dialogues.player import LaterClock, Player
from tests.dialogues.script import FILES, Wording, find_names, read_script
from tests.dialogues.test_dialogues import check_commands, check_tickets
from tests.integration.telegram_chat.bot_api import BotApi, Phone

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
SAMPLE = ("cancel", "change_address", "complaint", "faulty_exchange", "late", "lost", "return_no_reason", "unsure")


class PhoneChat:
    """A conversation on a phone, as scripts are played: what arrived, and which values its buttons stand for."""

    def __init__(self, phone: Phone, sessions: Sessions) -> None:
        self._phone, self._sessions = phone, sessions
        self.messages: list[dict[str, Any]] = []

    async def write(self, text: str, *, attachments: tuple[str, ...] = ()) -> None:
        """Write a message; the sample sends no photos."""
        assert not attachments
        await self._phone.write(text)

    async def choose(self, value: str) -> None:
        """Press the newest button of this value."""
        offers = ((one, choice) for one in reversed(self.messages) for choice in one["choices"])
        message, choice = next((one, choice) for one, choice in offers if choice["value"] == value)
        await self._phone.press_data(choice["data"], message["arrived"])

    async def until(self, _kind: str) -> None:
        """Wait for what arrives next."""
        seen = len(self.messages)
        await self._phone.api.until(lambda: len(self._phone.received) > seen)
        for arrived in self._phone.received[seen:]:
            keys = [key for row in (arrived.get("reply_markup") or {}).get("inline_keyboard", []) for key in row]
            choices = [await self._stands_for(key["callback_data"]) for key in keys]
            self.messages.append({"from": "bot", "text": arrived["text"], "choices": choices, "arrived": arrived})

    async def _stands_for(self, data: str) -> dict[str, str]:
        press = read_button(data)
        assert isinstance(press, Press)
        query = select(Message.choices).where(
            Message.conversation_id == press.conversation_id, Message.seq == press.seq
        )
        async with self._sessions() as session:
            choices = (await session.scalars(query)).one()
        return {"value": choices[press.index]["value"], "data": data}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLE)
async def test_a_script_over_telegram(
    name: str,
    language: str,
    api: BotApi,
    client: TestClient[Any, Any],
    seeded: list[DemoOrder],
    sessions: Sessions,
) -> None:
    """Every update comes twice and every fourth message is refused once: the conversation is the same."""
    script = read_script(next(path for path in FILES if path.stem == name))
    names = find_names(script, seeded)
    chat = PhoneChat(Phone(api, language=language), sessions)
    player = Player(client, chat, Wording(language, names), LaterClock())
    for turn in script["turns"]:
        await player.play(turn)
    async with sessions() as session:
        await check_tickets(session, script.get("tickets", []), names)
        await check_commands(session, script.get("shop", []))
