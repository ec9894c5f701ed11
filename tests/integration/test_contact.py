"""An address that a visitor left: encrypted, shown to nobody whole, used for answers that they did not read."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.demo_shop import DemoOrder
from bot.app import build_app
from bot.background.outbox import Outbox
from bot.channels.answers import MailCourier
from bot.channels.mail_server import parse_mail_server
from bot.keys import SERVICES
from bot.models import Conversation, Customer, CustomerContact, Inbound, Message, Outbound
from bot.nlu.embedded import EmbeddedInterpreter
from bot.security.chat_links import VALID_FOR, read_chat_link
from bot.security.personal import find_email, seal_for
from bot.security.sealing import Seal
from bot.security.sessions import open_session
from bot.settings import Settings
from escalation.models import TicketRow
from escalation.opening import open_ticket
from escalation.service_levels import load_default_service_levels
from escalation.testing import NOON, FakeClock, make_opening, make_person
from tests.integration.chat import Chat
from tests.integration.machine import eventually
from tests.integration.post_office import PostOffice, open_post_office

pytestmark = pytest.mark.postgres

Client = TestClient[Any, Any]
Sessions = async_sessionmaker[AsyncSession]
ADDRESS = "ming.wang@example.com"
AWAY = timedelta(minutes=5)
URL = "https://shop.example"


class Counter:
    """The application with a mail server behind it, a clock that the test moves, and Sue who answers."""

    def __init__(self, client: Client, sessions: Sessions, clock: FakeClock, office: PostOffice) -> None:
        self.client, self.sessions, self.clock, self.office = client, sessions, clock, office
        self.services = client.app[SERVICES]  # type: ignore[index]
        server = parse_mail_server(f"smtp://127.0.0.1:{office.port}")
        self._outbox = Outbox(self.services, MailCourier(server, "help@shop.example", self.services, public_url=URL))

    async def leave_address(self) -> Chat:
        """A visitor wants a person, and leaves an address."""
        chat = await Chat.open(self.client, locale="en")
        await chat.write("I want to talk to a person")
        await chat.hear("where may we email")
        await chat.ask(ADDRESS, "m***@example.com")
        return chat

    async def answer(self, text: str) -> None:
        """Sue answers."""
        number = await self._scalar(select(TicketRow.number))
        headers = {"Authorization": "Bearer sue's token"}
        response = await self.client.post(f"/api/v1/tickets/{number}/messages", json={"text": text}, headers=headers)
        assert 200 == response.status

    async def show(self) -> dict[str, Any]:
        """The ticket as Sue sees it."""
        number = await self._scalar(select(TicketRow.number))
        response = await self.client.get(f"/api/v1/tickets/{number}", headers={"Authorization": "Bearer sue's token"})
        shown: dict[str, Any] = await response.json()
        return shown

    async def wait(self, time: timedelta = AWAY) -> None:
        """Let time pass, and mail what is due; the application's own loop may be faster."""
        self.clock.advance(time)
        await self._outbox.settle()

        async def all_done() -> bool:
            due = select(Outbound.id).where(
                Outbound.sent_at.is_(None), Outbound.dead_at.is_(None), Outbound.created_at <= self.clock.now() - AWAY
            )
            return await self._scalar(due) is None

        await eventually(all_done)

    async def _scalar(self, query: Any) -> Any:
        async with self.sessions() as session:
            return await session.scalar(query)


@pytest.fixture
async def counter(
    settings: Settings, database_url: str, interpreter: EmbeddedInterpreter, seeded: list[DemoOrder], sessions: Sessions
) -> AsyncIterator[Counter]:
    """A counter whose mail goes to a post office of the test's own."""
    clock = FakeClock()
    async with sessions.begin() as session:
        session.add(make_person("sue", "supervisor", None, now=clock.now(), token="sue's token"))
    async with open_post_office() as office:
        mail = {
            "smtp_url": SecretStr(f"smtp://127.0.0.1:{office.port}"),
            "mail_from": "help@shop.example",
            "public_url": URL,
        }
        app = build_app(
            settings.model_copy(update=mail), database_url=database_url, interpreter=interpreter, clock=clock
        )
        async with TestClient(TestServer(app)) as client:
            yield Counter(client, sessions, clock, office)


