"""A person of whom something lies in every table, and a search of a whole database for it; for the tests of privacy."""

import contextlib
import io
import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from cryptography.fernet import Fernet, InvalidToken
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.models import ShopCommandResult, ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from bot.faq.models import FaqQuestionRow
from bot.models import (
    Attachment,
    Conversation,
    Customer,
    CustomerContact,
    CustomerIdentity,
    Inbound,
    Message,
    Outbound,
    ShopCommandRow,
    ShopLookupRow,
)
from bot.security.personal import seal_for
from bot.security.sealing import Seal
from bot.turn.private import close_private
from escalation import casework, disclosure, service
from escalation.history import record
from escalation.models import HandoverRow, PersonRow, SurveyRow, TicketRow
from escalation.service_levels import load_default_service_levels
from escalation.testing import make_opening

Sessions = async_sessionmaker[AsyncSession]
_TOKEN = re.compile(r"gAAAA[A-Za-z0-9_=-]{60,}")


@dataclass(frozen=True)
class Person:
    """Somebody, by a name that all that is theirs has in it; all of `words` are of nobody else."""

    name: str
    phone: str
    chat: int
    customer_id: UUID
    conversation_id: UUID
    session: str
    ticket: str
    order: str

    @property
    def email(self) -> str:
        """Where they are written to."""
        return f"{self.name}@example.com"

    @property
    def words(self) -> list[str]:
        """What must not be found of them any more."""
        return [self.name, self.phone, f"chat{self.chat}", self.session]


async def plant(sessions: Sessions, seal: Seal, name: str, *, at: datetime, ends: bool = True) -> Person:
    """Let there be a person of whom something lies in every table. `ends`: their ticket is resolved."""
    number = zlib.crc32(name.encode()) % 10**8
    person = Person(
        name, f"138{number:08d}", number, uuid4(), uuid4(), f"session-{name}", "", f"2026{number:08d}"
    )  # fmt: skip
    async with sessions.begin() as session:
        await _plant_customer(session, seal, person, at)
        await _plant_order(session, seal, person, at)
    async with sessions.begin() as session:
        ticket = await _plant_ticket(session, seal, person, at)
        await _plant_work(session, seal, person, ticket, at, ends=ends)
    return Person(**{**vars(person), "ticket": ticket})


async def _plant_customer(session: AsyncSession, seal: Seal, person: Person, at: datetime) -> None:
    name, told = person.name, close_private({"phone": person.phone, "address": f"road {person.name}"}, seal)
    session.add(Customer(id=person.customer_id, created_at=at))
    await session.flush()
    for channel, external_id in (("shop", f"sub-{name}"), ("telegram", f"chat{person.chat}")):
        session.add(CustomerIdentity(channel=channel, external_id=external_id, customer_id=person.customer_id))
    sealed = await seal_for(session, seal, person.customer_id, person.email)
    session.add(CustomerContact(customer_id=person.customer_id, sealed_email=sealed, given_at=at))
    session.add(
        Conversation(
            id=person.conversation_id, channel="telegram", customer_id=person.customer_id,
            session_digest=seal.digest(person.session), address_digest=seal.digest(f"net-{name}"),
            address=f"chat{person.chat}", language="zh-Hant", time_zone="Asia/Taipei", speaker="queue",
            speaker_name=f"for {name}", state={
                "topic": "quality", "frames": [{"flow": "defect", "slots": {"said": f"said {name}", **told}}],
                "proven": [person.order], "question": f"question {name}",
            }, version=3, last_seq=2, mails=True, created_at=at, updated_at=at,
        )
    )  # fmt: skip
    await session.flush()
    await _plant_said(session, seal, person, at)


