"""The console's socket, `GET /ws/console`: hints that something changed, who types, who looks at what.

What changed is read by the page from the API; a hint that is lost costs nothing but a few seconds.
`{"type": "account"}`: one's role or account was changed, so the page is loaded anew; a session that has ended ends its
socket. In: `{"type": "typing" | "viewing", "number"}`, `{"type": "here"}`. Out: `{"type": "changed"}`,
`{"type": "typing", "conversation", "from"}`, `{"type": "presence", "login", "available"}`, and of the ticket that one
looks at, others only: `{"type": "viewing", "number", "people": [name]}`, `{"type": "answering", "number", "name"}`.
"""

import asyncio
import contextlib
import json
from functools import partial
from uuid import UUID

from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy.exc import SQLAlchemyError

from bot.console.auth import find_by_cookie
from bot.console.colleagues import Console
from bot.keys import COLLEAGUES, LIMITS, SERVICES, SETTINGS, SOCKETS
from bot.security.limits import HINTS
from bot.web.errors import ProblemError
from escalation import presence
from escalation.access import find_answerable, may_see
from escalation.models import PersonRow
from escalation.tickets import is_number

_HEARTBEAT_SECONDS = 25.0
_LONGEST_FRAME = 4096
# Hints that come in one burst are told once.
_GATHER_SECONDS = 0.15


async def console_socket(request: web.Request) -> web.WebSocketResponse:
    """Serve one console."""
    _check_origin(request)
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
            await _serve(request, socket, console)
        finally:
            request.app[SOCKETS].discard(socket)
    return socket


def _check_origin(request: web.Request) -> None:
    """Refuse other pages (403), also those that may open a chat here: the console is on our own alone."""
    origin, public = request.headers.get("Origin"), request.app[SETTINGS].public_url or ""
    if origin and origin not in {f"{request.scheme}://{request.host}", public.rstrip("/")}:
        raise web.HTTPForbidden(text="The console can be used from its own page only.")


def _note(console: Console, conversation: UUID, typing: str | None) -> None:
    """Pass on a hint. That a colleague types is told by name, to who looks at the same ticket."""
    if typing is None:
        console.tell({"type": "changed"})
    elif typing == "customer":
        console.tell({"type": "typing", "conversation": str(conversation), "from": typing})


async def _serve(request: web.Request, socket: web.WebSocketResponse, console: Console) -> None:
    telling = asyncio.create_task(_tell(request, socket, console))
    try:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            # Each costs a look into the database: who says too much at once is heard later.
            while not request.app[LIMITS].allow(HINTS, str(id(console))):  # noqa: ASYNC110 - a bucket fills with time
                await asyncio.sleep(_GATHER_SECONDS)
            with contextlib.suppress(SQLAlchemyError, OSError):  # the page says again what is still so
                # Who they are is asked each time: they may be somebody else by now, or nobody.
                person = await find_by_cookie(request)
                if person is None:
                    await _end(socket)
                    break
                await _take(request, console, person, message.data)
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _end(socket: web.WebSocketResponse) -> None:
    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")


async def _tell(request: web.Request, socket: web.WebSocketResponse, console: Console) -> None:
    """Send what there is to tell, each frame of a burst once, in the order in which it was said last."""
    while not socket.closed:
        await console.wait()
        await asyncio.sleep(_GATHER_SECONDS)
        begins_anew = console.begins_anew()
        with contextlib.suppress(ConnectionError, RuntimeError):
            for text in console.take():
                await socket.send_str(text)
        with contextlib.suppress(SQLAlchemyError, OSError):
            if begins_anew and await find_by_cookie(request) is None:
                await _end(socket)


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
        await _look_at(request, console, number)
    elif kind == "typing" and number is not None:
        await _tell_typing(request, console, person, number)


async def _look_at(request: web.Request, console: Console, number: str | None) -> None:
    """Who may not see a ticket looks at none."""
    async with request.app[SERVICES].sessions() as session:
        may = number is not None and await may_see(session, number, console.person_id)
    request.app[COLLEAGUES].view(console, number if may else None)


async def _tell_typing(request: web.Request, console: Console, person: PersonRow, number: str) -> None:
    """The customer sees that somebody types, and so do colleagues who look at the same ticket."""
    services = request.app[SERVICES]
    async with services.sessions() as session:
        ticket = await find_answerable(session, number, person)
    if ticket is not None:
        services.bus.hint(ticket.conversation_id, typing="agent")
        request.app[COLLEAGUES].answer(console, number)


async def _mark_seen(request: web.Request, person: PersonRow) -> None:
    """An open console means that its person is here."""
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await presence.mark_seen(session, person.id, now=services.clock.now())
