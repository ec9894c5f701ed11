"""One person's data over the API: two people erase, one hands out, everybody else may neither."""

import io
from typing import Any
from zipfile import ZipFile

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import func, select

from bot.keys import SERVICES, TURNS
from bot.models import Message
from bot.privacy.ledger import load_ledger
from bot.settings import Settings
from bot.turn.inbox import insert_event
from escalation import audit
from escalation.models import TicketRow
from tests.integration.chat import Chat
from tests.integration.office import ROLES, Office, Sessions, is_problem, open_office
from tests.integration.persons import Person, plant, search

pytestmark = pytest.mark.postgres

REASON = {"reason": "customer_asked"}
MAY = {"operations_manager", "admin"}


@pytest.fixture
async def office(client: TestClient[Any, Any], sessions: Sessions) -> Office:
    """One of each role."""
    return await open_office(client, sessions)


@pytest.fixture
async def wang(office: Office, app: web.Application) -> Person:
    """Somebody of whom something lies in every table."""
    services = app[SERVICES]
    return await plant(office.sessions, services.seal, "wangxiaoming", at=services.clock.now())


async def test_one_asks_another_confirms_and_nothing_is_left(
    office: Office, wang: Person, app: web.Application, settings: Settings
) -> None:
    """The person who asked cannot confirm; afterwards the ticket can still be read, and the log is whole."""
    path = f"/api/v1/tickets/{wang.ticket}"
    status, asked = await office.ask("operations_manager", "POST", f"{path}/erasure", json=REASON)
    assert (200, "asked", wang.ticket) == (status, asked["state"], asked["ticket"])
    decide = f"/api/v1/erasures/{asked['id']}"
    _, told = await office.ask("operations_manager", "POST", decide, json={"agreed": True})
    assert is_problem(told, 422)
    assert "two people" in told["detail"]
    status, done = await office.ask("admin", "POST", decide, json={"agreed": True})
    assert (200, "done", "admin") == (status, done["state"], done["confirmed_by"])
    assert [] == await search(office.sessions, app[SERVICES].seal, wang.words)
    assert [wang.customer_id] == [one.customer_id for one in load_ledger(settings.data_dir)]
    status, listed = await office.ask("admin", "GET", "/api/v1/erasures")
    assert ["done"] == [one["state"] for one in listed["erasures"]]
    status, ticket = await office.ask("supervisor", "GET", path)
    assert (200, "closed", "") == (status, ticket["state"], ticket["summary"])
    async with office.sessions() as session:
        assert await audit.verify(session) is None


async def test_who_may_not_decide_is_refused(office: Office, wang: Person) -> None:
    """By role; and nothing happens."""
    path = f"/api/v1/tickets/{wang.ticket}"
    for role in ROLES:
        for method, where in (("POST", f"{path}/erasure"), ("POST", f"{path}/export"), ("GET", "/api/v1/erasures")):
            if role not in MAY:
                _, told = await office.ask(role, method, where, json=REASON)
                assert is_problem(told, 403), (role, where)
    _, told = await office.ask("admin", "POST", f"{path}/erasure", json={"reason": "  "})
    assert is_problem(told, 422)
    _, told = await office.ask("admin", "POST", "/api/v1/erasures/nobody", json={"agreed": True})
    assert is_problem(told, 404)


async def test_an_open_ticket_is_named_and_a_request_can_be_withdrawn(office: Office) -> None:
    """Another ticket that is open stands in the way, the one that it is asked in does not."""
    first = await office.open("agent")
    conversation = await office.conversation(first)
    about = {"conversation_id": conversation.id, "customer_id": conversation.customer_id}
    second = await office.open("agent", **about)
    status, told = await office.ask("admin", "POST", f"/api/v1/tickets/{first}/erasure", json=REASON)
    assert is_problem(told, 422)
    assert f"ticket {second} is open" in told["detail"]
    assert first not in told["detail"]
    body = {**REASON, "despite": "an order of the court"}
    status, asked = await office.ask("admin", "POST", f"/api/v1/tickets/{first}/erasure", json=body)
    decide = f"/api/v1/erasures/{asked['id']}"
    status, withdrawn = await office.ask("operations_manager", "POST", decide, json={"agreed": False})
    assert (200, "withdrawn") == (status, withdrawn["state"])
    status, told = await office.ask("operations_manager", "POST", decide, json={"agreed": True})
    assert is_problem(told, 422)