async def _plant_said(session: AsyncSession, seal: Seal, person: Person, at: datetime) -> None:
    name, talk = person.name, person.conversation_id
    photo = Attachment(id=uuid4(), conversation_id=talk, media_type="image/jpeg", width=8, height=8,
                       content=_draw(name), created_at=at)  # fmt: skip
    said = Message(
        id=uuid4(), conversation_id=talk, seq=1, sender="customer", text=f"my name is {name}", client_id=f"c-{name}",
        choices=[], attachments=[{"id": str(photo.id), "media_type": "image/jpeg", "width": 8, "height": 8}],
        earlier=[{"text": f"before {name}", "until": at.isoformat()}], cause=f"cause-{name}", at=at,
    )  # fmt: skip
    answer = Message(
        id=uuid4(), conversation_id=talk, seq=2, sender="agent", sender_name="Lin", text=f"dear {name}", attachments=[],
        choices=[{"value": f"v-{name}", "label": f"l-{name}"}], earlier=[],
        survey={"id": str(uuid4()), "token": seal.close(f"token-{name}").decode()}, at=at,
    )  # fmt: skip
    session.add_all([photo, said, answer])
    await session.flush()
    for external_id, handled_at in ((f"u-{name}", at), (f"w-{name}", None)):
        session.add(
            Inbound(
                channel="telegram", external_id=external_id, conversation_id=talk, message_id=said.id, seq=1,
                kind="text", payload={"topic": "quality", "choice": f"ch-{name}"},
                sealed_text=seal.close(f"sealed {name}"), received_at=at, lease_until=at + timedelta(days=9000),
                handled_at=handled_at,
            )
        )  # fmt: skip
    session.add(Outbound(channel="telegram", conversation_id=talk, message_id=answer.id, created_at=at, dead_at=at,
                         next_attempt_at=at, external_ids=[f"o-{name}"], fault=f"fault {name}"))  # fmt: skip
    session.add(FaqQuestionRow(cause=f"{said.id}/0", conversation_id=talk, text=f"asked {name}", language="en",
                               vector=name.encode(), reason="no_answer", asked_at=at))  # fmt: skip


async def _plant_order(session: AsyncSession, seal: Seal, person: Person, at: datetime) -> None:
    name, number = person.name, person.order
    session.add(ShopOrder(number=number, customer_sub=f"sub-{name}", phone_last4=person.phone[-4:], status="signed",
                          placed_at=at, amount=Decimal("199.00")))  # fmt: skip
    await session.flush()
    words = {"zh-Hans": "耳机", "zh-Hant": "耳機", "en": "earphones"}
    session.add(ShopOrderItem(order_number=number, position=1, sku="EAR", name=words, kind="electronics", quantity=1,
                              price=Decimal("199.00")))  # fmt: skip
    session.add(ShopPayment(order_number=number, amount=Decimal("199.00"), paid_at=at, method="alipay"))
    session.add(ShopShipment(order_number=number, carrier="SF", tracking_number="SF100", dispatched_at=at,
                             signed_at=at, signed_by=f"by {name}"))  # fmt: skip
    await session.flush()
    session.add(ShopScan(order_number=number, position=1, at=at, place={"en": f"near {name}"}, note={"en": "signed"}))
    sealed = seal.close(f'{{"recipient": "{name}"}}')
    session.add(ShopCommandResult(key=f"{uuid4()}/0", kind="change_order", order_number=number, details={},
                                  sealed_details=sealed, result={"done": True}, executed_at=at))  # fmt: skip


async def _plant_ticket(session: AsyncSession, seal: Seal, person: Person, at: datetime) -> str:
    name = person.name
    facts = {"said": f"broken {name}", **close_private({"phone": person.phone, "recipient": name}, seal)}
    opening = make_opening(
        conversation_id=person.conversation_id, customer_id=person.customer_id, order_number=person.order,
        summary=f"summary {name}", method={"key": "method.quality", "params": {"for": name}},
        decision={"outcome": "accept", "rules": ["fault.return"], "clauses": ["§4.2"], "remedies": ["repair"],
                  "amount": None, "until": None, "evidence_required": [], "explanation": {"en": f"because {name}"}},
        packet={"flow": "defect", "facts": facts}, language="zh-Hant", opened_at=at,
    )  # fmt: skip
    view = await service.open_ticket(session, opening, levels=load_default_service_levels(), now=at)
    return view.number


