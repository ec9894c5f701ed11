"""Whatever is sent: an error that says what to do, the socket stays open, nothing is lost, nothing leaks.

On the real application over real sockets. What cannot be taken leaves no trace in the database.
"""

import asyncio
import base64
import contextlib
import io
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from aiohttp import ClientWebSocketResponse, FormData, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.channels.frames import MAX_FRAME_BYTES, MAX_ID, MAX_TEXT
from bot.keys import LIMITS
from bot.models import Attachment, Conversation, CustomerIdentity, Inbound, Message
from bot.security.limits import MESSAGES, Limits
from bot.settings import Settings
from escalation.models import TicketRow
from escalation.people import add_person
from escalation.ports import SystemClock
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
HELLO = '{"type": "hello", "session": null, "last_seq": 0, "locale": "en", "identity": null}'
IDENTITY_KEY = "the key that the shop and its counter share"


def frame(kind: str, /, **fields: Any) -> str:
    """Write a frame."""
    return json.dumps({"type": kind, **fields})


BAD_FRAMES = (
    ("not_json", "{"),
    ("not_json", ""),
    ("not_json", "[" * 100_000),
    ("not_json", '{"type": "read", "seq": ' + "9" * 5000 + "}"),
    ("not_an_object", "[]"),
    ("not_an_object", '"hello"'),
    ("not_an_object", "null"),
    ("unknown_type", "{}"),
    ("unknown_type", frame("order")),
    ("unknown_type", '{"type": ["message"]}'),
    ("unknown_type", '{"type": "\\ud800"}'),
    ("hello_twice", HELLO),
    ("bad_last_seq", frame("hello", last_seq=-1)),
    ("bad_session", frame("hello", session=7)),
    ("bad_id", frame("message", text="no id")),
    ("bad_id", frame("message", id="", text="an empty id")),
    ("bad_id", frame("message", id=7, text="a number")),
    ("bad_id", frame("message", id="x" * (MAX_ID + 1), text="too long an id")),
    ("bad_id", frame("message", id="a\x00b", text="NUL in the id")),
    ("bad_id", '{"type": "message", "id": "\\ud800", "text": "half a character as id"}'),
    ("empty", frame("message", id="m")),
    ("empty", frame("message", id="m", text=" \n\t")),
    ("empty", frame("message", id="m", text="\x00\x00")),
    ("bad_text", frame("message", id="m", text=["hi"])),
    ("bad_text", frame("message", id="m", text=None)),
    ("too_long", frame("message", id="m", text="x" * (MAX_TEXT + 1))),
    ("too_long", frame("message", id="m", text="長" * 350_000)),
    ("bad_attachments", frame("message", id="m", text="see", attachments=7)),
    ("bad_attachments", frame("message", id="m", text="see", attachments=[7])),
    ("bad_attachments", frame("message", id="m", text="see", attachments=["../../etc/passwd"])),
    ("too_many_attachments", frame("message", id="m", text="see", attachments=[str(uuid4()) for _ in range(7)])),
    ("no_such_photo", frame("message", id="m", text="see", attachments=[str(uuid4())])),
    ("bad_reply_to", frame("choice", id="c", value="confirm=yes")),
    ("bad_reply_to", frame("choice", id="c", reply_to=True, value="confirm=yes")),
    ("bad_value", frame("choice", id="c", reply_to=1)),
    ("bad_value", frame("choice", id="c", reply_to=1, value="x" * 201)),
    ("not_offered", frame("choice", id="c", reply_to=1, value="confirm=yes")),
    ("not_offered", frame("choice", id="c", reply_to=2**31 - 1, value="start:handoff.ask_human")),
    ("bad_seq", frame("read")),
    ("bad_seq", frame("read", seq=-1)),
    ("bad_seq", frame("read", seq=True)),
    ("no_survey", frame("survey", id="s", outcome=5)),
    ("bad_id", '{"type": "survey", "id": "\\ud800"}'),
    ("bad_id", frame("survey", id={"not": "an id"})),
)


async def _refusals(chat: Chat, frames: tuple[str, ...]) -> list[str]:
    """Send bad frames; return the code of each one's error, every one of which says what to do."""
    codes = []
    for raw in frames:
        await chat.send_raw(raw)
        error = await chat.until("error")
        assert len(error["message"]) > 15, error
        codes.append(error["code"])
    return codes


async def _count(sessions: Sessions, table: Any, *which: Any) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*which)) or 0