async def test_an_export_is_a_file_of_this_person_alone(office: Office, wang: Person, app: web.Application) -> None:
    """Handed out as an attachment that nobody caches."""
    services = app[SERVICES]
    chen = await plant(office.sessions, services.seal, "chenmeili", at=services.clock.now())
    headers = {"Authorization": f"Bearer {office.tokens['admin']}"}
    answer = await office.client.post(f"/api/v1/tickets/{wang.ticket}/export", headers=headers, json=REASON)
    assert (200, "no-store") == (answer.status, answer.headers["Cache-Control"])
    with ZipFile(io.BytesIO(await answer.read())) as archive:
        told = archive.read("data.json").decode()
    assert wang.phone in told
    assert chen.name not in told


async def test_who_writes_after_an_erasure_is_somebody_new(
    office: Office, client: TestClient[Any, Any], app: web.Application
) -> None:
    """An open socket is closed at the next message; the same session and message then begin a new conversation."""
    chat = await Chat.open(client, locale="en")
    await chat.write("I want to make a complaint about your terrible service, says Wanda Wang")
    number = (await chat.hear("SW-"))["text"].partition("SW-")[2][:4]
    body = {**REASON, "despite": "they insist"}
    _, asked = await office.ask("admin", "POST", f"/api/v1/tickets/SW-{number}/erasure", json=body)
    decide = f"/api/v1/erasures/{asked['id']}"
    status, done = await office.ask("operations_manager", "POST", decide, json={"agreed": True})
    assert (200, "done") == (status, done["state"])
    assert [] == await search(office.sessions, app[SERVICES].seal, ["Wanda Wang"])
    await chat.send(type="message", id="again", text="hello again", attachments=[])

    with pytest.raises(TypeError):  # there are no frames any more
        await chat.until("nothing")
    anew = await Chat.open(client, session=chat.session, last_seq=99, locale="en")
    assert anew.session != chat.session
    await anew.write("hello again", frame_id="again")
    assert (await anew.hear(""))["text"]
    ticket = await office.ticket(f"SW-{number}")
    assert ("closed", "withdrawn") == (ticket.state, ticket.outcome)


async def test_what_comes_for_an_erased_conversation_is_dropped(
    office: Office, wang: Person, app: web.Application
) -> None:
    """The shop answers what was asked before: nobody is told, no case is opened, and nothing of it is kept."""
    body = {**REASON, "despite": "they insist"}
    _, asked = await office.ask("admin", "POST", f"/api/v1/tickets/{wang.ticket}/erasure", json=body)
    decide = f"/api/v1/erasures/{asked['id']}"
    await office.ask("operations_manager", "POST", decide, json={"agreed": True})
    event = {"kind": "refund", "order_number": wang.order, "ticket": None, "delayed": True, "done": False,
             "reason": "unknown_order", "details": {"said": wang.name}}  # fmt: skip
    async with office.sessions.begin() as session:
        before = await session.scalar(select(func.count()).select_from(TicketRow))
        await session.execute(
            insert_event(wang.conversation_id, "command", "late", event, now=app[SERVICES].clock.now())
        )
    app[TURNS].wake(wang.conversation_id)
    await app[TURNS].drain()
    assert [] == await search(office.sessions, app[SERVICES].seal, wang.words)
    async with office.sessions() as session:
        assert before == await session.scalar(select(func.count()).select_from(TicketRow))
        told = select(Message.text).where(Message.conversation_id == wang.conversation_id, Message.text != "")
        assert [] == list(await session.scalars(told))


async def test_a_customer_asks_in_the_chat_and_two_people_see_to_it(
    office: Office, client: TestClient[Any, Any], app: web.Application
) -> None:
    """The request waits, prepared, on its ticket; it is nobody's to confirm before somebody has taken it up."""
    chat = await Chat.open(client, locale="en")
    await chat.ask("Delete my data, I am Wanda Wang", "deleted for good")
    number = (await chat.hear("SW-"))["text"].partition("SW-")[2][:4]
    _, listed = await office.ask("admin", "GET", "/api/v1/erasures")
    [waiting] = listed["erasures"]
    assert ("asked", "customer", f"SW-{number}") == (waiting["state"], waiting["asked_by"], waiting["ticket"])
    decide = f"/api/v1/erasures/{waiting['id']}"
    status, told = await office.ask("admin", "POST", decide, json={"agreed": True})
    assert is_problem(told, 422)
    status, asked = await office.ask("admin", "POST", f"/api/v1/tickets/SW-{number}/erasure", json=REASON)
    assert (200, waiting["id"], "admin") == (status, asked["id"], asked["asked_by"])
    status, done = await office.ask("operations_manager", "POST", decide, json={"agreed": True})
    assert (200, "done") == (status, done["state"])
    assert [] == await search(office.sessions, app[SERVICES].seal, ["Wanda Wang"])
