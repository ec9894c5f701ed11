"""The widget's socket: `GET /ws/chat`, JSON text frames (see docs/reference/widget-socket.md).

A socket shows a conversation: every message row in order of its number, from the last one the visitor has seen. What
arrives is stored before it is acknowledged; what is sent is read from the database, so that a reconnect loses nothing.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any
from uuid import UUID

from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.frames import (
    MAX_FRAME_BYTES,
    ChoiceFrame,
    Frame,
    FrameError,
    Hello,
    MessageFrame,
    ReadFrame,
    SurveyFrame,
    TypingFrame,
    read_frame,
)
from bot.channels.state_frame import describe_state
from bot.keys import LIMITS, SERVICES, SETTINGS, SOCKETS, TURNS
from bot.live.bus import Change, Subscription
from bot.models import Attachment, Conversation, Message
from bot.security.limits import MESSAGES, SESSIONS
from bot.security.sessions import WIDGET, IdentityError, Session, find_conversation, open_session, read_identity
from bot.surveys import mask_comment, take_survey
from bot.texts import as_language, as_time_zone
from bot.turn.inbox import Accepted, Received
from bot.web.addresses import find_address
from escalation.errors import SurveyError
from escalation.looking import look
from escalation.survey import find_survey_of_conversation, is_repeated

log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 25.0
_HELLO_WITHIN_SECONDS = 30.0
_PAGE = 200
# Built once, of plain columns: they are asked for after each message.
_BUBBLES = Message.__table__.c
_UNSEEN = (
    select(
        *(_BUBBLES[name] for name in ("seq", "sender", "sender_name", "text", "choices", "attachments", "client_id")),
        *(_BUBBLES[name] for name in ("survey", "at")),
    )
    .where(_BUBBLES.conversation_id == bindparam("conversation"), _BUBBLES.seq > bindparam("shown"))
    .order_by(_BUBBLES.seq)
    .limit(_PAGE)
)

_OFFERED = select(_BUBBLES.choices).where(
    _BUBBLES.conversation_id == bindparam("conversation"), _BUBBLES.seq == bindparam("seq")
)


async def chat(request: web.Request) -> web.WebSocketResponse:
    """Serve one socket. Refuses a page of another origin (403)."""
    check_origin(request)
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
    await socket.prepare(request)
    sockets = request.app[SOCKETS]
    sockets.add(socket)
    try:
        await ChatSocket(request, socket).run()
    except Exception:
        # An HTTP answer on an upgraded connection would be noise; the widget comes back and sends again what it kept.
        log.exception("a socket failed; it is closed, and may come back")
        await socket.close(code=WSCloseCode.INTERNAL_ERROR)
    finally:
        sockets.discard(socket)
    return socket


def check_origin(request: web.Request) -> None:
    """Refuse other pages (403): an Origin that is sent must be ours or an allowed one (cross-site hijacking)."""
    origin = request.headers.get("Origin")
    settings = request.app[SETTINGS]
    if origin and origin not in {f"{request.scheme}://{request.host}", *settings.origins()}:
        raise web.HTTPForbidden(text="This page's origin is not allowed to open a chat here.")


class ChatSocket:
    """One visitor's socket, from hello to close."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._app = request.app
        self._socket = socket
        self._address = find_address(request)
        self._services = request.app[SERVICES]
        self._session: Session | None = None
        self._shown = 0

    async def run(self) -> None:
        """Say hello, then take frames and show messages until the socket closes."""
        hello = await self._await_hello()
        if hello is None or not await self._await_turn(hello):
            return
        session = await self._welcome(hello)
        with self._services.bus.listen(session.conversation_id) as changes:
            showing = asyncio.create_task(self._show_all(changes, session.conversation_id))
            try:
                await self._take_frames(session, changes)
            finally:
                showing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await showing

    async def _await_hello(self) -> Hello | None:
        """Return the first hello; other frames before it are told so."""
        while True:
            try:
                message = await self._socket.receive(timeout=_HELLO_WITHIN_SECONDS)
            except TimeoutError:
                return None
            if message.type is not WSMsgType.TEXT:
                if message.type is WSMsgType.BINARY:
                    await self._fail(FrameError("not_text", "Frames are JSON text."))
                    continue
                return None
            try:
                frame = read_frame(message.data)
                if isinstance(frame, Hello):
                    return frame
                raise FrameError("hello_first", "Send a hello frame first.")
            except FrameError as error:
                await self._fail(error)

    async def _welcome(self, hello: Hello) -> Session:
        """Resume or begin the session."""
        sub = await self._identify(hello.identity)
        async with self._services.sessions.begin() as session:
            opened = await open_session(
                session,
                self._services.seal,
                token=hello.session,
                sub=sub,
                language=as_language(hello.locale) or "zh-Hans",
                address=self._address,
                now=self._services.clock.now(),
            )
            await _follow_visitor(session, opened, hello)
        self._session = opened
        self._shown = min(hello.last_seq, opened.last_seq)
        await self._send("welcome", session=opened.token, conversation=str(opened.conversation_id), seq=opened.last_seq)
        return opened

    async def _await_turn(self, hello: Hello) -> bool:
        """Let too many new sessions of one address wait; tells whether the visitor still does."""
        if not await self._is_resumed(hello):
            while not self._app[LIMITS].allow(SESSIONS, self._address):
                await asyncio.sleep(1)
                if self._socket.closed:
                    return False
        return True

    async def _is_resumed(self, hello: Hello) -> bool:
        """Tell whether there is such a session: one that nobody knows begins anew, as none does."""
        services = self._services
        async with services.sessions() as session:
            return await find_conversation(session, services.seal, hello.session, now=services.clock.now()) is not None

    async def _identify(self, token: str | None) -> str | None:
        if token is None:
            return None
        key = self._app[SETTINGS].identity_key
        try:
            return read_identity(token, key.get_secret_value() if key else None)
        except IdentityError as error:
            await self._fail(FrameError("bad_identity", f"The shop's identity token was not accepted: {error}."))
            return None

    async def _take_frames(self, session: Session, changes: Subscription) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                await self._fail(FrameError("not_text", "Frames are JSON text."))
            elif message.type is WSMsgType.TEXT:
                try:
                    await self._take(read_frame(message.data), session, changes)
                except FrameError as error:
                    await self._fail(error)

    async def _take(self, frame: Frame, session: Session, changes: Subscription) -> None:
        match frame:
            case MessageFrame():
                await self._accept(frame.id, await self._receive_message(frame, session))
            case ChoiceFrame():
                await self._accept(frame.id, await self._receive_choice(frame, session))
            case TypingFrame():
                self._services.bus.hint(session.conversation_id, typing="customer", but=changes)
            case SurveyFrame():
                await self._accept(frame.id, await self._receive_survey(frame, session))
            case ReadFrame():
                await self._keep_read(frame, session)
            case Hello():
                raise FrameError("hello_twice", "This socket has said hello already.")

    async def _keep_read(self, frame: ReadFrame, session: Session) -> None:
        """Keep how far the visitor has read: what they have read is not mailed after them."""
        further = update(Conversation).where(
            Conversation.id == session.conversation_id,
            Conversation.read_seq < frame.seq,
            Conversation.last_seq >= frame.seq,
        )
        async with self._services.sessions.begin() as database:
            await database.execute(further.values(read_seq=frame.seq))

    async def _receive_survey(self, frame: SurveyFrame, session: Session) -> Accepted:
        """Take ratings once; the same sent again, because the line broke, are answered from what is stored."""
        services, now = self._services, self._services.clock.now()
        async with services.sessions.begin() as database:
            survey = await find_survey_of_conversation(database, session.conversation_id, frame.survey)
            if survey is None:
                raise FrameError("no_survey", "Nothing of yours is waiting to be rated.", frame.id)
            repeated = is_repeated(survey, mask_comment(frame.ratings))
            try:
                if not repeated:
                    await take_survey(
                        database,
                        session.conversation_id,
                        survey,
                        frame.ratings,
                        catalogue=services.catalogue,
                        levels=services.levels,
                        now=now,
                    )
            except SurveyError as error:
                raise FrameError(f"survey_{error.code}", str(error), frame.id) from None
            conversation = await database.get_one(Conversation, session.conversation_id)
            accepted = Accepted(conversation.last_seq, repeated=repeated)
        services.on_due.set()
        return accepted

    async def _receive_message(self, frame: MessageFrame, session: Session) -> Accepted:
        if not await self._are_own_photos(frame, session):
            raise FrameError("no_such_photo", "A photo of this message is not here; please send it again.", frame.id)
        return await self._receive(session, frame.id, text=frame.text, attachments=frame.attachments)

    async def _are_own_photos(self, frame: MessageFrame, session: Session) -> bool:
        if not frame.attachments:
            return True
        own = select(func.count()).where(
            Attachment.id.in_(frame.attachments), Attachment.conversation_id == session.conversation_id
        )
        async with self._services.sessions() as database:
            return await database.scalar(own) == len(set(frame.attachments))

    async def _receive_choice(self, frame: ChoiceFrame, session: Session) -> Accepted:
        asked = {"conversation": session.conversation_id, "seq": frame.reply_to}
        async with look(self._services.sessions) as database:
            offered = await database.scalar(_OFFERED, asked) or []
        label = next((choice["label"] for choice in offered if choice["value"] == frame.value), None)
        if label is None:
            raise FrameError("not_offered", "That message offered no such choice.", frame.id)
        return await self._receive(session, frame.id, choice=frame.value, label=label)

    async def _receive(self, session: Session, frame_id: str, **content: Any) -> Accepted:
        if not self._app[LIMITS].allow(MESSAGES, str(session.conversation_id)):
            raise FrameError("too_fast", "Too many messages at once; wait a moment and send it again.", frame_id)
        received = Received(
            channel=WIDGET,
            external_id=f"{session.conversation_id}/{frame_id}",
            conversation_id=session.conversation_id,
            at=self._services.clock.now(),
            client_id=frame_id,
            **content,
        )
        try:
            return await self._app[TURNS].receive(received)
        except LookupError:
            # What was said here is erased: the widget comes back, and sends what it kept as somebody new.
            await self._socket.close(code=WSCloseCode.SERVICE_RESTART)
            raise FrameError("try_again", "This conversation has ended; a new one begins.", frame_id) from None
        except Exception:
            log.exception("a message could not be stored")
            raise FrameError("try_again", "We could not store that just now; please send it again.", frame_id) from None

    async def _accept(self, frame_id: str, accepted: Accepted) -> None:
        await self._send("accepted", id=frame_id, seq=accepted.seq)
        if self._session:
            self._services.bus.hint(self._session.conversation_id, Change.SAID)

    async def _show_all(self, changes: Subscription, conversation_id: UUID) -> None:
        """Show what is there and whatever comes, until cancelled."""
        changed, typing = {Change.ANYTHING}, set[str]()
        while True:
            for who in sorted(typing):
                await self._send("typing", **{"from": who})
            try:
                await self._show(conversation_id, changed)
            except (ConnectionError, RuntimeError):
                return
            except Exception:
                log.exception("a socket could not read its conversation; it will look again")
                await asyncio.sleep(1)
                continue
            changed, typing = await changes.wait()

    async def _show(self, conversation_id: UUID, changed: set[Change]) -> None:
        """Send the messages not shown yet, and where the conversation stands if that may have changed."""
        if changed == {Change.TYPING}:
            return
        async with look(self._services.sessions) as session:
            messages = (await session.execute(_UNSEEN, {"conversation": conversation_id, "shown": self._shown})).all()
            stands_anew = Change.ANYTHING in changed
            state = await describe_state(session, conversation_id, self._services) if stands_anew else None
        for message in messages:
            await self._send("message", **_message_frame(message))
            self._shown = message.seq
        if state is not None:
            await self._send("state", **state)
        if len(messages) == _PAGE:
            await self._show(conversation_id, changed)

    async def _send(self, kind: str, **fields: Any) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    async def _fail(self, error: FrameError) -> None:
        about = {"id": error.frame_id} if error.frame_id else {}
        await self._send("error", code=error.code, message=error.message, **about)


async def _follow_visitor(session: AsyncSession, opened: Session, hello: Hello) -> None:
    """A language chosen in the widget becomes the conversation's, until the customer writes in another.

    So does the zone that the visitor's clock is in; one that nobody knows changes nothing.
    """
    language, time_zone = as_language(hello.locale), as_time_zone(hello.time_zone)
    if time_zone or (opened.resumed and language):
        conversation = await session.get_one(Conversation, opened.conversation_id)
        conversation.language = (opened.resumed and language) or conversation.language
        conversation.time_zone = time_zone or conversation.time_zone


def _message_frame(message: Row[Any]) -> dict[str, Any]:
    own = {"id": message.client_id} if message.client_id else {}
    return {
        "seq": message.seq,
        "from": message.sender,
        "name": message.sender_name,
        "text": message.text,
        "choices": message.choices,
        "attachments": message.attachments,
        **({"survey": {"id": message.survey["id"], "ticket": message.survey["ticket"]}} if message.survey else {}),
        "at": message.at.isoformat(),
        **own,
    }
