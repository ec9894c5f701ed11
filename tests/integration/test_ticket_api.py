"""Work on tickets through the API: what is wrong is named and changes nothing, a repeat is once, people come first."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.app import build_app, make_engine
from bot.models import Inbound, Message
from bot.nlu.embedded import EmbeddedInterpreter
from bot.nlu.reading import Reading
from bot.settings import Settings
from escalation import audit
from tests.integration.chat import Chat
from tests.integration.machine import eventually
from tests.integration.office import Office, is_problem, open_office

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
LONG = "x" * 4001
# What is sent where, the status it gets, and a word that its answer must have.
REFUSED: tuple[tuple[str, Any, int, str], ...] = (
    ("messages", {}, 422, "text"),
    ("messages", {"text": ""}, 422, "text"),
    ("messages", {"text": "   "}, 422, "text"),
    ("messages", {"text": LONG}, 422, "text"),
    ("messages", {"text": 5}, 422, "text"),
    ("messages", {"text": None}, 422, "text"),
    ("messages", {"text": "hello", "tier": "critical"}, 422, "tier"),
    ("messages", {"text": "hello", "key": "k" * 101}, 422, "key"),
    ("messages", ["hello"], 422, "body"),
    ("notes", {"text": ""}, 422, "text"),
    ("wait", {"text": ""}, 422, "text"),
    ("resolve", {"outcome": "gone", "text": "bye"}, 422, "outcome"),
    ("resolve", {"outcome": "solved"}, 422, "text"),
    ("tier", {"tier": "huge", "reason": "so"}, 422, "tier"),
    ("tier", {"tier": "major", "reason": " "}, 422, "reason"),
    ("handover", {"to": "nobody", "reason": "holiday"}, 422, "nobody"),
    ("handover", {"to": "", "reason": "holiday"}, 422, "to"),
    ("help", {"helper": "nobody"}, 422, "nobody"),
    ("end-help", {"helper": "mate"}, 422, "mate"),
    ("accept", {"really": True}, 422, "really"),
)


class Gate:
    """Understanding that can be held up."""

    def __init__(self, engine: EmbeddedInterpreter) -> None:
        self._engine = engine
        self.reading, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def parse(self, text: str) -> Reading:
        """Read, once the gate is open."""
        self.reading.set()
        await self.open.wait()
        return await self._engine.parse(text)


@pytest.fixture
def gate(interpreter: EmbeddedInterpreter) -> Gate:
    """Open at first."""
    return Gate(interpreter)


@pytest.fixture
def app(settings: Settings, database_url: str, gate: Gate) -> web.Application:
    """The application, on a database without people."""
    return build_app(settings, database_url=database_url, interpreter=gate)


@pytest.fixture
async def office(client: Client, sessions: Sessions) -> AsyncIterator[Office]:
    """One of each role; whatever is tried leaves the audit log whole."""
    yield await open_office(client, sessions)
    async with sessions() as session:
        assert await audit.verify(session) is None


async def test_what_cannot_be_done_is_named_and_changes_nothing(office: Office) -> None:
    number = await office.open("agent")
    path = f"/api/v1/tickets/{number}"
    _, before = await office.ask("agent", "GET", path)
    for act, body, status, word in REFUSED:
        got, answer = await office.ask("agent", "POST", f"{path}/{act}", json=body)
        assert (act, body, got) == (act, body, status)
        assert is_problem(answer, status), (act, body, answer)
        assert word in answer["detail"], (act, body, answer)
    for raw in (b"{", b"\xff", b"[" * 100_000):
        status, answer = await office.ask("agent", "POST", f"{path}/messages", data=raw)
        assert (status, is_problem(answer, 422)) == (422, True)
    _, after = await office.ask("agent", "GET", path)
    assert after["messages"] == before["messages"]
    assert after["events"] == before["events"]


async def test_a_nul_is_left_out(office: Office) -> None:
    """No database can hold one; what is around it is kept."""
    number = await office.open("agent")
    path = f"/api/v1/tickets/{number}"
    for act in ("notes", "messages"):
        status, _ = await office.ask("agent", "POST", f"{path}/{act}", json={"text": "a\x00b"})
        assert (act, 200) == (act, status)
    _, ticket = await office.ask("agent", "GET", path)
    assert "ab" == ticket["messages"][-1]["text"]
    assert "ab" == next(event["details"]["text"] for event in ticket["events"] if event["kind"] == "note")


@pytest.mark.parametrize(
    "query",
    [
        "tickets?search=%00", "tickets?owner=%00", "surveys?person=%00",
        "tickets?state=opened", "tickets?state=open,closed", "tickets?tier=x",
        "tickets?due_before=0001-01-01T00:00%2B14:00", "tickets?due_before=9999-12-31T23:59-12:00",
        "surveys?since=0001-01-01", "reports/service?until=9999-12-31", "reports/satisfaction?since=0001-01-01",
    ],
)  # fmt: skip
async def test_a_query_that_nothing_can_meet_is_refused(query: str, office: Office) -> None:
    """By name, and never as a fault of ours."""
    status, answer = await office.ask("supervisor", "GET", f"/api/v1/{query}")
    assert (422, True) == (status, is_problem(answer, 422))


async def test_a_handover_that_is_not_there(office: Office) -> None:
    """404, whether it could be one's id or not."""
    for asked in (str(uuid4()), "7", "%00"):
        status, answer = await office.ask("supervisor", "POST", f"/api/v1/handovers/{asked}", json={"agreed": True})
        assert (404, True) == (status, is_problem(answer, 404))