async def _is_answered(chat: Chat) -> None:
    await chat.ask("hello", "customer service")


async def test_bad_frames_get_an_error_and_the_socket_stays_open(client: Client, sessions: Sessions) -> None:
    """Every bad frame on one socket, each told by its own code; then a good message is answered."""
    chat = await Chat.open(client, locale="en")
    codes = await _refusals(chat, tuple(raw for _, raw in BAD_FRAMES))
    assert [(code, raw[:80]) for code, raw in BAD_FRAMES] == [
        (code, raw[:80]) for code, (_, raw) in zip(codes, BAD_FRAMES, strict=True)
    ]
    await _is_answered(chat)
    assert 1 == await _count(sessions, Inbound)
    assert 1 == await _count(sessions, Message, Message.sender == "customer")


async def test_nothing_is_taken_before_hello(client: Client, sessions: Sessions) -> None:
    """A good message first, broken text, bytes: told so; hello then works."""
    socket = await client.ws_connect("/ws/chat")
    codes = []
    for raw in (frame("message", id="early", text="hi"), "{", frame("hello", last_seq="0")):
        await socket.send_str(raw)
        codes.append((await socket.receive_json(timeout=PATIENCE_SECONDS))["code"])
    await socket.send_bytes(b"\x00\xff")
    codes.append((await socket.receive_json(timeout=PATIENCE_SECONDS))["code"])
    assert codes == ["hello_first", "not_json", "bad_last_seq", "not_text"]
    await socket.send_str(HELLO)
    assert "welcome" == (await socket.receive_json(timeout=PATIENCE_SECONDS))["type"]
    assert 0 == await _count(sessions, Inbound)


async def test_bytes_are_not_text(client: Client) -> None:
    """A binary frame after hello is an error, not the end."""
    socket = await client.ws_connect("/ws/chat")
    await socket.send_str(HELLO)
    await socket.send_bytes(frame("message", id="m", text="hi").encode())
    assert "not_text" == (await _next(socket, "error"))["code"]
    await socket.send_str(frame("message", id="m", text="hello"))
    assert 1 == (await _next(socket, "accepted"))["seq"]


async def _next(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            got: dict[str, Any] = await socket.receive_json()
            if got["type"] == kind:
                return got


async def test_a_frame_beyond_every_limit_ends_the_socket_not_the_conversation(
    client: Client, sessions: Sessions
) -> None:
    """More than is ever read closes the socket (RFC 6455: 1009); the session goes on with a new one."""
    socket = await client.ws_connect("/ws/chat", max_msg_size=0)
    await socket.send_str(HELLO)
    welcome = await _next(socket, "welcome")
    with contextlib.suppress(ConnectionError):
        await socket.send_str("x" * (MAX_FRAME_BYTES + 1))
    while (await socket.receive(timeout=PATIENCE_SECONDS)).type is WSMsgType.TEXT:
        pass
    assert socket.closed
    again = await Chat.open(client, session=welcome["session"], locale="en")
    assert welcome["session"] == again.session
    await _is_answered(again)
    assert 1 == await _count(sessions, Inbound)


@pytest.mark.parametrize(
    "guess", ["0", "' OR 1=1 --", "\x00", "\ud800", "../" * 50, "x" * 4096], ids=lambda guess: ascii(guess)[:12]
)
async def test_a_guessed_session_is_a_new_one(guess: str, client: Client, sessions: Sessions) -> None:
    """Whatever token is made up: a welcome with a session of our own making, and an empty conversation."""
    theirs = await Chat.open(client, locale="en")
    await _is_answered(theirs)
    mine = await Chat.open(client, session=guess, locale="en")
    assert mine.session not in {guess, theirs.session}
    await mine.until("state")
    assert [] == mine.messages
    await _is_answered(mine)
    assert 2 == await _count(sessions, Conversation)


async def test_a_last_seq_beyond_the_end_is_legal(client: Client) -> None:
    """Nothing old is shown, the next answer is."""
    chat = await Chat.open(client, locale="en")
    await _is_answered(chat)
    later = await Chat.open(client, session=chat.session, last_seq=2**31 - 1, locale="en")
    await later.until("state")
    assert (chat.session, []) == (later.session, later.messages)
    await later.write("hello again", frame_id="later")
    await later.hear("customer service")


ODD_TEXTS = (
    "/restart{}",
    '/greet{"order": "20260101001"}',
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "'; DROP TABLE messages; --",
    "{order} {0} %s ${jndi:ldap://x} {{7*7}}",
    "\u202egnihtemos\u200b \ufeff",
    "🎧" * 50,
    "?",
)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text)[:16])
async def test_a_text_is_only_ever_text(text: str, client: Client, sessions: Sessions) -> None:
    """Commands, markup, SQL, templates: stored and shown letter by letter, and answered like anything else."""
    chat = await Chat.open(client, locale="en")
    await chat.write(text)
    await chat.hear("")
    shown = next(message for message in chat.messages if message["from"] == "customer")
    assert text == shown["text"]
    async with sessions() as session:
        assert text == await session.scalar(select(Message.text).where(Message.sender == "customer"))
    await _is_answered(chat)