async def _plant_work(
    session: AsyncSession, seal: Seal, person: Person, number: str, at: datetime, *, ends: bool
) -> None:
    name, levels = person.name, load_default_service_levels()
    ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == number))).one()
    owner = await session.get_one(PersonRow, ticket.owner_id)
    more = close_private({"said": f"more {name}", "photos": 1, "address": f"street {name}"}, seal)
    await service.add_facts_to_ticket(session, number, more, levels=levels, now=at)
    await casework.add_note(session, number, by=owner, text=f"a note about {name}", now=at)
    await disclosure.record_reveal(session, number, by=owner, fields=["facts/phone"], reason=f"ask {name}", now=at)
    await record(session, ticket, "tier", "lin", at=at, private={"reason": f"{name} is angry"}, before="a", after="b")
    session.add(HandoverRow(ticket_id=ticket.id, from_id=owner.id, to_id=owner.id, reason=f"{name} again", asked_at=at,
                            decided_at=at, agreed=False))  # fmt: skip
    for details, done_at in (({"amount": "5.00"}, at), ({}, at)):
        session.add(
            ShopCommandRow(
                key=f"{uuid4()}/0", conversation_id=person.conversation_id, kind="change_order",
                order_number=person.order, details=details, sealed_details=seal.close(f'{{"phone": "{person.phone}"}}'),
                ticket_number=number, created_at=at, done_at=done_at, amount=Decimal("5.00"), result={"done": True},
            )
        )  # fmt: skip
    session.add(
        ShopLookupRow(key=f"{uuid4()}/1", conversation_id=person.conversation_id, ticket_number=number,
                      order_number=person.order, flow="defect", slots={"said": f"slot {name}"},
                      sealed_digits=seal.close(name), was_proven=False, created_at=at, next_attempt_at=at, done_at=at)
    )  # fmt: skip
    if ends:
        await casework.resolve(session, number, by=owner, outcome="solved", now=at)
        survey = (await session.scalars(select(SurveyRow).where(SurveyRow.ticket_id == ticket.id))).one()
        survey.answered_at, survey.outcome, survey.service, survey.process = at, 2, 5, 4
        survey.comment, survey.follow_up_note = f"comment {name}", f"called {name}"


def _draw(name: str) -> bytes:
    """A photo that has the name in its bytes."""
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "JPEG", comment=name)
    return written.getvalue()


async def search(sessions: Sessions, seal: Seal, words: list[str]) -> list[str]:
    """Return where any of these words lies in the database, as "table.column": in every table of the catalogue.

    Whatever is sealed is opened, with the shop's key or any customer's, and looked into as well.
    """
    found = set()
    async with sessions() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        keys = [seal.open(key) for key in await session.scalars(select(Customer.sealed_key)) if key]
        openers = [seal.open, *(_opener(key) for key in keys)]
        for table in list(tables):
            for row in (await session.execute(text(f'SELECT * FROM "{table}"'))).mappings():
                for column, value in row.items():
                    told = _tell(value, openers)
                    found |= {f"{table}.{column}" for word in words if word in told}
    return sorted(found)


def _opener(key: str) -> Any:
    return lambda token: Fernet(key).decrypt(token).decode()


def _tell(value: Any, openers: list[Any]) -> str:
    told = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    for token in _TOKEN.findall(told):
        for opener in openers:
            with contextlib.suppress(InvalidToken):
                told += _tell(opener(token.encode()), openers)
    return told


async def list_all(sessions: Sessions) -> dict[str, list[str]]:
    """Return every row of every table as text, sorted: what is untouched is the same."""
    rows = {}
    async with sessions() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        for table in list(tables):
            found = await session.execute(text(f'SELECT * FROM "{table}"'))
            rows[table] = sorted(str(row) for row in found)
    return rows