async def test_an_error_of_the_database_tells_no_words(database_url: str) -> None:
    """What a statement was given may be a customer's: it is in no error, and so in no log."""
    engine = make_engine(database_url)
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as told:
            await connection.execute(text("SELECT 1 / 0, CAST(:said AS text)"), {"said": "my address"})
    await engine.dispose()
    assert "my address" not in str(told.value)


async def test_there_is_no_such_ticket(office: Office) -> None:
    for number in ("SW-0", "SW-999999", "%00", "..%2F..", "'; DROP TABLE tickets"):
        for method, act in (("GET", ""), ("POST", "/accept"), ("POST", "/hand-back")):
            body = {"json": {}} if method == "POST" else {}
            status, answer = await office.ask("supervisor", method, f"/api/v1/tickets/{number}{act}", **body)
            assert (number, act, status) == (number, act, 404)
            assert is_problem(answer, 404)


async def test_a_repeat_is_done_once_whatever_it_says(office: Office) -> None:
    """The key is the request's: the same one for another act is another request."""
    number = await office.open("agent", answered=False)
    path = f"/api/v1/tickets/{number}"
    for act, body in (
        ("messages", {"text": "Good day.", "key": "k1"}),
        ("wait", {"text": "A photo, please?", "key": "k1"}),
        ("resolve", {"outcome": "solved", "text": "It is on its way.", "key": "k1"}),
    ):
        for _time in range(3):
            status, _ = await office.ask("agent", "POST", f"{path}/{act}", json=body)
            assert (act, status) == (act, 200)
    _, ticket = await office.ask("agent", "GET", path)
    said = [message["text"] for message in ticket["messages"] if message["from"] == "agent"]
    assert said == ["Good day.", "A photo, please?", "It is on its way."]
    assert ticket["state"] == "resolved"
    status, answer = await office.ask("agent", "POST", f"{path}/wait", json={"text": "And now?"})
    assert (status, is_problem(answer, 409)) == (409, True)


async def test_an_answer_of_the_bots_is_dropped_when_a_person_speaks(
    office: Office, client: Client, gate: Gate, sessions: Sessions
) -> None:
    """And the word is the person's until it is handed back, or the matter resolved."""
    chat = await Chat.open(client, locale="en")
    number = (await chat.ask("I want to make a complaint about your rude service", "SW-"))["text"]
    number = f"SW-{number.split('SW-')[1][:4]}"
    gate.reading.clear()
    gate.open.clear()
    await chat.write("where is my parcel?", frame_id="late")
    await gate.reading.wait()
    path = f"/api/v1/tickets/{number}"
    status, _ = await office.ask("supervisor", "POST", f"{path}/messages", json={"text": "I am here."})
    assert status == 200
    gate.open.set()

    async def is_covered() -> bool:
        async with sessions() as session:
            covered = select(Inbound.covered_by).where(Inbound.external_id.endswith("/late"))
            return await session.scalar(covered) == "human"

    await eventually(is_covered)
    async with sessions() as session:
        said = (await session.scalars(select(Message.sender).order_by(Message.seq))).all()
    assert said[-3:] == ["customer", "system", "agent"]
    await office.ask("supervisor", "POST", f"{path}/hand-back", json={})
    await chat.ask("where is my parcel?", "order number")
    for act, body in (("messages", {"text": "Done."}), ("resolve", {"outcome": "solved", "text": "Settled."})):
        assert (await office.ask("supervisor", "POST", f"{path}/{act}", json=body))[0] == 200
    await chat.ask("hello", "What can I do")