@pytest.mark.parametrize(("raw", "kept"), [("he\\u0000llo", "hello"), ("hi \\ud83d there", "hi ? there")])
async def test_what_no_database_can_hold_is_left_out(raw: str, kept: str, client: Client) -> None:
    """NUL characters and lone surrogates cost neither the message nor the socket."""
    chat = await Chat.open(client, locale="en")
    await chat.send_raw(f'{{"type": "message", "id": "odd", "text": "{raw}"}}')
    await chat.hear("")
    assert kept == chat.messages[0]["text"]


async def test_too_many_messages_wait_and_are_not_lost(app: web.Application, sessions: Sessions) -> None:
    """The one too many is told so by its id; sent again a moment later it is taken, once."""
    seconds = [0.0]
    app[LIMITS] = Limits(lambda: seconds[0])
    async with TestClient(TestServer(app)) as client:
        chat = await Chat.open(client, locale="en")
        for number in range(int(MESSAGES.burst)):
            await chat.write(f"hello {number}")
        await chat.write("hello at last", frame_id="last")
        error = await chat.until("error")
        assert ("too_fast", "last") == (error["code"], error["id"])
        seconds[0] += 1 / MESSAGES.per_second
        await chat.write("hello at last", frame_id="last")
        while "last" not in chat.accepted:
            await chat.until("accepted")
    assert int(MESSAGES.burst) + 1 == await _count(sessions, Inbound)
    assert 1 == await _count(sessions, Message, Message.text == "hello at last")


# Orders


async def test_an_order_number_alone_shows_nothing(client: Client, seeded: list[DemoOrder]) -> None:
    """Somebody else's number, right: no item, no amount, no date, not even whether the order exists."""
    order = order_saying(seeded, "Not sent yet")
    unknown = f"{order.number[:-3]}999"
    answers = []
    for number in (order.number, unknown):
        chat = await Chat.open(client, locale="en")
        asked = await chat.ask(f"Where is my order {number}?", "last four digits")
        answers.append(asked["text"].replace(number, "N"))
        wrong = await chat.ask("0000", "don't match")
        assert [choice["value"] for choice in wrong["choices"]] == ["start:handoff.ask_human"]
        said = " ".join(message["text"] for message in chat.messages)
        assert not any(secret in said for secret in (order.product["en"], order.phone_last4, "219"))
    assert answers[0] == answers[1]


async def test_a_missing_order_number_is_asked_for(client: Client, sessions: Sessions) -> None:
    """Without an order nothing is guessed: number and digits are asked for, and a person is fetched in the end."""
    chat = await Chat.open(client, locale="en")
    await chat.ask("Where is my parcel?", "order number")
    await chat.ask("My parcel, where is it?", "order number")
    await chat.ask("Where is my package?", "order number")
    await chat.ask("I want to know where my parcel is", "SW-")
    assert 1 == await _count(sessions, TicketRow)


# Photos


def _image(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "orange").save(written, kind)
    return written.getvalue()


def _huge_png() -> bytes:
    """A few hundred bytes that claim 30,000 × 30,000 pixels."""
    small = _image("PNG")
    side = (30_000).to_bytes(4, "big")
    head = b"IHDR" + side + side + small[24:29]
    return small[:12] + head + _crc(head) + small[33:]


