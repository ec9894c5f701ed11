"""A Bot API server on loopback, as unkind as the real one may be: every update comes twice, floods are answered 429.

It keeps what the bot sends, and gives a customer's phone to write with.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web

from tests.patience import PATIENCE_SECONDS

TOKEN = "700001:a-token-for-tests-only"


@dataclass
class BotApi:
    """The server's state. `flood_every`: each so-manieth message is refused with 429 once."""

    flood_every: int = 0
    address: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    floods: int = 0
    webhook: dict[str, Any] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _told: dict[int, int] = field(default_factory=dict)
    _ids: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)
    _tries: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def make_app(self) -> web.Application:
        """The server itself."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", f"/bot{TOKEN}/{{method}}", self._answer)
        app.router.add_get(f"/file/bot{TOKEN}/{{path:.*}}", self._give_file)
        return app

    async def push(self, **update: Any) -> dict[str, Any]:
        """Let something happen on a phone."""
        made = {"update_id": 9000 + self._ids(), **update}
        async with self._changed:
            self._updates.append(made)
            self._changed.notify_all()
        return made

    async def post(self, client: ClientSession, path: str, **update: Any) -> int:
        """Deliver an update by webhook, twice; returns the second answer's status."""
        made = {"update_id": 9000 + self._ids(), **update}
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        status = 0
        for _time in range(2):
            async with client.post(path, json=made, headers=headers) as response:
                status = response.status
        return status

    async def until(self, is_so: Callable[[], Any]) -> Any:
        """Wait until something is so; returns what it is."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(is_so)
            return is_so()

    def next_id(self) -> int:
        """A number for a message."""
        return self._ids()

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        data = {name: _decode(str(value)) for name, value in (await request.post()).items()}
        self.calls.append(method)
        if method in self.failing:
            return web.json_response({"ok": False, "error_code": 500, "description": "Internal"}, status=500)
        answer = getattr(self, f"_{method.lower()}", self._be_glad)
        response: web.Response = await answer(data)
        async with self._changed:
            self._changed.notify_all()
        return response

    async def _be_glad(self, _data: dict[str, Any]) -> web.Response:
        return _ok(True)

    async def _getupdates(self, data: dict[str, Any]) -> web.Response:
        offset = int(data.get("offset", 0))
        async with self._changed:

            def pending() -> list[dict[str, Any]]:
                return [one for one in self._updates if one["update_id"] >= offset or self._told_of(one) < 2]

            try:
                async with asyncio.timeout(min(float(data.get("timeout", 0)), 25)):
                    await self._changed.wait_for(pending)
            except TimeoutError:
                return _ok([])
            found = pending()
            for one in found:
                self._told[one["update_id"]] = self._told_of(one) + 1
        return _ok(found)

    def _told_of(self, update: dict[str, Any]) -> int:
        return self._told.get(update["update_id"], 0)

    async def _setwebhook(self, data: dict[str, Any]) -> web.Response:
        self.webhook = data
        return _ok(True)

    async def _sendmessage(self, data: dict[str, Any]) -> web.Response:
        chat = int(data["chat_id"])
        if chat in self.blocked:
            return _refuse(403, "Forbidden: bot was blocked by the user")
        if self.flood_every and self._tries() % self.flood_every == 0:
            self.floods += 1
            return _refuse(429, "Too Many Requests: retry after 1", retry_after=1)
        if not 0 < len(data["text"].encode("utf-16-le")) // 2 <= 4096:
            return _refuse(400, "Bad Request: message is too long")
        for row in data.get("reply_markup", {}).get("inline_keyboard", []):
            assert all(len(button["callback_data"].encode()) <= 64 for button in row)
        message = {**data, "chat_id": chat, "message_id": self._ids()}
        self.sent.append(message)
        return _ok(_message(message["message_id"], chat, text=data["text"], from_bot=True))

    async def _editmessagetext(self, data: dict[str, Any]) -> web.Response:
        self.edits.append(data)
        for message in self.sent:
            if message["message_id"] == int(data["message_id"]):
                message["text"], message["reply_markup"] = data["text"], data.get("reply_markup", {})
        return _ok(True)

    async def _answercallbackquery(self, data: dict[str, Any]) -> web.Response:
        self.answered.append(data)
        return _ok(True)

    async def _getfile(self, data: dict[str, Any]) -> web.Response:
        if data["file_id"] not in self.files:
            return _refuse(400, "Bad Request: wrong file_id")
        return _ok({"file_id": data["file_id"], "file_unique_id": data["file_id"], "file_path": data["file_id"]})

    async def _give_file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["path"]])


@dataclass
class Phone:
    """A customer's Telegram, in a private chat with the bot."""

    api: BotApi
    chat: int = 424242
    language: str | None = "en"
    _heard: int = 0

    def _user(self) -> dict[str, Any]:
        return {
            "id": self.chat,
            "is_bot": False,
            "first_name": "Mei",
            **({"language_code": self.language} if self.language else {}),
        }

    def compose(self, **content: Any) -> dict[str, Any]:
        """A message of this customer's."""
        return {**_message(self.api.next_id(), self.chat), "from": self._user(), **content}

    async def write(self, text: str, **content: Any) -> dict[str, Any]:
        """Write something; returns the message."""
        message = self.compose(text=text, **content)
        await self.api.push(message=message)
        return message

    async def send(self, **content: Any) -> None:
        """Send something that is no text."""
        await self.api.push(message=self.compose(**content))

    async def send_photo(self, content: bytes, caption: str | None = None) -> None:
        """Send a photo."""
        file_id = f"photo-{self.api.next_id()}"
        self.api.files[file_id] = content
        size = {"file_id": file_id, "file_unique_id": file_id, "width": 90, "height": 90, "file_size": len(content)}
        await self.send(photo=[size], **({"caption": caption} if caption else {}))

    async def edit(self, message: dict[str, Any], text: str) -> None:
        """Edit what was written."""
        await self.api.push(edited_message={**message, "text": text, "edit_date": message["date"] + 5})

    async def press(self, label: str) -> None:
        """Press the newest button that has this in it."""
        message, data = next(
            (one, button["callback_data"])
            for one in reversed(self.received)
            for row in (one.get("reply_markup") or {}).get("inline_keyboard", [])
            for button in row
            if label in button["text"]
        )
        await self.press_data(data, message)

    async def press_data(self, data: str, message: dict[str, Any]) -> None:
        """Press a button by what it carries."""
        shown = _message(message["message_id"], self.chat, text=message["text"], from_bot=True)
        query = {"id": str(self.api.next_id()), "from": self._user(), "chat_instance": "1", "data": data}
        await self.api.push(callback_query={**query, "message": shown})

    async def change_membership(self, status: str) -> None:
        """Block the bot ("kicked"), or let it speak again ("member")."""
        member = {"user": {"id": 700001, "is_bot": True, "first_name": "Shop"}}
        await self.api.push(
            my_chat_member={
                "chat": {"id": self.chat, "type": "private"},
                "from": self._user(),
                "date": 1_790_000_000,
                "old_chat_member": {**member, "status": "member"},
                "new_chat_member": {**member, "status": status, **({"until_date": 0} if status == "kicked" else {})},
            }
        )

    @property
    def received(self) -> list[dict[str, Any]]:
        """What has arrived."""
        return [one for one in self.api.sent if one["chat_id"] == self.chat]

    async def hear(self, part: str) -> dict[str, Any]:
        """Wait for a message that was not heard yet and has this in it."""

        def find() -> dict[str, Any] | None:
            return next((one for one in self.received[self._heard :] if part in one["text"]), None)

        try:
            found: dict[str, Any] = await self.api.until(find)
        except TimeoutError:
            raise AssertionError(f"{part!r} was not heard; {[one['text'] for one in self.received]}") from None
        self._heard = self.received.index(found) + 1
        return found

    async def ask(self, text: str, part: str) -> dict[str, Any]:
        """Write, and hear."""
        await self.write(text)
        return await self.hear(part)


def _message(message_id: int, chat: int, *, text: str | None = None, from_bot: bool = False) -> dict[str, Any]:
    sender = {"from": {"id": 700001, "is_bot": True, "first_name": "Shop"}} if from_bot else {}
    words = {"text": text} if text is not None else {}
    return {
        "message_id": message_id,
        "date": 1_790_000_000,
        "chat": {"id": chat, "type": "private"},
        **sender,
        **words,
    }


def _decode(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in {"{", "["} else value
    except ValueError:
        return value


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refuse(code: int, description: str, **parameters: Any) -> web.Response:
    body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return web.json_response(body, status=code)
