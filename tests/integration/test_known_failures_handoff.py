"""What went wrong for others when a person should have come: each failure by its number, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from actions.embedded_shop import EmbeddedShop
from actions.shop import Order
from bot.app import build_app
from bot.keys import SERVICES
from bot.models import Conversation, Inbound, Message
from bot.nlu.embedded import EmbeddedInterpreter
from bot.nlu.rasa_client import RasaInterpreter
from bot.nlu.rasa_server import RasaAddress
from bot.nlu.reading import InterpreterError, Reading
from bot.nlu.understanding import FallbackInterpreter
from bot.settings import Settings
from bot.turn.inbox import Received, store_edit
from escalation.models import ClockRow, TicketRow
from escalation.ports import SystemClock
from escalation.testing import FakeClock, make_person
from tests.integration.chat import Chat
from tests.integration.conftest import order_saying
from tests.integration.machine import eventually

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
Starter = Callable[..., Any]
COMPLAINT = "I want to make a complaint about your rude service"
TOKEN = "Sue's own token"


@pytest.fixture
async def start(
    settings: Settings,
    database_url: str,
    interpreter: EmbeddedInterpreter,
    seeded: list[DemoOrder],
    sessions: Sessions,
) -> Starter:
    """What starts the application with parts of the test's own; Sue, the supervisor, may use the API."""
    async with sessions.begin() as session:
        session.add(make_person("sue", "supervisor", None, now=SystemClock().now(), token=TOKEN))

    @asynccontextmanager
    async def started(**parts: Any) -> AsyncIterator[Client]:
        app = build_app(settings, database_url=database_url, **{"interpreter": interpreter, **parts})
        async with TestClient(TestServer(app)) as client:
            yield client

    return started


async def ask_as_sue(client: Client, method: str, path: str, **request: Any) -> Any:
    """Use the API as the supervisor; returns what came."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    response = await client.request(method, f"/api/v1/tickets/{path}", headers=headers, **request)
    assert response.status == 200, await response.text()
    return await response.json()


async def only_ticket(sessions: Sessions) -> TicketRow:
    """The one ticket there is."""
    async with sessions() as session:
        return (await session.scalars(select(TicketRow))).one()


async def senders(sessions: Sessions) -> list[str]:
    """Who spoke, in order."""
    async with sessions() as session:
        return list(await session.scalars(select(Message.sender).order_by(Message.seq)))


async def await_covered(sessions: Sessions, frame_id: str, by: str) -> None:
    """Return when a message of the customer's is covered by somebody's answer."""

    async def is_covered() -> bool:
        async with sessions() as session:
            covered = select(Inbound.covered_by).where(Inbound.external_id.endswith(f"/{frame_id}"))
            return await session.scalar(covered) == by

    await eventually(is_covered)


async def test_18_the_bot_is_silent_for_a_person_however_long_the_customer_was_away(
    start: Starter, sessions: Sessions
) -> None:
    """No session runs out: a month later, after a restart, the word is still the person's, and an answer is owed."""
    clock = FakeClock(SystemClock().now())
    async with start(clock=clock) as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask(COMPLAINT, "SW-")
        number = (await only_ticket(sessions)).number
        await ask_as_sue(client, "POST", f"{number}/messages", json={"text": "I am Sue, and I look into it."})
        await chat.close()
    clock.advance(timedelta(days=30))
    before = await senders(sessions)
    async with start(clock=clock) as client:
        chat = await Chat.open(client, locale="en", session=chat.session, last_seq=chat.messages[-1]["seq"])
        await chat.write("where is my parcel?", frame_id="back")
        await await_covered(sessions, "back", "human")
        await chat.until("state")
    assert ("agent", "Sue") == (chat.state["with"], chat.state["name"])
    assert [*before, "customer"] == await senders(sessions)
    async with sessions() as session:
        owed = (await session.scalars(select(ClockRow).where(ClockRow.kind == "next_response"))).one()
    assert (clock.now(), None) == (owed.started_at, owed.met_at)


class Held:
    """A turn observer that holds turns up at one step, once told to."""

    def __init__(self, step: str) -> None:
        self._step, self.holds = step, False
        self.arrived, self.release = asyncio.Event(), asyncio.Event()

    async def reached(self, step: str, *, since: float | None = None) -> None:
        """Wait there."""
        if self.holds and step == self._step:
            self.arrived.set()
            await self.release.wait()


@pytest.mark.parametrize("step", ["read", "gathered"])
async def test_18_a_reply_begun_before_the_take_over_is_dropped(start: Starter, sessions: Sessions, step: str) -> None:
    """Understood, or with all its facts at hand: the person was first, and the message is theirs to answer."""
    held = Held(step)
    async with start(observer=held) as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask(COMPLAINT, "SW-")
        number = (await only_ticket(sessions)).number
        held.holds = True
        await chat.write("where is my parcel?", frame_id="late")
        await held.arrived.wait()
        await ask_as_sue(client, "POST", f"{number}/messages", json={"text": "I am here."})
        held.release.set()
        await await_covered(sessions, "late", "human")
    assert ["customer", "system", "agent"] == (await senders(sessions))[-3:]


