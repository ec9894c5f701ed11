"""Plays a script against the running application: the customer's part, time that passes, a person who solves."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import select

from bot.console import casebook
from bot.keys import SERVICES
from escalation.models import PersonRow, TicketRow
from escalation.ports import SystemClock
from escalation.service_levels import parse_duration
from tests.dialogues.script import Wording
from tests.integration.chat import Chat

Client = TestClient[Any, Any]


@dataclass
class LaterClock:
    """The machine's clock, put forward by what has been waited."""

    waited: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the time."""
        return SystemClock().now() + self.waited


class Talk(Protocol):
    """A customer's side of a conversation, on whichever channel."""

    messages: list[dict[str, Any]]

    async def write(self, text: str, *, attachments: tuple[str, ...] = ()) -> object:
        """Write a message."""
        ...

    async def choose(self, value: str) -> None:
        """Press the newest button of this value."""
        ...

    async def until(self, kind: str) -> object:
        """Wait for what comes."""
        ...


@dataclass
class Player:
    """Plays one script in one language."""

    client: Client
    chat: Talk
    wording: Wording
    clock: LaterClock

    async def play(self, turn: dict[str, Any]) -> None:
        """Do what the customer does, and wait for all that must be heard."""
        before = len(self.chat.messages)
        await self._act(turn)
        parts = self.wording.texts(turn.get("hear", []))
        buttons = set(map(self.wording.text, turn.get("buttons", [])))
        while missing := self._missing(before, parts, buttons):
            try:
                await self.chat.until("message")
            except TimeoutError:
                pytest.fail(f"{turn}\nnot heard: {missing}\n{self._transcript()}")
        heard = "\n".join(message["text"] for message in self._answers(before))
        assert [] == [part for part in self.wording.texts(turn.get("never", [])) if part in heard], self._transcript()

    async def _act(self, turn: dict[str, Any]) -> None:
        if "wait" in turn:
            self.clock.waited += parse_duration(turn["wait"]) or timedelta()
        if "solve" in turn:
            await self._solve(self.wording.text(turn["solve"]))
        elif "press" in turn:
            await self.chat.choose(self.wording.text(turn["press"]))
        else:
            photos = (await self._upload(),) if turn.get("photo") else ()
            await self.chat.write(self.wording.text(turn.get("say", "")), attachments=photos)

    async def _solve(self, text: str) -> None:
        """Let the owner of the newest case resolve it, with a word to the customer."""
        assert self.client.app is not None
        services = self.client.app[SERVICES]
        async with services.sessions() as session:
            newest = select(TicketRow).order_by(TicketRow.opened_at.desc()).limit(1)
            ticket = (await session.scalars(newest)).one()
            owner = await session.get_one(PersonRow, ticket.owner_id)
        await casebook.resolve(services, ticket.number, owner, outcome="solved", text=text, key=None)

    async def _upload(self) -> str:
        photo = io.BytesIO()
        Image.new("RGB", (80, 60), "grey").save(photo, "JPEG")
        photo.seek(0)
        assert isinstance(self.chat, Chat)
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
        return [message for message in self.chat.messages[before:] if message["from"] in {"bot", "agent"}]

    def _transcript(self) -> str:
        return "\n".join(
            f"{message['from']:>8}: {message['text']} {[choice['value'] for choice in message['choices']] or ''}"
            for message in self.chat.messages
        )
