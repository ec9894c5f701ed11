"""The console's socket, `GET /ws/console`: hints that something changed, who types, who looks at what.

What changed is read by the page from the API; a hint that is lost costs nothing but a few seconds.
In: `{"type": "typing" | "viewing", "number"}`, `{"type": "here"}`. Out: `{"type": "changed"}`,
`{"type": "typing", "conversation", "from"}`, `{"type": "viewing", "number", "people": [name]}`.
"""

import asyncio
import contextlib
import json
from typing import Any
from uuid import UUID

from aiohttp import WSMsgType, web
from sqlalchemy import select

from bot.channels.widget import check_origin
from bot.console.auth import find_by_cookie
from bot.errors import ProblemError
from bot.keys import COLLEAGUES, SERVICES, SOCKETS
from escalation import presence
from escalation.access import read_ticket
from escalation.errors import EscalationError
from escalation.models import PersonRow, TicketRow

_HEARTBEAT_SECONDS = 25.0
_LONGEST_FRAME = 4096
# Hints that come in one burst are told once.
_GATHER_SECONDS = 0.15


class Colleagues:
    """Who has the console open, and which ticket each of them looks at or answers."""

    def __init__(self) -> None:
        self._sockets: dict[web.WebSocketResponse, tuple[str, str | None]] = {}

    def join(self, socket: web.WebSocketResponse, name: str) -> None:
        """Somebody opened the console."""
        self._sockets[socket] = (name, None)

    async def leave(self, socket: web.WebSocketResponse) -> None:
        """Somebody closed it."""
        _, number = self._sockets.pop(socket, ("", None))
        if number:
            await self._tell_viewers(number)

    async def view(self, socket: web.WebSocketResponse, number: str | None) -> None:
        """Somebody looks at another ticket."""
        name, before = self._sockets[socket]
        self._sockets[socket] = (name, number)
        for changed in {before, number} - {None}:
            await self._tell_viewers(changed or "")

    async def tell(self, frame: dict[str, Any], *, but: web.WebSocketResponse | None = None) -> None:
        """Send a frame to every console."""
        for socket in [socket for socket in self._sockets if socket is not but and not socket.closed]:
            with contextlib.suppress(ConnectionError, RuntimeError):
                await socket.send_str(json.dumps(frame, ensure_ascii=False))

    def name_of(self, socket: web.WebSocketResponse) -> str:
        """Whose console a socket is."""
        return self._sockets[socket][0]

    async def _tell_viewers(self, number: str) -> None:
        people = sorted({name for name, viewed in self._sockets.values() if viewed == number})
        await self.tell({"type": "viewing", "number": number, "people": people})


class _Hints(asyncio.Queue[tuple[UUID, str | None]]):
    """What a console has yet to be told of: conversation, who types."""

    def note(self, conversation: UUID, typing: str | None) -> None:
        """Take a hint."""
        self.put_nowait((conversation, typing))


async def console_socket(request: web.Request) -> web.WebSocketResponse:
    """Serve one console."""
    check_origin(request)
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise ProblemError(401, "not_signed_in", "Sign in at /console.")
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_LONGEST_FRAME)
    hints = _Hints()
    # The page reads everything once the socket is open: what happens from before that moment on must be heard of.
    with request.app[SERVICES].bus.watch(hints.note):
        await socket.prepare(request)
        colleagues = request.app[COLLEAGUES]
        request.app[SOCKETS].add(socket)
        colleagues.join(socket, person.name)
        try:
            await _mark_seen(request, person)
            await _serve(request, socket, person, hints)
        finally:
            request.app[SOCKETS].discard(socket)
            await colleagues.leave(socket)
    return socket


async def _serve(request: web.Request, socket: web.WebSocketResponse, person: PersonRow, hints: _Hints) -> None:
    telling = asyncio.create_task(_tell_hints(socket, hints))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _take(request, socket, person, message.data)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _tell_hints(socket: web.WebSocketResponse, hints: _Hints) -> None:
    while not socket.closed:
        gathered = {await hints.get()}
        await asyncio.sleep(_GATHER_SECONDS)
        while not hints.empty():
            gathered.add(hints.get_nowait())
        with contextlib.suppress(ConnectionError, RuntimeError):
            for conversation, who in gathered:
                if who == "customer":
                    frame = {"type": "typing", "conversation": str(conversation), "from": who}
                    await socket.send_str(json.dumps(frame))
            if any(who is None for _, who in gathered):
                await socket.send_str('{"type": "changed"}')


async def _take(request: web.Request, socket: web.WebSocketResponse, person: PersonRow, raw: str) -> None:
    """Take a frame; nonsense is ignored, for nothing is lost by it."""
    try:
        frame = json.loads(raw)
        kind, number = frame.get("type"), frame.get("number")
    except (ValueError, AttributeError, RecursionError):
        return
    colleagues = request.app[COLLEAGUES]
    if kind == "here":
        await _mark_seen(request, person)
    elif kind == "viewing" and (number is None or isinstance(number, str)):
        await colleagues.view(socket, number)
    elif kind == "typing" and isinstance(number, str):
        await _tell_typing(request, socket, person, number)


async def _tell_typing(request: web.Request, socket: web.WebSocketResponse, person: PersonRow, number: str) -> None:
    """The customer sees that somebody types, and so do colleagues who look at the same ticket."""
    services = request.app[SERVICES]
    with contextlib.suppress(EscalationError):
        async with services.sessions() as session:
            await read_ticket(session, number, person)
            conversation = await session.scalar(select(TicketRow.conversation_id).where(TicketRow.number == number))
        if conversation:
            services.bus.hint(conversation, typing="agent")
        name = request.app[COLLEAGUES].name_of(socket)
        await request.app[COLLEAGUES].tell({"type": "answering", "number": number, "name": name}, but=socket)


async def _mark_seen(request: web.Request, person: PersonRow) -> None:
    """An open console means that its person is here."""
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await presence.mark_seen(session, person.id, now=services.clock.now())
