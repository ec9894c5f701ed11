"""The console's socket, `GET /ws/console`: hints that something changed, who types, who looks at what.

What changed is read by the page from the API; a hint that is lost costs nothing but a few seconds.
In: `{"type": "typing" | "viewing", "number"}`, `{"type": "here"}`. Out: `{"type": "changed"}`,
`{"type": "typing", "conversation", "from"}`, `{"type": "presence", "login", "available"}`, and of the ticket that one
looks at, others only: `{"type": "viewing", "number", "people": [name]}`, `{"type": "answering", "number", "name"}`.
"""

import asyncio
import contextlib
import json
from functools import partial
from uuid import UUID

from aiohttp import WSMsgType, web
from sqlalchemy import select

from bot.channels.widget import check_origin
from bot.console.auth import find_by_cookie
from bot.console.colleagues import Console, Frame
from bot.keys import COLLEAGUES, SERVICES, SOCKETS
from bot.web.errors import ProblemError
from escalation import presence
from escalation.access import read_ticket
from escalation.errors import EscalationError
from escalation.models import PersonRow, TicketRow
from escalation.tickets import is_number

_HEARTBEAT_SECONDS = 25.0
_LONGEST_FRAME = 4096
# Hints that come in one burst are told once.
_GATHER_SECONDS = 0.15


async def console_socket(request: web.Request) -> web.WebSocketResponse:
    """Serve one console."""
    check_origin(request)
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise ProblemError(401, "not_signed_in", "Sign in at /console.")
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_LONGEST_FRAME)
    # The page reads everything once the socket is open: what happens from before that moment on must be heard of.
    with request.app[COLLEAGUES].join(person) as console, request.app[SERVICES].bus.watch(partial(_note, console)):
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        try:
            await _mark_seen(request, person)
            await _serve(request, socket, person, console)
        finally:
            request.app[SOCKETS].discard(socket)
    return socket


def _note(console: Console, conversation: UUID, typing: str | None) -> None:
    """Pass on a hint. That a colleague types is told by name, to who looks at the same ticket."""
    if typing is None:
        console.tell({"type": "changed"})
    elif typing == "customer":
        console.tell({"type": "typing", "conversation": str(conversation), "from": typing})


async def _serve(request: web.Request, socket: web.WebSocketResponse, person: PersonRow, console: Console) -> None:
    telling = asyncio.create_task(_tell(socket, console))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _take(request, console, person, message.data)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _tell(socket: web.WebSocketResponse, console: Console) -> None:
    """Send what there is to tell, each frame of a burst once, in the order in which it was said last."""
    while not socket.closed:
        burst = {_write(await console.frames.get()): None}
        await asyncio.sleep(_GATHER_SECONDS)
        while not console.frames.empty():
            text = _write(console.frames.get_nowait())
            burst.pop(text, None)
            burst[text] = None
        with contextlib.suppress(ConnectionError, RuntimeError):
            for text in burst:
                await socket.send_str(text)


def _write(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False)


async def _take(request: web.Request, console: Console, person: PersonRow, raw: str) -> None:
    """Take a frame; nonsense is ignored, for nothing is lost by it."""
    try:
        frame = json.loads(raw)
        kind, number = frame.get("type"), frame.get("number")
    except (ValueError, AttributeError, RecursionError):
        return
    if number is not None and not (isinstance(number, str) and is_number(number)):
        return
    if kind == "here":
        await _mark_seen(request, person)
    elif kind == "viewing":
        request.app[COLLEAGUES].view(console, number)
    elif kind == "typing" and number is not None:
        await _tell_typing(request, console, person, number)


async def _tell_typing(request: web.Request, console: Console, person: PersonRow, number: str) -> None:
    """The customer sees that somebody types, and so do colleagues who look at the same ticket."""
    services = request.app[SERVICES]
    with contextlib.suppress(EscalationError):
        async with services.sessions() as session:
            await read_ticket(session, number, person)
            conversation = await session.scalar(select(TicketRow.conversation_id).where(TicketRow.number == number))
        if conversation:
            services.bus.hint(conversation, typing="agent")
        request.app[COLLEAGUES].answer(console, number)


async def _mark_seen(request: web.Request, person: PersonRow) -> None:
    """An open console means that its person is here."""
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await presence.mark_seen(session, person.id, now=services.clock.now())
