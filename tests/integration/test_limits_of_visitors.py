"""What one address may do, whoever it says it is: limits that another name, or a made-up token, does not lead round."""

import asyncio
import io
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.keys import LIMITS
from bot.models import Conversation
from bot.security.limits import SESSIONS, SIGN_INS_OF_ADDRESS, UPLOADS, UPLOADS_OF_ADDRESS, Limits
from escalation.people import add_person
from escalation.ports import SystemClock
from tests.integration.chat import Chat

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def app(app: web.Application) -> web.Application:
    """The application, in which no time passes for limits: no bucket fills again."""
    app[LIMITS] = Limits(lambda: 0.0)
    return app


async def _try(client: Client, login: str, password: str = "a wrong password") -> int:
    form = {"login": login, "password": password}
    return (await client.post("/console/sign-in", data=form, allow_redirects=False)).status


async def test_who_tries_many_logins_waits_too(client: Client) -> None:
    """Each try costs a processor a moment that customers wait for: so many an address, whatever the logins."""
    for _ in range(int(SIGN_INS_OF_ADDRESS.burst) - 2):
        assert client.app[LIMITS].allow(SIGN_INS_OF_ADDRESS, "127.0.0.1")
    assert [403, 403, 429, 429] == [await _try(client, f"somebody-{number}") for number in range(4)]


async def test_a_customer_is_answered_while_many_try_to_sign_in(client: Client) -> None:
    """Passwords are looked at one by one, so that there is always room for reading what a customer wrote."""
    trying = [asyncio.create_task(_try(client, f"somebody-{number}")) for number in range(20)]
    chat = await Chat.open(client, locale="en")
    await chat.write("Hello")
    await chat.hear("")
    assert any(not one.done() for one in trying)
    assert {403} == set(await asyncio.gather(*trying))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"login=a%00b&password=x", 403),
        (b"login=%ff%fe&password=%ed%a0%80", 403),
        (b"\xff\xfe=\xff&login=lin&password=\x00", 403),
        (b"login=" + b"x" * 500_000, 403),
        (b"&".join(b"login=a" for _ in range(5000)), 403),
        (b"", 403),
    ],
    ids=["nul", "bytes", "no text", "endless", "fields", "nothing"],
)
async def test_a_form_that_no_page_sends_signs_nobody_in(body: bytes, status: int, client: Client) -> None:
    """It is as wrong as any other."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await client.post("/console/sign-in", data=body, headers=headers)
    assert status == response.status


async def test_the_right_password_opens_the_console(client: Client, sessions: Sessions) -> None:
    """Of somebody whose address has tried in vain before."""
    async with sessions.begin() as session:
        ann = await add_person(session, login="ann", name="Ann", role="agent", desk="quality", now=SystemClock().now())
    assert 403 == await _try(client, "ann")
    assert 303 == await _try(client, "ann", ann.password)


async def test_a_made_up_session_counts_as_a_new_one(client: Client, sessions: Sessions) -> None:
    """An address begins so many; who goes on with one that is there does not wait."""
    chat = await Chat.open(client, locale="en")
    limits = client.app[LIMITS]
    while limits.allow(SESSIONS, "127.0.0.1"):
        pass
    again = await Chat.open(client, session=chat.session, locale="en")
    assert chat.session == again.session
    socket = await client.ws_connect("/ws/chat")
    await socket.send_json({"type": "hello", "session": f"made-up-{uuid4()}", "last_seq": 0})
    # Had it been let in, it would be by the time that another, who is known, has come and gone.
    await (await Chat.open(client, session=chat.session, locale="en")).write("Hello")
    async with sessions() as session:
        assert 1 == await session.scalar(select(func.count()).select_from(Conversation))
    await socket.close()


async def test_an_address_sends_so_many_photos(client: Client) -> None:
    """However many conversations it begins for them."""
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, "PNG")
    statuses = []
    for _ in range(int(UPLOADS_OF_ADDRESS.burst / UPLOADS.burst) + 1):
        chat = await Chat.open(client, locale="en")
        headers = {"Authorization": f"Bearer {chat.session}", "Content-Type": "image/png"}
        for _ in range(int(UPLOADS.burst)):
            sent = await client.post("/api/v1/attachments", data=content.getvalue(), headers=headers)
            statuses.append(sent.status)
    assert [201] * int(UPLOADS_OF_ADDRESS.burst) + [429] * int(UPLOADS.burst) == statuses