def _crc(chunk: bytes) -> bytes:
    return zlib.crc32(chunk).to_bytes(4, "big")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD_PHOTOS = {
    "executable": (b"MZ\x90\x00" + bytes(500), "not_a_photo"),
    "elf": (b"\x7fELF" + bytes(500), "not_a_photo"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "not_a_photo"),
    "svg": (SVG, "not_a_photo"),
    "html": (b"<html><script>alert(1)</script>", "not_a_photo"),
    "tiff": (_image("TIFF"), "not_a_photo"),
    "empty": (b"", "not_a_photo"),
    "truncated": (_image("JPEG", (400, 300))[:600], "not_a_photo"),
    "bomb": (_huge_png(), "photo_too_large"),
    "over 10 MB": (_image("JPEG") + bytes(10 * 1024 * 1024), "photo_too_large"),
}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _form(content: bytes, name: str = "file") -> FormData:
    form = FormData()
    form.add_field(name, io.BytesIO(content), filename="photo.jpg", content_type="image/jpeg")
    return form


async def test_what_is_no_photo_is_refused(client: Client, sessions: Sessions) -> None:
    """Executables, scripts, SVG, half images, bombs: 415 with the reason, nothing is stored; a real photo then is."""
    chat = await Chat.open(client, locale="en")
    got = {}
    for name, (content, _) in BAD_PHOTOS.items():
        response = await client.post("/api/v1/attachments", data=_form(content), headers=_bearer(chat.session))
        problem = await response.json()
        assert "application/problem+json" == response.content_type
        assert "photo" in problem["detail"]
        got[name] = (response.status, problem["type"].rpartition(":")[2])
    assert {name: (415, code) for name, (_, code) in BAD_PHOTOS.items()} == got
    assert 0 == await _count(sessions, Attachment)
    response = await client.post("/api/v1/attachments", data=_form(_image("PNG")), headers=_bearer(chat.session))
    assert (201, "image/jpeg") == (response.status, (await response.json())["media_type"])


async def test_uploads_that_are_no_uploads(client: Client, sessions: Sessions) -> None:
    """No session, a made-up one, no file, no multipart after all, a body without end: each a problem document."""
    chat = await Chat.open(client, locale="en")
    mine = _bearer(chat.session)
    broken = {**mine, "Content-Type": "multipart/form-data; boundary=x"}
    unbounded = {**mine, "Content-Type": "multipart/form-data"}
    tries = (
        (401, {"data": _form(_image("PNG"))}),
        (401, {"data": _form(_image("PNG")), "headers": _bearer("guessed")}),
        (400, {"data": _form(_image("PNG"), name="other"), "headers": mine}),
        (400, {"data": b"no boundary in here", "headers": broken}),
        (400, {"data": b"--x\r\n", "headers": unbounded}),
        (413, {"data": io.BytesIO(bytes(13 * 1024 * 1024)), "headers": {**mine, "Content-Type": "image/jpeg"}}),
        (413, {"data": _form(bytes(13 * 1024 * 1024)), "headers": mine}),
    )
    for status, request in tries:
        response = await client.post("/api/v1/attachments", **request)
        assert (status, "application/problem+json") == (response.status, response.content_type), request["headers"]
    assert 0 == await _count(sessions, Attachment)


async def test_somebody_elses_photo_is_neither_shown_nor_attached(client: Client, sessions: Sessions) -> None:
    """Knowing a photo's id is not enough: 404 to look at it, an error to send it."""
    theirs, mine = await Chat.open(client, locale="en"), await Chat.open(client, locale="en")
    upload = await client.post("/api/v1/attachments", data=_form(_image("PNG")), headers=_bearer(theirs.session))
    photo = (await upload.json())["id"]
    statuses = {}
    for who, token in (("theirs", theirs.session), ("mine", mine.session), ("nobody", ""), ("made up", "x")):
        statuses[who] = (await client.get(f"/api/v1/attachments/{photo}", headers=_bearer(token))).status
    assert {"theirs": 200, "mine": 404, "nobody": 401, "made up": 401} == statuses
    await mine.write("look", attachments=(photo,))
    assert "no_such_photo" == (await mine.until("error"))["code"]
    assert 0 == await _count(sessions, Inbound)
    await theirs.write("", attachments=(photo,))
    await theirs.hear("photo")


@pytest.mark.parametrize("name", ["1", "..%2F..%2Fetc%2Fpasswd", "%00", "' OR 1=1"])
async def test_a_photo_id_that_is_none(name: str, client: Client) -> None:
    """Anything else in the path is no such photo."""
    chat = await Chat.open(client, locale="en")
    response = await client.get(f"/api/v1/attachments/{name}", headers=_bearer(chat.session))
    assert 404 == response.status


# The reading API, origins, identities


