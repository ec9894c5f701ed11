"""Conversations as scripts: what the customer does, what must be heard, and what it leaves behind.

Each file beside this one is a script, played once in each language against a demo order of its own:

    name: what happens, as a sentence
    order: words of the demo order's English caption; {order} and {digits} in the turns are its number and proof
    other: the same for a second order, {other} and {other_digits}
    turns:
      - say: what is written      (or `press: a button's value`, or `photo: true`)
        hear: parts that the answers to this turn have, a list or one
        buttons: values of buttons that they offer
        never: parts that they do not have
    tickets: [{category, tier, order}] in the end, in the order of their opening; `order: false` for none
    shop: the kinds of commands the shop carried out

A text is one for all languages, or a mapping of them.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.models import ShopCommandRow
from bot.nlu.reading import LANGUAGES
from escalation.models import TicketRow
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
FILES = sorted(Path(__file__).parent.glob("*.yml"))
SHAPE = {"name", "order", "other", "turns", "tickets", "shop"}
TURN = {"say", "press", "photo", "hear", "buttons", "never"}


def read_script(path: Path) -> dict[str, Any]:
    """Read a script; one with a word that nobody knows is no script."""
    script: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    unknown = (set(script) - SHAPE) | {key for turn in script["turns"] for key in set(turn) - TURN}
    assert not unknown, f"{path.name}: {unknown}"
    return script


@dataclass
class Player:
    """Plays one script in one language."""

    client: Client
    chat: Chat
    language: str
    names: dict[str, str]

    async def play(self, turn: dict[str, Any]) -> None:
        """Do what the customer does, and wait for all that must be heard."""
        before = len(self.chat.messages)
        await self._act(turn)
        parts, buttons = self._texts(turn.get("hear", [])), set(map(self._text, turn.get("buttons", [])))
        while missing := self._missing(before, parts, buttons):
            try:
                await self.chat.until("message")
            except TimeoutError:
                pytest.fail(f"{turn}\nnot heard: {missing}\n{self._transcript()}")
        heard = "\n".join(message["text"] for message in self._answers(before))
        assert [] == [part for part in self._texts(turn.get("never", [])) if part in heard], self._transcript()

    async def _act(self, turn: dict[str, Any]) -> None:
        if "press" in turn:
            await self.chat.choose(self._text(turn["press"]))
        elif "photo" in turn:
            await self.chat.write("", attachments=(await self._upload(),))
        else:
            await self.chat.write(self._text(turn["say"]))

    async def _upload(self) -> str:
        photo = io.BytesIO()
        Image.new("RGB", (80, 60), "grey").save(photo, "JPEG")
        photo.seek(0)
        mine = {"Authorization": f"Bearer {self.chat.session}", "Content-Type": "image/jpeg"}
        response = await self.client.post("/api/v1/attachments", data=photo, headers=mine)
        return str((await response.json())["id"])

    def _missing(self, before: int, parts: list[str], buttons: set[str]) -> set[str]:
        answers = self._answers(before)
        heard = "\n".join(message["text"] for message in answers)
        offered = {choice["value"] for message in answers for choice in message["choices"]}
        nothing = {"any answer"} if not answers else set()
        return {part for part in parts if part not in heard} | (buttons - offered) | nothing

    def _answers(self, before: int) -> list[dict[str, Any]]:
        return [message for message in self.chat.messages[before:] if message["from"] == "bot"]

    def _texts(self, given: Any) -> list[str]:
        one = given[self.language] if isinstance(given, dict) else given
        return [self._text(part) for part in (one if isinstance(one, list) else [one])]

    def _text(self, given: Any) -> str:
        text = str(given[self.language] if isinstance(given, dict) else given)
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _transcript(self) -> str:
        return "\n".join(
            f"{message['from']:>8}: {message['text']} {[choice['value'] for choice in message['choices']] or ''}"
            for message in self.chat.messages
        )


def _names(script: dict[str, Any], orders: list[DemoOrder]) -> dict[str, str]:
    names = {}
    for key, digits in (("order", "digits"), ("other", "other_digits")):
        if key in script:
            order = order_saying(orders, script[key])
            names |= {key: order.number, digits: order.phone_last4}
    return names


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, language: str, client: Client, seeded: list[DemoOrder], sessions: Sessions) -> None:
    """The script's answers, its tickets and its shop commands, no more and no fewer."""
    script = read_script(path)
    names = _names(script, seeded)
    chat = await Chat.open(client, locale=language)
    player = Player(client, chat, language, names)
    for turn in script["turns"]:
        await player.play(turn)
    async with sessions() as session:
        tickets = (await session.scalars(select(TicketRow).order_by(TicketRow.opened_at, TicketRow.number))).all()
        commands = (await session.scalars(select(ShopCommandRow).where(ShopCommandRow.done_at.is_not(None)))).all()
    number = names.get("order")
    assert script.get("shop", []) == [command.kind for command in commands]
    assert [
        (one["category"], one["tier"], number if one.get("order", True) else None) for one in script.get("tickets", [])
    ] == [(ticket.category, ticket.tier, ticket.order_number) for ticket in tickets]


def test_every_flow_has_its_scripts() -> None:
    """Nobody dropped one."""
    assert len(FILES) >= 10
