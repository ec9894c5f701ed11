"""A customer with a socket, as a program: sends frames, waits for what the bot says."""

import asyncio
import itertools
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse
from aiohttp.test_utils import TestClient

from tests.patience import PATIENCE_SECONDS


class Chat:
    """One socket of one visitor."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.session = ""
        self.messages: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.errors: list[dict[str, Any]] = []
        self.accepted: dict[str, int] = {}

    @classmethod
    async def open(cls, client: TestClient[Any, Any] | ClientSession, **hello: Any) -> "Chat":
        """Connect and say hello."""
        chat = cls(await client.ws_connect("/ws/chat"))
        await chat.send(type="hello", **{"session": None, "last_seq": 0, "locale": None, "identity": None, **hello})
        chat.session = (await chat.until("welcome"))["session"]
        return chat

    async def send(self, **frame: Any) -> None:
        """Send a frame as it is."""
        await self._socket.send_json(frame)

    async def send_raw(self, text: str) -> None:
        """Send any text."""
        await self._socket.send_str(text)

    async def write(self, text: str, *, frame_id: str | None = None, attachments: tuple[str, ...] = ()) -> str:
        """Write a message; returns its id."""
        frame_id = frame_id or f"m{next(self._ids)}"
        await self.send(type="message", id=frame_id, text=text, attachments=list(attachments))
        return frame_id

    async def choose(self, value: str) -> None:
        """Press the newest button of this value."""
        offer = next(m for m in reversed(self.messages) if any(c["value"] == value for c in m["choices"]))
        await self.send(type="choice", id=f"c{next(self._ids)}", reply_to=offer["seq"], value=value)

    async def until(self, kind: str) -> dict[str, Any]:
        """Take frames until one of this type comes. Raises TimeoutError."""
        # The socket's own timeout begins anew with each of the server's pings.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame: dict[str, Any] = await self._socket.receive_json()
                self._keep(frame)
                if frame["type"] == kind:
                    return frame

    async def hear(self, part: str) -> dict[str, Any]:
        """Wait for a bot's bubble that has this in it."""
        while True:
            for message in self.messages:
                if message["from"] == "bot" and part in message["text"]:
                    return message
            await self.until("message")

    async def ask(self, text: str, part: str) -> dict[str, Any]:
        """Write, and wait for a new bubble that has this in it."""
        before = len(self.messages)
        await self.write(text)
        return await self._hear_new(before, part)

    async def press(self, value: str, part: str) -> dict[str, Any]:
        """Press a button, and wait for a new bubble that has this in it."""
        before = len(self.messages)
        await self.choose(value)
        return await self._hear_new(before, part)

    async def _hear_new(self, before: int, part: str) -> dict[str, Any]:
        while True:
            for message in self.messages[before:]:
                if message["from"] == "bot" and part in message["text"]:
                    return message
            await self.until("message")

    async def close(self) -> None:
        """Hang up."""
        await self._socket.close()

    def _keep(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "message":
                self.messages.append(frame)
            case "state":
                self.state = frame
            case "error":
                self.errors.append(frame)
            case "accepted":
                self.accepted[frame["id"]] = frame["seq"]