async def test_an_edit_that_a_turn_had_to_wait_for_is_what_it_answers(start: Starter, sessions: Sessions) -> None:
    """The turn has its answer to the first words ready, and finds the conversation locked by whoever rewrites them."""
    held = Held("gathered")
    async with start(observer=held) as client:
        chat = await Chat.open(client, locale="en")
        held.holds = True
        await chat.write("hello", frame_id="words")
        await held.arrived.wait()
        async with sessions.begin() as session:
            talk = (await session.scalars(select(Conversation.id))).one()
            edit = Received("widget", "edit", talk, SystemClock().now(), text=COMPLAINT, client_id="words")
            assert await store_edit(session, edit, client.app[SERVICES].seal) is None
            held.release.set()
            await eventually(partial(_waits_for_lock, sessions))
        await chat.hear("SW-")
    assert ["customer", "bot", "bot"] == (await senders(sessions))[:3]


async def _waits_for_lock(sessions: Sessions) -> bool:
    """Tell whether anybody waits for a lock in this database."""
    waiting = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"
    )
    async with sessions() as session:
        return bool(await session.scalar(text(waiting)))


class CrashingShop(EmbeddedShop):
    """A shop whose answers break whoever asks: no error that anybody foresaw."""

    async def find_order(self, number: str) -> Order | None:
        """Crash."""
        raise ZeroDivisionError(number)


async def test_19_a_crash_in_a_turn_hands_over_with_everything(
    start: Starter, seeded: list[DemoOrder], sessions: Sessions
) -> None:
    """The customer is told whose case it is; transcript, facts and reason are there, also after a restart."""
    order = order_saying(seeded, "earphone dead")
    async with start(shop=CrashingShop(sessions, SystemClock())) as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask("The left earphone went silent, it is broken", "order number")
        told = await chat.ask(f"{order.number} {order.phone_last4}", "went wrong on my side")
        await chat.close()
    ticket = await only_ticket(sessions)
    assert ticket.number in told["text"]
    async with start() as client:
        chat = await Chat.open(client, locale="en", session=chat.session)
        await chat.until("state")
        assert ("queue", ticket.number) == (chat.state["with"], chat.state["ticket"]["number"])
        found = await ask_as_sue(client, "GET", ticket.number)
        await chat.write("Any update on my case?", frame_id="again")
        assert chat.state["ticket"]["owner"] in (await chat.hear(f"Case {ticket.number}"))["text"]
    assert ("failed_turn", ["turn_failed"]) == (found["packet"]["flow"], found["packet"]["findings"])
    assert "The left earphone went silent, it is broken" == found["packet"]["facts"]["said"]
    assert order.number in found["packet"]["facts"]["last_said"]
    assert "earphone went silent" in found["summary"]
    assert ["customer", "bot", "bot", "customer", "bot"] == [message["from"] for message in found["messages"]]


async def test_19_a_memory_that_cannot_be_read_strands_nobody(start: Starter, sessions: Sessions) -> None:
    """What another version wrote there: the customer is answered as somebody new, not left waiting."""
    async with start() as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask("Where is my parcel?", "order number")
        async with sessions.begin() as session:
            strange = {"frames": [{"flow": "parcel", "colour": "blue"}]}
            await session.execute(update(Conversation).values(state=strange, version=Conversation.version + 1))
        await chat.ask("Where is my parcel?", "order number")


_READING = {"intent": {"name": "logistics.where", "confidence": 0.9}, "intent_ranking": [], "entities": []}
GARBAGE: dict[str, bytes] = {
    "an empty list": b"[]",
    "an empty object": b"{}",
    "null": b"null",
    "nothing": b"",
    "a page": b"<html>Welcome</html>",
    "half an answer": json.dumps(_READING).encode()[:40],
    "no intent": json.dumps(_READING | {"intent": None}).encode(),
    "an intent of nobody's": json.dumps(_READING | {"intent": {"name": "", "confidence": 1.0}}).encode(),
    "entities that are none": json.dumps(_READING | {"entities": "none"}).encode(),
    "no text at all": b"\xff\xfe\x00",
    "a well without a floor": b"[" * 100_000,
}


@asynccontextmanager
async def helper_saying(said: bytes, embedded: EmbeddedInterpreter) -> AsyncIterator[FallbackInterpreter]:
    """Understanding by an engine server that answers 200 and always the same, with the embedded engine behind it."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=said, content_type="application/json")

    helper = web.Application()
    helper.router.add_post("/model/parse", answer)
    async with TestServer(helper) as server:
        address = RasaAddress(str(server.make_url("")).rstrip("/"), None)
        rasa = RasaInterpreter(lambda: address)
        yield FallbackInterpreter(rasa, embedded, clock=SystemClock())
        await rasa.close()


@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE)
async def test_20_what_the_engine_server_says_is_not_believed(
    start: Starter, interpreter: EmbeddedInterpreter, said: bytes
) -> None:
    """It answers 200, and nothing that means anything: the customer is answered as if it were down, each time."""
    async with helper_saying(said, interpreter) as understanding, start(interpreter=understanding) as client:
        chat = await Chat.open(client, locale="en")
        await chat.ask("Where is my parcel?", "order number")
        await chat.ask(COMPLAINT, "SW-")


class Nobody:
    """An engine that understands nothing."""

    async def parse(self, text: str) -> Reading:
        """Fail."""
        raise InterpreterError("no engine is left")


async def test_20_without_any_engine_a_case_is_taken(start: Starter, sessions: Sessions) -> None:
    """A person answers what no machine understands."""
    async with start(interpreter=Nobody()) as client:
        chat = await Chat.open(client, locale="en")
        told = await chat.ask("Where is my parcel?", "went wrong on my side")
    ticket = await only_ticket(sessions)
    assert ticket.number in told["text"]
    assert "Where is my parcel?" == ticket.summary