async def test_reading_a_text_by_http(client: Client, sessions: Sessions) -> None:
    """Without a token 401; broken, wrong or too long 400, 422, 413; then a good text is read."""
    async with sessions.begin() as session:
        person = await add_person(
            session, login="api", name="Api", role="agent", desk="order", now=SystemClock().now(), token=True
        )
    mine = _bearer(person.token or "")
    tries = (
        (401, b'{"text": "hi"}', {}),
        (401, b'{"text": "hi"}', _bearer("guessed")),
        (401, b'{"text": "hi"}', {"Authorization": "Basic YTpi"}),
        (400, b"{", mine),
        (400, b"\xff\xfe", mine),
        (400, b"[" * 100_000, mine),
        (422, b"[]", mine),
        (422, b'{"text": 7}', mine),
        (422, b"{}", mine),
        (413, json.dumps({"text": "x" * 10_001}).encode(), mine),
        (413, b'{"text": "' + b"x" * (13 * 1024 * 1024) + b'"}', mine),
        (200, b'{"text": "he\\u0000llo \\ud800"}', mine),
        (200, b'{"text": ""}', mine),
        (200, b'{"text": "/restart{}"}', mine),
    )
    got = []
    for _, body, headers in tries:
        response = await client.post("/api/v1/nlu/parse", data=io.BytesIO(body), headers=headers)
        got.append(response.status)
        assert response.content_type == ("application/json" if response.ok else "application/problem+json")
    assert [status for status, *_ in tries] == got


async def test_a_token_that_is_no_text(client: Client) -> None:
    """Bytes that are no UTF-8 in the header are no token: 401, not an error of ours."""
    reader, writer = await _connect(client)
    writer.write(
        b"POST /api/v1/nlu/parse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n\r\n"
    )
    await writer.drain()
    status = await reader.readline()
    writer.close()
    assert b"401" in status


async def _connect(client: Client) -> Any:
    return await asyncio.open_connection(client.host, client.port)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "x"])
async def test_a_strange_page_may_not_open_a_chat(origin: str, client: Client) -> None:
    """403 before the handshake."""
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/ws/chat", origin=origin)
    assert 403 == refused.value.status


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A shop that signs its customers in."""
    return Settings(data_dir=tmp_path, nlu_engine="embedded", identity_key=SecretStr(IDENTITY_KEY))


def _identity(key: str = IDENTITY_KEY, algorithm: str = "HS256", **claims: Any) -> str:
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    return jwt.encode({"sub": "customer-7", "exp": in_an_hour} | claims, key, algorithm=algorithm)


def _unsigned() -> str:
    head, body = ({"alg": "none", "typ": "JWT"}, {"sub": "customer-7", "exp": int(time.time()) + 3600})
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, body))
    return ".".join((*parts, ""))


FORGED = {
    "no token at all": "customer-7",
    "empty": "",
    "unsigned": _unsigned(),
    "another key": _identity("some other key of more than 32 letters"),
    "another algorithm": _identity(IDENTITY_KEY * 2, "HS512"),
    "expired": _identity(exp=datetime.now(UTC) - timedelta(seconds=1)),
    "without end": jwt.encode({"sub": "customer-7"}, IDENTITY_KEY, algorithm="HS256"),
    "without name": jwt.encode({"exp": int(time.time()) + 3600}, IDENTITY_KEY, algorithm="HS256"),
    "empty name": _identity(sub=""),
    "long name": _identity(sub="x" * 201),
    "name with NUL": _identity(sub="a\x00b"),
    "half a character": "\ud800",
}


@pytest.mark.parametrize("kind", FORGED)
async def test_a_wrong_identity_leaves_the_visitor_anonymous(kind: str, client: Client, sessions: Sessions) -> None:
    """The error says that the shop's token was not accepted; the chat goes on, nobody is signed in."""
    chat = await Chat.open(client, locale="en", identity=FORGED[kind])
    assert ["bad_identity"] == [error["code"] for error in chat.errors]
    await _is_answered(chat)
    assert 0 == await _count(sessions, CustomerIdentity)


async def test_another_customers_session_begins_anew(client: Client) -> None:
    """A session that was signed in is not shown to anybody who is not that customer."""
    theirs = await Chat.open(client, locale="en", identity=_identity())
    await _is_answered(theirs)
    for identity in (None, _identity(sub="customer-8")):
        mine = await Chat.open(client, session=theirs.session, locale="en", identity=identity)
        assert theirs.session != mine.session
        await mine.until("state")
        assert [] == mine.messages