def body(mail: Any) -> str:
    """A mail's text."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def test_the_address_is_kept_encrypted_and_shown_masked(counter: Counter) -> None:
    """Under a key of its customer; not in the transcript, the inbox, the memory or the console."""
    await counter.leave_address()
    async with counter.sessions() as session:
        contact = (await session.scalars(select(CustomerContact))).one()
        customer = await session.get_one(Customer, contact.customer_id)
        conversation = (await session.scalars(select(Conversation))).one()
        texts = (await session.scalars(select(Message.text))).all()
        sealed = (await session.scalars(select(Inbound.sealed_text))).all()
    assert customer.sealed_key is not None
    assert ADDRESS.encode() not in contact.sealed_email + customer.sealed_key
    assert ADDRESS not in str(conversation.state) + " ".join(texts)
    assert {None} == set(sealed)
    shown = await counter.show()
    assert "m***@example.com" == shown["contact"]
    assert ADDRESS not in str(shown)


async def test_an_answer_that_is_not_read_is_mailed_with_a_link_back(counter: Counter) -> None:
    """Only after five minutes; the link opens the chat where nobody is signed in, for seven days."""
    chat = await counter.leave_address()
    await chat.close()
    await counter.answer("I have looked into it: a new one is on its way.")
    await counter.wait(AWAY - timedelta(seconds=1))
    assert [] == counter.office.mails
    await counter.wait(timedelta(seconds=1))
    (mail,) = counter.office.mails
    assert [ADDRESS] == counter.office.recipients
    assert "SW-" in mail["Subject"]
    assert "a new one is on its way" in body(mail)
    token = body(mail).split("/chat#")[1].split("\n")[0]
    again = await Chat.open(counter.client, locale="en", session=token)
    assert token == again.session
    await again.until("message")
    assert read_chat_link(counter.services.seal, token, now=counter.clock.now()) is not None
    assert read_chat_link(counter.services.seal, token, now=counter.clock.now() + VALID_FOR) is None
    assert read_chat_link(counter.services.seal, token[:-2] + "xx", now=counter.clock.now()) is None


async def test_answers_that_gather_go_out_in_one_mail_once(counter: Counter) -> None:
    """Two answers, one mail; the next one has only what is new."""
    chat = await counter.leave_address()
    await chat.close()
    await counter.answer("First of all, hello.")
    await counter.answer("And second, it is solved.")
    await counter.wait()
    await counter.wait()
    (mail,) = counter.office.mails
    assert body(mail).index("First of all") < body(mail).index("And second")
    await counter.answer("One more thing.")
    await counter.wait()
    assert 2 == len(counter.office.mails)
    assert "First of all" not in body(counter.office.mails[1])
    assert mail["Message-ID"] != counter.office.mails[1]["Message-ID"]


async def test_what_was_read_is_not_mailed(counter: Counter) -> None:
    """The widget tells how far its visitor has read."""
    chat = await counter.leave_address()
    await counter.answer("Hello, I am Sue.")
    while "I am Sue" not in chat.messages[-1]["text"]:
        await chat.until("message")
    await chat.send(type="read", seq=chat.messages[-1]["seq"])

    async def is_kept() -> bool:
        async with counter.sessions() as session:
            return await session.scalar(select(Conversation.read_seq)) == chat.messages[-1]["seq"]

    await eventually(is_kept)
    await counter.wait()
    assert [] == counter.office.mails


async def test_without_its_key_an_address_is_gone(counter: Counter) -> None:
    """Erasing the customer destroys the key: nothing is mailed any more, and nothing fails."""
    chat = await counter.leave_address()
    await chat.close()
    async with counter.sessions.begin() as session:
        await session.execute(update(Customer).values(sealed_key=None))
    await counter.answer("Hello?")
    await counter.wait()
    assert [] == counter.office.mails
    assert (await counter.show())["contact"] is None


@pytest.mark.parametrize("seq", [10**6, 2**31 - 1])
async def test_nobody_has_read_what_was_never_said(counter: Counter, seq: int) -> None:
    """A number beyond the end changes nothing: the answers to come are mailed all the same."""
    chat = await counter.leave_address()
    await chat.send(type="read", seq=seq)
    await chat.close()
    await counter.answer("Hello, I am Sue.")
    await counter.wait()
    assert 1 == len(counter.office.mails)


async def test_an_address_and_a_case_go_along_with_who_signs_in(sessions: Sessions) -> None:
    """What a visitor left is their account's from then on, and the key it was under is destroyed."""
    seal, now = Seal("a key of the tests"), NOON
    async with sessions.begin() as session:
        visit = await open_session(session, seal, token=None, sub=None, language="en", address="net", now=now)
        before = (await session.get_one(Conversation, visit.conversation_id)).customer_id
        sealed = await seal_for(session, seal, before, ADDRESS)
        session.add(CustomerContact(customer_id=before, sealed_email=sealed, given_at=now))
        session.add(make_person("sue", "agent", "quality", now=now))
        await session.flush()
        opening = make_opening(conversation_id=visit.conversation_id, customer_id=before)
        await open_ticket(session, opening, levels=load_default_service_levels(), now=now)
    async with sessions.begin() as session:
        await open_session(session, seal, token=visit.token, sub="u-1", language="en", address="net", now=now)
    async with sessions() as session:
        after = (await session.get_one(Conversation, visit.conversation_id)).customer_id
        assert after != before
        assert ADDRESS == await find_email(session, seal, after)
        assert [after] == list(await session.scalars(select(TicketRow.customer_id)))
        assert [after] == list(await session.scalars(select(CustomerContact.customer_id)))
        assert (await session.get_one(Customer, before)).sealed_key is None
